//! What is mounted where, from `/proc/self/mountinfo`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A mounted file system.
pub(crate) struct Mount {
    /// Where it is mounted.
    pub(crate) target: PathBuf,
    /// Its kind, such as `ext4`.
    pub(crate) kind: String,
}

/// All mounts of this process's namespace, in the order they were made.
pub(crate) fn list() -> Result<Vec<Mount>> {
    let text = fs::read_to_string("/proc/self/mountinfo")
        .context("cannot read `/proc/self/mountinfo`: is `/proc` mounted?")?;
    Ok(text.lines().filter_map(parse).collect())
}

/// The kind of file system that a path is on.
pub(crate) fn kind_of(path: &Path) -> Result<String> {
    let mounts = list()?;
    mounts
        .into_iter()
        .filter(|mount| path.starts_with(&mount.target))
        // Of equally deep ones the last covers the others, and `max_by_key` takes the last.
        .max_by_key(|mount| mount.target.components().count())
        .map(|mount| mount.kind)
        .with_context(|| format!("nothing is mounted above `{}`", path.display()))
}

fn parse(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    // Spaces in paths are written as octal numbers.
    let target = before.split(' ').nth(4)?.replace("\\040", " ");
    Some(Mount {
        target: PathBuf::from(target),
        kind: after.split(' ').next()?.to_owned(),
    })
}
