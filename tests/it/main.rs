//! The integration tests: one binary.

mod apply;
mod book;
mod commands;
mod compose;
mod config;
mod docker;
mod editor;
mod examples;
mod front_end;
mod histories;
mod hostile;
mod init;
mod lock;
mod memory;
mod merge;
mod mutations;
mod plan;
mod problem_formats;
mod problems;
mod project;
mod real;
mod schema;
mod tidy;
mod tree;
mod variables;
mod yaml;
