//! Decisions: what to do so that the engines hold what the file declares.

pub mod step;
