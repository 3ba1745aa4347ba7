//! The command against a real engine: `cargo xtask test` provides one.

mod archive;
mod change;
mod clash;
mod depth;
mod diff;
mod drift;
mod examples;
mod histories;
mod isolation;
mod kill;
mod lock;
mod pinned;
mod proxy;
mod quickstart;
mod refusal;
mod remote;
mod repeat;
mod requests;
mod rows;
mod sandbox;
mod saved;
mod share;
mod stream;
mod tunnel;
