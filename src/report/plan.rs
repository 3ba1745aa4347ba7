//! A plan as text, in Terraform's wording and symbols.

use std::fmt::Write as _;

use anstyle::Style;

use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::drift::Drifted;
use crate::plan::{KeptBecause, Plan};
use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words;
use crate::resource::Kind;

/// The whole plan: changes, what stays, what waits, what cannot be done, and the totals.
pub fn plan(plan: &Plan) -> String {
    let mut text = limits(plan);
    text.push_str(&drift(plan));
    if plan.has_changes() {
        text.push_str(&styled(BOLD, "nest will perform these actions:"));
        text.push_str("\n\n");
        for change in plan
            .changes
            .iter()
            .filter(|change| change.action != Action::NoOp)
        {
            self::change(&mut text, change);
        }
    }
    kept(&mut text, plan);
    for address in &plan.deferred {
        let _ = writeln!(
            text,
            "  {address} is read when its engine runs; what it holds is planned then.\n"
        );
    }
    for refusal in &plan.refusals {
        let _ = writeln!(
            text,
            "{} {}: {}",
            styled(REMOVE, "error:"),
            refusal.address,
            words::escaped(&refusal.message())
        );
        let _ = writeln!(
            text,
            "  {} {}\n",
            styled(BOLD, "hint:"),
            words::escaped(&refusal.help())
        );
    }
    totals(&mut text, plan);
    text
}

/// That a plan is about part of the project only.
fn limits(plan: &Plan) -> String {
    if plan.targets.is_empty() {
        return String::new();
    }
    let targets: Vec<String> = plan
        .targets
        .iter()
        .map(|target| format!("`{}`", words::escaped(target)))
        .collect();
    let needed = if plan.destroy {
        "and what cannot stay without it"
    } else {
        "and what it needs"
    };
    format!(
        "{} this plan is partial: only {} {needed}\n\n",
        styled(CHANGE, "warning:"),
        targets.join(", ")
    )
}

/// What changed outside nest; empty if nothing did.
pub fn drift(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.drift.is_empty() {
        return text;
    }
    let heading = "Changed outside nest since it was last applied:";
    let _ = writeln!(text, "{}\n", styled(BOLD, heading));
    for drift in &plan.drift {
        let (symbol, style, verb) = match drift.what {
            Drifted::Changed => ("  ~", CHANGE, "has changed"),
            Drifted::Stopped => ("  ~", CHANGE, "does not run"),
            Drifted::Deleted => ("  -", REMOVE, "is gone"),
        };
        let address = words::escaped(drift.address.as_str());
        let _ = writeln!(text, "  # {} {verb}", styled(BOLD, address));
        let object = words::escaped(&drift.object);
        let kind = drift.kind.object_word();
        let _ = writeln!(text, "{} {kind} \"{object}\"", styled(style, symbol));
        let names = drift.fields.iter();
        let width = names.map(|field| field.name.chars().count()).max();
        for field in &drift.fields {
            self::field(&mut text, field, width.unwrap_or_default(), "(none)");
        }
        text.push('\n');
    }
    text
}

fn change(text: &mut String, change: &Change) {
    let (symbol, style, verb) = match change.action {
        Action::NoOp => return,
        Action::Create => ("  +", ADD, "will be created"),
        Action::Update => ("  ~", CHANGE, "will be updated in place"),
        Action::Replace => ("-/+", REMOVE, "must be replaced"),
        Action::Delete if change.reason == Some(Reason::Destroyed) => {
            ("  -", REMOVE, "will be destroyed")
        }
        Action::Delete => ("  -", REMOVE, "will be removed"),
    };
    let reason = change
        .reason
        .as_ref()
        .filter(|reason| **reason != Reason::Destroyed);
    let reason = reason
        .map(|reason| format!(" ({})", words::escaped(&reason.phrase())))
        .unwrap_or_default();
    let address = words::escaped(change.address.as_str());
    let _ = writeln!(text, "  # {} {verb}{reason}", styled(BOLD, address));
    let object = words::escaped(&change.object);
    let _ = writeln!(
        text,
        "{} {} \"{object}\"",
        styled(style, symbol),
        change.kind.object_word()
    );
    let is_shown = |field: &&FieldDiff| !(change.action == Action::Create && is_empty(field));
    let names = change
        .fields
        .iter()
        .filter(is_shown)
        .map(|field| field.name.chars().count());
    let width = names.max().unwrap_or_default();
    for field in change.fields.iter().filter(is_shown) {
        self::field(text, field, width, "(not declared)");
    }
    if !change.unchanged.is_empty() && change.action != Action::Delete {
        let hidden = words::count(change.unchanged.len() as u64, "unchanged attribute");
        let _ = writeln!(
            text,
            "        {}",
            styled(DIM, format!("({hidden} hidden)"))
        );
    }
    let consequence = match (change.impact, change.action) {
        (Impact::Reload, Action::Update) => Some((CHANGE, "# the engine inside reloads")),
        (Impact::EngineRestart, Action::Update) => Some((CHANGE, "# restarts the engine inside")),
        (Impact::DataLoss, Action::Replace) => Some((REMOVE, "# its data is lost")),
        _ => None,
    };
    if let Some((style, consequence)) = consequence {
        let _ = writeln!(text, "        {}", styled(style, consequence));
    }
    text.push('\n');
}

/// Whether an attribute is an empty list, which says nothing of a thing that is made.
fn is_empty(field: &FieldDiff) -> bool {
    field
        .after
        .as_ref()
        .and_then(serde_json::Value::as_array)
        .is_some_and(Vec::is_empty)
}

fn field(text: &mut String, field: &FieldDiff, width: usize, nothing: &str) {
    let show = |value: &serde_json::Value| words::value(&field.name, value);
    let (symbol, style, values): (&str, Style, String) = match (&field.before, &field.after) {
        (None, Some(after)) => ("+", ADD, show(after)),
        (Some(before), None) => ("-", REMOVE, format!("{} -> {nothing}", show(before))),
        (Some(before), Some(after)) => {
            ("~", CHANGE, format!("{} -> {}", show(before), show(after)))
        }
        (None, None) => return,
    };
    let forces = if field.forces_replacement {
        format!("   {}", styled(REMOVE, "# forces replacement"))
    } else {
        String::new()
    };
    let name = words::escaped(&field.name);
    let _ = writeln!(
        text,
        "      {} {name:width$} : {values}{forces}",
        styled(style, symbol)
    );
}

fn kept(text: &mut String, plan: &Plan) {
    if plan.kept.is_empty() {
        return;
    }
    for kept in &plan.kept {
        let because = match kept.because {
            KeptBecause::NotDeclared => "kept (not declared)",
            KeptBecause::Data => "kept: `--volumes` removes it",
        };
        let _ = writeln!(
            text,
            "    {} {}",
            styled(DIM, format!("volume \"{}\"", words::escaped(&kept.volume))),
            because
        );
    }
    text.push('\n');
}

fn totals(text: &mut String, plan: &Plan) {
    if !plan.has_changes() {
        if plan.refusals.is_empty() && plan.deferred.is_empty() {
            let nothing = if !plan.targets.is_empty() {
                "No changes in this part of the project."
            } else if plan.destroy {
                "No changes. Nothing of the project is there."
            } else {
                "No changes. The engines hold what the file declares."
            };
            let _ = writeln!(text, "{}", styled(BOLD, nothing));
        }
        return;
    }
    let counts = plan.counts();
    let _ = writeln!(
        text,
        "{} {} to add, {} to change, {} to destroy.",
        styled(BOLD, "Plan:"),
        counts.add,
        counts.change,
        counts.destroy
    );
    let lost = plan
        .changes
        .iter()
        .filter(|change| change.impact == Impact::DataLoss && change.kind == Kind::Volume)
        .count() as u64;
    let loses = plan
        .changes
        .iter()
        .any(|change| change.impact == Impact::DataLoss);
    let data = match lost {
        0 if loses => "data is lost".to_owned(),
        0 => "data kept".to_owned(),
        volumes => format!("the data of {} is lost", words::count(volumes, "volume")),
    };
    let engines = plan.interruptions.len() as u64;
    if engines > 0 {
        let stopping: u64 = plan
            .interruptions
            .iter()
            .map(|interruption| interruption.running)
            .sum();
        let others: u64 = plan
            .interruptions
            .iter()
            .map(|interruption| interruption.running_of_others)
            .sum();
        let comes_back = plan
            .interruptions
            .iter()
            .any(|interruption| interruption.comes_back);
        let verb = match (comes_back, engines) {
            (true, 1) => "restarts",
            (true, _) => "restart",
            (false, 1) => "stops",
            (false, _) => "stop",
        };
        let inside = match stopping {
            0 => "nothing runs inside".to_owned(),
            1 => format!("1 running container inside stops ({others} not nest's)"),
            several => format!("{several} running containers inside stop ({others} not nest's)"),
        };
        let engines = words::count(engines, "engine");
        let _ = writeln!(
            text,
            "{} {engines} {verb}: {inside}; {data}.",
            styled(BOLD, "Impact:")
        );
    } else if loses {
        let _ = writeln!(text, "{} {data}.", styled(BOLD, "Impact:"));
    }
}
