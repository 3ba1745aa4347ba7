//! The arguments of commands that only show.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::format::{DiffFormat, DoctorFormat, GraphFormat};

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
