//! One integration binary.

mod front_end;
mod problems;
mod project;
mod schema;
mod variables;
