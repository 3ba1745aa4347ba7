//! Leaves out the waits that no other step needs.
//!
//! The record does not need them: that something is not ready yet shows when the engines are read again. What waits for a
//! later wave does.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::diff::{EngineDiff, InnerDiff};
use crate::plan::step::{Operation, Step};
use crate::resource::engine_path::EnginePath;
use crate::resource::label;

/// The steps without the waits that no other step needs.
pub(super) fn without_waits(steps: Vec<Step>, diff: &EngineDiff<'_>) -> Vec<Step> {
    let mut deferred = BTreeSet::new();
    add_deferred(diff, &mut deferred);
    let mut left_out = BTreeSet::new();
    loop {
        let staying = (0..steps.len()).filter(|step| !left_out.contains(step));
        let staying: Vec<usize> = staying.collect();
        let waits_of = |step: &Step| -> Vec<usize> {
            let waits = step.waits_for();
            let waits =
                waits.filter(|other| !is_record(step) || steps[*other].engine != step.engine);
            waits.collect()
        };
        let needed = staying.iter().flat_map(|step| waits_of(&steps[*step]));
        let needed: BTreeSet<usize> = needed.collect();
        let unneeded = staying.into_iter().filter(|number| {
            let step = &steps[*number];
            let awaited = step
                .awaited()
                .map(|container| inside(step, &container.name));
            awaited.is_some_and(|it| !needed.contains(number) && !deferred.contains(&it))
        });
        let unneeded: Vec<usize> = unneeded.collect();
        if unneeded.is_empty() {
            break;
        }
        left_out.extend(unneeded);
    }
    renumbered(steps, &left_out)
}

fn inside(step: &Step, container: &str) -> EnginePath {
    step.engine.inside(container)
}

/// The engines that are read in a later wave.
fn add_deferred(diff: &EngineDiff<'_>, deferred: &mut BTreeSet<EnginePath>) {
    for (container, inner) in &diff.inner {
        if matches!(inner, InnerDiff::Deferred) {
            deferred.insert(diff.path.inside(container));
        }
    }
    for engine in diff.further() {
        add_deferred(engine, deferred);
    }
}

/// Whether a step writes down what has been done.
fn is_record(step: &Step) -> bool {
    matches!(&step.operation, Operation::CreateVolume(spec) if spec.labels.contains_key(label::RECORD))
}

/// The steps without some. What waits for one of these waits for what that would have waited for.
fn renumbered(steps: Vec<Step>, left_out: &BTreeSet<usize>) -> Vec<Step> {
    let staying = (0..steps.len()).filter(|step| !left_out.contains(step));
    let numbers: BTreeMap<usize, usize> = staying.zip(0..).collect();
    let after: Vec<Vec<usize>> = steps.iter().map(|step| step.after.clone()).collect();
    let renumber = |steps: &[usize]| -> Vec<usize> {
        let mut open = steps.to_vec();
        let mut found = BTreeSet::new();
        while let Some(step) = open.pop() {
            match numbers.get(&step) {
                Some(number) => drop(found.insert(*number)),
                None => open.extend(&after[step]),
            }
        }
        found.into_iter().collect()
    };
    let staying = steps.into_iter().enumerate();
    let staying = staying.filter(|(number, _)| !left_out.contains(number));
    staying
        .map(|(_, step)| Step {
            after: renumber(&step.after),
            after_end: renumber(&step.after_end),
            ..step
        })
        .collect()
}
