//! What becomes of one resource, with Terraform's keys.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::drift::{Drift, Drifted};
use crate::resource::secret::is_sensitive;

/// What becomes, or became, of one resource.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ResourceChange {
    /// Its address, such as `environment.builder/image["alpine:3.20"]`.
    address: String,
    /// What sort of thing it is: `network`, `volume`, `registry`, `environment`, `image`.
    r#type: String,
    /// The real name of the object on its engine.
    name: String,
    /// The engine that holds it, as a path of containers from the outer engine; empty for the outer engine. On another
    /// outer engine it begins with `engine:NAME`.
    engine: String,
    /// What becomes of it.
    change: ChangeJson,
    /// Why, where what differs does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<String>,
    /// What the change does to what runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<ImpactJson>,
}

/// What becomes of a resource, attribute by attribute.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Change")]
struct ChangeJson {
    /// `["no-op"]`, `["create"]`, `["update"]`, `["delete", "create"]` for a replacement, `["delete"]`.
    actions: Vec<ActionJson>,
    /// Its attributes before; `null` where it did not exist.
    before: Option<Map<String, Value>>,
    /// Its attributes after; `null` where it does not exist any more.
    after: Option<Map<String, Value>>,
    /// Attributes that are known only when it is applied.
    after_unknown: Map<String, Value>,
    /// Attributes of `before` that are secret.
    before_sensitive: Map<String, Value>,
    /// Attributes of `after` that are secret.
    after_sensitive: Map<String, Value>,
    /// Paths of the attributes because of which it is replaced.
    replace_paths: Vec<Vec<String>>,
}

/// One action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Action")]
enum ActionJson {
    /// It stays as it is.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is removed.
    Delete,
}

/// What a change does to what runs, from mild to severe.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Impact")]
enum ImpactJson {
    /// Nothing notices that stays.
    None,
    /// The engine inside reads its configuration again.
    Reload,
    /// The engine inside is restarted or goes: everything inside it stops.
    EngineRestart,
    /// The container is made anew: everything inside it stops.
    Replace,
    /// Data is lost.
    DataLoss,
}

pub(super) fn of_change(change: &Change) -> ResourceChange {
    let (mut before, mut after) = (Side::default(), Side::default());
    for (name, value) in &change.unchanged {
        before.add(name, Some(value));
        after.add(name, Some(value));
    }
    for field in &change.fields {
        before.add(&field.name, field.before.as_ref());
        after.add(&field.name, field.after.as_ref());
    }
    let actions = match change.action {
        Action::NoOp => vec![ActionJson::NoOp],
        Action::Create => vec![ActionJson::Create],
        Action::Update => vec![ActionJson::Update],
        Action::Replace => vec![ActionJson::Delete, ActionJson::Create],
        Action::Delete => vec![ActionJson::Delete],
    };
    let exists_before = change.action != Action::Create;
    let exists_after = change.action != Action::Delete;
    let forcing = change
        .fields
        .iter()
        .filter(|field| field.forces_replacement);
    let made = actions.contains(&ActionJson::Create);
    let unknown = made.then(|| ("id".to_owned(), Value::Bool(true)));
    ResourceChange {
        address: change.address.to_string(),
        r#type: change.kind.word().to_owned(),
        name: change.object.clone(),
        engine: change.engine.as_text(),
        action_reason: action_reason(change),
        impact: Some(impact(change.impact)),
        change: ChangeJson {
            replace_paths: forcing.map(|field| vec![field.name.clone()]).collect(),
            after_unknown: unknown.into_iter().collect(),
            before: exists_before.then_some(before.values),
            before_sensitive: before.sensitive,
            after: exists_after.then_some(after.values),
            after_sensitive: if exists_after {
                after.sensitive
            } else {
                Map::new()
            },
            actions,
        },
    }
}

pub(super) fn of_drift(drift: &Drift) -> ResourceChange {
    let (mut before, mut after) = (Side::default(), Side::default());
    let stopped = FieldDiff {
        name: "state".to_owned(),
        before: Some(json!("running")),
        after: Some(json!("stopped")),
        forces_replacement: false,
    };
    let stopped = (drift.what == Drifted::Stopped).then_some(&stopped);
    for field in drift.fields.iter().chain(stopped) {
        before.add(&field.name, field.before.as_ref());
        after.add(&field.name, field.after.as_ref());
    }
    let is_gone = drift.what == Drifted::Deleted;
    let action = if is_gone {
        ActionJson::Delete
    } else {
        ActionJson::Update
    };
    ResourceChange {
        address: drift.address.to_string(),
        r#type: drift.kind.word().to_owned(),
        name: drift.object.clone(),
        engine: drift.engine.as_text(),
        action_reason: None,
        impact: None,
        change: ChangeJson {
            actions: vec![action],
            before: Some(before.values),
            after: (!is_gone).then_some(after.values),
            after_unknown: Map::new(),
            before_sensitive: before.sensitive,
            after_sensitive: after.sensitive,
            replace_paths: Vec::new(),
        },
    }
}

/// The attributes of a resource at one time.
#[derive(Default)]
struct Side {
    values: Map<String, Value>,
    sensitive: Map<String, Value>,
}

impl Side {
    fn add(&mut self, name: &str, value: Option<&Value>) {
        let Some(value) = value else { return };
        if is_sensitive(value) {
            self.values.insert(name.to_owned(), Value::Null);
            self.sensitive.insert(name.to_owned(), Value::Bool(true));
        } else {
            self.values.insert(name.to_owned(), value.clone());
        }
    }
}

/// Why, in Terraform's words where it has one.
fn action_reason(change: &Change) -> Option<String> {
    let word = match (&change.reason, change.action) {
        (Some(Reason::NotDeclared), _) => "delete_because_no_resource_config",
        (Some(Reason::Destroyed), _) => "delete_because_destroyed",
        (Some(Reason::ImageUpdated), _) => "replace_because_image_updated",
        (Some(Reason::LimitRemoved), _) => "replace_because_limit_removed",
        (Some(Reason::ReplacementRequested), _) => "replace_by_request",
        (Some(Reason::VolumeReplaced(_)), _) => "replace_by_triggers",
        (Some(Reason::NetworkReplaced(_)), _) => "update_by_triggers",
        (Some(Reason::OlderEngine), _) => "replace_because_older_engine",
        (Some(Reason::NeighbourReplaced(_)), _) => "replace_because_neighbour_replaced",
        (Some(Reason::NeighbourRestarted(_)), _) => "update_because_neighbour_restarted",
        (Some(Reason::NotWell), _) => "update_because_not_well",
        (Some(Reason::Unhealthy), _) => "update_because_unhealthy",
        (Some(Reason::OtherMode), _) => "replace_because_other_mode",
        (Some(Reason::Dead), _) => "replace_because_tainted",
        (Some(Reason::SourceChanged), _) => "update_because_source_changed",
        (Some(Reason::Moved), _) => "update_because_moved",
        (Some(Reason::Overwritten), _) => "update_because_overwritten",
        (Some(Reason::NotBuiltSo), _) => "update_because_not_built_so",
        (Some(Reason::NameTaken), _) => "update_because_name_taken",
        (Some(Reason::NotRunning), _) => "update_because_not_running",
        (Some(Reason::NotReady(_)), _) => "update_because_not_ready",
        (Some(Reason::Unused), _) => "delete_because_unused",
        (Some(Reason::LeftBehind(_)), _) => "delete_because_left_behind",
        (Some(Reason::SeedGone), _) => "delete_because_seed_gone",
        (None, Action::Replace) => "replace_because_cannot_update",
        (None, _) => return None,
    };
    Some(word.to_owned())
}

fn impact(impact: Impact) -> ImpactJson {
    match impact {
        Impact::None => ImpactJson::None,
        Impact::Reload => ImpactJson::Reload,
        Impact::EngineRestart => ImpactJson::EngineRestart,
        Impact::Replace => ImpactJson::Replace,
        Impact::DataLoss => ImpactJson::DataLoss,
    }
}
