//! What an environment mounts.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::model::environment::Outer;
use crate::model::mount::{Mount, MountSource};
use crate::model::name::VolumeName;
use crate::model::validate::mount_parts::{Inner, Parts};
use crate::model::validate::{DeclaredVolumes, Validation};
use crate::problem::MountProblem;
use crate::source::Span;
use crate::spec::decode::Spanned;
use crate::spec::environment::EnvironmentSpec;
use crate::spec::mount::MountKind;

/// The target that means the same path as on the host.
const SAME: &str = "same";

impl Validation<'_> {
    /// The mounts of an environment's outer container, and the place of each.
    pub(super) fn mounts(
        &mut self,
        environment: &EnvironmentSpec,
        outer: Option<&Outer>,
        declared: &DeclaredVolumes<'_>,
    ) -> (Vec<Mount>, Vec<Span>) {
        let count = environment.volumes.value.as_ref().map_or(0, Vec::len);
        let mut mounts: Vec<Mount> = Vec::with_capacity(count);
        let mut spans: Vec<Span> = Vec::with_capacity(count);
        let mut targets: HashMap<String, Span> = HashMap::new();
        let mut named: HashMap<VolumeName, usize> = HashMap::new();
        for item in environment.volumes.items() {
            let parts = self.mount_parts(&item);
            let Some(mut mount) = parts.and_then(|parts| self.mount(&parts, declared)) else {
                continue;
            };
            if let Some(first) = targets.get(&mount.target) {
                self.report(MountProblem::PathMountedTwice {
                    target: mount.target,
                    first: first.clone(),
                    again: item.span,
                });
                continue;
            }
            targets.insert(mount.target.clone(), item.span.clone());
            if let Some(outer) = outer {
                self.check_target(outer, &mount, &item.span);
                if outer.mode.own_engine().is_none() {
                    self.check_shared_engine(&mount, item.value, &item.span, declared);
                }
            }
            let first = mount.inner_name.as_ref();
            if let Some(index) = first.and_then(|name| named.get(name).copied()) {
                if (&mounts[index].source, &mounts[index].settings.subpath)
                    != (&mount.source, &mount.settings.subpath)
                    && let Some(name) = &mount.inner_name
                {
                    self.report(MountProblem::InnerNameUsedTwice {
                        name: name.as_str().to_owned(),
                        first: spans[index].clone(),
                        again: item.span.clone(),
                    });
                }
                // The same files: the engine inside finds them at the first path.
                mount.inner_name = None;
            }
            if let Some(name) = &mount.inner_name {
                named.insert(name.clone(), mounts.len());
            }
            mounts.push(mount);
            spans.push(item.span);
        }
        (mounts, spans)
    }

    pub(super) fn mount(
        &mut self,
        parts: &Parts<'_>,
        declared: &DeclaredVolumes<'_>,
    ) -> Option<Mount> {
        let source = match (&parts.source, parts.kind) {
            (Some(source), MountKind::Volume) => {
                self.check_volume(source.value, source.span.clone(), declared);
                MountSource::Volume(VolumeName::new(source.value))
            }
            (Some(source), MountKind::Bind) => {
                let Some(path) = self.absolute_path(source.value, &source.span) else {
                    let reason = "the variable `HOME` is not set, so `~` means nothing";
                    self.invalid_mount(source.value, reason, source.span.clone());
                    return None;
                };
                self.check_bind_policy(&path, &source.span);
                self.check_source(source, &path, parts);
                let path = self.path_on_engine(source, path);
                MountSource::Bind {
                    path: path.display().to_string(),
                    create: parts.create,
                }
            }
            (None, MountKind::Volume) => MountSource::AnonymousVolume,
            (_, MountKind::Bind | MountKind::Tmpfs) => MountSource::Tmpfs,
        };
        let target = match &source {
            MountSource::Bind { path, .. } if parts.target.value == SAME => path.clone(),
            _ => self.container_path(&parts.target)?,
        };
        let inner_name = match (&parts.inner, &source) {
            (Inner::Named(name), _) => Some(VolumeName::new(name)),
            (Inner::Default, MountSource::Volume(name)) => Some(name.clone()),
            (Inner::Default | Inner::Hidden, _) => None,
        };
        Some(Mount {
            source,
            target,
            read_only: parts.read_only,
            settings: parts.settings.clone(),
            inner_name,
        })
    }

    /// The path at which the engine of the scope finds a path beside the file. An absolute one is as it sees it already.
    pub(super) fn path_on_engine(&mut self, written: &Spanned<&str>, path: PathBuf) -> PathBuf {
        if written.value.starts_with('/') || self.is_left_out {
            return path;
        }
        let engines = self.engines.iter_mut();
        let containers = engines.filter_map(|engine| engine.container.as_mut());
        containers.fold(path, |path, container| {
            container.path_inside(path, &written.span)
        })
    }

    /// Adds what a container must mount so that what is inside finds it.
    pub(super) fn add_mounts_on_the_way(
        &mut self,
        (mounts, spans): (&mut Vec<Mount>, &[Span]),
        on_the_way: Vec<(Mount, Span)>,
    ) {
        for (mount, span) in on_the_way {
            match mounts.iter().position(|other| other.target == mount.target) {
                None => mounts.push(mount),
                Some(index) => self.report(MountProblem::PathMountedTwice {
                    target: mount.target,
                    first: spans.get(index).unwrap_or(&span).clone(),
                    again: span,
                }),
            }
        }
    }

    /// Looks for what is mounted, where it is beside the file. An absolute path is one of the engine's host.
    fn check_source(&mut self, source: &Spanned<&str>, path: &Path, parts: &Parts<'_>) {
        if source.value.starts_with('/') || self.input.files.exists(path) {
            return;
        }
        let path = source.value.to_owned();
        let at = source.span.clone();
        self.report(match &parts.create_span {
            Some(create) if !parts.create => MountProblem::BindSourceMissing {
                path,
                at,
                create: create.clone(),
            },
            _ => MountProblem::BindSourceCreated { path, at },
        });
    }

    /// A path in the container, without what means nothing in it.
    fn container_path(&mut self, written: &Spanned<&str>) -> Option<String> {
        let path = Path::new(written.value);
        let reason = if !written.value.starts_with('/') {
            Some("the path in the container must begin with `/`")
        } else if written.value.split('/').any(|part| part == "..") {
            Some("the path in the container cannot have `..`")
        } else {
            None
        };
        if let Some(reason) = reason {
            self.invalid_mount(written.value, reason, written.span.clone());
            return None;
        }
        let normal: PathBuf = path.components().collect();
        Some(normal.display().to_string())
    }
}
