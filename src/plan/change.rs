//! Changes: what the user reads of a plan.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::resource::engine_path::EnginePath;
use crate::resource::{Address, Kind};

/// What becomes of one resource, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The resource.
    pub address: Address,
    /// What sort of thing it is.
    pub kind: Kind,
    /// The real name of the object on its engine.
    pub object: String,
    /// The engine that holds it.
    pub engine: EnginePath,
    /// What becomes of it.
    pub action: Action,
    /// Why, where the fields do not tell.
    pub reason: Option<Reason>,
    /// What differs.
    pub fields: Vec<FieldDiff>,
    /// The attributes that stay as they are; of what is removed, those that it had.
    pub unchanged: IndexMap<String, Value>,
    /// What the change does to what runs.
    pub impact: Impact,
}

/// What becomes of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is as declared.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is removed and made again.
    Replace,
    /// It is removed.
    Delete,
}

/// Why a resource changes, where what differs does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The file no longer declares it.
    NotDeclared,
    /// The whole project is taken down.
    Destroyed,
    /// The container's image reference resolves to another image now.
    ImageUpdated,
    /// The image that an inner image follows has changed.
    SourceChanged,
    /// Somebody gave the name to another image.
    Moved,
    /// A network that it is on is made anew.
    NetworkReplaced(String),
    /// The registry has something else under the image's name than was pushed.
    Overwritten,
    /// The image was not built from what the file says.
    NotBuiltSo,
    /// An image that nest did not name so has the name, and loses it.
    NameTaken,
    /// The container does not run.
    NotRunning,
    /// The container runs and the engine inside does not answer, for this reason.
    NotReady(String),
    /// A limit is no longer declared, and only a replacement lifts it.
    LimitRemoved,
    /// The container is half removed.
    Dead,
    /// Its replacement was asked for.
    ReplacementRequested,
    /// This volume, which the container uses, is replaced.
    VolumeReplaced(String),
    /// The engine would be older than the one that wrote its data.
    OlderEngine,
    /// This container, whose namespaces it shares, is made anew.
    NeighbourReplaced(String),
    /// This container, with which it is started again, is started again or has been.
    NeighbourRestarted(String),
    /// The container runs and has not stayed up, or is not healthy.
    NotWell,
    /// The check of its health fails.
    Unhealthy,
    /// The data was written by an engine of another mode, which keeps it in another way.
    OtherMode,
    /// Nobody uses it.
    Unused,
    /// A run of this project left it.
    LeftBehind(String),
    /// It is the mark of a seed that is gone.
    SeedGone,
}

impl Change {
    /// Whether the object goes, be it to be made anew.
    pub fn removes(&self) -> bool {
        matches!(self.action, Action::Replace | Action::Delete)
    }
}

impl Reason {
    /// The reason as words that can stand in parentheses.
    pub fn phrase(&self) -> String {
        let phrase = match self {
            Reason::NotDeclared => "no longer declared",
            Reason::Destroyed => "the project is taken down",
            Reason::ImageUpdated => "its image name stands for another image now",
            Reason::SourceChanged => "the image that it follows has changed",
            Reason::Moved => "somebody gave its name to another image",
            Reason::Overwritten => "somebody else pushed another image by its name",
            Reason::NotBuiltSo => "it was not built from what the file says",
            Reason::NameTaken => "an image that nest did not name so has the name, and loses it",
            Reason::NotRunning => "it does not run",
            Reason::NotReady(reason) => return format!("its engine does not answer: {reason}"),
            Reason::LimitRemoved => "a limit is no longer declared",
            Reason::Dead => "it is half removed",
            Reason::ReplacementRequested => "replacement was requested",
            Reason::NetworkReplaced(network) => {
                return format!("its network `{network}` is made anew");
            }
            Reason::VolumeReplaced(volume) => {
                return format!("its volume `{volume}` is replaced");
            }
            Reason::NeighbourReplaced(name) => {
                return format!("`{name}`, whose namespaces it shares, is made anew");
            }
            Reason::NeighbourRestarted(name) => {
                return format!("it is started again with `{name}`");
            }
            Reason::NotWell => "it ends and is started again, over and over",
            Reason::OlderEngine => "its engine would be older than the one that wrote its data",
            Reason::Unhealthy => "the check of its health fails",
            Reason::OtherMode => "an engine of another mode wrote its data",
            Reason::Unused => "nobody uses it",
            Reason::LeftBehind(project) => {
                return format!("a run for project `{project}` ended early and left it");
            }
            Reason::SeedGone => "the seed that it marks is gone",
        };
        phrase.to_owned()
    }
}

/// One attribute that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldDiff {
    /// The attribute.
    pub name: String,
    /// What it was, or none where it was not declared.
    pub before: Option<Value>,
    /// What it becomes, or none where it is no longer declared.
    pub after: Option<Value>,
    /// Whether this attribute is why the resource is replaced.
    pub forces_replacement: bool,
}

/// What a change does to what runs, from mild to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
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
