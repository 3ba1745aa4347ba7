//! What nest makes on engines: addresses, kinds, and the settings of each kind of object.
//!
//! The same types describe what the file wants, what a plan's steps carry, and what a label remembers.

pub mod build;
pub mod container;
pub mod digest;
pub mod engine_path;
pub mod label;
pub mod lock;
pub mod login;
pub mod pattern;
pub mod push;
pub mod record;
pub mod secret;
pub mod seed;
pub mod storage;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::name::EngineName;

/// The word that addresses have for another outer engine, which is no thing that nest makes.
pub(crate) const ENGINE: &str = "engine";

/// What sort of thing an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A network of an engine.
    Network,
    /// A volume of an engine.
    Volume,
    /// A registry's container.
    Registry,
    /// An environment's outer container.
    Environment,
    /// A service's container.
    Service,
    /// An image in an engine.
    Image,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [
        Kind::Network,
        Kind::Volume,
        Kind::Registry,
        Kind::Environment,
        Kind::Service,
        Kind::Image,
    ];

    /// The word that addresses use.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Network => "network",
            Kind::Volume => "volume",
            Kind::Registry => "registry",
            Kind::Environment => "environment",
            Kind::Service => "service",
            Kind::Image => "image",
        }
    }

    /// What sort of thing a container is, by its address.
    pub fn of_container(address: &Address) -> Self {
        let others = [Kind::Registry, Kind::Service];
        let other = others
            .into_iter()
            .find(|kind| address.last_segment_is(*kind));
        other.unwrap_or(Kind::Environment)
    }

    /// Whether it is a container.
    pub fn is_container(self) -> bool {
        matches!(self, Kind::Registry | Kind::Environment | Kind::Service)
    }

    /// The word for the object that an engine holds.
    pub fn object_word(self) -> &'static str {
        match self {
            Kind::Registry | Kind::Environment | Kind::Service => "container",
            Kind::Network | Kind::Volume | Kind::Image => self.word(),
        }
    }
}

/// The name of a resource across all engines, such as `environment.builder/image["alpine:3.20"]`. `/` goes one engine
/// deeper.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(Arc<str>);

impl Address {
    /// The address of a thing in the scope of the environment at `scope`, or in the file's own scope.
    pub fn new(scope: Option<&Address>, kind: Kind, name: &str) -> Self {
        let (scope, slash) = scope.map_or(("", ""), |scope| (scope.as_str(), "/"));
        let (open, close) = match kind {
            Kind::Image => ("[\"", "\"]"),
            _ => (".", ""),
        };
        Self(
            [scope, slash, kind.word(), open, name, close]
                .concat()
                .into(),
        )
    }

    /// The address of an outer engine that nest does not connect to by default.
    pub fn of_engine(engine: &EngineName) -> Self {
        Self(format!("{ENGINE}.{engine}").into())
    }

    /// The address of a thing on such an engine, where several engines may have one of its name.
    #[must_use]
    pub fn on(&self, engine: &EngineName) -> Self {
        Self(format!("{}/{}", Self::of_engine(engine), self.0).into())
    }

    /// The address of one replica, counted from 1.
    #[must_use]
    pub fn replica(&self, index: u32) -> Self {
        Self(format!("{}[{index}]", self.0).into())
    }

    /// The address of a container that is made beside this one, whatever the replica, for one command alone.
    #[must_use]
    pub fn one_off(&self, suffix: &str) -> Self {
        let stem = match self.0.rsplit_once('[') {
            Some((stem, replica)) if replica.ends_with(']') => stem,
            _ => &*self.0,
        };
        Self(format!("{stem}-run-{suffix}").into())
    }

    /// Whether the address ends with a thing of this kind.
    pub fn last_segment_is(&self, kind: Kind) -> bool {
        let last = self.0.rsplit('/').next().unwrap_or_default();
        last.strip_prefix(kind.word())
            .is_some_and(|rest| rest.starts_with(['.', '[']))
    }

    /// Whether the address begins with a thing of this kind.
    pub fn first_segment_is(&self, kind: Kind) -> bool {
        let rest = self.0.strip_prefix(kind.word());
        rest.is_some_and(|rest| rest.starts_with(['.', '[']))
    }

    /// Whether the address is of something in the engine of the environment at `outer`.
    pub fn is_inside(&self, outer: &Address) -> bool {
        let rest = self.0.strip_prefix(outer.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// Wraps the text of a label, which may be anything.
    pub fn from_label(text: &str) -> Self {
        Self(text.into())
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
