//! What clients make of the engines that nest serves: the real programs, each at one version for everybody.
//!
//! docker, buildx and Compose come from Debian packages, as does the Python that Testcontainers of PyPI runs in: containers
//! get it as well, which the machine's own would not do for.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::args::EngineChoice;
use crate::cache::Cache;
use crate::engine::{self, Engine};
use crate::steps::{self, Steps};
use crate::suite::Suite;
use crate::unpacked::{Unpacked, shell_words};
use crate::{checkout, digest, program};

const DOCKER: [&str; 3] = ["docker-buildx", "docker-cli", "docker-compose"];
const PYTHON: [&str; 2] = ["python3", "python3-pip"];
const PLUGINS: &str = "usr/libexec/docker/cli-plugins";

/// Runs the tests that need the programs, on an engine; true if all passed.
pub(crate) async fn run(choice: &EngineChoice) -> Result<bool> {
    let cache = Cache::open()?;
    let mut steps = Steps::new()?;
    let (own, _lock) = engine::own(&cache)?;
    let started = engine::start(&cache, choice, own.name());
    if let Some(engine) = steps.run("engine start", started).await {
        add_steps(&mut steps, &cache, &engine).await;
    }
    steps.clean_up();
    steps.run("engine stop", async { own.stop(&cache) }).await;
    Ok(steps.finish())
}

/// Installs the programs and runs the tests that need them.
pub(crate) async fn add_steps(steps: &mut Steps, cache: &Cache, engine: &Engine) {
    let programs = async { programs(cache) };
    match steps.run("client programs", programs).await {
        Some(programs) => {
            let tests = steps::run(tests(engine, &programs));
            steps.run("client tests", tests).await;
        }
        None => steps.skip("client tests", "there are no programs to test with"),
    }
}

/// They are ignored elsewhere, since they need programs that are not Rust's.
fn tests(engine: &Engine, programs: &Path) -> tokio::process::Command {
    let mut command = engine.command(Path::new("cargo"));
    command
        .current_dir(checkout::folder())
        .args(["test", "--package", "nest", "--test", "it"])
        .args(["--", "--ignored", "clients::"])
        .env("NEST_TEST_CLIENTS", programs)
        .env("NEST_REQUIRE_ENGINE", "1");
    command
}

/// The folder with the programs, installed on first use.
fn programs(cache: &Cache) -> Result<PathBuf> {
    let docker = Unpacked::install(cache, Suite::Sid, &DOCKER)?;
    let python = Unpacked::install(cache, Suite::Trixie, &PYTHON)?;
    let words = python.command("usr/bin/python3");
    let requirements = checkout::folder().join("tests/clients/requirements.txt");
    let mut recipe = shell_words(&words) + &shell_words(&docker.command(PLUGINS));
    recipe.push_str(include_str!("clients.rs"));
    recipe.push_str(&fs::read_to_string(&requirements)?);
    let recipe = digest::of_bytes(recipe.as_bytes());
    cache.entry(&format!("tools/clients-{}", &recipe[..12]), |folder| {
        write_docker(&docker, folder)?;
        install_testcontainers(&words, &requirements, folder)?;
        // Containers get it by a path of their own.
        std::os::unix::fs::symlink(python.root(), folder.join("debian"))?;
        Ok(())
    })
}

/// `docker`, which finds its plugins by its configuration.
fn write_docker(docker: &Unpacked, folder: &Path) -> Result<()> {
    let line = |program: &str| format!("exec {} \"$@\"", shell_words(&docker.command(program)));
    for plugin in ["docker-buildx", "docker-compose"] {
        let program = folder.join("config/cli-plugins").join(plugin);
        program::write_script(&program, &line(&format!("{PLUGINS}/{plugin}")))?;
    }
    let lines = format!(
        "DOCKER_CONFIG=${{DOCKER_CONFIG:-$(dirname \"$(dirname \"$0\")\")/config}}\nexport DOCKER_CONFIG\n{}",
        line("usr/bin/docker")
    );
    program::write_script(&folder.join("bin/docker"), &lines)
}

fn install_testcontainers(python: &[OsString], requirements: &Path, folder: &Path) -> Result<()> {
    let target = folder.join("python");
    let mut pip = Command::new(&python[0]);
    pip.args(&python[1..])
        .args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--root-user-action=ignore"])
        .args(["--require-hashes", "--only-binary", ":all:"])
        .arg("--requirement")
        .arg(requirements)
        .arg("--target")
        .arg(&target);
    program::run(&mut pip).context("cannot install what `tests/clients/requirements.txt` names")?;
    let words = shell_words(python);
    let lines = format!(
        "export PYTHONPATH=\"$(dirname \"$(dirname \"$0\")\")/python\" PYTHONDONTWRITEBYTECODE=1\nexec {words} \"$@\""
    );
    program::write_script(&folder.join("bin/python"), &lines)
}
