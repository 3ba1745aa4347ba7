//! The order of steps: which may start, and what a failure stops. Pure.

use std::collections::BTreeSet;

use crate::plan::step::Step;

/// The steps of a plan that have not ended yet.
#[derive(Debug)]
pub struct Schedule {
    /// For each step, how many others it still waits for.
    waiting_for: Vec<usize>,
    /// For each step, those that wait for it.
    dependents: Vec<Vec<usize>>,
    /// Steps that may start, lowest index first.
    ready: BTreeSet<usize>,
    /// Steps that have not been done.
    unfinished: BTreeSet<usize>,
}

impl Schedule {
    /// A schedule of all steps.
    pub fn new(steps: &[Step]) -> Self {
        let mut dependents = vec![Vec::new(); steps.len()];
        let mut waiting_for = vec![0; steps.len()];
        for (index, step) in steps.iter().enumerate() {
            let before: BTreeSet<usize> = step.after.iter().copied().collect();
            waiting_for[index] = before.len();
            for other in before {
                dependents[other].push(index);
            }
        }
        let ready = (0..steps.len())
            .filter(|index| waiting_for[*index] == 0)
            .collect();
        let unfinished = (0..steps.len()).collect();
        Self {
            waiting_for,
            dependents,
            ready,
            unfinished,
        }
    }

    /// Takes a step that may start, or none if there is none now.
    pub fn start(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    /// Notes that a step was done. Returns those that waited for it last and may start now.
    pub fn finish(&mut self, index: usize) -> Vec<usize> {
        self.unfinished.remove(&index);
        let mut freed = Vec::new();
        for dependent in &self.dependents[index] {
            self.waiting_for[*dependent] -= 1;
            if self.waiting_for[*dependent] == 0 {
                self.ready.insert(*dependent);
                freed.push(*dependent);
            }
        }
        freed
    }

    /// Notes that a step failed: those that wait for it never start.
    pub fn fail(&mut self, index: usize) {
        self.unfinished.remove(&index);
    }

    /// All that waits for a step, and for what waits for it, and so on.
    pub fn behind(&self, index: usize) -> BTreeSet<usize> {
        let mut behind = BTreeSet::new();
        let mut open = self.dependents[index].clone();
        while let Some(dependent) = open.pop() {
            if behind.insert(dependent) {
                open.extend(&self.dependents[dependent]);
            }
        }
        behind
    }

    /// The steps that were neither done nor failed.
    pub fn unfinished(&self) -> Vec<usize> {
        self.unfinished.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::apply::schedule::Schedule;
    use crate::plan::step::{Operation, Step};
    use crate::resource::engine_path::EnginePath;

    fn steps(after: &[&[usize]]) -> Vec<Step> {
        let operation = Operation::RemoveVolume {
            name: "volume".to_owned(),
        };
        let step = |after: &&[usize]| Step {
            addresses: Vec::new(),
            engine: EnginePath::outer(),
            operation: operation.clone(),
            after: after.to_vec(),
        };
        after.iter().map(step).collect()
    }

    #[test]
    fn a_step_starts_when_all_before_it_are_done() {
        let mut schedule = Schedule::new(&steps(&[&[], &[], &[0, 1]]));
        assert_eq!(
            [schedule.start(), schedule.start(), schedule.start()],
            [Some(0), Some(1), None]
        );
        assert!(schedule.finish(1).is_empty());
        assert_eq!(schedule.start(), None);
        assert_eq!(schedule.finish(0), [2]);
        assert_eq!(schedule.start(), Some(2));
        schedule.finish(2);
        assert!(schedule.unfinished().is_empty());
    }

    #[test]
    fn a_failure_stops_only_what_waits_for_it() {
        let mut schedule = Schedule::new(&steps(&[&[], &[0], &[1], &[]]));
        assert_eq!(schedule.start(), Some(0));
        schedule.fail(0);
        assert_eq!(schedule.behind(0), [1, 2].into());
        assert_eq!([schedule.start(), schedule.start()], [Some(3), None]);
        schedule.finish(3);
        assert_eq!(schedule.unfinished(), [1, 2]);
    }

    #[test]
    fn a_step_may_wait_for_one_that_comes_later_in_the_list() {
        let mut schedule = Schedule::new(&steps(&[&[1], &[]]));
        assert_eq!([schedule.start(), schedule.start()], [Some(1), None]);
        schedule.finish(1);
        assert_eq!(schedule.start(), Some(0));
    }
}
