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
use crate::output::{data, talk};
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
        .run("nest up", nest.run(&["up", "--yes"]))
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
        // It ends with 2 where there is a change.
        let no_changes = nest.run(&["plan", "--detailed-exitcode"]);
        steps.run("nest plan", no_changes).await;
    }
    steps.clean_up();
    let down = nest.run(&["down", "--yes", "--volumes"]);
    steps.run("nest down", down).await;
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
    /// Runs nest; what it says goes to the terminal.
    async fn run(&self, arguments: &[&str]) -> Result<()> {
        steps::run(self.command(arguments)).await
    }

    /// Runs a command in an environment, and shows and returns what it writes.
    async fn exec(&self, environment: &str, command: &[&str]) -> Result<String> {
        let arguments = [&["exec", environment], command].concat();
        let output = steps::read(self.command(&arguments)).await?;
        for line in output.lines() {
            data(line);
        }
        Ok(output)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let shown: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
        talk(format_args!("$ nest {}", shown.join(" ")));
        let mut command = self
            .engine
            .command(&checkout::target_folder().join("debug/nest"));
        command
            .args(arguments)
            .current_dir(checkout::folder().join("examples/quickstart"))
            .env("HUB_UPSTREAM", self.upstream.url());
        command
    }

    /// A container inside writes to the shared volume, and another environment reads it.
    async fn shares_a_volume(&self) -> Result<()> {
        talk("a container inside, from an image that was put there, writes to the shared volume");
        let write = "echo written inside > /cache/greeting";
        let run = ["docker", "run", "--rm", "-v", "cache:/cache", "alpine:3.20"];
        let command = [&run[..], &["sh", "-c", write]].concat();
        self.exec("builder", &command).await?;
        talk("the other environment reads it");
        let read = self.exec("tools", &["cat", "/cache/greeting"]).await?;
        ensure!(
            read.trim() == "written inside",
            "`tools` reads `{}` from the volume that `builder` wrote to",
            read.trim()
        );
        Ok(())
    }

    /// An image goes to the local registry and comes back by the registry's name.
    async fn pulls_back_what_it_pushed(&self) -> Result<()> {
        const NAME: &str = "local:5000/mine:1";
        talk("an image pushed to the local registry is pulled back by the registry's name");
        for command in [
            &["docker", "tag", "alpine:3.20", NAME][..],
            &["docker", "push", "--quiet", NAME],
            &["docker", "rmi", NAME],
            &["docker", "pull", "--quiet", NAME],
            // What is left inside is what the file declares.
            &["docker", "rmi", NAME],
        ] {
            self.exec("builder", command).await?;
        }
        Ok(())
    }

    /// An image that only the mirrored registry has arrives by the name that it has on Docker Hub.
    async fn pulls_through_the_mirror(&self) -> Result<()> {
        talk("an image that only the mirrored registry has is pulled through the mirror");
        self.exec("builder", &["docker", "pull", "--quiet", upstream::IMAGE])
            .await?;
        self.exec("builder", &["docker", "rmi", upstream::IMAGE])
            .await?;
        Ok(())
    }
}

/// A word as one would type it in a shell.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@".contains(letter);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
