//! Where an environment's mounts lead: over something, under something, or elsewhere than they seem.

use std::path::Path;

use crate::model::environment::Outer;
use crate::model::mount::{Mount, MountSource};
use crate::model::validate::{DeclaredVolumes, Validation};
use crate::problem::{EngineProblem, MountProblem};
use crate::source::Span;
use crate::spec::mount::MountSpec;

impl Validation<'_> {
    /// Checks that a mount hides nothing that nest needs and is not hidden itself.
    pub(super) fn check_target(&mut self, outer: &Outer, mount: &Mount, span: &Span) {
        let target = Path::new(&mount.target);
        let socket = outer.socket.as_str();
        if let Some(engine) = outer.mode.own_engine() {
            if target == Path::new(engine.data_root) {
                self.report(MountProblem::DataRootMounted {
                    target: mount.target.clone(),
                    at: span.clone(),
                });
                return;
            }
            if let Some(folder) = engine.memory_folder
                && target.starts_with(folder)
                && target != Path::new(folder)
            {
                self.report(MountProblem::HiddenByTmpfs {
                    folder: folder.to_owned(),
                    target: mount.target.clone(),
                    at: span.clone(),
                });
            }
        }
        // The images link `/var/run` to `/run`.
        let resolved_socket = socket.strip_prefix("/var").unwrap_or(socket);
        let client_folder = outer.mode.own_engine().map(|engine| engine.client_folder);
        let hidden = [Some(socket), Some(resolved_socket), client_folder]
            .into_iter()
            .flatten()
            .find(|needed| Path::new(needed).starts_with(target))
            .or_else(|| client_folder.filter(|folder| target.starts_with(folder)));
        if let Some(hidden) = hidden {
            self.report(MountProblem::ReservedPath {
                target: mount.target.clone(),
                hidden: hidden.to_owned(),
                at: span.clone(),
            });
        }
    }

    /// What surprises where the outer engine is used: it finds volumes and folders by their names out there.
    pub(super) fn check_shared_engine(
        &mut self,
        mount: &Mount,
        written: &MountSpec,
        span: &Span,
        declared: &DeclaredVolumes<'_>,
    ) {
        match &mount.source {
            MountSource::Volume(name) => {
                let Some(entry) = declared.entry(name.as_str()) else {
                    return;
                };
                let settled = entry.value.value.as_ref().is_some_and(|spec| {
                    spec.name.section().is_some() || spec.external.copied() == Some(true)
                });
                if !settled && mount.inner_name.is_some() {
                    self.report(EngineProblem::VolumeNameDiffers {
                        name: name.as_str().to_owned(),
                        real_name: format!("{}_{name}", self.project_name),
                        at: span.clone(),
                        declared: entry.name_span.clone(),
                    });
                }
            }
            MountSource::Bind { path, .. } if *path != mount.target => {
                let source_text = match written {
                    MountSpec::Scalar(text) => text.split(':').next().unwrap_or_default(),
                    MountSpec::Mapping(mapping) => {
                        mapping.source.value.as_deref().unwrap_or_default()
                    }
                };
                self.report(EngineProblem::BindPathDiffers {
                    path: path.clone(),
                    target: mount.target.clone(),
                    source_text: source_text.to_owned(),
                    at: span.clone(),
                });
            }
            MountSource::Bind { .. } | MountSource::AnonymousVolume | MountSource::Tmpfs => {}
        }
    }
}
