//! The lines of a plan.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::plan::Plan;
use crate::plan::change::Action;
use crate::plan::drift::Drifted;
use crate::report::plan::verdict;
use crate::report::stream::Told;
use crate::report::stream::line::{
    ActionWord, CountsJson, CountsOf, EventJson, Level, PlannedJson, ResourceJson,
};
use crate::report::stream::make::{error, range, summary, text, told, word};
use crate::report::words;
use crate::resource::engine_path::EnginePath;
use crate::resource::{Address, Kind};

/// What a plan says.
pub(super) fn planned(plan: &Plan, now: SystemTime) -> String {
    let mut lines = String::new();
    for drift in &plan.drift {
        let (action, verb) = match drift.what {
            Drifted::Deleted => (ActionWord::Delete, "is gone"),
            Drifted::Changed => (ActionWord::Update, "has changed"),
            Drifted::Stopped => (ActionWord::Update, "does not run"),
        };
        let address = words::escaped(drift.address.as_str());
        let change = PlannedJson {
            resource: resource(&drift.address, drift.kind, &drift.object, &drift.engine),
            action,
            reason: None,
        };
        let event = EventJson::ResourceDrift { change };
        let message = format!("{address}: {verb}, outside nest");
        lines += &text(now, Level::Info, message, event);
    }
    for change in &plan.changes {
        if change.action == Action::NoOp {
            continue;
        }
        let address = words::escaped(change.address.as_str());
        let message = format!("{address}: {}", verdict(change));
        let reason = change.reason.as_ref();
        let change = PlannedJson {
            resource: resource(&change.address, change.kind, &change.object, &change.engine),
            action: word(change.action),
            reason: reason.map(|reason| words::escaped(&reason.phrase())),
        };
        let event = EventJson::PlannedChange { change };
        lines += &text(now, Level::Info, message, event);
    }
    for kept in &plan.kept {
        let shown = words::escaped(&kept.object);
        let reason = words::kept(&kept.because);
        let message = format!("{} {shown} {reason}", kept.kind.object_word());
        let change = PlannedJson {
            resource: resource(&kept.address, kept.kind, &kept.object, &kept.engine),
            action: ActionWord::Noop,
            reason: Some(reason),
        };
        lines += &text(
            now,
            Level::Info,
            message,
            EventJson::PlannedChange { change },
        );
    }
    for deferred in &plan.deferred {
        let addr = deferred.address.to_string();
        let message = words::deferred(deferred, words::escaped);
        lines += &text(now, Level::Info, message, EventJson::Deferred { addr });
    }
    for refusal in &plan.refusals {
        let address = Some(&refusal.address);
        let mut diagnostic = error(&refusal.message(), &refusal.help(), address);
        diagnostic.range = refusal.place.as_ref().map(range);
        lines += &told(now, diagnostic);
    }
    let counts = plan.counts();
    let changes = CountsJson {
        add: counts.add,
        change: counts.change,
        remove: counts.destroy,
        operation: CountsOf::Plan,
    };
    lines + &summary(now, changes)
}

/// The resources of a plan, each with how many steps there are for it.
pub(super) fn resources(plan: &Plan) -> BTreeMap<(EnginePath, String), Told> {
    let mut left: BTreeMap<(&EnginePath, &str), usize> = BTreeMap::new();
    for step in &plan.steps {
        for address in &step.addresses {
            *left.entry((&step.engine, address.as_str())).or_default() += 1;
        }
    }
    let told = plan.changes.iter().map(|change| {
        let json = resource(&change.address, change.kind, &change.object, &change.engine);
        let left = left.get(&(&change.engine, change.address.as_str()));
        let told = Told {
            json,
            action: change.action,
            left: left.copied().unwrap_or_default(),
        };
        ((change.engine.clone(), change.address.to_string()), told)
    });
    told.collect()
}

fn resource(address: &Address, kind: Kind, object: &str, engine: &EnginePath) -> ResourceJson {
    ResourceJson {
        addr: address.to_string(),
        resource_type: kind.word().to_owned(),
        resource_name: object.to_owned(),
        engine: engine.as_text(),
    }
}
