//! Histories made by chance, on an engine in memory: files and their edits, what others do to the engines, runs of nest
//! that fail or are killed at any step.
//!
//! Checked all the way: the plan is determined, whatever the order of keys; when all is done it is empty, and the engines
//! hold what the file declares; a run that failed or was killed, done again, comes to what an undisturbed one comes to;
//! steps are done once each and in order; what is somebody else's stays, and so does data; a saved plan does the same,
//! and is stale when another would be made.
//!
//! `NEST_HISTORIES` says how many, and then they are others each time; without it they are few, and always the same.

mod compare;
pub(crate) mod drift;
pub(crate) mod edit;
pub(crate) mod file;
mod found;
pub(crate) mod generated;
pub(crate) mod history;
pub(crate) mod neighbour;
mod oracle;
mod plans;
pub(crate) mod service;
mod steps;
mod tally;
pub(crate) mod world;

use std::cell::RefCell;
use std::io::Write as _;

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::histories::generated::history;
use crate::histories::tally::Tally;

/// How many histories there are where nothing is said.
const ORDINARY: u32 = 50;

#[test]
fn every_history_comes_to_what_the_file_declares() {
    let asked = std::env::var("NEST_HISTORIES").ok();
    // Who changes something else is not to find what was there before.
    let rng_seed = asked
        .as_ref()
        .map_or(RngSeed::Fixed(1), |_| RngSeed::Random);
    let cases = asked.map_or(ORDINARY, |cases| cases.parse().expect("a number"));
    let config = Config {
        rng_seed,
        failure_persistence: None,
        max_shrink_iters: 5_000,
        ..Config::with_cases(cases)
    };
    let tally = RefCell::new(Tally::default());
    let result = TestRunner::new(config).run(&history(), |history| {
        let one = history.check().map_err(TestCaseError::fail)?;
        tally.borrow_mut().add(one);
        Ok(())
    });
    let tally = tally.into_inner();
    if let Err(error) = result {
        panic!("{error}");
    }
    // Histories that end before they begin prove nothing.
    assert!(
        tally.invalid * 4 < u64::from(cases) + tally.runs,
        "{tally:?}"
    );
    assert!(
        tally.steps > u64::from(cases) && tally.runs > u64::from(cases),
        "{tally:?}"
    );
    writeln!(std::io::stderr(), "{cases} histories: {tally:?}").expect("it is told");
}
