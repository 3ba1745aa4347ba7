//! Which steps wait for which.

use std::collections::BTreeSet;

use crate::plan::step::Step;

/// Whether one of these steps, which are numbered from a first one on, waits for another one, in one way or the other and
/// however far, or is it. Steps before the first wait for none of these.
pub(crate) fn waits_for((first, steps): (usize, &[Step]), step: usize, other: usize) -> bool {
    let mut seen = BTreeSet::from([step]);
    let mut open = vec![step];
    while let Some(step) = open.pop() {
        if step == other {
            return true;
        }
        if step >= first {
            let before = steps[step - first].waits_for();
            open.extend(before.filter(|step| seen.insert(*step)));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::plan::step::{Operation, Step, waits_for};
    use crate::resource::engine_path::EnginePath;

    fn step(after: &[usize], after_end: &[usize]) -> Step {
        Step {
            addresses: Vec::new(),
            engine: EnginePath::outer(),
            operation: Operation::RemoveVolume {
                name: "data".to_owned(),
            },
            after: after.to_vec(),
            after_end: after_end.to_vec(),
        }
    }

    #[test]
    fn a_step_waits_for_those_before_it_whether_it_needs_them_or_only_their_end() {
        let steps = [
            step(&[], &[]),
            step(&[], &[0]),
            step(&[1], &[]),
            step(&[], &[2]),
            step(&[0], &[]),
        ];
        for (one, other, waits) in [
            (3, 0, true),
            (2, 0, true),
            (0, 3, false),
            (4, 1, false),
            (1, 1, true),
        ] {
            assert_eq!(
                waits_for((0, &steps), one, other),
                waits,
                "{one} for {other}"
            );
        }
    }
}
