//! Steps: what runs. One operation is one call of an engine's API; the few that are more have names of their own.

mod waits;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::desired::DesiredInner;
use crate::desired::daemon::REGISTRY_LISTS;
use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
pub(crate) use crate::plan::step::waits::waits_for;
use crate::resource::build::ImageBuild;
use crate::resource::container::file::ContainerFile;
use crate::resource::container::{
    ContainerRef, ContainerSpec, DaemonCheck, DaemonSettings, Endpoint, RestartPolicy,
};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::login::RegistryLogin;
use crate::resource::push::{LeftPush, PushPlace};
use crate::resource::storage::{NetworkSpec, VolumeSpec};
use crate::resource::{Address, Kind};

/// One thing to do, and what must be done before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The resources that it is done for; none for nest's own bookkeeping.
    pub addresses: Vec<Address>,
    /// The engine that does it.
    pub engine: EnginePath,
    /// What is done.
    pub operation: Operation,
    /// Indexes of the steps that must have been done before.
    pub after: Vec<usize>,
    /// Indexes of the steps that must have ended before, well or not: what they bring is not required.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_end: Vec<usize>,
}

impl Step {
    /// The steps that it waits for in one way or the other.
    pub fn waits_for(&self) -> impl Iterator<Item = usize> {
        self.after.iter().chain(&self.after_end).copied()
    }

    /// The container that it waits for to be ready, healthy or done, if that is what it does. To make and to copy seeds is
    /// nest's own work.
    pub fn awaited(&self) -> Option<&ContainerRef> {
        let (Operation::WaitForEngine { container, .. }
        | Operation::WaitForContainer { container, .. }
        | Operation::WaitForService { container, .. }) = &self.operation
        else {
            return None;
        };
        let mut addresses = self.addresses.iter();
        let is_own_work = addresses.all(|address| address.last_segment_is(Kind::Volume));
        (!is_own_work).then_some(container)
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Makes a network.
    CreateNetwork(NetworkSpec),
    /// Removes a network. One that is gone is no error.
    RemoveNetwork {
        /// The network's name.
        name: String,
        /// Its id.
        id: String,
    },
    /// Makes a volume. One that exists is an error unless its labels are the same.
    CreateVolume(VolumeSpec),
    /// Removes a volume. One that is gone is no error.
    RemoveVolume {
        /// The volume's name.
        name: String,
    },
    /// Makes the mark of a seed, which then counts. Where another run's seed has the mark already, this one goes.
    KeepSeed {
        /// The volume that holds the seed.
        seed: String,
        /// The mark.
        mark: VolumeSpec,
    },
    /// Pulls an image through the engine's registries.
    PullImage {
        /// The image.
        reference: ImageReference,
        /// What its programs are to run on, where that is not the engine's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        platform: Option<String>,
        /// What logs in to its registry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        login: Option<RegistryLogin>,
    },
    /// Push: gives an image the name that it has in a registry, pushes it, and takes the name back. That the
    /// registry has it by another digest than the image's own name says is a warning.
    PushImage {
        /// Whose push it is.
        project: ProjectName,
        /// The image.
        reference: ImageReference,
        /// Where it is pushed to.
        place: PushPlace,
        /// What logs in there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        login: Option<RegistryLogin>,
    },
    /// Ends a push that was killed: gives back the name that it took.
    EndPush(LeftPush),
    /// Builds an image, with what nest reads of a folder or what the engine fetches.
    BuildImage(Box<ImageBuild>),
    /// Removes an image that has lost its last name. One that is gone, has a name after all or is used is left, and is no
    /// error.
    RemoveUnnamedImage {
        /// The image's id.
        id: String,
    },
    /// Gives an image another name, whatever has that.
    NameImage {
        /// The image.
        reference: ImageReference,
        /// The name.
        name: ImageReference,
    },
    /// Untags an image, which removes it when nothing else holds it. An image that is gone is no error.
    RemoveImage {
        /// The image.
        reference: ImageReference,
    },
    /// Transfer: streams images from another engine's store into this one's, all in one archive, and verifies them.
    TransferImages {
        /// The engine that has the images.
        from: EnginePath,
        /// The images.
        references: Vec<ImageReference>,
        /// How many engines get the same from there, this one included: the archive is made once for all.
        #[serde(default = "one")]
        engines: usize,
    },
    /// Transfer: streams an image of an archive into the engine's store, under the wanted name alone, and verifies that it is there.
    LoadArchive {
        /// The archive.
        path: PathBuf,
        /// The name that the image should have.
        reference: ImageReference,
        /// What the image contains.
        content: Digest,
    },
    /// Makes a container without starting it.
    CreateContainer(Box<ContainerSpec>),
    /// Writes the engine's configuration file into a container, which may not have been started yet.
    WriteDaemonFile {
        /// The container.
        container: ContainerRef,
        /// Path of the file.
        path: String,
        /// The user that the engine runs as, by number: only that one may read the file.
        #[serde(default)]
        owner: u32,
        /// What the file says.
        settings: DaemonSettings,
    },
    /// Asks the program of an engine that runs whether an engine starts with what its configuration file is to say.
    CheckDaemonFile(Box<DaemonCheck>),
    /// Writes files into a container, which may not have been started yet.
    WriteFiles {
        /// The container.
        container: ContainerRef,
        /// The files, by their absolute paths.
        files: BTreeMap<String, ContainerFile>,
    },
    /// Starts a container. One that runs is no error.
    StartContainer {
        /// The container.
        container: ContainerRef,
    },
    /// Stops a container. One that does not run is no error.
    StopContainer {
        /// The container.
        container: ContainerRef,
    },
    /// Removes a container that does not run. One that is gone is no error.
    RemoveContainer {
        /// The container.
        container: ContainerRef,
        /// Whether its anonymous volumes go too.
        anonymous_volumes: bool,
    },
    /// Changes limits and restart policy in place.
    UpdateContainer {
        /// The container.
        container: ContainerRef,
        /// What changes.
        update: ContainerUpdate,
    },
    /// Connects a container to a network.
    ConnectNetwork {
        /// The container.
        container: ContainerRef,
        /// The network's name.
        network: String,
        /// The names that the container answers to there.
        aliases: Vec<String>,
        /// What it is told of its place there besides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        endpoint: Option<Endpoint>,
    },
    /// Disconnects a container from a network.
    DisconnectNetwork {
        /// The container.
        container: ContainerRef,
        /// The network's name.
        network: String,
    },
    /// Reload: signals the engine in a container to read its configuration file again and confirms it by `/info`.
    ReloadEngine {
        /// The container.
        container: ContainerRef,
        /// How the engine inside is recognised.
        readiness: Readiness,
    },
    /// Wait: follows the readiness ladder of the engine in a container up to its last rung.
    WaitForEngine {
        /// The container.
        container: ContainerRef,
        /// How the engine inside is recognised.
        readiness: Readiness,
    },
    /// Wait: until a container says that it is ready, or, where it is not known what it would say, stays up for a moment.
    /// One that ends, or says nothing in time, is a warning, not an error.
    WaitForContainer {
        /// The container.
        container: ContainerRef,
        /// What its log says when it is ready.
        log_line: Option<String>,
        /// The command that it is up with as soon as that runs, since it does not end by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lasting: Option<String>,
    },
    /// Wait: until a service's container is healthy, or has ended well where it is to end, or stays up for a moment.
    WaitForService {
        /// The container.
        container: ContainerRef,
        /// How far it must come.
        until: ServiceWait,
    },
}

/// How far the container of a service must come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceWait {
    /// It runs: it is healthy, or it stays up where nothing tells whether it is.
    Running,
    /// The same; or it has ended well already, having done its work.
    RunningOrDone,
    /// It has ended well.
    Done,
}

/// The limits and the restart policy of a container that change in place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ContainerUpdate {
    /// The new limit of processor time.
    pub nano_cpus: Option<i64>,
    /// The new limit of memory.
    pub memory: Option<i64>,
    /// The new limit of processes; -1 for none.
    pub pids: Option<i64>,
    /// The new restart policy.
    pub restart: Option<RestartPolicy>,
}

fn one() -> usize {
    1
}

/// How to tell that an engine inside a container is ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// How long it may take.
    pub timeout: Duration,
    /// What the container's log says when the engine listens; none for an image that is left alone.
    pub log_line: Option<String>,
    /// Registry settings that `/info` must show, by key of `daemon.json`: `registry-mirrors`, `insecure-registries`.
    pub expected: BTreeMap<String, Value>,
}

impl Readiness {
    /// How a declared engine is recognised.
    pub fn of(inner: &DesiredInner) -> Self {
        let visible = |key: &&str| inner.daemon.contains_key(*key);
        let expected = REGISTRY_LISTS.iter().map(|(key, _)| *key).filter(visible);
        Self {
            timeout: inner.ready_timeout,
            log_line: inner.log_line.clone(),
            expected: expected
                .map(|key| (key.to_owned(), inner.daemon[key].clone()))
                .collect(),
        }
    }
}

impl Operation {
    /// What it waits for, as a phrase that follows “waiting for it”.
    pub(crate) fn awaited(&self) -> &'static str {
        match self {
            Operation::WaitForEngine { .. } => "to have an engine that is ready",
            Operation::WaitForService {
                until: ServiceWait::Done,
                ..
            } => "to do its work",
            _ => "to be up, and healthy where it tells",
        }
    }

    /// What it is called where it is data.
    pub fn word(&self) -> &'static str {
        match self {
            Operation::CreateNetwork(_) => "create_network",
            Operation::RemoveNetwork { .. } => "remove_network",
            Operation::CreateVolume(_) => "create_volume",
            Operation::RemoveVolume { .. } => "remove_volume",
            Operation::KeepSeed { .. } => "keep_seed",
            Operation::PullImage { .. } => "pull_image",
            Operation::PushImage { .. } => "push_image",
            Operation::EndPush(_) => "end_push",
            Operation::BuildImage(_) => "build_image",
            Operation::RemoveUnnamedImage { .. } => "remove_unnamed_image",
            Operation::NameImage { .. } => "name_image",
            Operation::RemoveImage { .. } => "remove_image",
            Operation::TransferImages { .. } => "transfer_images",
            Operation::LoadArchive { .. } => "load_archive",
            Operation::CreateContainer(_) => "create_container",
            Operation::WriteDaemonFile { .. } => "write_daemon_file",
            Operation::CheckDaemonFile(_) => "check_daemon_file",
            Operation::StartContainer { .. } => "start_container",
            Operation::StopContainer { .. } => "stop_container",
            Operation::RemoveContainer { .. } => "remove_container",
            Operation::UpdateContainer { .. } => "update_container",
            Operation::ConnectNetwork { .. } => "connect_network",
            Operation::DisconnectNetwork { .. } => "disconnect_network",
            Operation::ReloadEngine { .. } => "reload_engine",
            Operation::WaitForEngine { .. } => "wait_for_engine",
            Operation::WaitForContainer { .. } => "wait_for_container",
            Operation::WaitForService { .. } => "wait_for_service",
            Operation::WriteFiles { .. } => "write_files",
        }
    }
}
