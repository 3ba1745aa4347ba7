//! A real environment, from nothing to nothing, on a machine that has nothing but Rust.
//!
//! It runs `examples/quickstart` as a user would, and checks after each command that what nest
//! promised is so.

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::args::EngineChoice;
use crate::cache::Cache;
use crate::checkout;
use crate::engine::{self, Engine};
use crate::objects::Objects;
use crate::output::talk;
use crate::steps::{self, Steps};
use crate::upstream::{self, Upstream};

/// Runs the demo; true if all of it held.
pub(crate) async fn run(choice: &EngineChoice) -> Result<bool> {
    let cache = Cache::open()?;
    let mut steps = Steps::new()?;
    let (own, _lock) = engine::own(&cache)?;
    let mut build = Command::new("cargo");
    build
        .args(["build", "--bin", "nest"])
        .current_dir(checkout::folder());
    if steps.run("build nest", steps::run(build)).await.is_some()
        && let Some(engine) = steps
            .run("engine start", engine::start(&cache, choice, own.name()))
            .await
    {
        show(&mut steps, &engine).await;
    }
    steps.clean_up();
    steps.run("engine stop", async { own.stop(&cache) }).await;
    Ok(steps.finish())
}

/// The demo on an engine that runs. It ends where it began, whatever failed on the way.
async fn show(steps: &mut Steps, engine: &Engine) {
    let Some(upstream) = steps.run("upstream", Upstream::start(engine)).await else {
        return;
    };
    let before = Objects::list(engine).await;
    let nest = Nest {
        engine,
        upstream: &upstream,
    };
    if steps
        .run("nest up", steps::run(nest.command(&["up", "--yes"])))
        .await
        .is_some()
    {
        steps.run("shared volume", nest.shares_a_volume()).await;
        steps
            .run("local registry", nest.pulls_back_what_it_pushed())
            .await;
        steps
            .run("mirror registry", nest.pulls_through_the_mirror())
            .await;
        let no_changes = nest.command(&["plan", "--detailed-exitcode"]);
        steps.run("nest plan", steps::run(no_changes)).await;
    }
    steps.clean_up();
    let down = nest.command(&["down", "--yes", "--volumes"]);
    steps.run("nest down", steps::run(down)).await;
    let same = async { Objects::list(engine).await?.must_equal(&before?) };
    steps.run("nothing left", same).await;
    steps.run("upstream stop", upstream.stop()).await;
}

/// How the demo calls nest.
struct Nest<'a> {
    engine: &'a Engine,
    upstream: &'a Upstream,
}

impl Nest<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        talk(format_args!("$ nest {}", arguments.join(" ")));
        let mut command = self
            .engine
            .command(&checkout::target_folder().join("debug/nest"));
        command
            .args(arguments)
            .current_dir(checkout::folder().join("examples/quickstart"))
            .env("HUB_UPSTREAM", self.upstream.url());
        command
    }

    /// Runs a command in an environment and returns what it writes.
    async fn exec(&self, environment: &str, command: &[&str]) -> Result<String> {
        let mut arguments = vec!["exec", "-T", environment];
        arguments.extend(command);
        steps::read(self.command(&arguments)).await
    }

    /// A container inside writes to the shared volume, and another environment reads it.
    async fn shares_a_volume(&self) -> Result<()> {
        let write = "echo written inside > /cache/greeting";
        let run = ["docker", "run", "--rm", "-v", "cache:/cache", "alpine:3.20"];
        let command = [&run[..], &["sh", "-c", write]].concat();
        self.exec("builder", &command).await?;
        let read = self.exec("tools", &["cat", "/cache/greeting"]).await?;
        ensure!(
            read.trim() == "written inside",
            "`tools` reads `{}` from the volume that `builder` wrote to",
            read.trim()
        );
        Ok(())
    }

    async fn pulls_back_what_it_pushed(&self) -> Result<()> {
        const NAME: &str = "local:5000/mine:1";
        self.exec("builder", &["docker", "tag", "alpine:3.20", NAME])
            .await?;
        self.exec("builder", &["docker", "push", NAME]).await?;
        self.exec("builder", &["docker", "rmi", NAME]).await?;
        self.exec("builder", &["docker", "pull", NAME]).await?;
        self.exec("builder", &["docker", "rmi", NAME]).await?;
        Ok(())
    }

    async fn pulls_through_the_mirror(&self) -> Result<()> {
        self.exec("builder", &["docker", "pull", upstream::IMAGE])
            .await?;
        self.exec("builder", &["docker", "rmi", upstream::IMAGE])
            .await?;
        Ok(())
    }
}
