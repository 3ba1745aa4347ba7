//! The command against a real engine: `cargo xtask test` provides one.

mod archive;
mod change;
mod clash;
mod client;
mod depth;
mod diff;
mod drift;
mod examples;
mod histories;
mod isolation;
mod kill;
mod lock;
mod networks;
mod pinned;
mod proxy;
mod quickstart;
mod refusal;
mod repeat;
mod requests;
mod rows;
mod sandbox;
mod saved;
mod services;
mod share;
mod stream;
mod tunnel;
