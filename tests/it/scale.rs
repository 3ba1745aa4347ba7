//! Planning takes as long as a project is large, not as its square.

#[path = "../../benches/plan/world.rs"]
mod world;

use std::time::Duration;

use crate::processor::time_of_thread;
use crate::scale::world::Case;

/// How many resources the smaller and the larger projects have.
const SMALL: usize = 250;
const TIMES: usize = 8;
/// How many times as long the larger may take; by its square it would be 64 times.
const MOST: u32 = 24;
/// How often each is timed before the best of it counts, and how often that is tried.
const ROUNDS: u32 = 5;
const TRIES: usize = 3;

#[test]
fn steps_wait_for_as_many_others_as_the_project_is_large() {
    for (small, large) in Case::all(SMALL).iter().zip(Case::all(SMALL * TIMES)) {
        let is_done = small.plan().1.steps.is_empty();
        assert_eq!(is_done, small.name == "nothing to do", "{}", small.name);
        let edges = |case: &Case| -> usize {
            let (_, plan) = case.plan();
            let waits = plan.steps.iter().map(|step| step.after.len());
            waits.sum::<usize>() + plan.steps.len() + plan.changes.len()
        };
        let (few, many) = (edges(small), edges(&large));
        assert!(
            few > SMALL / 2 && many < few * (TIMES + 1),
            "{}: {few} and {many}",
            small.name
        );
    }
}

#[test]
fn a_plan_takes_as_long_as_the_project_is_large() {
    for (small, large) in Case::all(SMALL).iter().zip(Case::all(SMALL * TIMES)) {
        let mut tried = Vec::new();
        let is_well = (0..TRIES).any(|_| {
            let (mut short, mut long) = (Duration::MAX, Duration::MAX);
            for _ in 0..ROUNDS {
                short = short.min(time(small));
                long = long.min(time(&large));
            }
            tried.push((short, long));
            long < short * MOST
        });
        assert!(is_well, "{}: {tried:?}", small.name);
    }
}

#[test]
fn a_large_plan_does_not_depend_on_how_many_processors_make_it() {
    for case in &Case::all(SMALL * TIMES) {
        let on = |processors: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(processors);
            let pool = pool.build().expect("threads can be had");
            pool.install(|| case.plan().1)
        };
        let alone = on(1);
        for processors in [2, 7] {
            assert!(on(processors) == alone, "{}: {processors}", case.name);
        }
    }
}

/// How long a plan takes, on one processor.
fn time(case: &Case) -> Duration {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
    pool.build().expect("a thread can be had").install(|| {
        let began = time_of_thread();
        let planned = case.plan();
        let took = time_of_thread().saturating_sub(began);
        drop(planned);
        took
    })
}
