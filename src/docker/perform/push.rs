//! Images that an engine pushes to registries, and whether those have them.

use std::collections::BTreeMap;

use bollard::query_parameters::{PushImageOptionsBuilder, TagImageOptionsBuilder};
use futures_util::TryStreamExt as _;

use crate::docker::Docker;
use crate::docker::answer::ImageListed;
use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::docker::perform::image::{alone, credentials, find};
use crate::docker::perform::storage::unless_gone;
use crate::docker::podman;
use crate::engine::{EngineError, Progress};
use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
use crate::model::registry::Registry;
use crate::resource::login::RegistryLogin;
use crate::resource::push::{Found, LeftPush, PushPlace, PushRegistry, left_pushes};

/// Pushes an image. The name that it has in the registry is the engine's only meanwhile, unless it had that before.
pub(crate) async fn push(
    docker: &Docker,
    client: &Client,
    (project, reference): (&ProjectName, &ImageReference),
    (place, login): (&PushPlace, Option<&RegistryLogin>),
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let phrase = format!("push image `{reference}` to {}", place.registry);
    let attempt = client.attempt(&phrase);
    let Some(host) = host(docker, client, &place.registry).await? else {
        return Err(attempt.without_effect("the registry's port is not published"));
    };
    let name = format!("{host}/{}", place.repository);
    let image = (project, reference);
    let borrowed = Borrowed::take(client, attempt, image, (&name, &place.tag)).await?;
    let pushed = send(client, attempt, (&name, &place.tag), login, report).await;
    borrowed.give_back(client, attempt).await?;
    pushed?;
    let Ok(Some(found)) = digest(client, &borrowed.full(), login).await else {
        return Ok(());
    };
    // An engine that does not keep images as they came packs them anew.
    if let Some(wanted) = reference.digest()
        && wanted != found
    {
        report(Progress::Warning(format!(
            "{} has `{reference}` by another digest, since the engine packs what it pushes anew: `{found}`",
            place.registry
        )));
    }
    report(Progress::Pushed(found));
    Ok(())
}

/// A name that an image has only while it is pushed.
struct Borrowed<'p> {
    project: &'p ProjectName,
    name: (&'p str, &'p str),
    /// The id of what had the name before.
    found: Option<String>,
}

impl<'p> Borrowed<'p> {
    /// Gives an image this name, and keeps what had it. What a push that was killed left is not taken for somebody's.
    async fn take(
        client: &Client,
        attempt: Attempt<'_>,
        (project, reference): (&'p ProjectName, &ImageReference),
        name: (&'p str, &'p str),
    ) -> Result<Self, EngineError> {
        let mut borrowed = Self {
            project,
            name,
            found: None,
        };
        let id = async |name: String| {
            let found = find(client, name, attempt).await?;
            Ok::<_, EngineError>(found.map(|image| image.id))
        };
        let full = borrowed.full();
        let kept = |found: Found| {
            let (repository, tag) = found.kept_as(project, &full);
            format!("{repository}:{tag}")
        };
        borrowed.found = id(kept(Found::Image)).await?;
        if borrowed.found.is_none() {
            let left = id(kept(Found::Nothing)).await?;
            let found = id(full.clone()).await?;
            borrowed.found = found.filter(|found| left.as_ref() != Some(found));
        }
        let (found, of) = match &borrowed.found {
            Some(found) => (Found::Image, found.as_str()),
            None => (Found::Nothing, reference.as_str()),
        };
        let (repository, key) = found.kept_as(project, &full);
        tag(client, attempt, of, (repository, &key)).await?;
        if let Err(error) = tag(client, attempt, reference.as_str(), name).await {
            borrowed.forget(client, attempt).await?;
            return Err(error);
        }
        Ok(borrowed)
    }

    fn full(&self) -> String {
        format!("{}:{}", self.name.0, self.name.1)
    }

    /// Puts back what had the name.
    async fn give_back(&self, client: &Client, attempt: Attempt<'_>) -> Result<(), EngineError> {
        match &self.found {
            Some(id) => tag(client, attempt, id, self.name).await?,
            None => untag(client, attempt, &self.full()).await?,
        }
        self.forget(client, attempt).await
    }

    /// Removes nest's own names.
    async fn forget(&self, client: &Client, attempt: Attempt<'_>) -> Result<(), EngineError> {
        for found in [Found::Image, Found::Nothing] {
            let (repository, tag) = found.kept_as(self.project, &self.full());
            untag(client, attempt, &format!("{repository}:{tag}")).await?;
        }
        Ok(())
    }
}

/// Gives back the name that a killed push took, and removes nest's own.
pub(super) async fn end(client: &Client, left: &LeftPush) -> Result<(), EngineError> {
    let phrase = format!("end the push that left `{}`", left.kept);
    let attempt = client.attempt(&phrase);
    if let Some(taken) = &left.taken {
        match (left.found, taken.rsplit_once(':')) {
            (Found::Image, Some(name)) => tag(client, attempt, &left.kept, name).await?,
            _ => untag(client, attempt, taken).await?,
        }
    }
    untag(client, attempt, &left.kept).await
}

/// What killed pushes of a project left on an engine.
pub(crate) async fn left(
    client: &Client,
    project: &ProjectName,
) -> Result<Vec<LeftPush>, EngineError> {
    let phrase = "list its images";
    let listed: Option<Vec<ImageListed>> = client.get("/images/json", phrase).await?;
    let mut names = BTreeMap::new();
    for image in listed.unwrap_or_default() {
        for name in image.repo_tags.unwrap_or_default() {
            names.insert(name, image.id.clone());
        }
    }
    Ok(left_pushes(project, &names))
}

/// By which digest a registry has an image of a name, if it has it; none where it cannot be asked.
pub(crate) async fn found(
    docker: &Docker,
    client: &Client,
    place: &PushPlace,
) -> Option<Option<String>> {
    let host = host(docker, client, &place.registry).await.ok()??;
    let name = format!("{host}/{}:{}", place.repository, place.tag);
    digest(client, &name, place.login.as_ref()).await.ok()
}

/// The host by which the engine reaches a registry: one in a container by the port that it publishes there.
async fn host(
    docker: &Docker,
    client: &Client,
    registry: &PushRegistry,
) -> Result<Option<String>, EngineError> {
    match registry {
        PushRegistry::Host(host) => Ok(Some(host.clone())),
        PushRegistry::Container(container) => {
            let ports = docker.published_ports(&client.path, container).await?;
            let mut own = ports.iter();
            let own = own.find(|port| port.port == Registry::CONTAINER_PORT);
            Ok(own.map(|port| format!("127.0.0.1:{}", port.host_port)))
        }
    }
}

/// A registry could not be asked what it has.
struct Unasked;

/// The digest under which a registry has an image, if it has it.
async fn digest(
    client: &Client,
    name: &str,
    login: Option<&RegistryLogin>,
) -> Result<Option<String>, Unasked> {
    if !podman::asks_registries(client) {
        return Err(Unasked);
    }
    let asked = client
        .bollard
        .inspect_registry_image(name, login.map(credentials))
        .await;
    match asked {
        Ok(found) => Ok(found.descriptor.digest),
        // Registries answer differently for a repository and for a tag that they do not have.
        Err(bollard::errors::Error::DockerResponseServerError {
            status_code,
            message,
        }) if status_code == 404
            || message.contains("manifest unknown")
            || message.contains("name unknown") =>
        {
            Ok(None)
        }
        Err(_) => Err(Unasked),
    }
}

async fn send(
    client: &Client,
    attempt: Attempt<'_>,
    (name, tag): (&str, &str),
    login: Option<&RegistryLogin>,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let options = PushImageOptionsBuilder::default().tag(tag).build();
    let patient = client.patient();
    let mut answers = patient.push_image(name, Some(options), login.map(credentials));
    let (mut whole, mut last) = (0, 0);
    while let Some(answer) = answers
        .try_next()
        .await
        .map_err(|error| attempt.failed(error))?
    {
        let current = answer.progress_detail.and_then(|detail| detail.current);
        if let (Some("Pushing"), Some(current)) = (answer.status.as_deref(), current) {
            // Nothing tells which layer it is about: one that has come less far is another.
            if current < last {
                whole += last;
            }
            last = current;
            report(Progress::Bytes(
                u64::try_from(whole + last).unwrap_or_default(),
            ));
        }
    }
    Ok(())
}

async fn tag(
    client: &Client,
    attempt: Attempt<'_>,
    image: &str,
    (name, tag): (&str, &str),
) -> Result<(), EngineError> {
    let options = TagImageOptionsBuilder::default()
        .repo(name)
        .tag(tag)
        .build();
    client
        .bollard
        .tag_image(image, Some(options))
        .await
        .map_err(|error| attempt.failed(error))
}

/// Takes a name away. One that is gone is as good.
async fn untag(client: &Client, attempt: Attempt<'_>, name: &str) -> Result<(), EngineError> {
    let removed = client.bollard.remove_image(name, Some(alone()), None).await;
    unless_gone(removed.map(drop).map_err(|error| attempt.failed(error)))
}
