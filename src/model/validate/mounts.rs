//! What an environment mounts.

use std::collections::HashMap;
use std::path::Path;

use crate::model::environment::Outer;
use crate::model::mount::{Mount, MountSource};
use crate::model::name::VolumeName;
use crate::model::validate::{DeclaredVolumes, Validation, is_path};
use crate::problem::{MountProblem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::Spanned;
use crate::spec::environment::EnvironmentSpec;
use crate::spec::mount::{MountKind, MountMapping, MountSpec};
use crate::spec::vocabulary::not_supported_yet;

/// The target that means the same path as on the host.
const SAME: &str = "same";

/// How the engine inside sees a mount.
enum Inner {
    /// As a volume under its own name; a folder or memory not at all.
    Default,
    /// As a volume of this name.
    Named(String),
    /// Not at all.
    Hidden,
}

/// A mount in parts, as the short or the long form gives them.
struct Parts<'s> {
    kind: MountKind,
    source: Option<Spanned<&'s str>>,
    target: Spanned<&'s str>,
    read_only: bool,
    create: bool,
    /// Where the file says that a missing folder is not created.
    create_span: Option<Span>,
    /// How the engine inside sees it.
    inner: Inner,
}

impl Validation<'_> {
    /// The mounts of an environment's outer container, and the place of each.
    pub(super) fn mounts(
        &mut self,
        environment: &EnvironmentSpec,
        outer: Option<&Outer>,
        declared: &DeclaredVolumes<'_>,
    ) -> (Vec<Mount>, Vec<Span>) {
        let mut mounts: Vec<Mount> = Vec::new();
        let mut spans: Vec<Span> = Vec::new();
        let mut targets: HashMap<String, Span> = HashMap::new();
        for item in environment.volumes.items() {
            let parts = match item.value {
                MountSpec::Scalar(text) => self.short_mount(&Spanned {
                    value: text,
                    span: item.span.clone(),
                }),
                MountSpec::Mapping(mapping) => self.long_mount(mapping, &item.span),
            };
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
            let same_name =
                |other: &&Mount| mount.inner_name.is_some() && other.inner_name == mount.inner_name;
            if let Some(index) = mounts.iter().position(|other| same_name(&other)) {
                if mounts[index].source != mount.source
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
            mounts.push(mount);
            spans.push(item.span);
        }
        (mounts, spans)
    }

    fn short_mount<'s>(&mut self, text: &Spanned<&'s String>) -> Option<Parts<'s>> {
        let whole = text.value.as_str();
        let mut pieces = whole.split(':');
        let source = pieces.next().unwrap_or_default();
        let Some(target) = pieces.next() else {
            if whole.starts_with('/') {
                let what = "a volume without a name".to_owned();
                self.report(not_supported_yet(what, text.span.clone()));
            } else {
                self.invalid_mount(whole, "it has no path in the container", text.span.clone());
            }
            return None;
        };
        let options = pieces.next();
        if pieces.next().is_some() {
            self.invalid_mount(whole, "it has more than three parts", text.span.clone());
            return None;
        }
        let mut read_only = false;
        let options_start = source.len() + target.len() + 2;
        for option in options.into_iter().flat_map(|options| options.split(',')) {
            match option {
                "ro" => read_only = true,
                "rw" => {}
                "z" | "Z" | "nocopy" | "cached" | "delegated" | "consistent" => {
                    let at = self.part(text, options_start..whole.len());
                    self.report(not_supported_yet(format!("the option `{option}`"), at));
                }
                other => {
                    let at = self.part(text, options_start..whole.len());
                    let reason = format!("`{other}` is neither `ro` nor `rw`");
                    self.invalid_mount(whole, &reason, at);
                }
            }
        }
        if source.is_empty() {
            self.invalid_mount(whole, "nothing stands before the `:`", text.span.clone());
            return None;
        }
        let target_start = source.len() + 1;
        Some(Parts {
            kind: if is_path(source) {
                MountKind::Bind
            } else {
                MountKind::Volume
            },
            source: Some(Spanned {
                value: source,
                span: self.part(text, 0..source.len()),
            }),
            target: Spanned {
                value: target,
                span: self.part(text, target_start..target_start + target.len()),
            },
            read_only,
            create: true,
            create_span: None,
            inner: Inner::Default,
        })
    }

    fn long_mount<'s>(&mut self, mapping: &'s MountMapping, span: &Span) -> Option<Parts<'s>> {
        let kind = mapping.kind.copied();
        let source = mapping.source.get();
        let target = mapping.target.get();
        let needs_source = kind.is_some_and(|kind| kind != MountKind::Tmpfs);
        let absent = [
            (
                "type",
                kind.is_none() && !mapping.kind.failed,
                "say what it is: `type: volume`, `bind` or `tmpfs`",
            ),
            (
                "source",
                needs_source && source.is_none() && !mapping.source.failed,
                "say which volume or folder: `source: cache`",
            ),
            (
                "target",
                target.is_none() && !mapping.target.failed,
                "say where: `target: /cache`",
            ),
        ];
        for (key, missing, hint) in absent {
            if missing {
                self.missing("a mount", key, hint, span.clone());
            }
        }
        let (kind, target) = (kind?, target?);
        if needs_source && source.is_none() {
            return None;
        }
        let conflict = match (kind, &source) {
            (MountKind::Tmpfs, Some(source)) => {
                Some((source.span.clone(), "memory has no `source`"))
            }
            (MountKind::Volume, Some(source)) if is_path(source.value) => {
                Some((source.span.clone(), "it is a path: say `type: bind`"))
            }
            (MountKind::Bind, Some(source)) if !is_path(source.value) => Some((
                source.span.clone(),
                "it is no path: begin it with `./`, or say `type: volume`",
            )),
            _ => None,
        };
        if let Some((at, reason)) = conflict {
            let text = source
                .map(|source| source.value.clone())
                .unwrap_or_default();
            self.invalid_mount(&text, reason, at);
            return None;
        }
        let bind = mapping.bind.value.as_ref();
        let create = bind.and_then(|bind| bind.create_host_path.get());
        Some(Parts {
            kind,
            source: source.map(|source| Spanned {
                value: source.value.as_str(),
                span: source.span,
            }),
            target: Spanned {
                value: target.value.as_str(),
                span: target.span,
            },
            read_only: mapping.read_only.copied().unwrap_or(false),
            create: create.as_ref().is_none_or(|create| *create.value),
            create_span: create.map(|create| create.span),
            inner: self.inner(mapping),
        })
    }

    fn inner(&mut self, mapping: &MountMapping) -> Inner {
        let Some(inner) = mapping.inner.get() else {
            return Inner::Default;
        };
        match inner.value.0.as_str() {
            "false" => Inner::Hidden,
            "true" => {
                self.report(ShapeProblem::WrongType {
                    owner: "`inner`".to_owned(),
                    expected: "a name or `false`".to_owned(),
                    found: "`true`".to_owned(),
                    hint: "leave it out: a volume is shared under its own name".to_owned(),
                    at: inner.span,
                });
                Inner::Default
            }
            name => {
                self.check_name("a volume", name, &inner.span, true, "-_.");
                Inner::Named(name.to_owned())
            }
        }
    }

    fn mount(&mut self, parts: &Parts<'_>, declared: &DeclaredVolumes<'_>) -> Option<Mount> {
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
                self.check_source(source, &path, parts);
                MountSource::Bind {
                    path: path.display().to_string(),
                    create: parts.create,
                }
            }
            _ => MountSource::Tmpfs,
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
            inner_name,
        })
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
        let normal: std::path::PathBuf = path.components().collect();
        Some(normal.display().to_string())
    }

    fn invalid_mount(&mut self, text: &str, reason: &str, at: Span) {
        self.report(ValueProblem::InvalidMount {
            text: text.to_owned(),
            reason: reason.to_owned(),
            at,
        });
    }
}
