//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::kind::Kind;
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
    /// What other clients make of the engines that nest serves, by the programs that people use: part of `test`.
    Clients(EngineChoice),
    /// How fast nest is and how much memory it takes, beside Docker Compose.
    Bench(BenchOptions),
    /// Runs a command, its output in a file, and prints the microseconds and the bytes that it took.
    #[command(hide = true)]
    Measure(MeasureOptions),
    /// What editors and checkers make of the schema, by the programs that people use: part of `test`.
    Editor,
    /// Random input for what reads nest files: a bounded run is part of `test`.
    Fuzz(FuzzOptions),
    /// Every mode with every store of images, on every engine around it, as a table.
    Matrix(MatrixOptions),
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
    /// Makes a private engine of this kind: by default Docker Engine.
    #[arg(long)]
    pub(crate) kind: Option<Kind>,
    /// Makes a private engine from this Debian suite: by default trixie.
    #[arg(long)]
    pub(crate) suite: Option<Suite>,
    /// Makes a private engine even if you have one that would do.
    #[arg(long)]
    pub(crate) private: bool,
}

/// What to measure.
#[derive(Args)]
pub(crate) struct BenchOptions {
    /// Which engine.
    #[command(flatten)]
    pub(crate) choice: EngineChoice,
    /// How often each project is brought up from nothing, and taken down.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) cold: u32,
    /// How often each project that is up is brought up again.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) again: u32,
    /// Measures only how long engines take to become ready.
    #[arg(long)]
    pub(crate) ready: bool,
    /// Measures only how fast `nest watch` is, and how quiet.
    #[arg(long, conflicts_with = "ready")]
    pub(crate) watch: bool,
    /// Puts the figures into `book/src/performance.md`; those of `--watch` into `book/src/watch.md`.
    #[arg(long)]
    pub(crate) write: bool,
}

/// What to try.
#[derive(Args)]
pub(crate) struct MatrixOptions {
    /// Only the engine of this Debian suite.
    #[arg(long)]
    pub(crate) suite: Option<Suite>,
    /// Puts the table into `book/src/matrix.md`.
    #[arg(long, conflicts_with = "suite")]
    pub(crate) write: bool,
}

/// How long to look.
#[derive(Args)]
pub(crate) struct FuzzOptions {
    /// The seconds that each target runs.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: u32,
}

/// What to measure and where its output goes.
#[derive(Args)]
pub(crate) struct MeasureOptions {
    /// The file for its output.
    #[arg(long)]
    pub(crate) log: PathBuf,
    /// The command, after `--`.
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}
