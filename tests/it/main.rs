//! The integration tests: one binary.

mod apply;
mod memory;
mod plan;
mod yaml;
