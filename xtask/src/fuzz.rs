//! Random input for the front end, led by what code it reaches: libFuzzer over the targets in `tests/fuzz`.
//!
//! It finds panics and hangs, so it needs no sanitizer, which would need an unstable Rust. What it builds, the corpora
//! that it collects and the input that it fails at stay in the cache.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::args::FuzzOptions;
use crate::cache::Cache;
use crate::checkout;
use crate::steps::{self, Steps};
use crate::tools::CARGO_FUZZ;

/// The targets, each with a file of its name in `tests/fuzz/targets` and seeds in `tests/fuzz/seeds`.
const TARGETS: [&str; 3] = ["document", "interpolation", "front_end"];
/// Words that mean something to YAML, to variables or to the targets.
const WORDS: [&str; 14] = [
    "!reset",
    "!override",
    "<<: ",
    "&a ",
    "*a",
    "${",
    "$$",
    ":-",
    ":?",
    ":+",
    "- ",
    ": ",
    "\\x0a",
    "\\x0a%%%\\x0a",
];
/// The longest input, in bytes.
const LONGEST: usize = 4096;

/// Runs the targets; true if nothing was found.
pub(crate) async fn run(options: &FuzzOptions) -> Result<bool> {
    let cache = Cache::open()?;
    let mut steps = Steps::new()?;
    add_steps(&mut steps, &cache, options.seconds).await;
    Ok(steps.finish())
}

/// Builds the targets and runs each for some seconds.
pub(crate) async fn add_steps(steps: &mut Steps, cache: &Cache, seconds: u32) {
    let folder = cache.path("fuzz");
    let programs = folder.join("target");
    let build = async { steps::run(build(cache, &programs)?).await };
    if steps.run("fuzz build", build).await.is_none() {
        steps.skip("fuzz", "there are no targets to run");
        return;
    }
    let programs = programs.join(triple()).join("release");
    let all = async {
        let dictionary = dictionary(&folder)?;
        for target in TARGETS {
            let command = fuzz(target, &programs, &folder, &dictionary, seconds)?;
            steps::run(command)
                .await
                .with_context(|| failed(target, &folder))?;
        }
        Ok(())
    };
    steps.run("fuzz", all).await;
}

fn build(cache: &Cache, programs: &Path) -> Result<tokio::process::Command> {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let found = Command::new(&compiler)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ensure!(
        found.is_ok_and(|status| status.success()),
        "libFuzzer is C++, and `{compiler}` does not run: install a C++ compiler, such as Debian's `g++`"
    );
    let mut command = tokio::process::Command::new(CARGO_FUZZ.program(cache)?);
    command
        .current_dir(checkout::folder())
        .args(["build", "--fuzz-dir", "tests/fuzz"])
        .args(["--sanitizer", "none", "--strip-dead-code", "--target-dir"])
        .arg(programs)
        .env_remove("CARGO_TARGET_DIR");
    Ok(command)
}

fn fuzz(
    target: &str,
    programs: &Path,
    folder: &Path,
    dictionary: &Path,
    seconds: u32,
) -> Result<tokio::process::Command> {
    let root = checkout::folder();
    let corpus = folder.join("corpus").join(target);
    let crashes = folder.join("crashes").join(target);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&crashes)?;
    let mut command = tokio::process::Command::new(programs.join(target));
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LONGEST}"))
        .args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"])
        .args(["-verbosity=0", "-close_fd_mask=1"])
        .arg(format!("-dict={}", dictionary.display()))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .arg(corpus)
        .arg(root.join("tests/fuzz/seeds").join(target));
    if target != "interpolation" {
        command.args([root.join("examples"), root.join("tests/it")]);
    }
    Ok(command)
}

/// The machine, as the compiler calls it: cargo-fuzz always names it, so it is part of the path.
fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// What to do about a failure.
fn failed(target: &str, folder: &Path) -> String {
    let crashes = folder.join("crashes").join(target);
    format!(
        "`{target}` fails at the newest input in `{}`: mend it, and make a test of the input",
        crashes.display()
    )
}

/// The words of the schema, as libFuzzer reads them.
fn dictionary(folder: &Path) -> Result<PathBuf> {
    let schema = checkout::folder().join("schema/nest.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema)?)?;
    let mut words: BTreeSet<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    collect(&schema, &mut words);
    let lines: Vec<String> = words.iter().map(|word| format!("\"{word}\"\n")).collect();
    let path = folder.join("dictionary");
    fs::write(&path, lines.concat())?;
    Ok(path)
}

/// Adds the keys and words that a schema knows, as far as they are plain.
fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    let is_plain = |word: &str| !word.is_empty() && !word.contains(['"', '\\']) && word.is_ascii();
    let mut add = |word: &str| {
        if is_plain(word) {
            words.insert(word.to_owned());
        }
    };
    match schema {
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => {
                        properties.keys().for_each(|key| add(key));
                    }
                    ("enum", Value::Array(items)) => {
                        items.iter().filter_map(Value::as_str).for_each(&mut add);
                    }
                    ("const", Value::String(word)) => add(word),
                    _ => {}
                }
            }
            entries.values().for_each(|value| collect(value, words));
        }
        _ => {}
    }
}
