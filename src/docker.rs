//! Container engines that speak Docker's API: the only room that names bollard.
//!
//! One [`Docker`] reaches the outer engine and, through commands in containers, all engines inside it. A request goes
//! from a `Client` (one engine) over its `Transport` (its connections) over a `Wire` (a socket, or the streams of such
//! a command). Where nest is root beside the outer engine, the socket of an inner one is opened itself (`doorway`).

mod answer;
mod archive;
mod attached;
mod client;
mod connect;
mod convert;
mod daemon_file;
#[cfg(target_os = "linux")]
mod doorway;
mod endpoint;
mod entrance;
mod error;
mod events;
mod exec;
mod holdings;
mod identity;
mod image_digest;
mod images;
mod inner;
mod joined;
mod lock;
mod log;
mod logs;
mod lost_setup;
mod observe;
mod opening;
mod other;
mod perform;
mod podman;
mod podman_health;
mod ports;
mod profile;
mod ready;
mod redaction;
mod reload;
mod ssh;
mod stream;
mod tls;
mod transport;
mod tunnel;
mod way;
mod wire;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use crate::docker::archive::{FileInContainer, FileKind};
pub use crate::docker::attached::Streams;
pub use crate::docker::endpoint::{
    Endpoint, EndpointAddress, EndpointOptions, SshAddress, TlsFiles,
};
pub use crate::docker::entrance::Entering;
pub use crate::docker::exec::{ExecOptions, TerminalSize};
pub use crate::docker::image_digest::ImageDigest;
pub use crate::docker::logs::{LogPiece, LogQuestion};
pub use crate::docker::ports::PublishedPort;

use crate::docker::client::Client;
use crate::docker::inner::Inside;
use crate::docker::other::Others;
use crate::docker::perform::export::Exports;
use crate::docker::redaction::Redaction;
use crate::engine::{Engine, EngineError, Progress};
use crate::model::name::ProjectName;
use crate::observed::{ObservedEngine, Question};
use crate::plan::step::Operation;
use crate::resource::engine_path::EnginePath;
use crate::resource::lock::LockHolder;

/// The outer engine, other outer engines that are known, and the engines inside them.
#[derive(Debug)]
pub struct Docker {
    outer: Arc<Client>,
    others: Others,
    entering: Entering,
    inside: Mutex<HashMap<EnginePath, Inside>>,
    exports: Exports,
    /// What nobody is shown of what they say.
    secrets: Mutex<Redaction>,
}

impl Docker {
    /// Operating system and architecture of an outer engine, such as `linux/amd64`.
    pub async fn platform(&self, at: &EnginePath) -> Result<String, EngineError> {
        let client = self.client(at).await?;
        let info = client.transport.info().await;
        info.map(|info| info.identity.platform)
            .map_err(|error| client.attempt("say what it runs on").unanswered(error))
    }

    /// Hides these values wherever engines repeat them in what is told of observations and operations.
    pub fn hide(&self, secrets: &BTreeSet<String>) {
        self.secrets().add(secrets);
    }

    fn secrets(&self) -> MutexGuard<'_, Redaction> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inside(&self) -> MutexGuard<'_, HashMap<EnginePath, Inside>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Docker {
    async fn observe(&self, question: &Question) -> Result<ObservedEngine, EngineError> {
        let observed = Box::pin(other::observe(self, question)).await;
        let secrets = self.secrets();
        match observed {
            Ok(mut observed) => {
                secrets.observed(&mut observed);
                Ok(observed)
            }
            Err(error) => Err(secrets.error(error)),
        }
    }

    async fn take_lock(
        &self,
        at: &EnginePath,
        project: &ProjectName,
        holder: &LockHolder,
    ) -> Result<LockHolder, EngineError> {
        lock::take(&*self.client(at).await?, project, holder).await
    }

    async fn lock_holder(
        &self,
        at: &EnginePath,
        project: &ProjectName,
    ) -> Result<Option<LockHolder>, EngineError> {
        lock::holder(&*self.client(at).await?, project).await
    }

    async fn free_lock(&self, at: &EnginePath, project: &ProjectName) -> Result<(), EngineError> {
        lock::free(&*self.client(at).await?, project).await
    }

    async fn perform(
        &self,
        path: &EnginePath,
        operation: &Operation,
        report: &dyn Fn(Progress),
    ) -> Result<(), EngineError> {
        let report = |progress| report(self.secrets().progress(progress));
        let done = perform::perform(self, path, operation, &report).await;
        done.map_err(|error| self.secrets().error(error))
    }
}
