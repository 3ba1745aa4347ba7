//! Whether what the options name is there, and can be what it is named for.

use std::collections::BTreeSet;

use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::{Refusal, RefusalCause};
use crate::plan::target::known;
use crate::resource::pattern::AddressPattern;
use crate::resource::{Address, Kind};

/// What is wrong with the addresses that the options give.
pub(crate) fn check(diff: &EngineDiff<'_>, terms: Terms<'_>) -> Vec<Refusal> {
    if terms.options.targets.is_empty() && terms.options.replace.is_empty() {
        return Vec::new();
    }
    let known = known(diff);
    let refusal = |pattern: &AddressPattern, cause| Refusal {
        address: Address::from_label(pattern.as_str()),
        cause,
        place: None,
    };
    let mut refusals = Vec::new();
    let given = [
        ("--target", &terms.options.targets),
        ("--replace", &terms.options.replace),
    ];
    for (option, patterns) in given {
        for pattern in patterns {
            // What an earlier wave of the same run has removed is not unknown.
            if terms.options.wave == 0 && !known.iter().any(|address| pattern.covers(address)) {
                let written = Address::from_label(pattern.as_str());
                let around = diff.containers.iter().map(|change| &change.address);
                let environment = around.filter(|address| written.is_inside(address)).max();
                let cause = match environment.filter(|_| terms.options.destroy.is_some()) {
                    Some(environment) => RefusalCause::InsideOfWhole {
                        environment: environment.clone(),
                    },
                    None => RefusalCause::UnknownAddress {
                        option: option.to_owned(),
                        nearest: nearest(pattern.as_str(), &known),
                    },
                };
                refusals.push(refusal(pattern, cause));
            }
        }
    }
    for pattern in &terms.options.replace {
        let is_container = |kind: &Kind| kind.is_container();
        if let Some(kind) = pattern.kind().filter(|kind| !is_container(kind)) {
            let article = if kind == Kind::Image { "an" } else { "a" };
            let what = format!("{article} {}", kind.word());
            refusals.push(refusal(pattern, RefusalCause::NotReplaceable { what }));
        }
    }
    refusals
}

/// The address most like what was written.
fn nearest(written: &str, known: &BTreeSet<Address>) -> Option<String> {
    let likeness = |address: &Address| strsim::jaro_winkler(written, address.as_str());
    // Of several the first: `max_by` takes the last.
    let best = known
        .iter()
        .rev()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(best) > 0.75).then(|| best.to_string())
}
