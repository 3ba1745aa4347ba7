//! The command line.

use clap::{Args, Parser, Subcommand};

use crate::suite::Suite;

/// Sets up and checks nest.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) task: Task,
}

/// What xtask can do.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// The engine that tests run against: yours, or a private one made from Debian packages.
    Engine {
        /// What to do with it.
        #[command(subcommand)]
        action: EngineAction,
    },
    /// `examples/quickstart` on a real engine, from nothing to nothing.
    Demo(EngineChoice),
    /// Everything that CI checks: format, lints, documentation, dependencies, the book, and all tests
    /// against a real engine.
    Test {
        /// Which engine.
        #[command(flatten)]
        choice: EngineChoice,
        /// Handed to `cargo test`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// What can be done with an engine.
#[derive(Subcommand)]
pub(crate) enum EngineAction {
    /// Starts an engine and prints the variables that point to it: `eval "$(cargo xtask engine start)"`.
    Start(StartOptions),
    /// Ends a private engine and removes all of it.
    Stop(EngineName),
    /// Says which private engines there are.
    Status(EngineName),
    /// Opens a shell inside a private engine's namespaces, or runs a command there.
    Shell {
        /// Which engine.
        #[command(flatten)]
        name: EngineName,
        /// The command, after `--`.
        #[arg(last = true)]
        command: Vec<String>,
    },
}

/// Which private engine.
#[derive(Args)]
pub(crate) struct EngineName {
    /// The engine's name; without it, that of this checkout.
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// How to start an engine.
#[derive(Args)]
pub(crate) struct StartOptions {
    /// Makes a private engine of this name.
    #[command(flatten)]
    pub(crate) name: EngineName,
    /// Which engine.
    #[command(flatten)]
    pub(crate) choice: EngineChoice,
}

/// Which engine to use: the user's, if nothing is said and it will do.
#[derive(Args)]
pub(crate) struct EngineChoice {
    /// Makes a private engine from this Debian suite.
    #[arg(long)]
    pub(crate) suite: Option<Suite>,
    /// Makes a private engine even if you have one that would do.
    #[arg(long)]
    pub(crate) private: bool,
}
