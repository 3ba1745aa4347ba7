//! Everything that has to hold before a change is done, in one command.

use std::path::Path;

use anyhow::Result;
use tokio::process::Command;

use crate::again;
use crate::answers;
use crate::args::EngineChoice;
use crate::cache::Cache;
use crate::checkout;
use crate::clients;
use crate::editor;
use crate::engine::{self, Engine};
use crate::fuzz;
use crate::kind::Kind;
use crate::program;
use crate::steps::{self, Steps};
use crate::suite::Suite;
use crate::tools::{CARGO_DENY, CARGO_MACHETE, MDBOOK, Tool};

/// How long each target of the fuzzer runs.
const FUZZ_SECONDS: u32 = 8;

/// What runs on podman too.
const PODMAN_TESTS: [&str; 23] = [
    "laws::real::",
    "real::archive::an_image_that_a_container_of_others_",
    "real::build::",
    "real::change::",
    "real::client::",
    "real::doctor::",
    "real::drift::",
    "real::held_images::",
    "real::histories::",
    "real::leftovers::",
    "real::networks::",
    "real::one_off::",
    "real::outer_engine::",
    "real::prune::",
    "real::quickstart::",
    "real::remote::ssh::",
    "real::rows::container::mounts_and_images",
    "real::rows::process::",
    "real::sealed::the_air_gapped_",
    "real::services::",
    "real::several_engines::",
    "real::stopped::",
    "real::waiting::",
];
/// For how many seconds histories are made on podman.
const PODMAN_SECONDS: &str = "15";

/// Runs all checks, then all tests against a real engine; true if all passed.
///
/// The tests come last, so that their results are at the end of the output.
pub(crate) async fn run(choice: &EngineChoice, arguments: &[String]) -> Result<bool> {
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
        let folder = checkout::target_folder().join("book");
        let build = ["build", "book", "--dest-dir", &folder.to_string_lossy()];
        steps.run("book", tool(&cache, MDBOOK, &build)).await;
    } else {
        steps.skip("book", "there is no `book/book.toml`");
    }
    editor::add_steps(&mut steps, &cache).await;
    answers::add_steps(&mut steps, &cache).await;
    fuzz::add_steps(&mut steps, &cache, FUZZ_SECONDS).await;

    let release = ["build", "--release", "--bin", "nest"];
    match steps
        .run("release build", steps::run(cargo(&release)))
        .await
    {
        Some(()) => {
            steps
                .run("hostile input", steps::run(hostile_input()))
                .await;
        }
        None => steps.skip("hostile input", "there is no program to try it on"),
    }

    let vim = async { program::install("vim", "one test saves files by it: install it") };
    steps.run("vim", vim).await;
    let (own, _lock) = engine::own(&cache)?;
    let started = engine::start(&cache, choice, own.name());
    match steps.run("engine start", started).await {
        Some(engine) => {
            let mut arguments = arguments.to_vec();
            if engine.private.is_none() {
                steps.skip("other ways", "your engine is reached in one way only");
                if !arguments.iter().any(|it| it == "--") {
                    arguments.push("--".to_owned());
                }
                arguments.extend(["--skip", "real::remote::"].map(str::to_owned));
            }
            steps
                .run("build tests", steps::run(cargo_test(&["--no-run"])))
                .await;
            let all = tests(&engine, &arguments);
            let again = |names: &[&str]| tests_named(&engine, names);
            steps.run("tests", again::run(all, again)).await;
            clients::add_steps(&mut steps, &cache, &engine).await;
        }
        None => steps.skip("tests", "there is no engine to test with"),
    }
    let goes_on = !steps.is_interrupted();
    steps.clean_up();
    steps.run("engine stop", async { own.stop(&cache) }).await;
    if goes_on {
        podman(&mut steps, &cache, choice).await?;
    } else {
        steps.skip("podman tests", "interrupted");
    }
    Ok(steps.finish())
}

/// The laws of engines, two whole scenarios, builds, services and some histories on podman as the outer engine.
async fn podman(steps: &mut Steps, cache: &Cache, choice: &EngineChoice) -> Result<()> {
    if choice.kind.is_some() {
        steps.skip("podman tests", "one kind of engine was asked for");
        return Ok(());
    }
    let (own, _lock) = engine::own(cache)?;
    let podman = EngineChoice {
        kind: Some(Kind::Podman),
        suite: Some(Suite::Trixie),
        private: true,
    };
    let started = engine::start(cache, &podman, own.name());
    match steps.run("podman start", started).await {
        Some(engine) => {
            let all = podman_tests(&engine, &PODMAN_TESTS);
            let again = |names: &[&str]| podman_tests(&engine, names);
            steps.run("podman tests", again::run(all, again)).await;
        }
        None => steps.skip("podman tests", "there is no podman to test with"),
    }
    steps.clean_up();
    steps.run("podman stop", async { own.stop(cache) }).await;
    Ok(())
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

/// The same tests as elsewhere, but with the program as users have it, and held to what they may expect of it.
fn hostile_input() -> Command {
    let mut command = cargo(&["test", "--package", "nest", "--test", "it", "hostile::"]);
    let program = checkout::target_folder().join("release/nest");
    command.env("NEST_TEST_RELEASE", program);
    command
}

fn tests(engine: &Engine, arguments: &[String]) -> Command {
    let mut command = engine.command(Path::new("cargo"));
    command
        .current_dir(checkout::folder())
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(arguments)
        .env("NEST_REQUIRE_ENGINE", "1");
    command
}

/// The tests of exactly these names, one after the other.
fn tests_named(engine: &Engine, names: &[&str]) -> Command {
    let mut arguments = vec!["--".to_owned(), "--exact".to_owned()];
    arguments.push("--test-threads=1".to_owned());
    arguments.extend(names.iter().map(|&name| name.to_owned()));
    tests(engine, &arguments)
}

/// The tests whose names contain these, on podman.
fn podman_tests(engine: &Engine, names: &[&str]) -> Command {
    let mut command = engine.command(Path::new("cargo"));
    command
        .current_dir(checkout::folder())
        .args(["test", "--package", "nest", "--test", "it", "--"])
        .args(names)
        .env("NEST_REQUIRE_ENGINE", "1")
        .env("NEST_REAL_SECONDS", PODMAN_SECONDS);
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
