//! A plan as text, in Terraform's wording and symbols.

use std::fmt::Write as _;

use anstyle::Style;

use crate::plan::Plan;
use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::drift::Drifted;
use crate::plan::refusal::Refusal;
use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words;
use crate::resource::Kind;
use crate::resource::engine_path::EnginePath;

/// The whole plan: changes, what stays, what waits, what cannot be done, and the totals.
pub fn plan(plan: &Plan) -> String {
    let mut text = limits(plan);
    text.push_str(&drift(plan));
    if plan.has_changes() {
        text.push_str(&styled(BOLD, "nest will perform these actions:"));
        text.push_str("\n\n");
    }
    body(&mut text, plan);
    totals(&mut text, plan);
    text
}

/// The changes, what stays, what waits and what cannot be done.
pub(crate) fn body(text: &mut String, plan: &Plan) {
    for change in &plan.changes {
        self::change(text, change);
    }
    kept(text, plan);
    for deferred in &plan.deferred {
        let _ = writeln!(text, "  {}.\n", words::deferred(deferred, words::escaped));
    }
    for refusal in &plan.refusals {
        let _ = writeln!(
            text,
            "{} {}: {}",
            styled(REMOVE, "error:"),
            refusal.address,
            words::escaped(&refusal.message())
        );
        place(text, refusal);
        let _ = writeln!(
            text,
            "  {} {}\n",
            styled(BOLD, "hint:"),
            words::escaped(&refusal.help())
        );
    }
}

/// Where the file asks for what is refused, on a line of its own.
pub(crate) fn place(text: &mut String, refusal: &Refusal) {
    if let Some(place) = &refusal.place {
        let place = words::escaped(&words::place(place));
        let _ = writeln!(text, "  {} {place}", styled(DIM, "-->"));
    }
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
        let on = on(&drift.engine);
        let _ = writeln!(text, "{} {kind} \"{object}\"{on}", styled(style, symbol));
        let names = drift.fields.iter();
        let width = names.map(|field| field.name.chars().count()).max();
        for field in &drift.fields {
            self::field(&mut text, field, width.unwrap_or_default(), "(none)");
        }
        text.push('\n');
    }
    text
}

/// The outer engine that something is on, where it is another one than nest connects to.
fn on(engine: &EnginePath) -> String {
    let name = engine.outermost();
    let on = name.map(|name| format!(" on engine {}", words::escaped(name.as_str())));
    on.unwrap_or_default()
}

/// What becomes of a resource, as a phrase that follows its address.
pub(crate) fn verdict(change: &Change) -> String {
    let verb = match change.action {
        Action::NoOp => "stays as it is",
        Action::Create => "will be created",
        Action::Update => "will be updated in place",
        Action::Replace => "must be replaced",
        Action::Delete if change.reason == Some(Reason::Destroyed) => "will be destroyed",
        Action::Delete => "will be removed",
    };
    let reason = change.reason.as_ref();
    match reason.filter(|reason| **reason != Reason::Destroyed) {
        Some(reason) => format!("{verb} ({})", words::escaped(&reason.phrase())),
        None => verb.to_owned(),
    }
}

/// The symbol of an action: none for a thing that stays as it is.
pub(crate) fn symbol(action: Action) -> &'static str {
    match action {
        Action::NoOp => "",
        Action::Create => "+",
        Action::Update => "~",
        Action::Replace => "-/+",
        Action::Delete => "-",
    }
}

fn change(text: &mut String, change: &Change) {
    let style = match change.action {
        Action::NoOp => return,
        Action::Create => ADD,
        Action::Update => CHANGE,
        Action::Replace | Action::Delete => REMOVE,
    };
    let symbol = format!("{:>3}", symbol(change.action));
    let address = words::escaped(change.address.as_str());
    let verdict = verdict(change);
    let _ = writeln!(text, "  # {} {verdict}", styled(BOLD, address));
    let object = words::escaped(&change.object);
    let _ = writeln!(
        text,
        "{} {} \"{object}\"{}",
        styled(style, symbol),
        change.kind.object_word(),
        on(&change.engine)
    );
    let names = shown_fields(change).map(|field| field.name.chars().count());
    let width = names.max().unwrap_or_default();
    for field in shown_fields(change) {
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

/// The attributes of a change that say something.
pub(crate) fn shown_fields(change: &Change) -> impl Iterator<Item = &FieldDiff> {
    let fields = change.fields.iter();
    fields.filter(|field| !(change.action == Action::Create && is_empty(field)))
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
        let (kind, object) = (kept.kind.object_word(), words::escaped(&kept.object));
        let object = styled(DIM, format!("{kind} \"{object}\""));
        let _ = writeln!(text, "    {object} {}", words::kept(&kept.because));
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
    let data = fate_of_data(plan);
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
        let inside = match stopping {
            0 => "nothing runs inside".to_owned(),
            1 => format!("1 running container inside stops ({others} not nest's)"),
            several => format!("{several} running containers inside stop ({others} not nest's)"),
        };
        let _ = writeln!(
            text,
            "{} {}: {inside}; {data}.",
            styled(BOLD, "Impact:"),
            stopping_engines(plan)
        );
    } else if loses_data(plan) {
        let _ = writeln!(text, "{} {data}.", styled(BOLD, "Impact:"));
    }
}

/// The engines that stop, and whether for good: `1 engine restarts`.
pub(crate) fn stopping_engines(plan: &Plan) -> String {
    let interruptions = plan.interruptions.as_slice();
    let comes_back = interruptions.iter().any(|it| it.comes_back);
    let verb = match (comes_back, interruptions.len()) {
        (true, 1) => "restarts",
        (true, _) => "restart",
        (false, 1) => "stops",
        (false, _) => "stop",
    };
    let engines = words::count(interruptions.len() as u64, "engine");
    format!("{engines} {verb}")
}

/// Whether data is lost: that of volumes, or that of an engine whose folder is one of the host.
pub(crate) fn loses_data(plan: &Plan) -> bool {
    let mut changes = plan.changes.iter();
    changes.any(|change| change.impact == Impact::DataLoss)
}

/// Whether data is lost, in words.
pub(crate) fn fate_of_data(plan: &Plan) -> String {
    let changes = plan.changes.iter();
    let lost = changes
        .filter(|change| change.impact == Impact::DataLoss && change.kind == Kind::Volume)
        .count() as u64;
    match lost {
        0 if loses_data(plan) => "data is lost".to_owned(),
        0 => "data kept".to_owned(),
        volumes => format!("the data of {} is lost", words::count(volumes, "volume")),
    }
}
