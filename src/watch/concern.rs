//! What of all that happens on an engine is of concern.

use crate::desired::{Desired, DesiredEngine};
use crate::observed::happening::{Happening, HappeningTo};
use crate::resource::engine_path::EnginePath;

/// Whether a project has to look again after something happened on the engine at `path`.
pub fn concerns(desired: &Desired, path: &EnginePath, happening: &Happening) -> bool {
    let Some(engine) = desired.engine.at(path) else {
        return false;
    };
    let name = &happening.name;
    let carries_label = happening.project.as_deref() == Some(desired.project.as_str());
    match happening.object {
        HappeningTo::Container => carries_label || engine.containers.contains_key(name),
        HappeningTo::Network => engine.networks.contains_key(name),
        HappeningTo::Volume => engine.volumes.contains_key(name),
        // What goes is told by its id.
        HappeningTo::Image => !engine.image_references().is_empty(),
    }
}

/// The engines that a project is about, the outer one first.
pub fn engines(desired: &Desired) -> Vec<EnginePath> {
    fn collect(engine: &DesiredEngine, path: &EnginePath, paths: &mut Vec<EnginePath>) {
        paths.push(path.clone());
        for (name, container) in &engine.containers {
            if let Some(inner) = &container.engine {
                collect(&inner.engine, &path.inside(name), paths);
            }
        }
    }
    let mut paths = Vec::new();
    for (path, engine) in desired.engine.outermost() {
        collect(engine, &path, &mut paths);
    }
    paths
}
