//! The arguments, as clap reads them.

mod age;
mod change;
pub(crate) mod follow;
mod format;
mod inside;
mod scope;
mod view;
mod watch;

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use crate::cli::args::change::{
    ApplyArguments, ConfirmArguments, DownArguments, ExpiryArgument, PruneArguments, RunArguments,
    UnlockArguments, UpArguments,
};
pub use crate::cli::args::format::{
    ConfigFormat, DiffFormat, DoctorFormat, GraphFormat, ListFormat, PlanFormat, ProblemFormat,
    RunFormat,
};
pub use crate::cli::args::inside::{
    CommandOptions, ConnectArguments, CopyArguments, DockerArguments, ExecArguments, FetchedFile,
    ForwardArguments, Forwarded, LogsArguments, PortArguments, ReplicaArguments, RunInArguments,
    RunningArguments,
};
pub use crate::cli::args::scope::PlanScope;
pub use crate::cli::args::view::{
    DiffArguments, DoctorArguments, GraphArguments, ImagesArguments, ListArguments, ManArguments,
    ShowArguments, StatusArguments,
};
pub use crate::cli::args::watch::WatchArguments;

/// A plan for container engines inside containers.
#[derive(Debug, Parser)]
#[command(
    name = "nest",
    version,
    about,
    max_term_width = 100,
    propagate_version = true
)]
#[command(
    after_help = "Exit codes: 0 done or no changes; 1 failed, declined or wrong usage; 2 changes present \
                        (--detailed-exitcode); 3 the file is invalid; 4 no engine reachable; 5 confirmation \
                        needed; 130 interrupted. `run`, `exec`, `docker` and `connect -- CMD` end with the command's code, \
                        125 if nest itself failed."
)]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArguments,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct GlobalArguments {
    /// The nest file; repeat it to put files over each other [default: nest.yaml or nest.yml in this folder or one
    /// above, and nest.override.yaml beside it]
    #[arg(short, long, global = true, value_name = "FILE", env = "NEST_FILE")]
    pub file: Vec<PathBuf>,
    /// A file that sets variables for values of the nest file; repeatable [default: .env beside the nest file]
    #[arg(long, global = true, value_name = "FILE", env = "NEST_ENV_FILE")]
    pub env_file: Vec<PathBuf>,
    /// The project's name, instead of the file's `name` or the folder's
    #[arg(
        short,
        long,
        global = true,
        value_name = "NAME",
        env = "NEST_PROJECT_NAME"
    )]
    pub project_name: Option<String>,
    /// A profile to activate; repeatable, or several with commas; `*` activates all
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        value_delimiter = ',',
        env = "NEST_PROFILES"
    )]
    pub profile: Vec<String>,
    /// A policy that the file must keep to; repeatable [besides: the file's own, and /etc/nest/policy.yaml]
    #[arg(long, global = true, value_name = "FILE", env = "NEST_POLICY")]
    pub policy: Vec<PathBuf>,
    /// The docker context whose engine to use
    #[arg(long, global = true, value_name = "NAME", env = "NEST_CONTEXT")]
    pub context: Option<String>,
    /// The engine to use, such as unix:///var/run/docker.sock
    #[arg(long, global = true, value_name = "URL", env = "NEST_HOST")]
    pub host: Option<String>,
    /// How to reach the engines in containers: `auto` opens their sockets where nest runs as root beside the outer engine,
    /// and else starts a command in the container, as `exec` always does
    #[arg(long, global = true, value_name = "WAY")]
    #[arg(default_value = "auto", env = "NEST_TUNNEL")]
    pub tunnel: Tunnel,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        env = "NEST_COLOR"
    )]
    pub color: ColorChoice,
    /// Print errors and results only
    #[arg(short, long, global = true, env = "NEST_QUIET", value_parser = BoolishValueParser::new())]
    pub quiet: bool,
    /// Print nest's own bookkeeping too, and when each step was started
    #[arg(long, global = true, env = "NEST_VERBOSE", value_parser = BoolishValueParser::new())]
    pub verbose: bool,
    /// How many steps run at once at most
    #[arg(
        long,
        global = true,
        value_name = "N",
        default_value_t = 8,
        env = "NEST_PARALLEL"
    )]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub parallel: u16,
}

/// How the engines in containers are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tunnel {
    /// By the shortest way that there is
    Auto,
    /// By a command in the container
    Exec,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented nest file to start from
    Init(InitArguments),
    /// Find every problem in the file; needs no engine
    Validate(ValidateArguments),
    /// Print what the files mean together: variables filled in, defaults written out, secrets hidden
    Config(ConfigArguments),
    /// Show what would be created, changed and destroyed; changes nothing
    Plan(PlanArguments),
    /// Show a saved plan
    Show(ShowArguments),
    /// Show what differs between two nest files, as a plan from one to the other; needs no engine
    Diff(DiffArguments),
    /// Draw what the file declares, or a plan, with what each resource needs
    Graph(GraphArguments),
    /// Do what a plan says
    Apply(ApplyArguments),
    /// Bring the engines to what the file declares, and wait until they are ready
    Up(UpArguments),
    /// Follow the file and the engines: plan at every save, and apply what nothing stops for
    Watch(WatchArguments),
    /// Take the project down; keeps volumes unless told otherwise
    Down(DownArguments),
    /// Take down projects that have expired, and remove what nobody uses
    Prune(PruneArguments),
    /// Free a lock that somebody left behind
    Unlock(UnlockArguments),
    /// Show what is, against what should be
    Status(StatusArguments),
    /// Show the images that each engine of the project holds, and the seeds
    Images(ImagesArguments),
    /// List the projects that the engine holds something of
    Ls(ListArguments),
    /// Bring up what a command needs and run it in an environment, or in a container of its own made of a service
    Run(RunInArguments),
    /// Tell what this engine can and cannot run, mode by mode, and how to fix it; or how far an environment's engine is
    Doctor(DoctorArguments),
    /// Run a command in an environment
    Exec(ExecArguments),
    /// Run the docker CLI against the engine of an environment
    Docker(DockerArguments),
    /// Serve the engine of an environment on a socket of this machine
    Connect(ConnectArguments),
    /// Copy files into a container, or out of it
    Cp(CopyArguments),
    /// Show where the ports of a container can be reached
    Port(PortArguments),
    /// Join ports of this machine to ports of a container
    Forward(ForwardArguments),
    /// Show what containers have said
    Logs(LogsArguments),
    /// Stop containers, which are kept, and what needs them
    Stop(RunningArguments),
    /// Start containers that were stopped, and what they need
    Start(RunningArguments),
    /// Stop containers and start them again, with what needs them
    Restart(RunningArguments),
    /// Print the JSON schema of nest files
    Schema(SchemaArguments),
    /// Explain a problem by its code
    Explain {
        /// The code: `nest::unknown_key`, or `unknown_key`
        code: String,
    },
    /// Print a script that makes a shell complete the command line
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a page of the manual
    Man(ManArguments),
    /// Print the version of nest
    Version {
        /// Print the number only
        #[arg(long)]
        short: bool,
    },
}

impl Command {
    /// Whether it ends with the code of a command that it runs, so that nest's own failure is 125.
    pub(crate) fn ends_as_another(&self) -> bool {
        match self {
            Command::Run(_) | Command::Exec(_) | Command::Docker(_) => true,
            Command::Connect(arguments) => !arguments.command.is_empty(),
            _ => false,
        }
    }
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// How the environment gets its engine
    #[arg(long, value_name = "MODE", default_value = "dind")]
    pub mode: String,
    /// Make it of a Compose file: services that have an engine become environments
    #[arg(long, value_name = "COMPOSE_FILE", conflicts_with = "mode")]
    pub from: Option<PathBuf>,
    /// Print the modes that there is a starter for
    #[arg(long)]
    pub list: bool,
}

/// Options of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArguments {
    /// How to print what is found: text for people on standard error, or data on standard output
    #[arg(long, value_enum, default_value = "human")]
    pub format: ProblemFormat,
    /// Treat warnings as errors
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Options of `config`.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// How to print it
    #[arg(long, value_enum, default_value = "yaml")]
    pub format: ConfigFormat,
    /// Leave the variables in values as they are written, and defaults out
    #[arg(long, conflicts_with_all = ["images", "environments", "hash", "lock_image_digests"])]
    pub no_interpolate: bool,
    /// Print every image that an engine is asked for, one a line
    #[arg(long, group = "part")]
    pub images: bool,
    /// Print the names of the environments, one a line
    #[arg(long, group = "part")]
    pub environments: bool,
    /// Print a digest for each registry and environment, which changes when what the file says about it does
    #[arg(long, group = "part")]
    pub hash: bool,
    /// Print a file that goes over the others and pins every image to its digest; needs an engine
    #[arg(long, group = "part")]
    pub lock_image_digests: bool,
}

/// Options of `plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Save the plan to a file that `nest apply FILE` takes
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End with 2 if there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan what `nest down` would do
    #[arg(long, conflicts_with = "replace")]
    pub destroy: bool,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    pub format: PlanFormat,
    /// Show only what changed outside nest since it was last applied
    #[arg(long, conflicts_with_all = ["out", "destroy"])]
    pub refresh_only: bool,
    /// What to plan.
    #[command(flatten)]
    pub scope: PlanScope,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// Print the schema of plans as JSON instead
    #[arg(long, conflicts_with = "events")]
    pub plan: bool,
    /// Print the schema of what `nest up --format json` tells instead
    #[arg(long)]
    pub events: bool,
}
