//! A project as if it lay in another folder, so that two copies of it can be compared.

use std::path::{Path, PathBuf};

use crate::desired::{Desired, DesiredEngine};
use crate::model::mount::BESIDE_MEMORY;
use crate::resource::container::ContainerMountSource;

impl Desired {
    /// The same, with what lies beside its file beside the file `file` instead.
    #[must_use]
    pub fn relocated(mut self, file: &str) -> Self {
        let folder = |file: &str| Path::new(file).parent().map(Path::to_owned);
        if let (Some(from), Some(to)) = (folder(&self.file), folder(file))
            && from != to
        {
            relocate(&mut self.engine, &from, &to);
        }
        file.clone_into(&mut self.file);
        self
    }
}

fn relocate(engine: &mut DesiredEngine, from: &Path, to: &Path) {
    for container in engine.containers.values_mut() {
        for mount in &mut container.fixed.mounts {
            if let ContainerMountSource::Bind { path, .. } = &mut mount.source
                && let Some(there) = moved(path, from, to)
            {
                // What is there for containers inside is found there by its own path.
                if shown(&mount.target) == shown(path)
                    && let Some(target) = moved(&mount.target, from, to)
                {
                    mount.target = target;
                }
                *path = there;
            }
        }
        if let Some(inner) = &mut container.engine {
            relocate(&mut inner.engine, from, to);
        }
    }
    for other in engine.others.values_mut() {
        relocate(&mut other.engine, from, to);
    }
}

/// A path in the other folder; none if it leads elsewhere.
fn moved(path: &str, from: &Path, to: &Path) -> Option<String> {
    let own = shown(path);
    let rest = Path::new(own).strip_prefix(from).ok()?;
    let there: PathBuf = to.components().chain(rest.components()).collect();
    let beside = &path[..path.len() - own.len()];
    Some(format!("{beside}{}", there.display()))
}

/// A path without what is put before it where it is hidden inside.
fn shown(path: &str) -> &str {
    match path.strip_prefix(BESIDE_MEMORY) {
        Some(rest) if rest.starts_with('/') => shown(rest),
        _ => path,
    }
}
