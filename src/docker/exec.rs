//! A command in a container, for a user: its streams, its terminal, its exit code.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;

use bollard::exec::ResizeExecOptions;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::identity::ApiVersion;
use crate::docker::joined::carry;
use crate::docker::lost_setup::{BETWEEN_STARTS, STARTS, is_lost_setup};
use crate::docker::ready::Pause;
use crate::docker::tunnel::join_exec;
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

/// From this version on, a terminal can have its size from the start.
const FIRST_SIZE: ApiVersion = ApiVersion::one(42);
/// How often the end of a command is looked for after its streams have ended, with growing pauses.
const END_TRIES: u32 = 8;

/// A command to run in a container, and the streams that it gets.
pub struct ExecOptions<'a> {
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Variables, as `NAME=value`.
    pub environment: Vec<String>,
    /// The folder to run in, where it is not the container's own.
    pub working_folder: Option<String>,
    /// The user to run as, where it is not the container's own.
    pub user: Option<String>,
    /// Whether the command gets a terminal, and of which size. Standard error is part of standard output then.
    pub terminal: Option<TerminalSize>,
    /// Sizes that the terminal takes later.
    pub resizes: Option<Receiver<TerminalSize>>,
    /// What the command reads, or none for nothing.
    pub stdin: Option<Box<dyn AsyncRead + Unpin + 'a>>,
    /// Where its standard output goes.
    pub stdout: Box<dyn AsyncWrite + Unpin + 'a>,
    /// Where its standard error goes.
    pub stderr: Box<dyn AsyncWrite + Unpin + 'a>,
}

impl fmt::Debug for ExecOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecOptions")
            .field("command", &self.command)
            .field("working_folder", &self.working_folder)
            .field("user", &self.user)
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}

/// The size of a terminal, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Lines.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
}

impl Docker {
    /// Runs a command in a container of the engine at `path` and hands over its exit code.
    ///
    /// 126 and 127 are the engine's own for a command that cannot be run or does not exist; what it says of that comes
    /// on the command's standard output.
    pub async fn exec(
        &self,
        path: &EnginePath,
        container: &str,
        mut options: ExecOptions<'_>,
    ) -> Result<i64, EngineError> {
        let client = self.client(path).await?;
        let mut tries = 1;
        loop {
            let ended = run(&client, container, &mut options).await?;
            let text = String::from_utf8_lossy(&ended.held);
            if is_lost_setup(&text) && !ended.has_read && tries < STARTS {
                tries += 1;
                sleep(BETWEEN_STARTS).await;
                continue;
            }
            let told = options.stdout.write_all(&ended.held).await;
            told.and(options.stdout.flush().await)
                .map_err(|error| client.attempt(&phrase(container)).broken(error))?;
            return Ok(ended.code);
        }
    }
}

/// How a command ended.
struct Ended {
    code: i64,
    /// What may be the engine's own words about a command that it did not start, not handed on yet.
    held: Vec<u8>,
    /// Whether some of the input is gone.
    has_read: bool,
}

fn phrase(container: &str) -> String {
    format!("run a command in container `{container}`")
}

/// Runs a command once.
async fn run(
    client: &Client,
    container: &str,
    options: &mut ExecOptions<'_>,
) -> Result<Ended, EngineError> {
    let phrase = phrase(container);
    let attempt = client.attempt(&phrase);
    let request = ExecRequest::of(options, client.speaks(FIRST_SIZE));
    let created: ExecCreated = client
        .transport
        .post(&format!("/containers/{container}/exec"), &request)
        .await
        .map_err(|error| attempt.unanswered(error))?;
    let has_terminal = options.terminal.is_some();
    let late_size = options.terminal.filter(|_| !client.speaks(FIRST_SIZE));
    let joined = join_exec(&client.transport, &created.id, has_terminal).await;
    let joined = joined.map_err(|error| attempt.unanswered(error))?;
    let streams = (
        options.stdin.as_mut(),
        &mut options.stdout,
        &mut options.stderr,
    );
    let resized = resize(client, &created.id, late_size, options.resizes.as_mut());
    let carried = carry(joined, has_terminal, streams, resized).await;
    let carried = carried.map_err(|error| attempt.broken(error))?;
    Ok(Ended {
        code: exit_code(client, &created.id, &phrase).await?,
        held: carried.held,
        has_read: carried.has_read,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ExecRequest<'a> {
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    tty: bool,
    cmd: &'a [String],
    env: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    working_dir: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    console_size: Option<[u16; 2]>,
}

impl<'a> ExecRequest<'a> {
    fn of(options: &'a ExecOptions<'_>, takes_size: bool) -> Self {
        let size = options.terminal.filter(|_| takes_size);
        Self {
            attach_stdin: options.stdin.is_some(),
            attach_stdout: true,
            attach_stderr: true,
            tty: options.terminal.is_some(),
            cmd: &options.command,
            env: &options.environment,
            working_dir: options.working_folder.as_deref(),
            user: options.user.as_deref(),
            console_size: size.map(|size| [size.rows, size.columns]),
        }
    }
}

#[derive(Deserialize)]
struct ExecCreated {
    #[serde(rename = "Id")]
    id: String,
}

/// Hands on the sizes that the terminal takes, the first one too where an old engine was not told it at the start. One that does not get through is made good by the next.
async fn resize(
    client: &Client,
    exec_id: &str,
    first: Option<TerminalSize>,
    resizes: Option<&mut Receiver<TerminalSize>>,
) -> Infallible {
    let set = async |size: TerminalSize| {
        let size = ResizeExecOptions {
            height: size.rows,
            width: size.columns,
        };
        let _resized = client.bollard.resize_exec(exec_id, size).await;
    };
    if let Some(first) = first {
        set(first).await;
    }
    if let Some(resizes) = resizes {
        while let Some(size) = resizes.recv().await {
            set(size).await;
        }
    }
    pending().await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExecInspected {
    #[serde(default)]
    running: bool,
    exit_code: Option<i64>,
}

/// The code that the command ended with. Its streams may end a moment before it does.
async fn exit_code(client: &Client, exec_id: &str, phrase: &str) -> Result<i64, EngineError> {
    let mut pause = Pause::new();
    for _ in 0..END_TRIES {
        let path = format!("/exec/{exec_id}/json");
        let found: Option<ExecInspected> = client.get(&path, phrase).await?;
        match found {
            Some(ExecInspected {
                running: false,
                exit_code: Some(code),
            }) => return Ok(code),
            Some(_) => pause.take().await,
            None => break,
        }
    }
    Err(client
        .attempt(phrase)
        .without_effect("the engine does not tell the command's exit code"))
}
