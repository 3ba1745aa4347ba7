//! Programs that are run to their end, that are a few lines of shell, and that this machine has to have.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::output::talk;

/// Runs a program whose output is talk.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot start {command:?}"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

/// Writes a program, in a folder that is made if there is none.
pub(crate) fn write_script(program: &Path, lines: &str) -> Result<()> {
    if let Some(folder) = program.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(program, format!("#!/bin/sh\n{lines}\n"))?;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Installs a program from the package of its name, if this machine does not have it.
pub(crate) fn install(program: &str, or_else: &str) -> Result<()> {
    if is_installed(program) {
        return Ok(());
    }
    ensure!(
        is_installed("apt-get"),
        "there is no `{program}`, and no `apt-get` to install it: {or_else}"
    );
    talk(format_args!("installing `{program}`"));
    run(Command::new("apt-get").args(["update", "-qq"])).context("cannot read package lists")?;
    let mut install = Command::new("apt-get");
    install
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .arg(program)
        .env("DEBIAN_FRONTEND", "noninteractive");
    run(&mut install).with_context(|| format!("cannot install `{program}`: {or_else}"))
}

fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}
