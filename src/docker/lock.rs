//! The lock of a project on an engine.

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::RemoveVolumeOptions;
use serde::Deserialize;

use crate::docker::answer::Strings;
use crate::docker::client::Client;
use crate::engine::EngineError;
use crate::model::name::ProjectName;
use crate::resource::label::Labels;
use crate::resource::lock::LockHolder;

/// Creates the volume that is the lock, and tells whose the volume is that is there then.
pub(crate) async fn take(
    client: &Client,
    project: &ProjectName,
    holder: &LockHolder,
) -> Result<LockHolder, EngineError> {
    let name = LockHolder::volume_name(project);
    let phrase = format!("take the lock of the project, the volume `{name}`");
    let request = VolumeCreateRequest {
        name: Some(name),
        labels: Some(holder.labels(project).into_iter().collect()),
        ..VolumeCreateRequest::default()
    };
    let volume = client.bollard.create_volume(request).await;
    let volume = volume.map_err(|error| client.attempt(&phrase).failed(error))?;
    let labels: Labels = volume.labels.into_iter().collect();
    LockHolder::of_labels(&labels).ok_or_else(|| {
        client
            .attempt(&phrase)
            .without_effect("a volume of that name exists, made by someone else")
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeInspected {
    labels: Option<Strings>,
}

/// Who has the lock; nobody where there is none.
pub(crate) async fn holder(
    client: &Client,
    project: &ProjectName,
) -> Result<Option<LockHolder>, EngineError> {
    let name = LockHolder::volume_name(project);
    let phrase = format!("look at volume `{name}`");
    let path = format!("/volumes/{name}");
    let volume: Option<VolumeInspected> = client.get(&path, &phrase).await?;
    let labels = volume.and_then(|volume| volume.labels);
    Ok(labels.and_then(|labels| LockHolder::of_labels(&labels)))
}

/// Removes the volume that is the lock.
pub(crate) async fn free(client: &Client, project: &ProjectName) -> Result<(), EngineError> {
    if holder(client, project).await?.is_none() {
        return Ok(());
    }
    let name = LockHolder::volume_name(project);
    let phrase = format!("free the lock of the project, the volume `{name}`");
    client
        .bollard
        .remove_volume(&name, None::<RemoveVolumeOptions>)
        .await
        .map_err(|error| client.attempt(&phrase).failed(error))
}
