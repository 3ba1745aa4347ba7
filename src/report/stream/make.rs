//! How a line and its parts are made.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::apply::Waited;
use crate::engine::EngineError;
use crate::model::place::Place;
use crate::plan::change::Action;
use crate::report::failure;
use crate::report::problem::located::LocatedProblem;
use crate::report::stream::line::{
    ActionWord, CountsJson, CountsOf, DiagnosticJson, EventJson, Level, Line, PositionJson,
    RangeJson, Severity, WaitedJson,
};
use crate::report::words;
use crate::resource::Address;

pub(super) fn text(now: SystemTime, level: Level, message: String, event: EventJson) -> String {
    let timestamp = OffsetDateTime::from(now).format(&Rfc3339);
    let line = Line {
        level,
        message,
        module: "nest.ui".to_owned(),
        timestamp: timestamp.unwrap_or_default(),
        event,
    };
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}

pub(super) fn told(now: SystemTime, diagnostic: DiagnosticJson) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warn,
    };
    let message = diagnostic.summary.clone();
    text(now, level, message, EventJson::Diagnostic { diagnostic })
}

pub(super) fn summary(now: SystemTime, changes: CountsJson) -> String {
    let CountsJson {
        add,
        change,
        remove,
        operation,
    } = changes;
    let message = match operation {
        CountsOf::Plan => format!("Plan: {add} to add, {change} to change, {remove} to destroy"),
        CountsOf::Apply | CountsOf::Destroy => {
            format!("{add} added, {change} changed, {remove} destroyed")
        }
    };
    let event = EventJson::ChangeSummary { changes };
    text(now, Level::Info, message, event)
}

pub(super) fn error(summary: &str, detail: &str, address: Option<&Address>) -> DiagnosticJson {
    DiagnosticJson {
        severity: Severity::Error,
        summary: words::escaped(summary),
        detail: words::escaped(detail),
        address: address.map(ToString::to_string),
        code: None,
        range: None,
    }
}

pub(super) fn engine_error(
    now: SystemTime,
    engine_error: &EngineError,
    address: Option<&Address>,
) -> String {
    let mut diagnostic = error(&engine_error.to_string(), "", address);
    diagnostic.detail = plain(failure::details(engine_error).trim());
    told(now, diagnostic)
}

pub(super) fn of_problem(problem: &LocatedProblem) -> DiagnosticJson {
    let help = problem.help.as_deref().unwrap_or_default();
    let mut diagnostic = error(&problem.message, help, None);
    if problem.severity == "warning" {
        diagnostic.severity = Severity::Warning;
    }
    diagnostic.code = Some(problem.code.clone());
    diagnostic.range = problem.place.as_ref().map(|place| RangeJson {
        filename: place.file.clone(),
        start: PositionJson {
            line: place.line,
            column: place.column,
        },
        end: PositionJson {
            line: place.end_line,
            column: place.end_column,
        },
    });
    diagnostic
}

pub(super) fn range(place: &Place) -> RangeJson {
    let position = |(line, column)| PositionJson { line, column };
    RangeJson {
        filename: place.file.clone(),
        start: position(place.start),
        end: position(place.end),
    }
}

pub(super) fn waiting(waited: &Waited) -> WaitedJson {
    WaitedJson {
        seconds: seconds(waited.time),
        queued_seconds: seconds(waited.queued),
        for_step: waited.last,
    }
}

pub(super) fn word(action: Action) -> ActionWord {
    match action {
        Action::NoOp => ActionWord::Noop,
        Action::Create => ActionWord::Create,
        Action::Update => ActionWord::Update,
        Action::Replace => ActionWord::Replace,
        Action::Delete => ActionWord::Delete,
    }
}

/// Text without colours.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Seconds, to a thousandth.
pub(super) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}

pub(super) fn since(earlier: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(earlier).unwrap_or_default()
}
