//! The arguments of `watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::cli::args::ConfirmArguments;
use crate::model::duration::parse_duration;

/// Options of `watch`.
#[derive(Debug, Args)]
pub struct WatchArguments {
    /// Put back what others change on the engines, and try again what failed
    #[arg(long, env = "NEST_HEAL", value_parser = BoolishValueParser::new())]
    pub heal: bool,
    /// Look for changes of files after each pause, and do not wait to be told, as is needed where others change them over a
    /// network
    #[arg(
        long,
        env = "NEST_POLL",
        value_name = "PAUSE",
        num_args = 0..=1,
        default_missing_value = "2s",
        value_parser = parse_duration
    )]
    pub poll: Option<Duration>,
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
