//! Measuring a program from a small process.
//!
//! The kernel counts as a program's memory what its parent had when it started the program. A bench
//! that talks to engines is larger than nest, so a fresh xtask that does nothing else measures.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

use crate::args::MeasureOptions;
use crate::bench::sample::Sample;
use crate::output::data;

/// Runs the command, its output in the log, and prints what it took.
pub(crate) fn run(options: &MeasureOptions) -> Result<bool> {
    let log = File::create(&options.log)
        .with_context(|| format!("cannot create `{}`", options.log.display()))?;
    let (program, arguments) = options
        .command
        .split_first()
        .context("there is no command to measure")?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let start = Instant::now();
    let child = command
        .spawn()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    let ended = child.wait4()?;
    let sample = Sample {
        time: start.elapsed(),
        memory: ended.rusage.maxrss,
    };
    ensure!(
        ended.status.success(),
        "`{}` ended with {}; the end of its output:\n{}",
        command_line(&options.command),
        ended.status,
        last_lines(&options.log)
    );
    data(sample);
    Ok(true)
}

fn command_line(words: &[OsString]) -> String {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

fn last_lines(log: &Path) -> String {
    const SHOWN: usize = 20;
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}
