//! The arguments of commands that change what engines hold.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::cli::args::age::parse_age;
use crate::cli::args::{PlanScope, RunFormat};
use crate::model::duration::parse_duration;
use crate::resource::pattern::AddressPattern;

/// Options of `apply`.
#[derive(Debug, Args)]
pub struct ApplyArguments {
    /// A plan saved by `nest plan --out` [default: plan now]
    #[arg(conflicts_with_all = ["target", "replace", "allow_data_loss", "pull", "forget_engine"])]
    pub plan: Option<PathBuf>,
    /// What to plan.
    #[command(flatten)]
    pub scope: PlanScope,
    /// Whether to go ahead without asking, and how long to wait for others.
    #[command(flatten)]
    pub confirm: ConfirmArguments,
}

/// Options of `up`.
#[derive(Debug, Args)]
pub struct UpArguments {
    /// The environments, services and registries to bring up, with what they need; without a replica all of them
    /// [default: all that the file declares]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// How long all waiting may take until engines are ready, services healthy and work is done, such as 5m [default: as
    /// long as the file gives each]
    #[arg(long, value_name = "TIME", env = "NEST_TIMEOUT", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Wait for nothing that no other step needs: engines may not be ready at the end, services not healthy, work not done
    #[arg(long)]
    pub no_wait: bool,
    /// When the project expires, such as 8h or 7d from now, or `never`: then `nest prune` takes it down [default: as it was]
    #[arg(long, value_name = "TIME", env = "NEST_EXPIRES", value_parser = parse_expiry)]
    pub expires: Option<ExpiryArgument>,
    /// What to plan.
    #[command(flatten)]
    pub scope: PlanScope,
    /// Whether to go ahead without asking, and how long to wait for others.
    #[command(flatten)]
    pub confirm: ConfirmArguments,
}

/// When a project expires, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryArgument {
    /// After so long.
    After(Duration),
    /// Never.
    Never,
}

fn parse_expiry(text: &str) -> Result<ExpiryArgument, &'static str> {
    match text {
        "never" => Ok(ExpiryArgument::Never),
        text => parse_age(text).map(ExpiryArgument::After),
    }
}

/// Options of `down`.
#[derive(Debug, Args)]
pub struct DownArguments {
    /// Remove volumes and the data in them too
    #[arg(long, short = 'v')]
    pub volumes: bool,
    /// Only what this address names, what is below it, and what cannot stay without it; repeatable
    #[arg(long, value_name = "ADDR")]
    pub target: Vec<AddressPattern>,
    /// Take another outer engine for gone with all that it held; repeatable
    #[arg(long, value_name = "NAME")]
    pub forget_engine: Vec<String>,
    /// Whether to go ahead without asking, and how long to wait for others.
    #[command(flatten)]
    pub confirm: ConfirmArguments,
}

/// Options of `prune`.
#[derive(Debug, Args)]
pub struct PruneArguments {
    /// Take down projects too whose oldest container or volume was made longer ago, such as 8h or 7d
    #[arg(long, value_name = "TIME", value_parser = parse_age)]
    pub older_than: Option<Duration>,
    /// Remove the volumes of the projects and the data in them too
    #[arg(long, short = 'v')]
    pub volumes: bool,
    /// Whether to go ahead without asking, and how long to wait for others.
    #[command(flatten)]
    pub confirm: ConfirmArguments,
}

/// Whether to go ahead without asking, how long to wait for others, and how to tell what happens.
#[derive(Debug, Clone, Copy, Args)]
pub struct ConfirmArguments {
    /// Go ahead without asking
    #[arg(long, short, env = "NEST_YES", value_parser = BoolishValueParser::new())]
    pub yes: bool,
    /// How long to wait for others, and how to tell what happens.
    #[command(flatten)]
    pub run: RunArguments,
}

/// How long to wait for others, and how to tell what happens.
#[derive(Debug, Clone, Copy, Args)]
pub struct RunArguments {
    /// How long to wait for somebody else who changes the project, such as 90s
    #[arg(
        long,
        value_name = "TIME",
        default_value = "5m",
        env = "NEST_LOCK_TIMEOUT",
        value_parser = parse_duration
    )]
    pub lock_timeout: Duration,
    /// How to tell what happens: text for people on standard error, or one JSON object a line on standard output
    #[arg(long, value_enum, default_value = "human")]
    pub format: RunFormat,
}

/// Options of `unlock`.
#[derive(Debug, Args)]
pub struct UnlockArguments {
    /// Go ahead without asking
    #[arg(long, short, env = "NEST_YES", value_parser = BoolishValueParser::new())]
    pub yes: bool,
}
