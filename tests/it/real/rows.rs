//! One change of a file, or of an engine behind nest's back, is one row: what the plan says of it, what becomes of the
//! container, and that nothing is left to do after it. Rows of one environment follow one another, each from where the
//! one before it ended.

mod container;
mod engine;
mod process;
mod project;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use serde_json::Value;

use crate::real::sandbox::Sandbox;

/// What a plan says of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected<'a> {
    /// Terraform's words, joined: `update`, `delete+create`, `no-op`; `absent` where the plan does not name it.
    pub(super) actions: &'a str,
    /// Why, where what differs does not tell; else empty.
    pub(super) reason: &'a str,
    /// What it does to what runs.
    pub(super) impact: &'a str,
}

pub(super) const UPDATE: Expected<'static> = Expected {
    actions: "update",
    reason: "",
    impact: "none",
};
pub(super) const RELOAD: Expected<'static> = Expected {
    impact: "reload",
    ..UPDATE
};
pub(super) const RESTART: Expected<'static> = Expected {
    impact: "engine_restart",
    ..UPDATE
};
pub(super) const REPLACE: Expected<'static> = Expected {
    actions: "delete+create",
    reason: "replace_because_cannot_update",
    impact: "replace",
};
pub(super) const CREATE: Expected<'static> = Expected {
    actions: "create",
    reason: "",
    impact: "none",
};
pub(super) const DELETE: Expected<'static> = Expected {
    actions: "delete",
    reason: "delete_because_no_resource_config",
    impact: "none",
};
pub(super) const NO_CHANGE: Expected<'static> = Expected {
    actions: "no-op",
    reason: "",
    impact: "none",
};
pub(super) const ABSENT: Expected<'static> = Expected {
    actions: "absent",
    reason: "",
    impact: "",
};

impl<'a> Expected<'a> {
    pub(super) const fn because(self, reason: &'a str) -> Self {
        Self { reason, ..self }
    }

    pub(super) const fn with_impact(self, impact: &'a str) -> Self {
        Self { impact, ..self }
    }
}

/// Rows that have run, for the report.
#[derive(Default)]
pub(super) struct Rows {
    report: String,
    count: usize,
}

impl Rows {
    /// Runs one row. Where it fails, the rows before it are shown, and its name.
    pub(super) fn row(&mut self, name: &str, run: impl FnOnce()) {
        let begun = Instant::now();
        self.count += 1;
        let outcome = catch_unwind(AssertUnwindSafe(run));
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        let seconds = begun.elapsed().as_secs_f64();
        let _ = writeln!(self.report, "row {name} ... {word} ({seconds:.1}s)");
        if let Err(panic) = outcome {
            tell(&self.report);
            resume_unwind(panic);
        }
    }

    /// Tells the rows, and that there were so many.
    pub(super) fn end(self, count: usize) {
        tell(&self.report);
        assert_eq!(self.count, count, "so many rows ran");
    }
}

#[expect(clippy::print_stdout, reason = "the rows are what the test tells")]
fn tell(report: &str) {
    print!("{report}");
}

/// The plan as JSON; it must not have been refused.
pub(super) fn plan(sandbox: &Sandbox, options: &[&str]) -> Value {
    let arguments = [&["plan", "--format", "json"], options].concat();
    let ran = sandbox.succeed(&arguments);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

/// Compares what a plan says of one resource; `attribute` must be among what differs, unless it is empty.
pub(super) fn check(plan: &Value, address: &str, attribute: &str, expected: Expected<'_>) {
    let changes = plan["resource_changes"].as_array().expect("changes");
    let Some(change) = changes.iter().find(|change| change["address"] == address) else {
        assert_eq!("absent", expected.actions, "{address}: {plan:#}");
        return;
    };
    let actions = change["change"]["actions"].as_array().expect("actions");
    let actions: Vec<&str> = actions.iter().filter_map(Value::as_str).collect();
    let found = Expected {
        actions: &actions.join("+"),
        reason: change["action_reason"].as_str().unwrap_or_default(),
        impact: change["impact"].as_str().unwrap_or_default(),
    };
    assert_eq!(found, expected, "{change:#}");
    if !attribute.is_empty() {
        let (before, after) = (&change["change"]["before"], &change["change"]["after"]);
        assert_ne!(
            before[attribute], after[attribute],
            "{attribute}: {change:#}"
        );
    }
}

/// Applies, after which nothing is left to do, and nothing has changed behind nest's back.
pub(super) fn settle(sandbox: &Sandbox, options: &[&str]) {
    sandbox.succeed(&[&["up", "--yes"], options].concat());
    let left = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(left.code, 0, "{}{}", left.stdout, left.stderr);
    assert!(!left.stdout.contains("outside nest"), "{}", left.stdout);
}
