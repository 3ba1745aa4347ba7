//! From the file as written to the project: what is missing, what clashes, what would not work; and every default.
//!
//! Each check reports what it finds and goes on, so that one run finds all. What is wrong is left out of the project,
//! which nobody sees then.

mod aliases;
mod build;
mod clashes;
mod container;
mod daemon;
mod data;
mod dependencies;
mod environment;
mod flags;
mod images;
mod listen;
mod localhost;
mod login;
mod materials;
mod mount_parts;
mod mount_targets;
mod mounts;
mod networks;
mod outer;
mod outer_engines;
mod policy;
mod ports;
mod profiles;
mod registries;
mod runtime;
mod scope;
mod secrets;
mod service;
mod settings;
mod store;
mod subnets;
mod surroundings;
mod values;
mod variables;
mod volumes;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::document::budget::Budget;
use crate::document::variables::Variables;
use crate::mode::Mode;
use crate::model::build::Build;
use crate::model::image::ImageReference;
use crate::model::name::{ProjectName, RegistryName, name_fault};
use crate::model::registry::Registry;
use crate::model::validate::environment::ALL_REPLICAS;
use crate::model::validate::ports::MOST_PORTS;
use crate::model::validate::surroundings::EngineAround;
use crate::model::{NameOrigin, Project};
use crate::problem::suggestion::did_you_mean;
use crate::problem::{NameProblem, Problem, ReferenceProblem, ShapeProblem};
use crate::source::{Files, SourceMap, Span, normalized, part_of};
use crate::spec::decode::{Field, Spanned, Table, TableEntry};
use crate::spec::engine::EngineSpec;
use crate::spec::policy::PolicySpec;
use crate::spec::registry::RegistrySpec;
use crate::spec::volume::VolumeSpec;
use crate::spec::{FileParts, FileSpec};

pub(crate) use crate::model::validate::secrets::{hide_passwords, inline_tokens, may_hold_tokens};

/// What validation needs besides the file's content.
pub(crate) struct ValidationInput<'a> {
    /// Absolute path of the file.
    pub(crate) file: &'a Path,
    /// The folder of the file.
    pub(crate) folder: &'a Path,
    /// The project's name from a flag or a variable.
    pub(crate) project_name: Option<&'a str>,
    /// The active profiles.
    pub(crate) profiles: &'a [String],
    /// Variables.
    pub(crate) variables: &'a Variables,
    /// Where files that hold secrets are read from, and folders that are mounted are looked for.
    pub(crate) files: &'a dyn Files,
    /// The files' text.
    pub(crate) sources: &'a SourceMap,
    /// The number of the file's first byte.
    pub(crate) base: usize,
}

/// Validates a file, which has to keep to its own policy and to `policies`. Whether the project can be used, the problems
/// say. Files that are read are added to `paths`.
pub(crate) fn validate(
    spec: FileSpec,
    policies: Vec<PolicySpec>,
    input: &ValidationInput<'_>,
    problems: &mut Vec<Problem>,
    paths: &mut Vec<PathBuf>,
) -> Project {
    let FileParts {
        name,
        policy,
        engines,
        registries,
        scope,
    } = spec.into_parts();
    let policies: Vec<PolicySpec> = policy.into_value().into_iter().chain(policies).collect();
    let mut validation = Validation {
        input,
        outer_engines: &engines,
        registries: &registries,
        project_name: ProjectName::new(""),
        policies: &policies,
        is_left_out: false,
        around: Vec::new(),
        names_around: Vec::new(),
        built: Vec::new(),
        engines: vec![EngineAround::default()],
        packet_sizes: HashMap::new(),
        left_out: Vec::new(),
        replicas_left: ALL_REPLICAS,
        ports_left: MOST_PORTS,
        budget: Budget::default(),
        problems,
        paths,
    };
    let (name, name_origin) = validation.project_name(&name);
    validation.project_name = name.clone();
    validation.check_policies();
    let engines = validation.outer_engines();
    let made_registries = validation.registries(&scope);
    let scope = validation.top_scope(&scope, &made_registries);
    let left_out = std::mem::take(&mut validation.left_out);
    validation.forget_warnings(&left_out);
    validation.apply_warning_policies();
    Project {
        name,
        name_origin,
        file: input.file.to_owned(),
        engines,
        registries: made_registries
            .into_iter()
            .map(|(name, made)| (name, made.registry))
            .collect(),
        scope,
        places: Arc::default(),
    }
}

/// A validation under way.
struct Validation<'a> {
    input: &'a ValidationInput<'a>,
    /// The outer engines that the file declares.
    outer_engines: &'a Field<Table<EngineSpec>>,
    registries: &'a Field<Table<RegistrySpec>>,
    /// The project's name, or empty if it has no usable one.
    project_name: ProjectName,
    /// The policies that the file must keep to, its own first.
    policies: &'a [PolicySpec],
    /// Whether what is looked at belongs to profiles of which none is active.
    is_left_out: bool,
    /// The modes of the environments that the scope under way is inside of, and where each is chosen.
    around: Vec<(&'static Mode, Span)>,
    /// The names of these environments.
    names_around: Vec<String>,
    /// The images that are built, with where it is said how.
    built: Vec<(ImageReference, Build, Span)>,
    /// The engines that the scope under way is in: the outer one first, its own last.
    engines: Vec<EngineAround>,
    /// The largest packets of the networks of the scope under way, by the network's name, where the file says.
    packet_sizes: HashMap<String, (u32, Span)>,
    /// The places of what belongs to profiles of which none is active.
    left_out: Vec<Span>,
    /// How many more environments, and published ports, the file may have.
    replicas_left: u32,
    ports_left: usize,
    /// How much the files of variables that containers name may come to.
    budget: Budget,
    problems: &'a mut Vec<Problem>,
    /// Files that were read.
    paths: &'a mut Vec<PathBuf>,
}

/// A registry with the places that clashes point to.
struct MadeRegistry {
    registry: Registry,
    name_span: Span,
    port_span: Span,
}

type MadeRegistries = IndexMap<RegistryName, MadeRegistry>;

impl Validation<'_> {
    fn report(&mut self, problem: impl Into<Problem>) {
        self.problems.push(problem.into());
    }

    /// The place of a part of a text value.
    fn part(&self, text: &Spanned<&String>, part: Range<usize>) -> Span {
        let written = self.input.sources.slice(&text.span).unwrap_or_default();
        part_of(&text.span, written, text.value, part)
    }

    fn project_name(&mut self, given: &Field<String>) -> (ProjectName, NameOrigin) {
        if let Some(text) = given.get()
            && let Some(reason) = name_fault(text.value, false, "-_")
        {
            let suggestion = ProjectName::of_text(text.value);
            let near = if name_fault(suggestion.as_str(), false, "-_").is_none() {
                format!("; perhaps `{suggestion}`")
            } else {
                String::new()
            };
            self.report(NameProblem::Invalid {
                name: text.value.clone(),
                what: "a project".to_owned(),
                rule: format!("use 2 to 63 lower-case letters, digits, `-` or `_`{near}"),
                at: text.span,
                reason,
            });
        }
        let (name, origin, origin_text) = if let Some(text) = self.input.project_name {
            (
                ProjectName::of_text(text),
                NameOrigin::Given,
                format!("`--project-name {text}`"),
            )
        } else if let Some(text) = &given.value {
            return (ProjectName::new(text.clone()), NameOrigin::Given);
        } else {
            let folder = self
                .input
                .folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            let origin = format!("the folder `{}`", self.input.folder.display());
            (ProjectName::of_folder(&folder), NameOrigin::Folder, origin)
        };
        if name_fault(name.as_str(), false, "-_").is_some() {
            self.report(NameProblem::NoProjectName {
                origin: origin_text,
                name: name.as_str().to_owned(),
                at: self.input.base..self.input.base,
            });
        }
        (name, origin)
    }

    /// Reports a name that engines would refuse; `allowed` are its characters besides letters and digits.
    fn check_name(&mut self, what: &str, name: &str, span: &Span, upper_case: bool, allowed: &str) {
        if let Some(reason) = name_fault(name, upper_case, allowed) {
            let letters = if upper_case {
                "letters"
            } else {
                "lower-case letters"
            };
            let others: Vec<String> = allowed.chars().map(|c| format!("`{c}`")).collect();
            self.report(NameProblem::Invalid {
                name: name.to_owned(),
                what: what.to_owned(),
                rule: format!(
                    "use 2 to 63 {letters}, digits or {}, a letter or a digit first",
                    others.join(", ")
                ),
                at: span.clone(),
                reason,
            });
        }
    }

    /// Reports a volume that the scope does not declare.
    fn check_volume(&mut self, name: &str, at: Span, declared: &DeclaredVolumes<'_>) {
        if declared.contains(name) {
            return;
        }
        let hint = did_you_mean(name, declared.names(), || {
            if declared.volumes.section().is_some() {
                format!("declare it beside the others: `{name}: {{}}`")
            } else {
                format!("declare it in this scope: `volumes: {{ {name}: {{}} }}`")
            }
        });
        self.report(ReferenceProblem::UndeclaredVolume {
            name: name.to_owned(),
            hint,
            at,
            section: declared.volumes.section().map(Into::into),
        });
    }

    /// A path as a file writes it, made absolute: relative to that file's folder, or to the home folder. An absolute
    /// one is a path as the engine sees it. Nothing if the home folder is not known.
    fn absolute_path(&self, written: &str, span: &Span) -> Option<PathBuf> {
        let path = if let Some(rest) = written.strip_prefix('~') {
            let home = self
                .input
                .variables
                .get("HOME")
                .filter(|home| !home.is_empty())?;
            Path::new(home).join(rest.trim_start_matches('/'))
        } else {
            let folder = self.input.sources.folder(span);
            folder.unwrap_or(self.input.folder).join(written)
        };
        Some(normalized(&path))
    }

    fn missing(&mut self, what: &str, key: &str, hint: &str, at: Span) {
        self.report(ShapeProblem::MissingKey {
            what: what.to_owned(),
            key: key.to_owned(),
            hint: hint.to_owned(),
            at,
        });
    }
}

/// The volumes of a scope: those that it declares, and those that are shared into it from outside.
struct DeclaredVolumes<'a> {
    volumes: &'a Field<Table<VolumeSpec>>,
    shared: &'a [String],
    /// Every name, with its declaration unless it is shared into the scope.
    names: HashMap<&'a str, Option<&'a TableEntry<VolumeSpec>>>,
}

impl<'a> DeclaredVolumes<'a> {
    fn new(volumes: &'a Field<Table<VolumeSpec>>, shared: &'a [String]) -> Self {
        let from_outside = shared.iter().map(|name| (name.as_str(), None));
        let declared = volumes.entries().iter();
        let declared = declared.map(|entry| (entry.name.as_str(), Some(entry)));
        Self {
            volumes,
            shared,
            names: from_outside.chain(declared).collect(),
        }
    }

    fn contains(&self, name: &str) -> bool {
        // What failed as a whole may declare anything.
        self.volumes.failed || self.names.contains_key(name)
    }

    /// The names in the order of the file.
    fn names(&self) -> impl Iterator<Item = &'a str> {
        let declared = self.volumes.entries().iter();
        let declared = declared.map(|entry| entry.name.as_str());
        declared.chain(self.shared.iter().map(String::as_str))
    }

    fn entry(&self, name: &str) -> Option<&'a TableEntry<VolumeSpec>> {
        self.names.get(name).copied().flatten()
    }
}

/// Whether a source is a path and not a name.
fn is_path(source: &str) -> bool {
    source.starts_with(['/', '.', '~'])
}
