//! The integration tests: one binary.

mod apply;
mod docker;
mod front_end;
mod memory;
mod plan;
mod problems;
mod project;
mod real;
mod schema;
mod variables;
mod yaml;
