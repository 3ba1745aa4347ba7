//! The integration tests: one binary.

mod apply;
mod book;
mod clients;
mod commands;
mod compose;
mod config;
mod diff;
mod docker;
mod doctor;
mod editor;
mod examples;
mod front_end;
mod graph;
mod histories;
mod hostile;
mod init;
mod laws;
mod lock;
mod memory;
mod merge;
mod mutations;
mod plan;
mod problem_formats;
mod problems;
mod processor;
mod project;
mod real;
mod scale;
mod schema;
mod stream;
mod tidy;
mod tree;
mod variables;
mod watch;
mod yaml;

/// The one that the program has: histories are many small parts too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
