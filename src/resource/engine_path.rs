//! Which engine: the way from an outer engine inwards.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::name::EngineName;

/// How the first step begins that leads to another outer engine. No container's name has a colon.
const OTHER: &str = "engine:";

/// The names of the outer containers that lead from an outer engine to an engine. Empty for the outer engine that nest
/// connects to; for another one, its name stands first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnginePath(Arc<[String]>);

impl EnginePath {
    /// The engine that nest connects to.
    pub fn outer() -> Self {
        Self::default()
    }

    /// Another outer engine.
    pub fn other(name: &EngineName) -> Self {
        Self([format!("{OTHER}{name}")].into())
    }

    /// The engine inside `container`, which runs on this engine.
    #[must_use]
    pub fn inside(&self, container: &str) -> Self {
        let last = [container.to_owned()];
        Self(self.0.iter().cloned().chain(last).collect())
    }

    /// The containers on the way, outermost first.
    pub fn containers(&self) -> &[String] {
        &self.0[usize::from(self.named().is_some())..]
    }

    /// The outer engine that the way begins at, where it is another one than nest connects to.
    pub fn outermost(&self) -> Option<EngineName> {
        self.named().map(EngineName::new)
    }

    /// The way without its containers.
    #[must_use]
    pub fn root(&self) -> Self {
        Self(self.0[..self.0.len() - self.containers().len()].into())
    }

    /// The engine one step out and the container there that holds this one; none for an outer engine.
    pub fn split_last(&self) -> Option<(Self, &str)> {
        self.containers().last()?;
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.into()), last))
    }

    /// Whether it leads to `other`, or into a container there.
    pub fn is_at_or_inside(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The way as data: its steps with `/` between them, the first one `engine:NAME` where it begins at another outer
    /// engine; empty for the outer engine.
    pub fn as_text(&self) -> String {
        self.0.join("/")
    }

    fn named(&self) -> Option<&str> {
        self.0.first()?.strip_prefix(OTHER)
    }
}

impl fmt::Display for EnginePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let containers = self.containers().join("/");
        match (self.named(), containers.as_str()) {
            (None, "") => f.write_str("the outer engine"),
            (None, containers) => write!(f, "the engine in `{containers}`"),
            (Some(name), "") => write!(f, "the engine `{name}`"),
            (Some(name), containers) => write!(f, "the engine in `{containers}` on `{name}`"),
        }
    }
}
