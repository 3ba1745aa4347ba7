//! A project as if it lay in another folder, so that two copies of it can be compared.

use std::path::{Path, PathBuf};

use crate::desired::{Desired, DesiredEngine};
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
                && let Ok(rest) = Path::new(path.as_str()).strip_prefix(from)
            {
                let components = to.components().chain(rest.components());
                *path = components.collect::<PathBuf>().display().to_string();
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
