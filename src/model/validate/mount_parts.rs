//! A mount in parts, as its short or its long form gives them.

use crate::model::mount::{MountSettings, Propagation, Selinux};
use crate::model::size::parse_size;
use crate::model::validate::{Validation, is_path};
use crate::problem::{ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::mount::{MountKind, MountMapping, MountSpec, TmpfsSpec};
use crate::spec::text::Text;
use crate::spec::vocabulary::not_supported_yet;

/// How the engine inside sees a mount.
pub(super) enum Inner {
    /// As a volume under its own name; a folder or memory not at all.
    Default,
    /// As a volume of this name.
    Named(String),
    /// Not at all.
    Hidden,
}

/// A mount in parts.
pub(super) struct Parts<'s> {
    pub(super) kind: MountKind,
    /// What is mounted. Memory has none, and a volume without a name.
    pub(super) source: Option<Spanned<&'s str>>,
    pub(super) target: Spanned<&'s str>,
    pub(super) read_only: bool,
    /// Whether a missing folder is created.
    pub(super) create: bool,
    /// Where the file says whether it is.
    pub(super) create_span: Option<Span>,
    pub(super) settings: MountSettings,
    /// How the engine inside sees it.
    pub(super) inner: Inner,
}

impl Validation<'_> {
    /// A mount in parts; nothing if there is not enough of it to go on.
    pub(super) fn mount_parts<'s>(&mut self, item: &Spanned<&'s MountSpec>) -> Option<Parts<'s>> {
        match item.value {
            MountSpec::Scalar(text) => self.short_mount(&Spanned {
                value: text,
                span: item.span.clone(),
            }),
            MountSpec::Mapping(mapping) => self.long_mount(mapping, &item.span),
        }
    }

    fn short_mount<'s>(&mut self, text: &Spanned<&'s String>) -> Option<Parts<'s>> {
        let whole = text.value.as_str();
        let mut pieces = whole.split(':');
        let source = pieces.next().unwrap_or_default();
        let Some(target) = pieces.next() else {
            if whole.starts_with('/') {
                let target = Spanned {
                    value: whole,
                    span: text.span.clone(),
                };
                return Some(Parts {
                    kind: MountKind::Volume,
                    source: None,
                    target,
                    read_only: false,
                    create: true,
                    create_span: None,
                    settings: MountSettings::default(),
                    inner: Inner::Default,
                });
            }
            self.invalid_mount(whole, "it has no path in the container", text.span.clone());
            return None;
        };
        let options = pieces.next();
        if pieces.next().is_some() {
            self.invalid_mount(whole, "it has more than three parts", text.span.clone());
            return None;
        }
        let options_start = source.len() + target.len() + 2;
        let options = options.map(|options| Spanned {
            value: options,
            span: self.part(text, options_start..whole.len()),
        });
        let (read_only, settings) = self.short_options(options.as_ref(), whole);
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
            settings,
            inner: Inner::Default,
        })
    }

    /// What the words at the end of a short form say: whether it is read-only, and more.
    fn short_options(
        &mut self,
        options: Option<&Spanned<&str>>,
        whole: &str,
    ) -> (bool, MountSettings) {
        let mut read_only = false;
        let mut settings = MountSettings::default();
        let Some(options) = options else {
            return (read_only, settings);
        };
        for option in options.value.split(',') {
            match option {
                "ro" => read_only = true,
                "rw" => read_only = false,
                other if set_option(&mut settings, other) => {
                    // The engine's API has no word for it.
                    if !matches!(option, "z" | "Z") {
                        continue;
                    }
                    let what = format!("the option `{option}`");
                    self.report(not_supported_yet(what, options.span.clone()));
                }
                other => {
                    let reason = format!("`{other}` is no option of a mount");
                    self.invalid_mount(whole, &reason, options.span.clone());
                }
            }
        }
        (read_only, settings)
    }

    fn long_mount<'s>(&mut self, mapping: &'s MountMapping, span: &Span) -> Option<Parts<'s>> {
        let kind = mapping.kind.copied();
        let source = mapping.source.get();
        let target = mapping.target.get();
        let absent = [
            (
                "type",
                kind.is_none() && !mapping.kind.failed,
                "say what it is: `type: volume`, `bind` or `tmpfs`",
            ),
            (
                "source",
                kind == Some(MountKind::Bind) && source.is_none() && !mapping.source.failed,
                "say which folder: `source: ./src`",
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
        if kind == MountKind::Bind && source.is_none() {
            return None;
        }
        if let Some((at, reason)) = source_fault(kind, source.as_ref()) {
            let text = source.map_or_else(String::new, |source| source.value.clone());
            self.invalid_mount(&text, reason, at);
            return None;
        }
        self.check_belonging(mapping, kind);
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
            settings: self.long_settings(mapping),
            inner: self.inner(mapping),
        })
    }

    /// Reports settings of another kind of mount.
    fn check_belonging(&mut self, mapping: &MountMapping, kind: MountKind) {
        let settings = [
            ("bind", MountKind::Bind, mapping.bind.section()),
            ("volume", MountKind::Volume, mapping.volume.section()),
            ("tmpfs", MountKind::Tmpfs, mapping.tmpfs.section()),
        ];
        for (key, owner, section) in settings {
            if let Some(second) = section.filter(|_| owner != kind) {
                self.report(ShapeProblem::ConflictingKeys {
                    what: "a mount".to_owned(),
                    keys: format!("another `type` and `{key}`"),
                    first: mapping.kind.span.clone(),
                    second,
                });
            }
        }
    }

    fn long_settings(&mut self, mapping: &MountMapping) -> MountSettings {
        let bind = mapping.bind.value.as_ref();
        let volume = mapping.volume.value.as_ref();
        let memory = mapping.tmpfs.value.as_ref();
        let subpath = volume.and_then(|volume| volume.subpath.get());
        if let Some(subpath) = &subpath
            && (subpath.value.starts_with('/') || subpath.value.split('/').any(|part| part == ".."))
        {
            self.report(ValueProblem::InvalidValue {
                key: "subpath".to_owned(),
                text: subpath.value.clone(),
                reason: "it leads out of the volume".to_owned(),
                hint: "name a folder of the volume, without `/` before it: `packages/npm`"
                    .to_owned(),
                at: subpath.span.clone(),
            });
        }
        MountSettings {
            subpath: subpath.map(|subpath| subpath.value.clone()),
            nocopy: volume.and_then(|volume| volume.nocopy.copied()) == Some(true),
            propagation: bind.and_then(|bind| bind.propagation.copied()),
            selinux: bind.and_then(|bind| bind.selinux.copied()),
            tmpfs_size: memory.and_then(|memory| self.tmpfs_size(memory)),
            tmpfs_mode: memory.and_then(|memory| self.tmpfs_mode(&memory.mode)),
            consistency: mapping.consistency.copied(),
        }
    }

    fn tmpfs_size(&mut self, memory: &TmpfsSpec) -> Option<i64> {
        let text = memory.size.get()?;
        match parse_size(&text.value.0) {
            Ok(bytes) => Some(bytes),
            Err(reason) => {
                self.report(ValueProblem::InvalidSize {
                    text: text.value.0.clone(),
                    reason: reason.to_owned(),
                    at: text.span,
                });
                None
            }
        }
    }

    fn tmpfs_mode(&mut self, mode: &Field<Text>) -> Option<u32> {
        let text = mode.get()?;
        let digits = text.value.0.strip_prefix("0o").unwrap_or(&text.value.0);
        match u32::from_str_radix(digits, 8) {
            Ok(mode) if mode <= 0o7777 => Some(mode),
            _ => {
                self.report(ValueProblem::InvalidValue {
                    key: "mode".to_owned(),
                    text: text.value.0.clone(),
                    reason: "it is no mode of a file".to_owned(),
                    hint: "write three or four octal digits: `\"0700\"`".to_owned(),
                    at: text.span,
                });
                None
            }
        }
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

    pub(super) fn invalid_mount(&mut self, text: &str, reason: &str, at: Span) {
        self.report(ValueProblem::InvalidMount {
            text: text.to_owned(),
            reason: reason.to_owned(),
            at,
        });
    }
}

/// Why a kind of mount cannot have a source, and where that is written.
fn source_fault(
    kind: MountKind,
    source: Option<&Spanned<&String>>,
) -> Option<(Span, &'static str)> {
    let source = source?;
    let reason = match kind {
        MountKind::Tmpfs => "memory has no `source`",
        MountKind::Volume if is_path(source.value) => "it is a path: say `type: bind`",
        MountKind::Bind if !is_path(source.value) => {
            "it is no path: begin it with `./`, or say `type: volume`"
        }
        MountKind::Volume | MountKind::Bind => return None,
    };
    Some((source.span.clone(), reason))
}

/// Sets what an option of the short form says; whether there is such an option.
fn set_option(settings: &mut MountSettings, option: &str) -> bool {
    let word = serde_yaml::Value::from(option);
    match option {
        "nocopy" => settings.nocopy = true,
        "z" => settings.selinux = Some(Selinux::Shared),
        "Z" => settings.selinux = Some(Selinux::Private),
        _ => {
            let propagation: Option<Propagation> = serde_yaml::from_value(word.clone()).ok();
            let consistency = serde_yaml::from_value(word).ok();
            settings.propagation = propagation.or(settings.propagation);
            settings.consistency = consistency.or(settings.consistency);
            return propagation.is_some() || consistency.is_some();
        }
    }
    true
}
