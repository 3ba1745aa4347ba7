//! The engine that tests, examples and the demo run against.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail};

use crate::api::Api;
use crate::args::{EngineAction, EngineChoice, EngineName};
use crate::cache::Cache;
use crate::checkout;
use crate::kind::Kind;
use crate::output::{data, talk};
use crate::private_engine::{PrivateEngine, Release};
use crate::suite::Suite;
use crate::user_engine;

/// The variable that says where tests find what other ways to a private engine take.
const ACCESS: &str = "NEST_TEST_ACCESS";

/// An engine that runs and has the images.
pub(crate) struct Engine {
    /// The endpoint, as `DOCKER_HOST` takes it.
    pub(crate) host: String,
    /// Where temporary files must be for the engine to find them at the same path.
    pub(crate) temporary_folder: PathBuf,
    /// Ours, unless it is the user's.
    pub(crate) private: Option<PrivateEngine>,
}

/// Does what `cargo xtask engine` is asked; false if a command that it ran failed.
pub(crate) async fn run(action: EngineAction) -> Result<bool> {
    match action {
        EngineAction::Start(options) => {
            let name = full_name(&options.name);
            let mut choice = options.choice;
            // Whoever gives a name means an engine of ours.
            choice.private |= options.name.name.is_some();
            let engine = start(&Cache::open()?, &choice, &name).await?;
            data(format_args!("export DOCKER_HOST={}", engine.host));
            data(format_args!(
                "export TMPDIR={}",
                engine.temporary_folder.display()
            ));
            if let Some(private) = &engine.private {
                data(format_args!(
                    "export {ACCESS}={}",
                    private.access_folder().display()
                ));
            }
            Ok(true)
        }
        EngineAction::Stop(name) => {
            let engine = private_engine(&name)?;
            engine.stop(&Cache::open()?)?;
            talk(format_args!("no engine `{}` is left", engine.name()));
            Ok(true)
        }
        EngineAction::Status(name) => status(&name).await,
        EngineAction::Shell { name, command } => {
            let status = shell(&private_engine(&name)?, &command)?;
            Ok(status.success())
        }
    }
}

/// Finds the user's engine, or starts a private one of this name.
pub(crate) async fn start(cache: &Cache, choice: &EngineChoice, name: &str) -> Result<Engine> {
    let any = !choice.private && choice.suite.is_none() && choice.kind.is_none();
    if any && let Some(host) = user_engine::find().await {
        return Ok(existing(host));
    }
    let engine = PrivateEngine::named(name)?;
    let release = Release {
        kind: choice.kind.unwrap_or(Kind::Docker),
        suite: choice.suite.unwrap_or(Suite::Trixie),
    };
    engine.start(cache, release, &checkout::folder()).await?;
    Ok(Engine::from(engine))
}

/// An engine that was there before: the user's, or a private one that the user started.
fn existing(host: String) -> Engine {
    let private = PrivateEngine::all()
        .into_iter()
        .find(|engine| engine.host() == host);
    private.map_or_else(
        || Engine {
            host,
            temporary_folder: std::env::temp_dir(),
            private: None,
        },
        Engine::from,
    )
}

/// An engine for this run alone, not yet started, and the lock that keeps it ours.
///
/// The lock of a killed run is free again, and the engine that it left is replaced.
pub(crate) fn own(cache: &Cache) -> Result<(PrivateEngine, File)> {
    for number in 1..100 {
        let name = format!("{}-run{number}", checkout::engine_name());
        if let Some(lock) = cache.try_lock(&name)? {
            return Ok((PrivateEngine::named(&name)?, lock));
        }
    }
    bail!("a hundred runs of this checkout are under way: wait until one ends")
}

impl Engine {
    /// A program that uses this engine.
    ///
    /// It runs in the network namespace of a private engine: there the ports that containers
    /// publish are on localhost, as they are with any other engine.
    pub(crate) fn command(&self, program: &Path) -> tokio::process::Command {
        let mut command = match self.private.as_ref().and_then(PrivateEngine::process_id) {
            Some(id) => {
                let mut command = tokio::process::Command::new("nsenter");
                command
                    .arg(format!("--target={id}"))
                    .args(["--net", "--"])
                    .arg(program)
                    // That network ends at its edge.
                    .env("CARGO_NET_OFFLINE", "true");
                command
            }
            None => tokio::process::Command::new(program),
        };
        command
            .env("DOCKER_HOST", &self.host)
            .env("TMPDIR", &self.temporary_folder);
        if let Some(private) = &self.private {
            command.env(ACCESS, private.access_folder());
        }
        command
    }
}

impl From<PrivateEngine> for Engine {
    fn from(engine: PrivateEngine) -> Self {
        Self {
            host: engine.host(),
            temporary_folder: engine.shared_folder(),
            private: Some(engine),
        }
    }
}

fn private_engine(name: &EngineName) -> Result<PrivateEngine> {
    PrivateEngine::named(&full_name(name))
}

fn full_name(name: &EngineName) -> String {
    name.name.clone().unwrap_or_else(checkout::engine_name)
}

/// Describes the named engine, or all private ones; false if none of them runs.
async fn status(name: &EngineName) -> Result<bool> {
    let engines = match &name.name {
        Some(_) => vec![private_engine(name)?],
        None => PrivateEngine::all(),
    };
    let mut runs = false;
    for engine in engines {
        data(format_args!("name: {}", engine.name()));
        let (Some(id), Ok(api)) = (engine.process_id(), Api::connect(&engine.host()).await) else {
            data("state: not running");
            continue;
        };
        runs = true;
        data(format_args!("state: running, process {id}"));
        data(format_args!("endpoint: {}", engine.host()));
        data(format_args!("version: {}", api.version().await?));
        if let Some(release) = engine.release() {
            data(format_args!("release: {release}"));
        }
        data(format_args!("images: {}", api.images().await?.join(" ")));
    }
    if !runs {
        talk("no private engine runs: `cargo xtask engine start` starts one");
    }
    Ok(runs)
}

/// Runs a command, by default a shell, in the namespaces of a private engine.
fn shell(engine: &PrivateEngine, command: &[String]) -> Result<ExitStatus> {
    let id = engine.process_id().with_context(|| {
        format!(
            "no private engine `{}` runs: `cargo xtask engine start` starts one",
            engine.name()
        )
    })?;
    let default = [String::from("bash")];
    let command = if command.is_empty() {
        &default
    } else {
        command
    };
    Command::new("nsenter")
        .arg(format!("--target={id}"))
        .args(["--mount", "--net", "--pid", "--cgroup", "--"])
        .args(command)
        .env("DOCKER_HOST", engine.host())
        .env("TMPDIR", engine.shared_folder())
        .current_dir("/")
        .status()
        .context("cannot start `nsenter`: it comes with util-linux")
}
