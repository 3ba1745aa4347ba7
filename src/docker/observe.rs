//! Observation: the outer engine and all engines of the project inside it, read in one go.
//!
//! Inner engines are read side by side, each over one connection. It runs before every plan, so every request counts.

mod foreign;
mod image;
pub(super) mod volume;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::timeout;

use crate::docker::Docker;
use crate::docker::answer::{
    ContainerInspected, ContainerListed, NetworkListed, Strings, VolumesListed,
};
use crate::docker::client::Client;
use crate::docker::convert::{self, Spoken};
use crate::docker::daemon_file;
use crate::docker::error::with_sources;
use crate::docker::inner::{ContainerRun, InnerEngine};
use crate::docker::log::log_says;
use crate::docker::observe::foreign::ForeignUsers;
use crate::docker::observe::image::{read_image, read_published, references};
use crate::docker::observe::volume::{record, seeds, without_lock};
use crate::docker::perform::push::{found, left};
use crate::docker::podman;
use crate::engine::EngineError;
use crate::mode::log_level::{self, LOG_LEVEL};
use crate::observed::{
    ContainerState, EngineIdentity, EngineMake, ObservedContainer, ObservedDaemonFile,
    ObservedEngine, ObservedInner, ObservedNetwork, Question,
};
use crate::resource::label::{self, Owner, owner};
use crate::resource::push::LeftPush;
use crate::resource::record::Record;

/// How long an inner engine with all inside it may take to be read before it counts as silent.
const INNER_TIMEOUT: Duration = Duration::from_secs(30);
/// What an engine is doing in all of this.
const PHRASE: &str = "list what it holds";

/// An observation of an engine and of those in it.
type Observation<'a> = Pin<Box<dyn Future<Output = Result<ObservedEngine, EngineError>> + 'a>>;

/// Reads an engine and the engines in it.
pub(crate) fn observe<'a>(
    docker: &'a Docker,
    client: &'a Client,
    question: &'a Question,
) -> Observation<'a> {
    Box::pin(async move {
        // Who an engine is takes longer than all it holds.
        let holding = read_all(docker, client, question);
        let (identity, observed) = tokio::try_join!(read_identity(client), holding)?;
        Ok(ObservedEngine {
            identity,
            ..observed
        })
    })
}

/// Reads all that an engine holds; its identity is left to the caller.
fn read_all<'a>(docker: &'a Docker, client: &'a Client, question: &'a Question) -> Observation<'a> {
    Box::pin(async move {
        let (listed, volumes, networks) = tokio::try_join!(
            read_containers(client),
            client.get::<VolumesListed>("/volumes", PHRASE),
            client.get::<Vec<NetworkListed>>("/networks", PHRASE),
        )?;
        let running = listed
            .iter()
            .filter(|one| one.state.as_deref() == Some("running"));
        let running_containers = running.count() as u64;
        let users = ForeignUsers::of(&listed, question);
        let volumes = volumes
            .and_then(|answer| answer.volumes)
            .unwrap_or_default();
        let seeds = seeds(&listed, &volumes);
        let names = |one: &ContainerListed| one.name().to_owned();
        let (own, foreign_containers) = divide(listed, question, |one| &one.labels, names);
        let (own_volumes, foreign_volumes) =
            divide(volumes, question, |one| &one.labels, |one| one.name.clone());
        let volumes = without_lock(own_volumes);
        let networks = networks.unwrap_or_default();
        let network_ids = networks.iter().map(|one| one.id.clone()).collect();
        let (own_networks, foreign_networks) = divide(
            networks,
            question,
            |one| &one.labels,
            |one| one.name.clone(),
        );
        let networks = own_networks
            .into_iter()
            .map(|(name, one)| {
                let labels = one.labels.unwrap_or_default();
                (name, ObservedNetwork { id: one.id, labels })
            })
            .collect();

        let record = record(question, &volumes);
        let references = references(question, &record);
        let reader = ContainerReader {
            docker,
            client,
            question,
            record: &record,
            network_ids: &network_ids,
        };
        let own = own.into_iter().map(|(name, one)| reader.read(name, one));
        let images = references
            .iter()
            .map(|reference| read_image(client, reference, question.platforms.get(reference)));
        let pushed = question.pushes.iter().map(async |(address, place)| {
            let found = Box::pin(found(docker, client, place)).await?;
            Some((address.clone(), found))
        });
        let published = question.published.iter();
        let published = published.map(|reference| read_published(client, reference));
        let (containers, images, pushed, published, left_pushes) = tokio::join!(
            join_all(own),
            join_all(images),
            join_all(pushed),
            join_all(published),
            left_pushes(client, question, &record)
        );
        let mut observed = ObservedEngine {
            identity: EngineIdentity::default(),
            containers: BTreeMap::new(),
            volumes,
            networks,
            images: BTreeMap::new(),
            pushed: pushed.into_iter().flatten().collect(),
            published: published.into_iter().flatten().collect(),
            left_pushes: left_pushes?,
            foreign_containers,
            foreign_volumes,
            foreign_networks,
            foreign_volume_users: users.volumes,
            foreign_network_users: users.networks,
            foreign_image_users: users.images,
            seeds,
            running_containers,
            others: BTreeMap::new(),
        };
        for container in containers {
            observed.containers.extend(container?);
        }
        for (reference, image) in references.into_iter().zip(images) {
            observed
                .images
                .extend(image?.map(|image| (reference, image)));
        }
        Ok(observed)
    })
}

/// What killed pushes left. Whether there may be any the record knows.
async fn left_pushes(
    client: &Client,
    question: &Question,
    record: &Record,
) -> Result<Vec<LeftPush>, EngineError> {
    if record.pushing {
        left(client, &question.project).await
    } else {
        Ok(Vec::new())
    }
}

/// Divides what an engine lists into what carries the project's label, and the names of the rest.
fn divide<T>(
    listed: Vec<T>,
    question: &Question,
    labels: impl Fn(&T) -> &Option<Strings>,
    name: impl Fn(&T) -> String,
) -> (BTreeMap<String, T>, BTreeSet<String>) {
    let mut own = BTreeMap::new();
    let mut foreign = BTreeSet::new();
    for one in listed {
        let project = labels(&one)
            .as_ref()
            .and_then(|labels| labels.get(label::PROJECT));
        if project.is_some_and(|project| project == question.project.as_str()) {
            own.insert(name(&one), one);
        } else {
            foreign.insert(name(&one));
        }
    }
    (own, foreign)
}

async fn read_containers(client: &Client) -> Result<Vec<ContainerListed>, EngineError> {
    let containers = client.transport.containers().await;
    containers.map_err(|error| client.attempt(PHRASE).unanswered(error))
}

/// Which engine this is. An engine takes long to say who it is, since it starts programs to find out their versions: of
/// an inner one what it tells by the way will do.
async fn read_identity(client: &Client) -> Result<EngineIdentity, EngineError> {
    let unanswered = |error| client.attempt(PHRASE).unanswered(error);
    if client.path.containers().is_empty() {
        let info = client.transport.info().await;
        return info.map(|info| info.identity).map_err(unanswered);
    }
    let greeting = client.transport.greeting().await;
    greeting
        .map(|greeting| greeting.identity())
        .map_err(unanswered)
}

/// Reads the containers of one engine.
struct ContainerReader<'a> {
    docker: &'a Docker,
    client: &'a Client,
    question: &'a Question,
    record: &'a Record,
    network_ids: &'a BTreeSet<String>,
}

impl ContainerReader<'_> {
    /// Reads a container; none where it has gone since it was listed.
    async fn read(
        &self,
        name: String,
        listed: ContainerListed,
    ) -> Result<Option<(String, ObservedContainer)>, EngineError> {
        let path = format!("/containers/{}/json", listed.id);
        let Some(inspected) = self.client.get::<ContainerInspected>(&path, PHRASE).await? else {
            return Ok(None);
        };
        let speaks_since = inspected.state.speaks_since();
        let run = inspected.run();
        let spoken = self.client.transport.greeting().await;
        let spoken = spoken.map_err(|error| self.client.attempt(PHRASE).unanswered(error))?;
        let spoken = Spoken {
            version: spoken.spoken,
            make: spoken.make,
        };
        let mut container = convert::container(inspected, spoken, self.network_ids);
        if spoken.make == EngineMake::Podman {
            let applied = self.record.containers.get(&name);
            podman::keep_given_addresses(&mut container.live, applied.map(|it| &it.live));
        }
        let (engine, daemon_file) = tokio::join!(
            self.read_inner(&name, &container, (run.clone(), speaks_since)),
            self.read_daemon_file(&name, &container, run),
        );
        container.engine = engine;
        container.daemon_file = daemon_file;
        Ok(Some((name, container)))
    }

    /// Reads the configuration file of the engine in a container that runs, if nest wrote one, or may have: where there
    /// is no record.
    async fn read_daemon_file(
        &self,
        name: &str,
        container: &ObservedContainer,
        run: ContainerRun,
    ) -> ObservedDaemonFile {
        let written = self.record.containers.get(name);
        let is_written = written.is_none_or(|written| !written.daemon.is_empty());
        if !is_written || container.state != ContainerState::Running {
            return ObservedDaemonFile::Unread;
        }
        let Some(engine) = InnerEngine::of(&container.labels) else {
            return ObservedDaemonFile::Unread;
        };
        let inside = self.docker.enter(self.client, name, run, &engine);
        let (Some(path), Ok(inside)) = (engine.own.written_file(), inside) else {
            return ObservedDaemonFile::Unread;
        };
        let read = daemon_file::read(self.client, &inside, &container.id, path);
        let read = timeout(INNER_TIMEOUT, read).await;
        read.unwrap_or(ObservedDaemonFile::Unread)
    }

    async fn read_inner(
        &self,
        name: &str,
        container: &ObservedContainer,
        (run, speaks_since): (ContainerRun, Option<SystemTime>),
    ) -> ObservedInner {
        let project = self.question.project.as_str();
        let is_ours = owner(&container.labels, project, name) != Owner::Someone;
        let Some(engine) = InnerEngine::of(&container.labels).filter(|_| is_ours) else {
            return ObservedInner::None;
        };
        match container.state {
            ContainerState::Created | ContainerState::Exited(_) | ContainerState::Dead => {
                return ObservedInner::Asleep;
            }
            ContainerState::Paused => return silent("its container is paused"),
            ContainerState::Restarting => {
                return silent("its container ends and is restarted, again and again");
            }
            ContainerState::Running => {}
        }
        let reading = async {
            let client = self.docker.enter(self.client, name, run, &engine)?;
            // A way that is open has been in there already.
            if !client.transport.is_connected()
                && client.transport.needs_tunnel()
                && self
                    .is_starting((name, &engine), container, speaks_since)
                    .await?
            {
                return Ok(silent(
                    "it is still starting: its container's log does not say yet that it listens",
                ));
            }
            let question = self.question.inside(name);
            let inner = observe(self.docker, &client, &question).await?;
            Ok::<_, EngineError>(ObservedInner::Awake(Box::new(inner)))
        };
        match timeout(INNER_TIMEOUT, reading).await {
            Ok(Ok(inner)) => inner,
            Ok(Err(error)) => ObservedInner::Silent(with_sources(&error)),
            Err(_) => silent(&format!(
                "it was not read within {}s",
                INNER_TIMEOUT.as_secs()
            )),
        }
    }

    /// Whether the engine must not be entered yet: a command that is started beside an engine that starts can kill it,
    /// so a young container must first say in its log that its engine listens.
    async fn is_starting(
        &self,
        (name, engine): (&str, &InnerEngine),
        container: &ObservedContainer,
        speaks_since: Option<SystemTime>,
    ) -> Result<bool, EngineError> {
        let (Some(log_line), Some(started_at)) = (engine.log_line, container.started_at) else {
            return Ok(false);
        };
        if self.is_quiet(name) {
            return Ok(false);
        }
        let info = self.client.transport.info().await;
        let info = info.map_err(|error| self.client.attempt(PHRASE).unanswered(error))?;
        let age = info.now().duration_since(started_at).unwrap_or_default();
        if age > engine.own.ready_timeout {
            return Ok(false);
        }
        let listens = log_says(self.client, &container.id, speaks_since, log_line).await?;
        Ok(!listens)
    }

    /// Whether the engine in a container was configured to say less than that it listens.
    fn is_quiet(&self, name: &str) -> bool {
        let applied = self.record.containers.get(name);
        let level = applied.and_then(|applied| applied.daemon.get(LOG_LEVEL));
        log_level::is_quiet([], level.and_then(Value::as_str))
    }
}

fn silent(reason: &str) -> ObservedInner {
    ObservedInner::Silent(reason.to_owned())
}
