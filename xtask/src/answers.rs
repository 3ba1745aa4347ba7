//! What Compose answers: the tests that compare nest with the real program.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::bench::compose::Compose;
use crate::cache::Cache;
use crate::checkout;
use crate::steps::{self, Steps};

/// Makes Compose ready and runs the tests that need it.
pub(crate) async fn add_steps(steps: &mut Steps, cache: &Cache) {
    let program = async { program(cache) };
    match steps.run("compose program", program).await {
        Some(program) => {
            let tests = steps::run(tests(&program));
            steps.run("compose answers", tests).await;
        }
        None => steps.skip("compose answers", "there is no Compose to ask"),
    }
}

/// A program that runs Compose, unpacked on first use.
fn program(cache: &Cache) -> Result<PathBuf> {
    let program = checkout::target_folder().join("compose/docker-compose");
    Compose::install(cache)?.put_compose_at(&program)?;
    Ok(program)
}

/// They are ignored elsewhere, since they need a program that is not Rust's.
fn tests(program: &Path) -> tokio::process::Command {
    let mut command = tokio::process::Command::new("cargo");
    command
        .current_dir(checkout::folder())
        .args(["test", "--package", "nest", "--test", "it"])
        .args(["--", "--ignored", "compose::"])
        .env("NEST_TEST_COMPOSE", program);
    command
}
