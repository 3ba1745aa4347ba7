//! Problems: what is wrong, or doubtful, in a nest file.
//!
//! Each has a stable code, a text, a label at the exact place, and help that can be followed. They are collected, never
//! returned one by one: a reader of a file with ten mistakes sees ten problems.

mod compose;
mod container;
mod daemon;
mod engine;
mod image;
mod include;
mod invalid_document;
mod mode;
mod mount;
mod name;
mod network;
mod outer_engine;
pub(crate) mod page;
mod policy;
mod reference;
mod registry;
mod render;
mod secret;
mod service;
mod shape;
pub(crate) mod suggestion;
mod text;
mod value;
mod variable;

use std::collections::HashSet;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hasher as _};

use miette::{Diagnostic, Severity};
use thiserror::Error;

use crate::source::Span;

pub use crate::problem::compose::ComposeProblem;
pub use crate::problem::container::ContainerProblem;
pub use crate::problem::daemon::DaemonProblem;
pub use crate::problem::engine::EngineProblem;
pub use crate::problem::image::ImageProblem;
pub use crate::problem::include::IncludeProblem;
pub use crate::problem::invalid_document::InvalidDocument;
pub use crate::problem::mode::ModeProblem;
pub use crate::problem::mount::MountProblem;
pub use crate::problem::name::NameProblem;
pub use crate::problem::network::NetworkProblem;
pub use crate::problem::outer_engine::OuterEngineProblem;
pub use crate::problem::policy::PolicyProblem;
pub use crate::problem::reference::ReferenceProblem;
pub use crate::problem::registry::RegistryProblem;
pub(crate) use crate::problem::render::without_secrets;
pub use crate::problem::render::{RenderOptions, render_problems};
pub use crate::problem::secret::SecretProblem;
pub use crate::problem::service::ServiceProblem;
pub use crate::problem::shape::ShapeProblem;
pub use crate::problem::text::TextProblem;
pub use crate::problem::value::ValueProblem;
pub use crate::problem::variable::VariableProblem;

/// Something that is wrong, or doubtful, in a nest file.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[error(transparent)]
#[diagnostic(transparent)]
pub enum Problem {
    /// The text is no YAML that nest reads.
    Text(#[from] TextProblem),
    /// A file that another one includes.
    Include(#[from] IncludeProblem),
    /// Services that extend others, and Compose files.
    Compose(#[from] ComposeProblem),
    /// A variable in a value.
    Variable(#[from] VariableProblem),
    /// Keys and the shape of their values.
    Shape(#[from] ShapeProblem),
    /// The name of a thing of the file.
    Name(#[from] NameProblem),
    /// A name that stands for nothing, or for the wrong thing.
    Reference(#[from] ReferenceProblem),
    /// A value with a grammar of its own.
    Value(#[from] ValueProblem),
    /// What is mounted where, and which ports are published.
    Mount(#[from] MountProblem),
    /// A policy, or a breach of one.
    Policy(#[from] PolicyProblem),
    /// Networks and their addresses.
    Network(#[from] NetworkProblem),
    /// Settings of a container.
    Container(#[from] ContainerProblem),
    /// An environment and its engine.
    Engine(#[from] EngineProblem),
    /// What does not go with a mode, and how its engine listens.
    Mode(#[from] ModeProblem),
    /// The configuration of an environment's engine.
    Daemon(#[from] DaemonProblem),
    /// An image that an engine should have.
    Image(#[from] ImageProblem),
    /// An outer engine that the file declares, or names.
    OuterEngine(#[from] OuterEngineProblem),
    /// A service.
    Service(#[from] ServiceProblem),
    /// A registry.
    Registry(#[from] RegistryProblem),
    /// A secret and where it comes from.
    Secret(#[from] SecretProblem),
}

impl Problem {
    /// Whether the file can be used all the same.
    pub fn is_warning(&self) -> bool {
        self.severity() == Some(Severity::Warning)
    }

    /// Where it is, for sorting: the first byte of its main label, or of its first one.
    pub fn place(&self) -> usize {
        self.main_span().map_or(0, |span| span.start)
    }

    /// The text it is about: its main label, or its first one. Few problems have none.
    pub fn main_span(&self) -> Option<Span> {
        self.labels()
            .into_iter()
            .flatten()
            .min_by_key(|label| (!label.primary(), label.offset()))
            .map(|label| label.offset()..label.offset() + label.len())
    }

    /// Its code, as in `nest::unknown_key`.
    pub fn code_text(&self) -> String {
        self.code().map(|code| code.to_string()).unwrap_or_default()
    }
}

/// Brings problems in the order of the file and drops repetitions: what an anchor holds is seen once for each alias.
pub(crate) fn sort_problems(problems: &mut Vec<Problem>) {
    problems.sort_by_cached_key(Problem::place);
    let mut seen = HashSet::new();
    problems.retain(|problem| {
        let mut digest = Digest::default();
        let _ = write!(digest, "{problem:?}");
        seen.insert(digest.0.finish())
    });
}

/// What stands for a text of any length.
#[derive(Default)]
struct Digest(DefaultHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
