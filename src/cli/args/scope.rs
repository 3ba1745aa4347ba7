//! Arguments that say what a plan is about.

use clap::Args;

use crate::resource::pattern::AddressPattern;

/// What part of the project a plan is about, and what it may do.
#[derive(Debug, Clone, Default, Args)]
pub struct PlanScope {
    /// Only what this address names, what is below it, and what it needs; repeatable
    #[arg(long, value_name = "ADDR")]
    pub target: Vec<AddressPattern>,
    /// Replace this container whatever the file says; repeatable
    #[arg(long, value_name = "ADDR")]
    pub replace: Vec<AddressPattern>,
    /// Lose data where what the file asks for cannot be had otherwise
    #[arg(long)]
    pub allow_data_loss: bool,
    /// Ask the registries anew for every image that engines pull, and take what they have now
    #[arg(long)]
    pub pull: bool,
    /// Take another outer engine for gone with all that it held; repeatable
    #[arg(long, value_name = "NAME")]
    pub forget_engine: Vec<String>,
}
