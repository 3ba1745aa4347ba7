//! What waits for what.

pub use crate::spec::environment::DependencyCondition;

/// That one thing of a scope waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// What it waits for.
    pub condition: DependencyCondition,
    /// Whether it is started again when the other is.
    pub restart: bool,
    /// Whether it cannot start without the other.
    pub required: bool,
}

impl Default for Dependency {
    fn default() -> Self {
        Self {
            condition: DependencyCondition::Healthy,
            restart: false,
            required: true,
        }
    }
}
