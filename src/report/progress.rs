//! What happens while a plan is applied, as lines of text.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use crate::apply::event::Event;
use crate::apply::{StepDone, Waited};
use crate::engine::Progress;
use crate::plan::step::{Operation, Step};
use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words;

/// The line that stays once a step has ended, or none for one that the user need not see.
pub fn lasting_line(event: &Event<'_>, verbose: bool) -> Option<String> {
    match event {
        Event::Waiting { holder } => Some(format!(
            "waiting for the lock, held for {} by {}",
            words::duration(holder.age(SystemTime::now())),
            holder
        )),
        Event::Done { step, done, .. } if verbose || !step.addresses.is_empty() => {
            Some(done_line(step, done, verbose))
        }
        Event::Failed { step, failed } => Some(format!(
            "{} {} {}",
            styled(REMOVE, "✗"),
            title(step),
            figures(
                failed.elapsed,
                failed.bytes,
                verbose.then_some(failed.waited)
            )
        )),
        Event::Started { .. } | Event::Progress { .. } | Event::Done { .. } => None,
    }
}

/// The line of a step that runs.
pub fn running_line(step: &Step, progress: Option<&Progress>) -> String {
    let detail = match progress {
        Some(Progress::Bytes(bytes)) => format!(" {}", words::bytes(*bytes)),
        Some(Progress::Rung(rung)) => format!(": {}", rung.phrase()),
        Some(Progress::Output(line)) => format!(": {}", words::escaped(line)),
        Some(Progress::Pushed(_) | Progress::Warning(_)) | None => String::new(),
    };
    format!("{}{detail}", title(step))
}

/// How long a step took, how many bytes it moved, and when it was started.
fn figures(elapsed: Duration, bytes: u64, waited: Option<Waited>) -> String {
    let mut figures = words::duration(elapsed);
    if bytes > 0 {
        let _ = write!(figures, ", {}", words::bytes(bytes));
    }
    if let Some(waited) = waited {
        let _ = write!(figures, ", started after {}", words::duration(waited.time));
    }
    styled(DIM, format!("({figures})"))
}

fn done_line(step: &Step, done: &StepDone, verbose: bool) -> String {
    let figures = figures(done.elapsed, done.bytes, verbose.then_some(done.waited));
    let mut lines = Vec::new();
    let waits = matches!(
        step.operation,
        Operation::WaitForContainer { .. } | Operation::WaitForService { .. }
    );
    let waited_in_vain = waits && !done.warnings.is_empty();
    if !waited_in_vain {
        lines.push(format!(
            "{} {}{} {figures}",
            styled(ADD, "✓"),
            subject(step),
            words::done(&step.operation)
        ));
    }
    for warning in &done.warnings {
        lines.push(format!(
            "{} {}{}",
            styled(CHANGE, "!"),
            subject(step),
            words::escaped(warning)
        ));
    }
    lines.join("\n")
}

/// What a step does, and for which resource.
pub(crate) fn title(step: &Step) -> String {
    format!("{}{}", subject(step), words::doing(&step.operation))
}

/// The resource a step is for, with a colon; several images of one engine are told by the operation itself.
fn subject(step: &Step) -> String {
    match step.addresses.as_slice() {
        [] => "bookkeeping: ".to_owned(),
        [only] => format!("{}: ", styled(BOLD, words::escaped(only.as_str()))),
        [first, ..] => {
            let scope = first
                .as_str()
                .rsplit_once("/image[")
                .map_or(first.as_str(), |(scope, _)| scope);
            format!("{}: ", styled(BOLD, words::escaped(scope)))
        }
    }
}
