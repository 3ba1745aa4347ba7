//! How fast `nest watch` is, and how quiet: what the test `real::watch::figures` measures of a release.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::checkout;
use crate::engine::Engine;
use crate::output::data;
use crate::steps;

const TEST: &str = "real::watch::figures::";
/// How the test begins a line that tells a figure.
const FIGURE: &str = "figure: ";
/// Where the table stands in the page of the book.
const BEGIN: &str = "<!-- Written by `cargo xtask bench --watch --write`. -->\n";
const END: &str = "<!-- Up to here. -->\n";

/// Measures it, and prints what came out; with `write`, puts it into the book. Fails if what is promised does not hold.
pub(crate) async fn run(engine: &Engine, nest: &Path, write: bool) -> Result<()> {
    let mut command = Command::new("cargo");
    command
        .args(["test", "--quiet", "--test", "it", "--", "--nocapture", TEST])
        .current_dir(checkout::folder())
        .env("DOCKER_HOST", &engine.host)
        .env("TMPDIR", &engine.temporary_folder)
        .env("NEST_TEST_MEASURED", nest);
    let (said, held) = steps::copy(command).await;
    let figures = said.lines().filter_map(|line| {
        let (_, figure) = line.split_once(FIGURE)?;
        figure.rsplit_once(": ")
    });
    let mut table = "| what | time |\n|---|---|\n".to_owned();
    for (what, figure) in figures {
        writeln!(table, "| {what} | {figure} |")?;
    }
    held?;
    ensure!(table.lines().count() > 2, "the test told no figures");
    data(&table);
    if write {
        let path = checkout::folder().join("book/src/watch.md");
        let page = fs::read_to_string(&path)?;
        let place = page.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = place.context("the page has no place for the table")?;
        fs::write(&path, format!("{before}{BEGIN}\n{table}\n{END}{after}"))?;
    }
    Ok(())
}
