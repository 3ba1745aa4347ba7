//! The few things that xtask asks of an engine.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{
    CreateImageOptions, ImportImageOptions, ListImagesOptions, RemoveContainerOptions,
};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::StreamExt;
use tokio_util::io::ReaderStream;

/// An engine that answered.
pub(crate) struct Api {
    docker: Docker,
}

impl Api {
    /// Connects to `unix://PATH` or `tcp://HOST:PORT` and waits for an answer.
    pub(crate) async fn connect(host: &str) -> Result<Self> {
        const SECONDS: u64 = 600;
        let docker = if host.starts_with("unix://") {
            Docker::connect_with_unix(host, SECONDS, API_DEFAULT_VERSION)
        } else if host.starts_with("tcp://") && std::env::var_os("DOCKER_TLS_VERIFY").is_none() {
            Docker::connect_with_http(host, SECONDS, API_DEFAULT_VERSION)
        } else {
            bail!("xtask speaks to `unix://` and plain `tcp://` endpoints only");
        };
        let docker = docker.with_context(|| format!("cannot connect to `{host}`"))?;
        let ping = tokio::time::timeout(Duration::from_secs(5), docker.ping()).await;
        ping.with_context(|| format!("`{host}` does not answer"))?
            .with_context(|| format!("cannot reach `{host}`"))?;
        Ok(Self { docker })
    }

    /// The version of the engine.
    pub(crate) async fn version(&self) -> Result<String> {
        let version = self.docker.version().await?;
        Ok(format!(
            "{} (API {})",
            version.version.unwrap_or_default(),
            version.api_version.unwrap_or_default()
        ))
    }

    /// The names of its images, sorted.
    pub(crate) async fn images(&self) -> Result<Vec<String>> {
        let images = self
            .docker
            .list_images(None::<ListImagesOptions>)
            .await
            .context("cannot list images")?;
        let mut names: Vec<String> = images
            .into_iter()
            .flat_map(|image| image.repo_tags)
            .collect();
        names.sort();
        Ok(names)
    }

    /// Loads an archive as `docker load` does.
    pub(crate) async fn load(&self, archive: &Path) -> Result<()> {
        let file = tokio::fs::File::open(archive)
            .await
            .with_context(|| format!("cannot open `{}`", archive.display()))?;
        let chunks = ReaderStream::with_capacity(file, 1 << 20);
        let body = bollard::body_try_stream(chunks);
        let options = ImportImageOptions::default();
        let mut progress = self.docker.import_image(options, body, None);
        while let Some(step) = progress.next().await {
            // An engine reports a failure inside a stream that began well.
            if let Some(error) = step.context("cannot load images")?.error_detail {
                bail!("cannot load images: {}", error.message.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Pulls an image.
    pub(crate) async fn pull(&self, name: &str) -> Result<()> {
        let options = CreateImageOptions {
            from_image: Some(name.to_owned()),
            ..Default::default()
        };
        let mut progress = self.docker.create_image(Some(options), None, None);
        while let Some(step) = progress.next().await {
            step.with_context(|| format!("cannot pull `{name}`"))?;
        }
        Ok(())
    }

    /// Runs a privileged container of this image that does nothing, and removes it.
    pub(crate) async fn run_privileged(&self, image: &str) -> Result<()> {
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            cmd: Some(vec!["true".to_owned()]),
            host_config: Some(HostConfig {
                privileged: Some(true),
                ..Default::default()
            }),
            ..Default::default()
        };
        let container = self.docker.create_container(None, body).await?;
        let ended = self.start_and_wait(&container.id).await;
        let options = RemoveContainerOptions {
            force: true,
            v: true,
            ..Default::default()
        };
        self.docker
            .remove_container(&container.id, Some(options))
            .await?;
        ended
    }

    async fn start_and_wait(&self, id: &str) -> Result<()> {
        self.docker.start_container(id, None).await?;
        let mut exit = self.docker.wait_container(id, None);
        let answer = exit.next().await.context("the container vanished")??;
        ensure!(answer.status_code == 0, "`true` failed in the container");
        Ok(())
    }
}
