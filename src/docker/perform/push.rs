//! Images that an engine pushes to registries, and whether those have them.
//!
//! An engine pushes an image by the name that it has in the registry, so that it has to have that name meanwhile. What the
//! name stood for before is kept under another name of nest's own until it is put back: a push that is killed leaves both,
//! and the next one knows by the second what the first is.

use bollard::query_parameters::{
    PushImageOptionsBuilder, RemoveImageOptions, TagImageOptionsBuilder,
};
use futures_util::TryStreamExt as _;

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::docker::perform::image::{credentials, find};
use crate::docker::perform::storage::unless_gone;
use crate::docker::podman;
use crate::engine::{EngineError, Progress};
use crate::model::image::ImageReference;
use crate::model::registry::Registry;
use crate::resource::digest::Digest;
use crate::resource::login::RegistryLogin;
use crate::resource::push::{PushPlace, PushRegistry};

/// How the name begins of what a push found under the name that it takes.
const FOUND: &str = "localhost/nest-push/found";
/// How that name begins where it found nothing: it is then one of the pushed image itself.
const FOUND_NOTHING: &str = "localhost/nest-push/nothing";
/// How many digits of its digest stand for a name.
const KEY_LENGTH: usize = 12;

/// Pushes an image. The name that it has in the registry is the engine's only meanwhile, unless it had that before.
pub(crate) async fn push(
    docker: &Docker,
    client: &Client,
    reference: &ImageReference,
    (place, login): (&PushPlace, Option<&RegistryLogin>),
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let phrase = format!("push image `{reference}` to {}", place.registry);
    let attempt = client.attempt(&phrase);
    let Some(host) = host(docker, client, &place.registry).await? else {
        return Err(attempt.without_effect("the registry's port is not published"));
    };
    let name = format!("{host}/{}", place.repository);
    let borrowed = Borrowed::take(client, attempt, reference, (&name, &place.tag)).await?;
    let pushed = send(client, attempt, (&name, &place.tag), login, report).await;
    borrowed.give_back(client, attempt).await?;
    pushed?;
    // An engine that does not keep images as they came packs them anew.
    if let Some(wanted) = reference.digest()
        && let Ok(Some(found)) = digest(client, &borrowed.full(), login).await
        && wanted != found
    {
        report(Progress::Warning(format!(
            "{} has `{reference}` by another digest, since the engine packs what it pushes anew: `{found}`",
            place.registry
        )));
    }
    Ok(())
}

/// A name that an image has only while it is pushed.
struct Borrowed<'p> {
    name: (&'p str, &'p str),
    /// The id of what had the name before.
    found: Option<String>,
    /// The tag of nest's own names that go with this one.
    key: String,
}

impl<'p> Borrowed<'p> {
    /// Gives an image this name, and keeps what had it. What a push that was killed left is not taken for somebody's.
    async fn take(
        client: &Client,
        attempt: Attempt<'_>,
        reference: &ImageReference,
        name: (&'p str, &'p str),
    ) -> Result<Self, EngineError> {
        let full = format!("{}:{}", name.0, name.1);
        let digest = Digest::of_bytes(full.as_bytes());
        let digits = digest.as_str().trim_start_matches("sha256:");
        let key: String = digits.chars().take(KEY_LENGTH).collect();
        let id = async |name: String| {
            let found = find(client, name, attempt).await?;
            Ok::<_, EngineError>(found.map(|image| image.id))
        };
        let mut found = id(format!("{FOUND}:{key}")).await?;
        if found.is_none() {
            let left = id(format!("{FOUND_NOTHING}:{key}")).await?;
            found = id(full).await?.filter(|found| left.as_ref() != Some(found));
        }
        let (kept, of) = match &found {
            Some(found) => (FOUND, found.as_str()),
            None => (FOUND_NOTHING, reference.as_str()),
        };
        tag(client, attempt, of, (kept, &key)).await?;
        let borrowed = Self { name, found, key };
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
        for kept in [FOUND, FOUND_NOTHING] {
            untag(client, attempt, &format!("{kept}:{}", self.key)).await?;
        }
        Ok(())
    }
}

/// Whether a registry has an image of a name; none where it cannot be asked.
pub(crate) async fn has(docker: &Docker, client: &Client, place: &PushPlace) -> Option<bool> {
    let host = host(docker, client, &place.registry).await.ok()??;
    let name = format!("{host}/{}:{}", place.repository, place.tag);
    let found = digest(client, &name, place.login.as_ref()).await;
    found.ok().map(|found| found.is_some())
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
    let removed = client
        .bollard
        .remove_image(name, None::<RemoveImageOptions>, None)
        .await;
    unless_gone(removed.map(drop).map_err(|error| attempt.failed(error)))
}
