//! The arguments of commands that show plans and projects in another way.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::args::age::parse_age;
use crate::cli::args::format::{DiffFormat, DoctorFormat, GraphFormat, ListFormat, PlanFormat};

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// What is there: a file, a folder, `git:REVISION`, or `git:REVISION:PATH`
    pub from: String,
    /// What is wanted, in the same forms [default: the files that other commands take]
    pub to: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    pub format: DiffFormat,
    /// End with 2 if they differ
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// The environment whose engine to look at [default: the outer engine]
    #[arg(value_name = "ENVIRONMENT")]
    pub environment: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    pub format: DoctorFormat,
}

/// Options of `graph`.
#[derive(Debug, Args)]
pub struct GraphArguments {
    /// A plan saved by `nest plan --out` [default: what the file declares]
    #[arg(value_name = "PLAN", group = "drawn_plan")]
    pub plan_file: Option<PathBuf>,
    /// Make a plan now and draw that
    #[arg(long, group = "drawn_plan")]
    pub plan: bool,
    /// Draw each step of the plan, not only what becomes of each resource
    #[arg(long, requires = "drawn_plan")]
    pub steps: bool,
    /// The language to draw in
    #[arg(long, value_enum, default_value = "dot")]
    pub format: GraphFormat,
}

/// Options of `images`.
#[derive(Debug, Args)]
pub struct ImagesArguments {
    /// The environments whose engines to look at; without a replica all of them [default: all engines]
    #[arg(value_name = "ENVIRONMENT")]
    pub names: Vec<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    pub format: ListFormat,
}

/// Options of `ls`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only those whose oldest container or volume was made longer ago, such as 8h or 7d
    #[arg(long, value_name = "TIME", value_parser = parse_age)]
    pub older_than: Option<Duration>,
    /// Only those that have expired
    #[arg(long)]
    pub expired: bool,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    pub format: ListFormat,
}

/// Options of `show`.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// A plan saved by `nest plan --out`
    pub plan: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    pub format: PlanFormat,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    pub format: ListFormat,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// The command that the page is about [default: nest itself]
    #[arg(value_name = "COMMAND")]
    pub about: Option<String>,
    /// Write every page into a folder instead, as `nest.1`, `nest-plan.1` and so on
    #[arg(long, value_name = "DIR", conflicts_with = "about")]
    pub dir: Option<PathBuf>,
}
