//! What is, against what should be, as a tree.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::observed::{ContainerState, ObservedContainer, ObservedEngine, ObservedInner};
use crate::plan::Plan;
use crate::plan::change::{Action, Change};
use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words;
use crate::resource::engine_path::EnginePath;

/// The project's resources, engine by engine, each with its state.
pub fn status(plan: &Plan, observed: &ObservedEngine) -> String {
    let mut text = String::new();
    let identity = &observed.identity;
    let engine = format!(
        "engine {} ({})",
        words::escaped(&identity.name),
        words::escaped(&identity.version)
    );
    let _ = writeln!(
        text,
        "{}  {}",
        styled(BOLD, &plan.project),
        styled(DIM, engine)
    );
    let mut by_engine: BTreeMap<&EnginePath, Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        by_engine.entry(&change.engine).or_default().push(change);
    }
    level(
        &mut text,
        &by_engine,
        (&EnginePath::outer(), Some(observed)),
        "",
    );
    for refusal in &plan.refusals {
        let _ = writeln!(
            text,
            "{} {}: {}",
            styled(REMOVE, "!"),
            refusal.address,
            words::escaped(&refusal.message())
        );
    }
    text
}

fn level(
    text: &mut String,
    by_engine: &BTreeMap<&EnginePath, Vec<&Change>>,
    (path, observed): (&EnginePath, Option<&ObservedEngine>),
    indent: &str,
) {
    let changes = by_engine.get(path).map(Vec::as_slice).unwrap_or_default();
    for (index, change) in changes.iter().enumerate() {
        let last = index + 1 == changes.len();
        let (branch, below) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let container = observed.and_then(|observed| observed.containers.get(&change.object));
        let is_container = change.kind.is_container();
        let container = container.filter(|_| is_container);
        let (mark, state) = state(change, container);
        let name = format!("{} {}", change.kind.word(), words::escaped(&change.object));
        let line = format!("{indent}{branch}{mark} {name}");
        let _ = match state.as_str() {
            "" => writeln!(text, "{line}"),
            state => writeln!(text, "{line}  {}", styled(DIM, state)),
        };
        let inner = match container.map(|container| &container.engine) {
            Some(ObservedInner::Awake(inner)) => Some(&**inner),
            _ => None,
        };
        if is_container {
            let inside = path.inside(&change.object);
            level(
                text,
                by_engine,
                (&inside, inner),
                &format!("{indent}{below}"),
            );
        }
    }
}

fn state(change: &Change, container: Option<&ObservedContainer>) -> (String, String) {
    let (mark, verdict) = match change.action {
        Action::NoOp => (styled(ADD, "✓"), ""),
        Action::Create => (styled(REMOVE, "✗"), "missing"),
        Action::Update => (styled(CHANGE, "~"), "differs"),
        Action::Replace => (styled(CHANGE, "~"), "differs, must be replaced"),
        Action::Delete => (styled(CHANGE, "-"), "not declared"),
    };
    let mut parts: Vec<String> = Vec::new();
    if let Some(container) = container {
        parts.push(match container.state {
            ContainerState::Created => "created".to_owned(),
            ContainerState::Running => "running".to_owned(),
            ContainerState::Paused => "paused".to_owned(),
            ContainerState::Restarting => "restarting".to_owned(),
            ContainerState::Exited(code) => format!("exited ({code})"),
            ContainerState::Dead => "dead".to_owned(),
        });
        match &container.engine {
            ObservedInner::Awake(inner) => parts.push(format!(
                "engine {}, {} running inside",
                words::escaped(&inner.identity.version),
                words::count(inner.running_containers, "container")
            )),
            ObservedInner::Silent(reason) => {
                parts.push(format!("engine silent: {}", words::escaped(reason)));
            }
            ObservedInner::None | ObservedInner::Asleep => {}
        }
    }
    if !verdict.is_empty() {
        parts.push(verdict.to_owned());
    }
    (mark, parts.join(", "))
}
