//! The registry that the quick start's mirror mirrors, in the place of Docker Hub.

use anyhow::{Context, Result};

use crate::api::{Api, Published};
use crate::engine::Engine;

/// The image that only this registry has, by the name that it has on Docker Hub's mirrors.
pub(crate) const IMAGE: &str = "nest-demo:1";

/// A registry on the engine, with one image in it that is nowhere else.
pub(crate) struct Upstream {
    api: Api,
    published: Published,
}

impl Upstream {
    /// Starts it and pushes the image.
    pub(crate) async fn start(engine: &Engine) -> Result<Self> {
        let api = Api::connect(&engine.host).await?;
        let published = api.run_published("registry:2", "5000/tcp").await?;
        let upstream = Self { api, published };
        match upstream.fill().await {
            Ok(()) => Ok(upstream),
            Err(error) => {
                upstream.stop().await?;
                Err(error).context("cannot fill the registry that is to be mirrored")
            }
        }
    }

    /// Where containers of the engine reach it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}:{}", self.published.gateway, self.published.port)
    }

    /// Removes it with its data.
    pub(crate) async fn stop(&self) -> Result<()> {
        self.api.remove(&self.published.container).await
    }

    async fn fill(&self) -> Result<()> {
        let registry = format!("127.0.0.1:{}", self.published.port);
        let name = format!("{registry}/library/{IMAGE}");
        self.api.push("busybox:1.36", &name).await
    }
}
