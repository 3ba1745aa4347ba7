//! `nest connect` and `nest docker`

use std::io::ErrorKind;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

use crate::cli::args::{ConnectArguments, DockerArguments};
use crate::cli::error::CommandError;
use crate::cli::exec::InContainer;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, NameOf, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::relay::{Relay, client, wait};
use crate::cli::{signals, terminal};
use crate::docker::{Docker, Endpoint, EndpointAddress};
use crate::resource::engine_path::EnginePath;

/// How long the process in the background may take to serve.
const BEGINNING: Duration = Duration::from_secs(30);
/// The variable by which Testcontainers are told where published ports answer.
const PUBLISHED_AT: &str = "TESTCONTAINERS_HOST_OVERRIDE";

/// Serves an environment's engine on a socket of this machine.
pub(crate) async fn run(
    arguments: &ConnectArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    if arguments.detach {
        return detach(options, output).await;
    }
    let Target {
        engine,
        endpoint,
        desired,
        ..
    } = project::target(options, output, Warnings::Silent).await?;
    let found = named::one(
        &desired,
        (NameOf::Environment, &arguments.name),
        arguments.replica,
    )?;
    let path = found.own_engine();
    drop(engine.stream(&path).await?);
    let socket = arguments.socket.as_ref();
    let socket = socket.map(|path| options.working_folder.join(path));
    let relay = Relay::open(socket.as_deref())?;
    let tell = |message: &str| output.error(message);
    let serving = relay.serve(&engine, &path, &tell);
    let Some((program, rest)) = arguments.command.split_first() else {
        output.data(&format!("export DOCKER_HOST={}\n", relay.endpoint()));
        output.talk(&format!(
            "The engine of `{}` answers there until Ctrl-C.\n",
            found.name
        ));
        tokio::select! {
            () = serving => {}
            () = signals::asked_to_end() => {}
        }
        return Ok(ExitStatus::Success);
    };
    let mut child = client(program, rest, &relay.endpoint());
    if let Some(host) = published_at((&engine, &endpoint), &found, options).await? {
        child.env(PUBLISHED_AT, host);
    }
    let child = child.spawn();
    let child = child.map_err(|error| cannot_start(program, &error))?;
    tokio::select! {
        () = serving => Ok(ExitStatus::Failed),
        ended = wait(child) => ended.map_err(|error| cannot_start(program, &error)),
    }
}

/// Where ports that are published inside answer on this machine, where that can be told: the address of the container,
/// if its engine is on this machine and has no other around it.
async fn published_at(
    (engine, endpoint): (&Docker, &Endpoint),
    found: &Named<'_>,
    options: &Options,
) -> Result<Option<String>, CommandError> {
    let is_here = cfg!(target_os = "linux") && matches!(endpoint.address, EndpointAddress::Unix(_));
    let is_first = found.engine == EnginePath::outer() && found.wanted.engine.is_some();
    if !is_here || !is_first || options.variables.contains_key(PUBLISHED_AT) {
        return Ok(None);
    }
    Ok(engine.address(&found.engine, found.container).await?)
}

/// Runs the docker CLI against an environment's engine: the one of this machine, so that it sees the files here, or else
/// the one in the environment.
pub(crate) async fn docker(
    arguments: DockerArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let found = named::one(
        &desired,
        (NameOf::Environment, &arguments.name),
        arguments.replica,
    )?;
    let path = found.own_engine();
    drop(engine.stream(&path).await?);
    let relay = Relay::open(None)?;
    match client("docker", &arguments.arguments, &relay.endpoint()).spawn() {
        Ok(child) => {
            let tell = |message: &str| output.error(message);
            tokio::select! {
                () = relay.serve(&engine, &path, &tell) => Ok(ExitStatus::Failed),
                ended = wait(child) => ended.map_err(|error| cannot_start("docker", &error)),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let command = InContainer {
                command: std::iter::once("docker".to_owned())
                    .chain(arguments.arguments)
                    .collect(),
                environment: Vec::new(),
                working_folder: None,
                user: None,
                has_terminal: terminal::is_there(),
            };
            command.run(&engine, &found).await
        }
        Err(error) => Err(cannot_start("docker", &error)),
    }
}

fn cannot_start(program: &str, error: &std::io::Error) -> CommandError {
    let hint = match error.kind() {
        ErrorKind::NotFound => "is it installed on this machine, and on the PATH?",
        _ => "",
    };
    CommandError::Usage {
        message: format!("cannot run `{program}`: {error}"),
        hint: hint.to_owned(),
    }
}

/// Serves in the background: nest itself, with the same arguments, once it says where it serves.
async fn detach(options: &Options, output: &Output) -> Result<ExitStatus, CommandError> {
    let cannot = |error: &std::io::Error| cannot_start("nest", error);
    // What follows `--` is a command's, and there is none with `--detach`.
    let command = options.itself_without(&["--detach", "-d"]);
    let mut child = command
        .map_err(|error| cannot(&error))?
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C here is not meant for it.
        .process_group(0)
        .spawn()
        .map_err(|error| cannot(&error))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let _late = timeout(BEGINNING, stdout.read_line(&mut line)).await;
    }
    if line.is_empty() {
        let _gone = child.start_kill();
        let said = child.wait_with_output().await;
        let said = said.map_err(|error| cannot(&error))?;
        output.insist(&String::from_utf8_lossy(&said.stderr));
        let code = said.status.code().and_then(|code| u8::try_from(code).ok());
        return Ok(ExitStatus::Command(code.unwrap_or(1)));
    }
    output.data(&line);
    if let Some(id) = child.id() {
        output.talk(&format!(
            "It serves in the background: `kill {id}` ends it.\n"
        ));
    }
    Ok(ExitStatus::Success)
}
