//! Images that an engine pulls or drops by itself.

use std::collections::BTreeMap;

use bollard::auth::DockerCredentials;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::{
    CreateImageOptionsBuilder, RemoveImageOptions, RemoveImageOptionsBuilder,
    TagImageOptionsBuilder,
};
use futures_util::TryStreamExt as _;

use crate::docker::answer::ImageInspected;
use crate::docker::client::Client;
use crate::docker::convert;
use crate::docker::error::Attempt;
use crate::engine::{EngineError, Progress};
use crate::model::image::ImageReference;
use crate::observed::ObservedImage;
use crate::resource::login::{Account, RegistryLogin};

/// Pulls an image through the engine's registries. What goes wrong comes in the middle of an answer that began well.
pub(crate) async fn pull(
    client: &Client,
    (reference, platform): (&ImageReference, Option<&str>),
    login: Option<&RegistryLogin>,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let phrase = format!("pull image `{reference}`");
    let attempt = client.attempt(&phrase);
    let mut options = CreateImageOptionsBuilder::default().from_image(reference.as_str());
    if let Some(platform) = platform {
        options = options.platform(platform);
    }
    let options = options.build();
    let patient = client.patient();
    let mut answers = patient.create_image(Some(options), None, login.map(credentials));
    let mut moved = Moved::default();
    while let Some(answer) = answers
        .try_next()
        .await
        .map_err(|error| attempt.failed(error))?
    {
        if let Some(bytes) = moved.add(&answer) {
            report(Progress::Bytes(bytes));
        }
    }
    match find(client, reference, attempt).await? {
        Some(_) => Ok(()),
        None => Err(attempt.without_effect("the pull ended well, and the image is not there")),
    }
}

/// What logs in, in the words of the engine's API.
pub(super) fn credentials(login: &RegistryLogin) -> DockerCredentials {
    let server = DockerCredentials {
        serveraddress: Some(login.server.clone()),
        ..DockerCredentials::default()
    };
    match login.account.clone() {
        Account::User { name, password } => DockerCredentials {
            username: Some(name),
            password: Some(password),
            ..server
        },
        Account::Token(token) => DockerCredentials {
            identitytoken: Some(token),
            ..server
        },
    }
}

/// How much of each layer has come.
#[derive(Debug, Default)]
struct Moved(BTreeMap<String, i64>);

impl Moved {
    /// The sum after this answer, where it changes it.
    fn add(&mut self, answer: &CreateImageInfo) -> Option<u64> {
        if answer.status.as_deref() != Some("Downloading") {
            return None;
        }
        let current = answer.progress_detail.as_ref()?.current?;
        self.0.insert(answer.id.clone()?, current);
        u64::try_from(self.0.values().sum::<i64>()).ok()
    }
}

/// Gives an image another name.
pub(crate) async fn name(
    client: &Client,
    reference: &ImageReference,
    name: &ImageReference,
) -> Result<(), EngineError> {
    let phrase = format!("give image `{reference}` the name `{name}`");
    tag(client, client.attempt(&phrase), reference.as_str(), name).await
}

/// Gives an image that is known by any of its names another one.
pub(crate) async fn tag(
    client: &Client,
    attempt: Attempt<'_>,
    image: &str,
    name: &ImageReference,
) -> Result<(), EngineError> {
    let Some((repository, tag)) = name.name_and_tag() else {
        return Err(attempt.without_effect("an image cannot be given a name that is a digest"));
    };
    let options = TagImageOptionsBuilder::default()
        .repo(repository)
        .tag(tag)
        .build();
    let tagged = client.bollard.tag_image(image, Some(options)).await;
    tagged.map_err(|error| attempt.failed(error))
}

/// Takes a name from an image, and the image where it has no other. One that is gone is no error.
pub(crate) async fn remove(client: &Client, reference: &ImageReference) -> Result<(), EngineError> {
    let phrase = format!("remove image `{reference}`");
    let removed = client
        .patient()
        .remove_image(reference.as_str(), Some(alone()), None)
        .await;
    match removed.map_err(|error| client.attempt(&phrase).failed(error)) {
        Ok(_) | Err(EngineError::Refused { status: 404, .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// An image goes alone: one that it was made from and that has no name may be somebody's.
pub(super) fn alone() -> RemoveImageOptions {
    RemoveImageOptionsBuilder::default().noprune(true).build()
}

/// Removes an image that has no name any more and that nothing uses.
pub(crate) async fn remove_unnamed(client: &Client, id: &str) -> Result<(), EngineError> {
    let phrase = format!("remove the old image `{id}`");
    let attempt = client.attempt(&phrase);
    let found: Option<ImageInspected> = client.get(&format!("/images/{id}/json"), &phrase).await?;
    if found.is_none_or(|image| image.repo_tags.is_some_and(|tags| !tags.is_empty())) {
        return Ok(());
    }
    let patient = client.patient();
    let removed = patient.remove_image(id, Some(alone()), None);
    match removed.await.map_err(|error| attempt.failed(error)) {
        // One that a container was made from, or an image upon it, stays as long as that.
        Ok(_)
        | Err(EngineError::Refused {
            status: 404 | 409, ..
        }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Looks an image up by any name that the engine knows it by.
pub(crate) async fn find(
    client: &Client,
    name: impl std::fmt::Display,
    attempt: Attempt<'_>,
) -> Result<Option<ObservedImage>, EngineError> {
    let found: Option<ImageInspected> = client
        .transport
        .get(&format!("/images/{name}/json"))
        .await
        .map_err(|error| attempt.unanswered(error))?;
    Ok(found.map(convert::image))
}
