//! The engine that the user has already: used as it is, with the official images.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::api::Api;
use crate::digest;
use crate::images;
use crate::output::talk;

/// The user's engine, if it can do what the tests need: the endpoint as `DOCKER_HOST` takes it.
///
/// One that cannot is named together with the reason, and then counts as none.
pub(crate) async fn find() -> Option<String> {
    let (host, origin) = endpoint()?;
    match is_fit(&host).await {
        Ok(()) => Some(host),
        Err(error) => {
            talk(format_args!("not using {origin}: {error:#}"));
            None
        }
    }
}

/// Where the docker CLI would connect to, and how that came about.
fn endpoint() -> Option<(String, String)> {
    const SOCKET: &str = "/var/run/docker.sock";
    if let Some(host) = variable("DOCKER_HOST") {
        return Some((host, "`DOCKER_HOST`".to_owned()));
    }
    if let Some((name, host)) = context() {
        return Some((host, format!("the docker context `{name}`")));
    }
    fs::exists(SOCKET)
        .unwrap_or(false)
        .then(|| (format!("unix://{SOCKET}"), format!("`{SOCKET}`")))
}

/// The docker context in use and its endpoint; none for the context `default`.
fn context() -> Option<(String, String)> {
    let folder = variable("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".docker")))?;
    let name = variable("DOCKER_CONTEXT").or_else(|| {
        let config = read_json(folder.join("config.json"))?;
        Some(config["currentContext"].as_str()?.to_owned())
    })?;
    let hash = digest::of_bytes(name.as_bytes());
    let meta = read_json(folder.join("contexts/meta").join(hash).join("meta.json"))?;
    let host = meta["Endpoints"]["docker"]["Host"].as_str()?.to_owned();
    Some((name, host))
}

async fn is_fit(host: &str) -> Result<()> {
    let api = Api::connect(host).await?;
    let present = api.images().await?;
    for name in images::NAMES {
        if !present.iter().any(|it| it == name) {
            talk(format_args!("pulling `{name}`"));
            api.pull(name).await?;
        }
    }
    api.run_privileged("busybox:1.36")
        .await
        .context("it does not run privileged containers")
}

fn read_json(path: PathBuf) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
