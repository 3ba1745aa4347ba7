//! nest.
