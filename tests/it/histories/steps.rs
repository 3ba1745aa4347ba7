//! Applying does the steps of the plan: each once, nothing else, and none before those that it waits for.

use nest::plan::step::{Operation, Step};
use nest::resource::label;
use nest::up::Outcome;

use crate::histories::world::{End, Run};
use crate::memory::Asked;

/// Checks the operations that an engine was asked for against the plans of the run.
pub(crate) fn in_order(run: &Run) -> Result<(), String> {
    let mut asked = run.asked.as_slice();
    let mut begin = 0;
    let last = run.plans.len().saturating_sub(1);
    for (wave, plan) in run.plans.iter().enumerate() {
        let stopped = match &run.end {
            End::Killed | End::Ended(Outcome::Incomplete { .. }) => wave == last,
            End::Ended(Outcome::Refused | Outcome::NotApproved(_)) if wave == last => break,
            End::Ended(_) => false,
        };
        let count = plan.steps.len().min(asked.len());
        let (of_this, rest) = asked.split_at(count);
        check(&plan.steps, of_this, begin)?;
        if !stopped && count != plan.steps.len() {
            return Err(format!("{} steps, and {count} were done", plan.steps.len()));
        }
        asked = rest;
        begin += count;
    }
    if asked.is_empty() {
        Ok(())
    } else {
        Err(format!("no step asks for {asked:?}"))
    }
}

/// Whether an engine that went had no room for a note of what that interrupted: it goes nevertheless.
pub(crate) fn forgets(run: &Run) -> bool {
    let failed = run.asked.iter().filter(|asked| asked.done == Some(false));
    let mut notes = failed.filter(|asked| match &asked.operation {
        Operation::CreateVolume(volume) => volume.labels.contains_key(label::RECORD),
        _ => false,
    });
    notes.any(|note| {
        run.plans.iter().any(|plan| {
            let is_note =
                |step: &Step| step.engine == note.path && step.operation == note.operation;
            let note = plan.steps.iter().position(is_note);
            let goes_on = |step: &Step| note.is_some_and(|it| step.after_end.contains(&it));
            plan.steps.iter().any(goes_on)
        })
    })
}

fn check(steps: &[Step], asked: &[Asked], begin: usize) -> Result<(), String> {
    let mut place_of: Vec<Option<usize>> = vec![None; steps.len()];
    for (place, one) in asked.iter().enumerate() {
        let mut equal = steps.iter().enumerate().filter(|(index, step)| {
            place_of[*index].is_none() && step.engine == one.path && step.operation == one.operation
        });
        let Some((index, _)) = equal.next() else {
            return Err(format!("no step asks for {one:?}"));
        };
        place_of[index] = Some(place);
    }
    for (index, step) in steps.iter().enumerate() {
        let Some(place) = place_of[index] else {
            continue;
        };
        for before in &step.after {
            let done = place_of[*before].map(|place| begin + place);
            if !done.is_some_and(|done| asked[place].after.contains(&done)) {
                return Err(format!(
                    "{step:?} began before {:?} was done",
                    steps[*before]
                ));
            }
        }
    }
    Ok(())
}
