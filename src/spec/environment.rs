//! Environments.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Field, Table};
use crate::spec::mount::MountSpec;
use crate::spec::outer::OuterSpec;

/// A container with a container engine.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Environment")]
#[schemars(extend("required" = ["outer"]))]
pub(crate) struct EnvironmentSpec {
    /// The container: the word for its mode, or a mapping.
    pub(crate) outer: Field<OuterSpec>,
    /// What its engine should hold.
    pub(crate) inner: Field<ScopeSpec>,
    /// Volumes and folders that the container and the engine inside share.
    pub(crate) volumes: Field<Vec<Field<MountSpec>>>,
    /// The outer engine that it lives on, by its name in `engines`. Default: the one that nest connects to.
    #[schemars(example = &"builder-machine")]
    pub(crate) engine: Field<String>,
    /// Names of registries that its engine can use.
    pub(crate) registries: Field<Vec<Field<String>>>,
    /// Environments that must be ready before this one starts.
    pub(crate) depends_on: Field<DependenciesSpec>,
    /// Profiles that it belongs to: without one of them active (`--profile`), it is left out. Default: always there.
    #[schemars(example = ["debug"])]
    pub(crate) profiles: Field<Vec<Field<String>>>,
    /// How many of it there are, each with its own engine. Default: 1.
    #[schemars(range(min = 0, max = 1000))]
    pub(crate) replicas: Field<u32>,
    /// Refuse every plan that would remove it.
    pub(crate) protect: Field<bool>,
}

/// What must be ready first: names, or names with a condition.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Dependencies", untagged)]
pub(crate) enum DependenciesSpec {
    /// Names.
    #[schemars(title = "names")]
    Sequence(Vec<Field<String>>),
    /// Names with a condition.
    #[schemars(title = "names with a condition")]
    Mapping(Table<DependencySpec>),
}

/// When something counts as ready.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Dependency", extend("type" = ["object", "null"]))]
pub(crate) struct DependencySpec {
    /// What to wait for. Default: `service_healthy`.
    #[schemars(example = &"service_healthy")]
    pub(crate) condition: Field<DependencyCondition>,
    /// Whether it is started again when what it waits for is. Default: `false`.
    #[schemars(example = true)]
    pub(crate) restart: Field<bool>,
    /// Whether it cannot start without. Default: `true`.
    #[schemars(example = false)]
    pub(crate) required: Field<bool>,
}

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DependencyCondition {
    /// Until its engine answers.
    #[serde(rename = "service_healthy")]
    Healthy,
    /// Until its container runs.
    #[serde(rename = "service_started")]
    Started,
    /// Until its container has ended well.
    #[serde(rename = "service_completed_successfully")]
    Completed,
}

/// One entry of `depends_on`.
pub(crate) struct NamedDependency<'s> {
    /// The name.
    pub(crate) name: &'s str,
    /// Where it is written.
    pub(crate) name_span: Span,
    /// What is said of it, in the long form.
    pub(crate) spec: Option<&'s DependencySpec>,
}

impl DependenciesSpec {
    /// The entries, in the order of the file.
    pub(crate) fn named(&self) -> Vec<NamedDependency<'_>> {
        match self {
            Self::Sequence(names) => names
                .iter()
                .filter_map(Field::get)
                .map(|name| NamedDependency {
                    name: name.value,
                    name_span: name.span,
                    spec: None,
                })
                .collect(),
            Self::Mapping(table) => table
                .entries
                .iter()
                .map(|entry| NamedDependency {
                    name: &entry.name,
                    name_span: entry.name_span.clone(),
                    spec: entry.value.value.as_ref(),
                })
                .collect(),
        }
    }
}
