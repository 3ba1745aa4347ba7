//! The few things that xtask asks of an engine.

use std::collections::{BTreeMap, HashMap};
use std::future;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bollard::auth::DockerCredentials;
use bollard::models::{ContainerCreateBody, HostConfig, PortBinding};
use bollard::query_parameters::{
    CreateImageOptions, ImportImageOptions, ListContainersOptions, ListImagesOptions,
    ListVolumesOptions, PushImageOptions, RemoveContainerOptions, RemoveImageOptions,
    TagImageOptions,
};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::{StreamExt, TryStreamExt};
use tokio_util::io::ReaderStream;

/// A container with a published port.
pub(crate) struct Published {
    /// Its id.
    pub(crate) container: String,
    /// The address of the engine's host as containers see it.
    pub(crate) gateway: String,
    /// The port of the engine's host.
    pub(crate) port: String,
}

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

    /// The names of its images, sorted, without the Docker Hub that some engines put in front.
    pub(crate) async fn images(&self) -> Result<Vec<String>> {
        let images = self
            .docker
            .list_images(None::<ListImagesOptions>)
            .await
            .context("cannot list images")?;
        let mut names: Vec<String> = images
            .into_iter()
            .flat_map(|image| image.repo_tags)
            .map(|name| name.trim_start_matches("docker.io/library/").to_owned())
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
        self.remove(&container.id).await?;
        ended
    }

    /// Starts a container whose port is published on a free port of the engine's host.
    pub(crate) async fn run_published(&self, image: &str, port: &str) -> Result<Published> {
        let bindings = HashMap::from([(port.to_owned(), Some(vec![PortBinding::default()]))]);
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            host_config: Some(HostConfig {
                port_bindings: Some(bindings),
                ..Default::default()
            }),
            ..Default::default()
        };
        let container = self.docker.create_container(None, body).await?.id;
        let started = self.start_published(&container, port).await;
        if started.is_err() {
            self.remove(&container).await?;
        }
        started.with_context(|| format!("cannot run `{image}`"))
    }

    /// Pushes an image under another name, which it has for no longer than that takes.
    pub(crate) async fn push(&self, image: &str, name: &str) -> Result<()> {
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let options = TagImageOptions {
            repo: Some(repository.to_owned()),
            tag: Some(tag.to_owned()),
        };
        self.docker.tag_image(image, Some(options)).await?;
        let pushed = self.push_patiently(repository, tag).await;
        self.docker
            .remove_image(name, None::<RemoveImageOptions>, None)
            .await?;
        pushed.with_context(|| format!("cannot push `{name}`"))
    }

    /// Kind and name of each container, volume and network.
    pub(crate) async fn objects(&self) -> Result<Vec<String>> {
        let all = ListContainersOptions {
            all: true,
            ..Default::default()
        };
        let containers = self.docker.list_containers(Some(all)).await?;
        let volumes = self.docker.list_volumes(None::<ListVolumesOptions>).await?;
        let networks = self.docker.list_networks(None).await?;
        let containers = containers.into_iter().filter_map(|it| it.names).flatten();
        let volumes = volumes.volumes.into_iter().flatten().map(|it| it.name);
        let networks = networks.into_iter().filter_map(|it| it.name);
        Ok(containers
            .map(|name| format!("container {}", name.trim_start_matches('/')))
            .chain(volumes.map(|name| format!("volume {name}")))
            .chain(networks.map(|name| format!("network {name}")))
            .collect())
    }

    /// What makes a container what it is, whoever made it: names and labels apart.
    pub(crate) async fn shape(&self, container: &str) -> Result<BTreeMap<&'static str, String>> {
        let found = self.docker.inspect_container(container, None).await;
        let found = found.with_context(|| format!("cannot inspect `{container}`"))?;
        let config = found.config.unwrap_or_default();
        let host = found.host_config.unwrap_or_default();
        let mut environment = config.env.unwrap_or_default();
        environment.sort();
        let mounts = found.mounts.unwrap_or_default().into_iter();
        let mut mounts: Vec<_> = mounts.map(|it| (it.destination, it.typ)).collect();
        mounts.sort();
        let networks = found.network_settings.and_then(|it| it.networks);
        Ok(BTreeMap::from([
            ("image", format!("{:?}", found.image)),
            ("command", format!("{:?} {:?}", found.path, found.args)),
            ("environment", environment.join(" ")),
            ("stop timeout", format!("{:?}", config.stop_timeout)),
            ("mounts", format!("{mounts:?}")),
            ("networks", networks.unwrap_or_default().len().to_string()),
            ("privileged", format!("{:?}", host.privileged)),
            ("memory", format!("{:?}", host.memory)),
            ("init", host.init.unwrap_or(false).to_string()),
        ]))
    }

    /// Removes a container with its anonymous volumes, running or not.
    pub(crate) async fn remove(&self, container: &str) -> Result<()> {
        let options = RemoveContainerOptions {
            force: true,
            v: true,
            ..Default::default()
        };
        self.docker
            .remove_container(container, Some(options))
            .await
            .with_context(|| format!("cannot remove the container `{container}`"))
    }

    async fn start_published(&self, container: &str, port: &str) -> Result<Published> {
        self.docker.start_container(container, None).await?;
        let network = self.docker.inspect_network("bridge", None).await?;
        let addresses = network.ipam.and_then(|it| it.config).unwrap_or_default();
        let gateway = addresses.into_iter().find_map(|it| it.gateway);
        let container_now = self.docker.inspect_container(container, None).await?;
        let ports = container_now.network_settings.and_then(|it| it.ports);
        let bindings = ports.unwrap_or_default().remove(port).flatten();
        let published = bindings
            .unwrap_or_default()
            .into_iter()
            .find_map(|it| it.host_port);
        Ok(Published {
            container: container.to_owned(),
            gateway: gateway.context("the network `bridge` has no gateway")?,
            port: published.context("the container's port is not published")?,
        })
    }

    /// Pushes to a registry that may have been started a moment ago.
    async fn push_patiently(&self, repository: &str, tag: &str) -> Result<()> {
        const PATIENCE: Duration = Duration::from_secs(20);
        let start = Instant::now();
        loop {
            let options = PushImageOptions {
                tag: Some(tag.to_owned()),
                ..Default::default()
            };
            let nobody = Some(DockerCredentials::default());
            let progress = self.docker.push_image(repository, Some(options), nobody);
            match progress.try_for_each(|_| future::ready(Ok(()))).await {
                Err(error) if start.elapsed() > PATIENCE => return Err(error.into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                Ok(()) => return Ok(()),
            }
        }
    }

    async fn start_and_wait(&self, id: &str) -> Result<()> {
        self.docker.start_container(id, None).await?;
        let mut exit = self.docker.wait_container(id, None);
        let answer = exit.next().await.context("the container vanished")??;
        ensure!(answer.status_code == 0, "`true` failed in the container");
        Ok(())
    }
}
