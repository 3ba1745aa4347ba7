//! Steps that are named, timed and all run, even after one failed.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal as SignalStream, SignalKind, signal};

use crate::output::{data, talk};

/// What has been run so far.
pub(crate) struct Steps {
    interrupt: SignalStream,
    terminate: SignalStream,
    interrupted: bool,
    done: Vec<Step>,
}

struct Step {
    name: Cow<'static, str>,
    outcome: Outcome,
    time: Duration,
}

#[derive(PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Steps {
    /// No step yet. From now on Ctrl-C ends the step that runs, not xtask.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            interrupted: false,
            done: Vec::new(),
        })
    }

    /// Runs a step and tells how it ended; after Ctrl-C it is skipped.
    pub(crate) async fn run<T>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        step: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        let name = name.into();
        if self.interrupted {
            self.skip(name, "interrupted");
            return None;
        }
        talk(format_args!("== {name}"));
        let start = Instant::now();
        let result = tokio::select! {
            result = step => result,
            _ = self.interrupt.recv() => self.interrupted(),
            _ = self.terminate.recv() => self.interrupted(),
        };
        let (outcome, value) = match result {
            Ok(value) => (Outcome::Passed, Some(value)),
            Err(error) => {
                talk(format_args!("{name} failed: {error:#}"));
                (Outcome::Failed, None)
            }
        };
        self.done.push(Step {
            name,
            outcome,
            time: start.elapsed(),
        });
        value
    }

    /// Notes a step that does not run.
    pub(crate) fn skip(&mut self, name: impl Into<Cow<'static, str>>, reason: &str) {
        let name = name.into();
        talk(format_args!("== {name}: skipped, {reason}"));
        self.done.push(Step {
            name,
            outcome: Outcome::Skipped,
            time: Duration::ZERO,
        });
    }

    /// Whether Ctrl-C has come.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// Allows further steps after Ctrl-C: those that clean up.
    pub(crate) fn clean_up(&mut self) {
        self.interrupted = false;
    }

    /// Prints a table of all steps; true if none failed.
    pub(crate) fn finish(&self) -> bool {
        for step in &self.done {
            data(step);
        }
        self.done.iter().all(|step| step.outcome != Outcome::Failed)
    }

    fn interrupted<T>(&mut self) -> Result<T> {
        self.interrupted = true;
        bail!("interrupted")
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::Skipped => "skipped",
        };
        let seconds = self.time.as_secs_f64();
        write!(formatter, "{:<16} {outcome:<8} {seconds:>6.1} s", self.name)
    }
}

/// A child with all that it starts: dropped while it runs, they are all killed.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // No id is left once it was waited for.
        let id = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs a program as a step; its output goes where ours goes.
pub(crate) async fn run(command: Command) -> Result<()> {
    wait(command, &mut String::new(), |_| {}).await
}

/// Runs a program and returns what it writes to stdout.
pub(crate) async fn read(command: Command) -> Result<String> {
    let (output, result) = capture(command, |_| {}).await;
    result.map(|()| output)
}

/// Runs a program whose output goes where ours goes, and returns what it writes to stdout too, even if it fails.
pub(crate) async fn copy(command: Command) -> (String, Result<()>) {
    capture(command, |line| data(line)).await
}

async fn capture(mut command: Command, see: impl Fn(&str)) -> (String, Result<()>) {
    command.stdout(Stdio::piped());
    let mut output = String::new();
    let result = wait(command, &mut output, see).await;
    (output, result)
}

async fn wait(mut command: Command, output: &mut String, see: impl Fn(&str)) -> Result<()> {
    let text = format!("{:?}", command.as_std());
    let child = command
        .stdin(Stdio::null())
        // Ctrl-C reaches us alone, so that one place decides what it ends.
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {text}"))?;
    let mut group = Group(child);
    if let Some(pipe) = group.0.stdout.take() {
        let mut lines = BufReader::new(pipe).lines();
        while let Some(line) = lines.next_line().await? {
            see(&line);
            output.push_str(&line);
            output.push('\n');
        }
    }
    let status = group.0.wait().await?;
    ensure!(status.success(), "{text} ended with {status}");
    Ok(())
}
