//! The order of steps: which may start, and what a failure stops. Pure.

use std::collections::BTreeSet;

use crate::plan::step::Step;

/// The steps of a plan that have not ended yet.
#[derive(Debug)]
pub struct Schedule {
    /// For each step, how many others it still waits for.
    waiting_for: Vec<usize>,
    /// For each step, those that wait until it is done.
    dependents: Vec<Vec<usize>>,
    /// For each step, those that wait until it has ended, well or not.
    ended_for: Vec<Vec<usize>>,
    /// Steps that failed, and those that never start because of them.
    lost: BTreeSet<usize>,
    /// Steps that may start, lowest index first.
    ready: BTreeSet<usize>,
    /// Steps that have not been done.
    unfinished: BTreeSet<usize>,
}

impl Schedule {
    /// A schedule of all steps.
    pub fn new(steps: &[Step]) -> Self {
        let mut dependents = vec![Vec::new(); steps.len()];
        let mut ended_for = vec![Vec::new(); steps.len()];
        let mut waiting_for = vec![0; steps.len()];
        for (index, step) in steps.iter().enumerate() {
            let done: BTreeSet<usize> = step.after.iter().copied().collect();
            let ended: BTreeSet<usize> = step.after_end.iter().copied().collect();
            let ended: Vec<usize> = ended.difference(&done).copied().collect();
            waiting_for[index] = done.len() + ended.len();
            for other in done {
                dependents[other].push(index);
            }
            for other in ended {
                ended_for[other].push(index);
            }
        }
        let ready = (0..steps.len())
            .filter(|index| waiting_for[*index] == 0)
            .collect();
        let unfinished = (0..steps.len()).collect();
        Self {
            waiting_for,
            dependents,
            ended_for,
            lost: BTreeSet::new(),
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
        for dependent in self.dependents[index].iter().chain(&self.ended_for[index]) {
            self.waiting_for[*dependent] -= 1;
            if self.waiting_for[*dependent] == 0 {
                self.ready.insert(*dependent);
                freed.push(*dependent);
            }
        }
        freed
    }

    /// Notes that a step failed: those that wait until it is done never start, those that wait until it has ended do.
    /// Returns those of them that waited for it last and may start now.
    pub fn fail(&mut self, index: usize) -> Vec<usize> {
        self.unfinished.remove(&index);
        let mut freed = Vec::new();
        let mut lost = self.behind(index);
        lost.insert(index);
        for step in lost {
            if !self.lost.insert(step) {
                continue;
            }
            for dependent in &self.ended_for[step] {
                self.waiting_for[*dependent] -= 1;
                if self.waiting_for[*dependent] == 0 {
                    self.ready.insert(*dependent);
                    freed.push(*dependent);
                }
            }
        }
        freed
    }

    /// Whether a step failed, or never starts because of one that did.
    pub fn is_lost(&self, index: usize) -> bool {
        self.lost.contains(&index)
    }

    /// All that waits until a step is done, and for what so waits for that, and so on.
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
            after_end: Vec::new(),
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
        assert!(schedule.fail(0).is_empty());
        assert_eq!(schedule.behind(0), [1, 2].into());
        assert_eq!([schedule.start(), schedule.start()], [Some(3), None]);
        schedule.finish(3);
        assert_eq!(schedule.unfinished(), [1, 2]);
    }

    #[test]
    fn what_waits_for_an_end_starts_after_a_failure_too_once_all_that_it_needs_is_done() {
        // 2 never starts since 0 fails; 4 waits for its end, and until 3 is done; 5 needs what 4 only waits for.
        let mut steps = steps(&[&[], &[0], &[1], &[], &[3], &[2]]);
        steps[4].after_end = vec![1, 2];
        steps[5].after_end = vec![0, 2];
        let mut schedule = Schedule::new(&steps);
        assert_eq!([schedule.start(), schedule.start()], [Some(0), Some(3)]);
        assert!(schedule.fail(0).is_empty());
        assert!(schedule.is_lost(2) && !schedule.is_lost(4));
        assert_eq!(schedule.finish(3), [4]);
        assert_eq!([schedule.start(), schedule.start()], [Some(4), None]);
        schedule.finish(4);
        assert_eq!(schedule.unfinished(), [1, 2, 5]);
    }

    #[test]
    fn two_failures_before_one_step_count_it_down_once_each() {
        let mut steps = steps(&[&[], &[], &[0, 1], &[]]);
        steps[3].after_end = vec![2];
        let mut schedule = Schedule::new(&steps);
        assert_eq!([schedule.start(), schedule.start()], [Some(0), Some(1)]);
        assert_eq!(schedule.fail(0), [3]);
        assert!(schedule.fail(1).is_empty());
        assert_eq!([schedule.start(), schedule.start()], [Some(3), None]);
    }

    #[test]
    fn a_step_may_wait_for_one_that_comes_later_in_the_list() {
        let mut schedule = Schedule::new(&steps(&[&[1], &[]]));
        assert_eq!([schedule.start(), schedule.start()], [Some(1), None]);
        schedule.finish(1);
        assert_eq!(schedule.start(), Some(0));
    }
}
