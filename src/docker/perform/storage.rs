//! Networks and volumes.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::RemoveVolumeOptions;

use crate::docker::client::Client;
use crate::docker::error::printable;
use crate::docker::perform::adopt::create_or_adopt;
use crate::docker::podman;
use crate::engine::{EngineError, Progress};
use crate::resource::label::{self, Labels};
use crate::resource::storage::{NetworkSettings, NetworkSpec, VolumeSpec};

pub(crate) async fn create_network(
    client: &Client,
    spec: &NetworkSpec,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let phrase = format!("create network `{}`", spec.name);
    let settings = &spec.settings;
    let request = NetworkCreateRequest {
        name: spec.name.clone(),
        driver: Some(settings.driver.clone()).filter(|driver| !driver.is_empty()),
        labels: Some(spec.labels.clone().into_iter().collect()),
        options: given(&settings.driver_opts),
        internal: settings.internal.then_some(true),
        attachable: settings.attachable.then_some(true),
        enable_ipv4: settings.without_ipv4.then_some(false),
        enable_ipv6: settings.ipv6.then_some(true),
        ipam: ipam(settings),
        ..NetworkCreateRequest::default()
    };
    let path = format!("/networks/{}", spec.name);
    let created = create_or_adopt(client, &path, &spec.labels, async || {
        let created = client.bollard.create_network(request.clone()).await;
        created.map_err(|error| client.attempt(&phrase).failed(error))
    });
    match created.await? {
        Some(created) if !created.warning.is_empty() => {
            report(Progress::Warning(printable(&created.warning)));
        }
        Some(_) | None => {}
    }
    Ok(())
}

/// Where the network's addresses come from, where the file says anything of it.
fn ipam(settings: &NetworkSettings) -> Option<Ipam> {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let pools = settings.pools.iter().map(|pool| IpamConfig {
        subnet: text(&pool.subnet),
        ip_range: text(&pool.ip_range),
        gateway: text(&pool.gateway),
        auxiliary_addresses: given(&pool.aux_addresses),
    });
    let ipam = Ipam {
        driver: text(&settings.ipam_driver),
        config: Some(pools.collect::<Vec<_>>()).filter(|pools| !pools.is_empty()),
        options: given(&settings.ipam_options),
    };
    (ipam != Ipam::default()).then_some(ipam)
}

/// Texts by name, where there are any.
fn given(texts: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!texts.is_empty()).then(|| texts.clone().into_iter().collect())
}

pub(crate) async fn remove_network(
    client: &Client,
    name: &str,
    id: &str,
) -> Result<(), EngineError> {
    let phrase = format!("remove network `{name}`");
    if client.is_podman() && podman::users(client, id).await? > 0 {
        return Err(client.attempt(&phrase).refused(403, "containers run on it"));
    }
    let removed = client.bollard.remove_network(id).await;
    unless_gone(removed.map_err(|error| client.attempt(&phrase).failed(error)))
}

/// Makes a volume that nobody else has made.
pub(crate) async fn create_volume(client: &Client, spec: &VolumeSpec) -> Result<(), EngineError> {
    if make_volume(client, spec).await? == spec.labels {
        Ok(())
    } else {
        Err(client
            .attempt(&format!("create volume `{}`", spec.name))
            .without_effect("a volume of that name exists, made by someone else"))
    }
}

/// An engine answers the creation of a volume that exists with the volume that exists: its labels tell.
async fn make_volume(client: &Client, spec: &VolumeSpec) -> Result<Labels, EngineError> {
    let phrase = format!("create volume `{}`", spec.name);
    let driver = &spec.settings.driver;
    let request = VolumeCreateRequest {
        name: Some(spec.name.clone()),
        driver: Some(driver.clone()).filter(|driver| !driver.is_empty()),
        driver_opts: Some(spec.settings.driver_opts.clone().into_iter().collect()),
        labels: Some(spec.labels.clone().into_iter().collect()),
        cluster_volume_spec: None,
    };
    let created = client.bollard.create_volume(request).await;
    let created = created.map_err(|error| client.attempt(&phrase).failed(error))?;
    Ok(created.labels.into_iter().collect())
}

/// Makes the mark of a seed. The seed is superfluous where the mark names another.
pub(crate) async fn keep_seed(
    client: &Client,
    seed: &str,
    mark: &VolumeSpec,
) -> Result<(), EngineError> {
    let labels = make_volume(client, mark).await?;
    if labels
        .get(label::SEED_VOLUME)
        .is_some_and(|kept| kept == seed)
    {
        return Ok(());
    }
    remove_volume(client, seed).await
}

pub(crate) async fn remove_volume(client: &Client, name: &str) -> Result<(), EngineError> {
    let phrase = format!("remove volume `{name}`");
    let removed = client
        .bollard
        .remove_volume(name, None::<RemoveVolumeOptions>)
        .await;
    unless_gone(removed.map_err(|error| client.attempt(&phrase).failed(error)))
}

/// An engine goes on with a request whose sender was killed: what is gone by now was to go.
pub(crate) fn unless_gone(removed: Result<(), EngineError>) -> Result<(), EngineError> {
    match removed {
        Err(EngineError::Refused { status: 404, .. }) => Ok(()),
        other => other,
    }
}
