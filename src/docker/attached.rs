//! A container that runs for a user: its streams, its terminal, its exit code.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;

use bollard::errors::Error as BollardError;
use bollard::query_parameters::{
    KillContainerOptionsBuilder, ResizeContainerTTYOptionsBuilder, WaitContainerOptions,
};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http::Request;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc::Receiver;

use crate::docker::client::Client;
use crate::docker::joined::carry;
use crate::docker::perform::container::{remove, start, stop};
use crate::docker::{Docker, TerminalSize};
use crate::engine::EngineError;
use crate::resource::container::ContainerRef;
use crate::resource::engine_path::EnginePath;

/// The streams that a container gets.
pub struct Streams<'a> {
    /// The size of the terminal, where the container was made with one. Standard error is part of standard output then.
    pub terminal: Option<TerminalSize>,
    /// Sizes that the terminal takes later.
    pub resizes: Option<Receiver<TerminalSize>>,
    /// What the container reads.
    pub stdin: Box<dyn AsyncRead + Unpin + 'a>,
    /// Where its standard output goes.
    pub stdout: Box<dyn AsyncWrite + Unpin + 'a>,
    /// Where its standard error goes.
    pub stderr: Box<dyn AsyncWrite + Unpin + 'a>,
}

impl fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}

impl Docker {
    /// Starts a container that was made for these streams and never started, and hands over the code that it ends with.
    pub async fn run_attached(
        &self,
        path: &EnginePath,
        container: &str,
        mut streams: Streams<'_>,
    ) -> Result<i64, EngineError> {
        let client = self.client(path).await?;
        let phrase = format!("run container `{container}`");
        let attempt = client.attempt(&phrase);
        let attach = format!("/containers/{container}/attach?stream=1&stdin=1&stdout=1&stderr=1");
        let joined = client
            .transport
            .take_over(Request::post(&attach), "tcp", Bytes::new())
            .await;
        let joined = joined.map_err(|error| attempt.unanswered(error))?;
        start(&client, &named(container)).await?;
        let has_terminal = streams.terminal.is_some();
        let sizes = (streams.terminal, streams.resizes.as_mut());
        let resized = resize(&client, container, sizes);
        let ends = (
            Some(&mut streams.stdin),
            &mut streams.stdout,
            &mut streams.stderr,
        );
        let carried = carry(joined, has_terminal, ends, resized).await;
        let held = carried.map_err(|error| attempt.broken(error))?.held;
        let told = streams.stdout.write_all(&held).await;
        told.and(streams.stdout.flush().await)
            .map_err(|error| attempt.broken(error))?;
        ended(&client, container, &phrase).await
    }

    /// Sends a signal to the process of a container.
    pub async fn signal(
        &self,
        path: &EnginePath,
        container: &str,
        signal: &str,
    ) -> Result<(), EngineError> {
        let client = self.client(path).await?;
        let phrase = format!("send {signal} to container `{container}`");
        let options = KillContainerOptionsBuilder::default()
            .signal(signal)
            .build();
        let sent = client.bollard.kill_container(container, Some(options));
        sent.await
            .map_err(|error| client.attempt(&phrase).failed(error))
    }

    /// Ends a container, with the time it has for that, and removes it with the volumes that are its alone. One that is
    /// gone is no error.
    pub async fn take_away(&self, path: &EnginePath, container: &str) -> Result<(), EngineError> {
        let client = self.client(path).await?;
        match stop(&client, &named(container)).await {
            Ok(()) | Err(EngineError::Refused { status: 404, .. }) => {}
            Err(error) => return Err(error),
        }
        remove(&client, &named(container), true).await
    }
}

fn named(container: &str) -> ContainerRef {
    ContainerRef {
        name: container.to_owned(),
        id: None,
    }
}

/// Hands on the sizes that the terminal takes. One that does not get through is made good by the next.
async fn resize(
    client: &Client,
    container: &str,
    (first, resizes): (Option<TerminalSize>, Option<&mut Receiver<TerminalSize>>),
) -> Infallible {
    let set = async |size: TerminalSize| {
        let options = ResizeContainerTTYOptionsBuilder::default()
            .h(i32::from(size.rows))
            .w(i32::from(size.columns))
            .build();
        let _resized = client
            .bollard
            .resize_container_tty(container, options)
            .await;
    };
    if let Some(first) = first {
        set(first).await;
        if let Some(resizes) = resizes {
            while let Some(size) = resizes.recv().await {
                set(size).await;
            }
        }
    }
    pending().await
}

/// The code that a container ends with.
async fn ended(client: &Client, container: &str, phrase: &str) -> Result<i64, EngineError> {
    let patient = client.patient();
    let mut waiting = patient.wait_container(container, None::<WaitContainerOptions>);
    match waiting.try_next().await {
        Ok(Some(answer)) => Ok(answer.status_code),
        Ok(None) => Err(client
            .attempt(phrase)
            .without_effect("the engine does not tell the container's exit code")),
        Err(BollardError::DockerContainerWaitError { code, .. }) => Ok(code),
        Err(error) => Err(client.attempt(phrase).failed(error)),
    }
}
