//! Errors as text: what was attempted, why it failed, what the container said, what to do.

use std::error::Error;
use std::fmt::Write as _;

use crate::apply::{ApplyReport, StepSkipped};
use crate::engine::EngineError;
use crate::plan::step::Step;
use crate::report::advice::advice;
use crate::report::progress::title;
use crate::report::style::{BOLD, REMOVE, styled};
use crate::report::words;

/// An error with its causes and its hint.
pub fn failure(error: &EngineError) -> String {
    format!(
        "{} {}\n{}",
        styled(REMOVE, "error:"),
        words::escaped(&error.to_string()),
        details(error)
    )
}

/// What there is to say about an error besides what it says itself.
pub(crate) fn details(error: &EngineError) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let _ = writeln!(text, "  caused by: {}", words::escaped(&cause));
    }
    if let EngineError::NotReady { container, log, .. } = error
        && !log.is_empty()
    {
        let _ = writeln!(text, "  last log lines of `{container}`:");
        for line in log {
            let _ = writeln!(text, "    {}", words::escaped(line));
        }
    }
    if let EngineError::BuildFailed { log, .. } = error
        && !log.is_empty()
    {
        let _ = writeln!(text, "  last lines of the build:");
        for line in log {
            let _ = writeln!(text, "    {}", words::escaped(line));
        }
    }
    if let Some(hint) = hint(error) {
        let _ = writeln!(text, "\n{} {hint}", styled(BOLD, "hint:"));
    }
    text
}

/// An error and its causes in one line.
pub fn with_causes(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    words.extend(causes(error));
    words.join(": ")
}

/// The causes of an error; one that only repeats the last is left out.
fn causes(error: &dyn Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    causes.dedup();
    causes
}

fn hint(error: &EngineError) -> Option<String> {
    let known = match error {
        EngineError::NotReady { log, .. } => advice(&log.join("\n")),
        EngineError::Refused { message, .. } => advice(message),
        _ => None,
    };
    if let Some(help) = known {
        return Some(help.into_owned());
    }
    match error {
        EngineError::Unreachable { help, .. } => Some(help.clone()),
        EngineError::NotReady { container, .. } => Some(format!(
            "`nest logs` shows all of what `{container}` said; a slow engine gets more time with `outer: {{ ready: 2m }}`"
        )),
        EngineError::OutOfPatience { container, .. } => Some(format!(
            "`nest logs` shows what `{container}` says; `--timeout` gives all waiting more time, and \
             `--no-wait` waits for nothing that can do without"
        )),
        EngineError::WrongEngine { .. } => {
            Some("the image or a mount of the environment leads its socket to the engine outside; remove that".to_owned())
        }
        EngineError::Refused { status: 409, message, .. } if message.contains("using") || message.contains("in use") => {
            Some("something that nest did not make uses it: remove that first, or keep what it uses in the file".to_owned())
        }
        EngineError::Refused { status: 409, .. } => {
            Some("something changed since the plan was made: run `nest plan` again".to_owned())
        }
        _ => None,
    }
}

/// What became of an apply that did not do everything.
pub fn incomplete(steps: &[Step], report: &ApplyReport) -> String {
    let mut text = String::new();
    for failed in &report.failed {
        let addresses: Vec<String> = steps[failed.step]
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        if !addresses.is_empty() {
            let _ = writeln!(
                text,
                "{}",
                styled(BOLD, words::escaped(&addresses.join(", ")))
            );
        }
        text.push_str(&failure(&failed.error));
        stopped(&mut text, steps, report, failed.step);
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "{}: {} done, {} failed, {} not started, in {}. Run `nest up` to go on from here.",
        if report.interrupted {
            "Interrupted"
        } else {
            "Incomplete"
        },
        words::count(report.done.len() as u64, "step"),
        report.failed.len(),
        report.skipped.len(),
        words::duration(report.elapsed),
    );
    text
}

/// The most steps that are named after a failure.
const MOST_NAMED: usize = 12;

/// What was not done because of a failure, nest's own bookkeeping apart.
fn stopped(text: &mut String, steps: &[Step], report: &ApplyReport, failed: usize) {
    let behind = |skipped: &&StepSkipped| {
        skipped.because_of.contains(&failed) && !steps[skipped.step].addresses.is_empty()
    };
    let stopped: Vec<&StepSkipped> = report.skipped.iter().filter(behind).collect();
    if stopped.is_empty() {
        return;
    }
    text.push_str("\nnot started because of it:\n");
    for skipped in stopped.iter().take(MOST_NAMED) {
        let _ = writeln!(text, "  {}", title(&steps[skipped.step]));
    }
    if stopped.len() > MOST_NAMED {
        let _ = writeln!(text, "  and {} more", stopped.len() - MOST_NAMED);
    }
}
