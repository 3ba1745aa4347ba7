//! Refusals: what the plan will not do, and what would help.

mod device;
mod help;
mod podman;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::name::EngineName;
use crate::model::place::Place;
pub use crate::plan::refusal::device::DeviceRefusal;
pub use crate::plan::refusal::podman::PodmanRefusal;
use crate::resource::Address;
use crate::resource::engine_path::EnginePath;

/// Something that was asked for and cannot be done. A plan with refusals is not applicable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The resource that was asked for.
    pub address: Address,
    /// Why it cannot be done.
    pub cause: RefusalCause,
    /// Where the file asks for it, as far as it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCause {
    /// An object of that name exists and is not the project's.
    NameTaken {
        /// `container`, `volume` or `network`.
        object: String,
        /// The name.
        name: String,
        /// The engine that holds it.
        engine: EnginePath,
    },
    /// A volume or a network that is declared as external does not exist.
    ExternalMissing {
        /// `volume` or `network`.
        object: String,
        /// Its name.
        name: String,
    },
    /// A container cannot be given the files that the file grants it.
    FilesMissing {
        /// Which, and why.
        reasons: Vec<String>,
    },
    /// An image that should come from the outer engine is not there.
    ImageMissing {
        /// The image.
        image: String,
    },
    /// An image is never pulled, is not there, and comes from nowhere else.
    NeverPulled {
        /// The image.
        image: String,
    },
    /// An image is there for another platform than it is to run on.
    OtherPlatform {
        /// The image.
        image: String,
        /// Where it is, and for what.
        there: String,
        /// What it is to run on.
        wanted: String,
    },
    /// An image that should come from an archive cannot be had from it.
    ArchiveUnusable {
        /// Why.
        reason: String,
    },
    /// An image cannot be built, since what the build would be sent cannot be read.
    ContextUnusable {
        /// Why.
        reason: String,
    },
    /// A volume's settings changed, which only a replacement would apply, and its data would be lost.
    VolumeDataLoss {
        /// The volume's name.
        name: String,
        /// The settings that differ.
        settings: Vec<String>,
    },
    /// The object is protected and would be destroyed.
    Protected {
        /// The object's real name.
        name: String,
    },
    /// The object was made from another file, and the project's name is only that of its folder.
    OtherFile {
        /// The object's real name.
        name: String,
        /// The file that made it.
        file: String,
    },
    /// A running container of somebody else has the data root mounted: two engines on it would destroy it.
    DataInUse {
        /// The volume.
        volume: String,
        /// The container.
        container: String,
    },
    /// The engine does not have the runtime that is to run the container.
    RuntimeMissing {
        /// The runtime.
        runtime: String,
        /// The runtimes that the engine has.
        known: BTreeSet<String>,
    },
    /// The engine starts every container with a runtime of its own, as podman does for those who speak Docker's API.
    RuntimeNotUsed {
        /// The runtime that is asked for.
        runtime: String,
    },
    /// The container is paused.
    Paused {
        /// The container's name.
        name: String,
    },
    /// A volume would be replaced that a running container of somebody else has mounted.
    VolumeInUse {
        /// The volume.
        volume: String,
        /// The container.
        container: String,
    },
    /// A network would be removed that a running container of somebody else is on.
    NetworkInUse {
        /// The network.
        network: String,
        /// The container.
        container: String,
    },
    /// The engine would be older than the one that wrote its data.
    OlderEngine {
        /// The version that wrote it.
        wrote: String,
        /// The version that would use it.
        comes: String,
    },
    /// The engine would be of another mode than the one that wrote its data, and keep it in another way.
    OtherMode {
        /// The mode of the engine that wrote it.
        wrote: String,
        /// The mode of the engine that would use it.
        comes: String,
    },
    /// An address names nothing that the file declares or that the project has.
    UnknownAddress {
        /// The option that gave it.
        option: String,
        /// The address that may have been meant.
        nearest: Option<String>,
    },
    /// What is to be taken down is inside an environment, which is taken down whole.
    InsideOfWhole {
        /// The environment.
        environment: Address,
    },
    /// What is to be replaced is no container.
    NotReplaceable {
        /// What it is, such as `a volume`.
        what: String,
    },
    /// The engine has no such driver.
    DriverMissing {
        /// `network` or `volume`.
        object: String,
        /// The driver.
        driver: String,
        /// Those that it has.
        drivers: BTreeSet<String>,
    },
    /// Podman would give a container something else than it is to have.
    Podman(PodmanRefusal),
    /// A device that it is to have cannot be had.
    Device(DeviceRefusal),
    /// Another outer engine cannot be read, and has something of the project or is to have.
    EngineUnread {
        /// Why it cannot.
        reason: String,
    },
    /// Two names stand for one outer engine.
    SameEngine {
        /// The other name; none for the engine that nest connects to.
        other: Option<EngineName>,
    },
    /// Another engine answers by the name of one that the project is on.
    EngineReplaced {
        /// The id of the one that it is on.
        known: String,
        /// The id of the one that answers.
        found: String,
    },
    /// Podman builds without a session, which is asked for secrets and SSH agents.
    NoBuildSession,
}

impl RefusalCause {
    /// The keys that ask for what cannot be done, the likeliest first; none where the thing itself is in the way.
    pub(crate) fn keys(&self) -> &'static [&'static str] {
        match self {
            RefusalCause::RuntimeMissing { .. } | RefusalCause::RuntimeNotUsed { .. } => {
                &["runtime", "mode"]
            }
            RefusalCause::OtherMode { .. } => &["mode"],
            RefusalCause::DriverMissing { .. } => &["driver"],
            RefusalCause::Device(device) => device.keys(),
            RefusalCause::Podman(podman) => podman.keys(),
            RefusalCause::Protected { .. } => &["protect"],
            RefusalCause::ExternalMissing { .. } => &["external"],
            RefusalCause::FilesMissing { .. } => &["secrets"],
            RefusalCause::NoBuildSession => &["build"],
            RefusalCause::NeverPulled { .. } => &["pull_policy", "pull"],
            RefusalCause::OtherPlatform { .. } => &["platform"],
            _ => &[],
        }
    }
}

impl Refusal {
    /// What is wrong, as a sentence without its full stop.
    pub fn message(&self) -> String {
        match &self.cause {
            RefusalCause::NameTaken {
                object,
                name,
                engine,
            } => {
                format!(
                    "a {object} named `{name}` exists on {engine} and was not made by this project"
                )
            }
            RefusalCause::ExternalMissing { object, name } => {
                format!("the external {object} `{name}` does not exist")
            }
            RefusalCause::FilesMissing { reasons } => {
                format!(
                    "what it is to be given cannot be had: {}",
                    reasons.join("; ")
                )
            }
            RefusalCause::ImageMissing { image } => {
                format!("the outer engine has no image `{image}`")
            }
            RefusalCause::NeverPulled { image } => {
                format!("the engine has no image `{image}`, which is never pulled")
            }
            RefusalCause::OtherPlatform { there, wanted, .. } => {
                format!("{there}, and not for {wanted}")
            }
            RefusalCause::ArchiveUnusable { reason } => {
                format!("the image cannot be read from its archive: {reason}")
            }
            RefusalCause::ContextUnusable { reason } => {
                format!("the image cannot be built: {reason}")
            }
            RefusalCause::VolumeDataLoss { name, settings } => format!(
                "the volume `{name}` would have to be replaced to change {}, and its data would be lost",
                settings.join(", ")
            ),
            RefusalCause::Protected { name } => {
                format!("`{name}` is protected and would be destroyed")
            }
            RefusalCause::OtherFile { name, file } => {
                format!("`{name}` was made from `{file}`, and would be removed or replaced")
            }
            RefusalCause::DataInUse { volume, container } => format!(
                "the data volume `{volume}` is in use by the running container `{container}`, which is not this project's"
            ),
            RefusalCause::RuntimeMissing { runtime, known } => {
                format!(
                    "the engine has no runtime `{runtime}`, only {}",
                    list(known)
                )
            }
            RefusalCause::RuntimeNotUsed { runtime } => format!(
                "the engine is podman, which starts every container with its own runtime whichever is asked for: `{runtime}` would not be used"
            ),
            RefusalCause::Podman(podman) => podman.message(),
            RefusalCause::Paused { name } => format!("the container `{name}` is paused"),
            RefusalCause::VolumeInUse { volume, container } => format!(
                "the volume `{volume}` would be removed, and the running container `{container}`, which is not this project's, has it mounted"
            ),
            RefusalCause::NetworkInUse { network, container } => format!(
                "the network `{network}` would be removed, and the running container `{container}`, which is not this project's, is on it"
            ),
            RefusalCause::OlderEngine { wrote, comes } => format!(
                "its engine would be {comes}, which is older than {wrote}, which wrote its data: the data would be lost"
            ),
            RefusalCause::OtherMode { wrote, comes } => format!(
                "an engine of mode `{wrote}` wrote its data, which one of mode `{comes}` cannot use: the data would be lost"
            ),
            RefusalCause::UnknownAddress { option, .. } => {
                format!("`{option}` names nothing that the file declares or that the project has")
            }
            RefusalCause::InsideOfWhole { environment } => {
                format!("it is inside {environment}, which is taken down whole")
            }
            RefusalCause::DriverMissing { object, driver, .. } => {
                format!("the engine has no {object} driver `{driver}`")
            }
            RefusalCause::Device(device) => device.message(),
            RefusalCause::NoBuildSession => {
                "the engine is podman, whose Docker API builds without secrets and SSH agents"
                    .to_owned()
            }
            RefusalCause::EngineUnread { reason } => format!("the engine cannot be read: {reason}"),
            RefusalCause::SameEngine { other: None } => {
                "it is the engine that nest connects to: one engine cannot be two".to_owned()
            }
            RefusalCause::SameEngine { other: Some(other) } => {
                format!("it is the engine `{other}`, too: one engine cannot be two")
            }
            RefusalCause::EngineReplaced { known, found } => format!(
                "another engine answers than the one that the project is on: `{found}`, not `{known}`"
            ),
            RefusalCause::NotReplaceable { what } => {
                format!(
                    "{what} cannot be replaced on request: only the container of an environment, a service or a registry can"
                )
            }
        }
    }
}

/// Names one by one.
fn list(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
