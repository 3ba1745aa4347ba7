//! The cgroups of an engine's containers. They live outside its namespaces and outlive it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::mounts;

/// Below each hierarchy, the group of all private engines.
const PARENT: &str = "nest-xtask";

/// The group of an engine, as `dockerd --cgroup-parent` takes it.
pub(crate) fn parent_of(name: &str) -> String {
    format!("/{PARENT}/{name}")
}

/// Removes the groups of an engine whose processes have ended.
pub(crate) fn remove(name: &str) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let start = Instant::now();
    for hierarchy in hierarchies()? {
        let group = hierarchy.join(PARENT).join(name);
        loop {
            remove_tree(&group);
            if !group.exists() {
                break;
            }
            // A process that is killed leaves its group a little later.
            if start.elapsed() > PATIENCE {
                bail!(
                    "the cgroup `{}` still has processes: end them, then stop the engine again",
                    group.display()
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
        // It stays while another engine has a group in it.
        let _ = fs::remove_dir(hierarchy.join(PARENT));
    }
    Ok(())
}

fn hierarchies() -> Result<impl Iterator<Item = PathBuf>> {
    Ok(mounts::list()?
        .into_iter()
        .filter(|mount| mount.kind == "cgroup" || mount.kind == "cgroup2")
        .map(|mount| mount.target))
}

/// Removes the groups below, deepest first, then the group itself; busy ones stay.
fn remove_tree(group: &Path) {
    for child in fs::read_dir(group).into_iter().flatten().flatten() {
        if child.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&child.path());
        }
    }
    let _ = fs::remove_dir(group);
}
