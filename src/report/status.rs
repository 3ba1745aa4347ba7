//! What is, against what should be, as a tree.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::observed::{
    ContainerState, ObservedContainer, ObservedEngine, ObservedInner, ObservedOther,
};
use crate::plan::Plan;
use crate::plan::change::{Action, Change};
use crate::report::plan::place;
use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words;
use crate::resource::engine_path::EnginePath;
use crate::resource::{Address, Kind};

/// The version of the JSON form.
const FORMAT_VERSION: &str = "0.1";

/// What a project's resources are, and what they should be.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// What would be done.
    pub plan: &'a Plan,
    /// What the engines hold.
    pub observed: &'a ObservedEngine,
    /// Bytes in the volumes of the outer engine, as far as they are known.
    pub sizes: &'a BTreeMap<String, u64>,
}

impl Found<'_> {
    /// The resources, engine by engine, each with its state.
    pub fn tree(&self) -> String {
        let mut text = String::new();
        let identity = &self.observed.identity;
        let engine = format!(
            "engine {} ({})",
            words::escaped(&identity.name),
            words::escaped(&identity.version)
        );
        let _ = writeln!(
            text,
            "{}  {}",
            styled(BOLD, &self.plan.project),
            styled(DIM, engine)
        );
        let mut by_engine: BTreeMap<&EnginePath, Vec<&Change>> = BTreeMap::new();
        for change in &self.plan.changes {
            by_engine.entry(&change.engine).or_default().push(change);
        }
        self.level(&mut text, &by_engine, &EnginePath::outer(), "");
        for (name, other) in &self.observed.others {
            let state = match other {
                ObservedOther::Read(engine) => format!(
                    "{} ({})",
                    words::escaped(&engine.identity.name),
                    words::escaped(&engine.identity.version)
                ),
                ObservedOther::Unread(_) => "not read".to_owned(),
            };
            let heading = format!("engine {}", words::escaped(name.as_str()));
            let _ = writeln!(text, "{}  {}", styled(BOLD, heading), styled(DIM, state));
            self.level(&mut text, &by_engine, &EnginePath::other(name), "");
        }
        for refusal in &self.plan.refusals {
            let _ = writeln!(
                text,
                "{} {}: {}",
                styled(REMOVE, "!"),
                refusal.address,
                words::escaped(&refusal.message())
            );
            place(&mut text, refusal);
        }
        text
    }

    /// The same as data.
    pub fn json(&self) -> Value {
        let resource = |change: &Change| {
            let found = self.found(change);
            let mut resource = json!({
                "address": change.address,
                "type": change.kind.word(),
                "name": change.object,
                "engine": change.engine,
                "as_declared": change.action == Action::NoOp,
                "action": change.action,
            });
            if let Some(found) = found {
                resource["state"] = json!(found.state);
                if found.is_unhealthy {
                    resource["unhealthy"] = json!(true);
                }
                if let ObservedInner::Awake(inner) = &found.engine {
                    resource["engine_inside"] = json!({
                        "version": inner.identity.version,
                        "running_containers": inner.running_containers,
                    });
                }
            }
            if let Some(size) = self.size(change) {
                resource["disk_bytes"] = json!(size);
            }
            resource
        };
        let refusals = self.plan.refusals.iter();
        let refusals = refusals.map(|refusal| {
            let mut refused = json!({ "address": refusal.address, "message": refusal.message() });
            if let Some(place) = &refusal.place {
                refused["file"] = json!(place.file);
                (refused["line"], refused["column"]) = (json!(place.start.0), json!(place.start.1));
            }
            refused
        });
        let mut status = json!({
            "format_version": FORMAT_VERSION,
            "project": self.plan.project,
            "engine": self.observed.identity,
            "resources": self.plan.changes.iter().map(resource).collect::<Vec<_>>(),
            "refusals": refusals.collect::<Vec<_>>(),
        });
        let others = self.observed.others.iter().map(|(name, other)| {
            let identity = match other {
                ObservedOther::Read(engine) => json!(engine.identity),
                ObservedOther::Unread(_) => Value::Null,
            };
            (name.to_string(), identity)
        });
        let others: Map<String, Value> = others.collect();
        if !others.is_empty() {
            status["engines"] = Value::Object(others);
        }
        status
    }

    /// The container that a change is about, where it is about one that exists.
    fn found(&self, change: &Change) -> Option<&ObservedContainer> {
        let engine = self.observed.at(&change.engine)?;
        let is_container = change.kind.is_container();
        let container = engine.containers.get(&change.object);
        container.filter(|_| is_container)
    }

    fn size(&self, change: &Change) -> Option<u64> {
        let is_known = change.kind == Kind::Volume && change.engine == EnginePath::outer();
        let size = self.sizes.get(&change.object);
        size.copied().filter(|_| is_known)
    }

    fn level(
        &self,
        text: &mut String,
        by_engine: &BTreeMap<&EnginePath, Vec<&Change>>,
        path: &EnginePath,
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
            let (mark, mut state) = state(change, self.found(change));
            if let Some(size) = self.size(change) {
                let size = words::bytes(size);
                state = if state.is_empty() {
                    size
                } else {
                    format!("{size}, {state}")
                };
            }
            let mut name = format!("{} {}", change.kind.word(), words::escaped(&change.object));
            if let Some(registry) = registry(change) {
                let _ = write!(name, " in {registry}");
            }
            let line = format!("{indent}{branch}{mark} {name}");
            let _ = match state.as_str() {
                "" => writeln!(text, "{line}"),
                state => writeln!(text, "{line}  {}", styled(DIM, state)),
            };
            if change.kind.is_container() {
                let inside = path.inside(&change.object);
                self.level(text, by_engine, &inside, &format!("{indent}{below}"));
            }
        }
    }
}

/// The address of the registry that an image is pushed to.
fn registry(change: &Change) -> Option<Address> {
    let (scope, _) = change.address.as_str().rsplit_once("/image[")?;
    let scope = Address::from_label(scope);
    scope.last_segment_is(Kind::Registry).then_some(scope)
}

fn state(change: &Change, container: Option<&ObservedContainer>) -> (String, String) {
    let is_unhealthy = container.is_some_and(|it| it.is_unhealthy);
    let (mark, verdict) = match change.action {
        Action::NoOp if is_unhealthy => (styled(REMOVE, "!"), ""),
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
            ContainerState::Running if container.is_unhealthy => "running, unhealthy".to_owned(),
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
