//! Everything that has to hold before a change is done, in one command.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::args::{EngineName, StartOptions};
use crate::cache::Cache;
use crate::checkout;
use crate::engine::{self, Engine};
use crate::private_engine::PrivateEngine;
use crate::steps::{self, Steps};
use crate::tools::{CARGO_DENY, CARGO_MACHETE, MDBOOK, Tool};

/// Runs all checks, then all tests against a real engine; true if all passed.
///
/// The tests come last, so that their results are at the end of the output.
pub(crate) async fn run(arguments: &[String]) -> Result<bool> {
    let cache = Cache::open()?;
    let root = checkout::folder();
    let mut steps = Steps::new()?;
    steps
        .run("format", steps::run(cargo(&["fmt", "--all", "--check"])))
        .await;
    steps.run("clippy", steps::run(clippy())).await;
    steps
        .run("documentation", steps::run(documentation()))
        .await;
    let deny = ["check", "bans", "licenses", "sources"];
    steps
        .run("dependencies", tool(&cache, CARGO_DENY, &deny))
        .await;
    steps.run("unused", tool(&cache, CARGO_MACHETE, &[])).await;
    if root.join("book/book.toml").exists() {
        let folder = target_folder(&root).join("book");
        let build = ["build", "book", "--dest-dir", &folder.to_string_lossy()];
        steps.run("book", tool(&cache, MDBOOK, &build)).await;
    } else {
        steps.skip("book", "there is no `book/book.toml`");
    }

    let (name, _lock) = free_name(&cache)?;
    let options = StartOptions {
        name: EngineName { name: None },
        suite: None,
        private: false,
    };
    let started = engine::start(&cache, &options, &name);
    match steps.run("engine start", started).await {
        Some(engine) => {
            steps
                .run("build tests", steps::run(cargo_test(&["--no-run"])))
                .await;
            steps
                .run("tests", steps::run(tests(&engine, arguments)))
                .await;
        }
        None => steps.skip("tests", "there is no engine to test with"),
    }
    steps.clean_up();
    let ended = async { PrivateEngine::named(&name)?.stop(&cache) };
    steps.run("engine stop", ended).await;
    Ok(steps.finish())
}

/// A name for the engine of this run alone, and the lock that keeps it ours.
///
/// The lock of a killed run is free again, and the engine that it left is replaced.
fn free_name(cache: &Cache) -> Result<(String, File)> {
    for number in 1..100 {
        let name = format!("{}-test{number}", checkout::engine_name());
        if let Some(lock) = cache.try_lock(&name)? {
            return Ok((name, lock));
        }
    }
    bail!("a hundred test runs of this checkout are under way: wait until one ends")
}

fn clippy() -> Command {
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])
}

fn documentation() -> Command {
    let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

fn cargo_test(arguments: &[&str]) -> Command {
    let mut command = cargo(&["test", "--workspace"]);
    command.args(arguments);
    command
}

/// `cargo test`, in the network namespace of a private engine: there the ports that its containers
/// publish are on localhost, as they are with any other engine.
fn tests(engine: &Engine, arguments: &[String]) -> Command {
    let mut command = match engine.private.as_ref().and_then(PrivateEngine::process_id) {
        Some(id) => {
            let mut command = Command::new("nsenter");
            command
                .arg(format!("--target={id}"))
                .args(["--net", "--", "cargo"]);
            // Its network ends at its edge.
            command.env("CARGO_NET_OFFLINE", "true");
            command
        }
        None => Command::new("cargo"),
    };
    command
        .current_dir(checkout::folder())
        .args(["test", "--workspace"])
        .args(arguments)
        .env("DOCKER_HOST", &engine.host)
        .env("TMPDIR", &engine.temporary_folder)
        .env("NEST_REQUIRE_ENGINE", "1");
    command
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(checkout::folder());
    command
}

async fn tool(cache: &Cache, tool: Tool, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(tool.program(cache)?);
    command.args(arguments).current_dir(checkout::folder());
    steps::run(command).await
}

fn target_folder(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
