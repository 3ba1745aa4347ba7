//! Tests that failed on an engine, run once more.
//!
//! Engines lose a container's start or a connection now and then when the machine is busy. A test that needs an engine
//! and fails is run again, alone; what fails twice has failed. Both results are shown, and the first is never hidden.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::output::talk;
use crate::steps;

/// Tests whose names begin so need an engine.
const ON_AN_ENGINE: &[&str] = &["real::", "docker::", "laws::real::"];

/// More failures than these are no accident.
const AT_MOST: usize = 3;

/// Runs tests and, if just a few of those failed that need an engine, these once more.
///
/// `all` is a `cargo test`; `again` makes the one that runs tests of exactly these names.
pub(crate) async fn run(all: Command, again: impl FnOnce(&[&str]) -> Command) -> Result<()> {
    let (output, result) = steps::copy(all).await;
    let Err(error) = result else { return Ok(()) };
    let failed = failed(&output);
    let names: Vec<&str> = failed.iter().copied().collect();
    if names.is_empty() || names.len() > AT_MOST || !names.iter().all(|name| needs_engine(name)) {
        return Err(error);
    }
    let list = names.join(", ");
    talk(format_args!("failed, and run again: {list}"));
    if let Err(error) = steps::run(again(&names)).await {
        bail!("failed twice, or one of them did: {list}: {error:#}");
    }
    talk(format_args!("passed when run again: {list}"));
    Ok(())
}

fn needs_engine(name: &str) -> bool {
    ON_AN_ENGINE.iter().any(|start| name.starts_with(start))
}

/// The tests that failed, by the list that a test program prints at its end; none where one program crashed or several
/// have such lists.
fn failed(output: &str) -> BTreeSet<&str> {
    let count = |start: &str| output.lines().filter(|it| it.starts_with(start)).count();
    let begun = output.lines().filter(|it| is_beginning(it)).count();
    if count("test result: FAILED") != 1 || count("test result: ") != begun {
        return BTreeSet::new();
    }
    let lists = output.split("\nfailures:\n");
    let last = lists.last().unwrap_or_default();
    let names = last.lines().map_while(|line| line.strip_prefix("    "));
    names.collect()
}

/// Whether a line says how many tests a program is about to run.
fn is_beginning(line: &str) -> bool {
    line.starts_with("running ") && (line.ends_with(" tests") || line.ends_with(" test"))
}

#[cfg(test)]
mod tests {
    use crate::again::failed;

    const FAILED: &str = "
running 2 tests
test real::kill ... FAILED
test plan::new ... ok

failures:

---- real::kill stdout ----

thread 'real::kill' panicked at tests/it/real.rs:1:1:
failures:
    none


failures:
    real::kill

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";

    #[test]
    fn the_names_are_those_of_the_list_at_the_end() {
        let names: Vec<&str> = failed(FAILED).into_iter().collect();
        assert_eq!(names, ["real::kill"]);
    }

    #[test]
    fn a_program_that_crashed_leaves_nothing_to_run_again() {
        let output = format!("{FAILED}\nrunning 3 tests\ntest a ... ok\n");
        assert!(failed(&output).is_empty());
    }
}
