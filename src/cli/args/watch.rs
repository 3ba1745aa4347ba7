//! The arguments of `watch`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::ConfirmArguments;

/// Options of `watch`.
#[derive(Debug, Args)]
pub struct WatchArguments {
    /// Put back what others change on the engines, and try again what failed
    #[arg(long, env = "NEST_HEAL")]
    pub heal: bool,
    /// Take the project down at the end, as `nest down` does; volumes stay
    #[arg(long)]
    pub down_on_exit: bool,
    /// Run a command of the shell after each plan that was applied whole
    #[arg(long, value_name = "COMMAND")]
    pub exec: Option<String>,
    /// Write a line to this open file descriptor when the engines are first as the file declares
    #[arg(long, value_name = "N")]
    pub ready_fd: Option<u32>,
    /// Make this file when the engines are first as the file declares
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Whether to go ahead without asking, how long to wait for others, and how to tell what happens.
    #[command(flatten)]
    pub confirm: ConfirmArguments,
}
