//! Which engine: the way from the outer engine inwards.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The names of the outer containers that lead from the outer engine to an engine. Empty for the outer engine itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnginePath(Arc<[String]>);

impl EnginePath {
    /// The engine that nest connects to.
    pub fn outer() -> Self {
        Self::default()
    }

    /// The engine inside `container`, which runs on this engine.
    #[must_use]
    pub fn inside(&self, container: &str) -> Self {
        let last = [container.to_owned()];
        Self(self.0.iter().cloned().chain(last).collect())
    }

    /// The containers on the way, outermost first.
    pub fn containers(&self) -> &[String] {
        &self.0
    }

    /// The engine one step out and the container there that holds this one; none for the outer engine.
    pub fn split_last(&self) -> Option<(Self, &str)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.into()), last))
    }
}

impl fmt::Display for EnginePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("the outer engine")
        } else {
            write!(f, "the engine in `{}`", self.0.join("/"))
        }
    }
}
