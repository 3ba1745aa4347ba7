//! Arguments of the commands that work in containers and with engines of environments.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cli::args::{ConfirmArguments, RunArguments, RunFormat};
use crate::model::duration::parse_duration;

/// Options of `exec`.
#[derive(Debug, Args)]
pub struct ExecArguments {
    /// The environment or service: `builder`, or one of its replicas: `builder[2]`, `builder-2`
    pub name: String,
    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    pub command: Vec<String>,
    /// How to run it.
    #[command(flatten)]
    pub how: CommandOptions,
}

/// Which of several replicas a command is about.
#[derive(Debug, Clone, Copy, Args)]
pub struct ReplicaArguments {
    /// The replica, counted from 1
    #[arg(long, value_name = "N")]
    pub index: Option<u32>,
}

/// How a command in a container is run.
#[derive(Debug, Args)]
pub struct CommandOptions {
    /// Which replica.
    #[command(flatten)]
    pub replica: ReplicaArguments,
    /// Set an environment variable; without `=` it is passed on
    #[arg(long, short, value_name = "KEY=VALUE")]
    pub env: Vec<String>,
    /// The folder to run in
    #[arg(long, short, value_name = "DIR")]
    pub workdir: Option<String>,
    /// The user to run as
    #[arg(long, short, value_name = "USER")]
    pub user: Option<String>,
    /// Allocate no terminal even if there is one
    #[arg(long, short = 'T')]
    pub no_tty: bool,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunInArguments {
    /// The environment to run in, or the service to make a container of for the command
    pub name: String,
    /// The command and its arguments [default: the service's own]
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    pub command: Vec<String>,
    /// How to run it.
    #[command(flatten)]
    pub how: CommandOptions,
    /// Publish the service's ports, too, which its own containers publish otherwise
    #[arg(long)]
    pub service_ports: bool,
    /// Copy a file or a folder to a path here at the end, whatever became of the command; repeatable
    #[arg(long, value_name = "NAME:PATH=LOCAL", value_parser = fetched)]
    pub copy: Vec<FetchedFile>,
    /// Take the project down at the end, whatever became of the command
    #[arg(long)]
    pub down: bool,
    /// With `--down`, remove the volumes and the data in them too
    #[arg(long, requires = "down")]
    pub volumes: bool,
    /// Go ahead without asking
    #[arg(long, short, env = "NEST_YES", value_parser = BoolishValueParser::new())]
    pub yes: bool,
    /// How long to wait for somebody else who changes the project, such as 90s
    #[arg(
        long,
        value_name = "TIME",
        default_value = "5m",
        env = "NEST_LOCK_TIMEOUT"
    )]
    #[arg(value_parser = parse_duration)]
    pub lock_timeout: Duration,
}

impl RunInArguments {
    /// Whether to go ahead without asking, and how long to wait.
    pub(crate) fn confirm(&self) -> ConfirmArguments {
        ConfirmArguments {
            yes: self.yes,
            run: RunArguments {
                lock_timeout: self.lock_timeout,
                format: RunFormat::Human,
            },
        }
    }
}

/// A file of a container that is copied to a path here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// `NAME:PATH`.
    pub from: String,
    /// A path here.
    pub to: PathBuf,
}

fn fetched(text: &str) -> Result<FetchedFile, String> {
    match text.rsplit_once('=') {
        Some((from, to)) if from.contains(':') && !to.is_empty() => Ok(FetchedFile {
            from: from.to_owned(),
            to: to.into(),
        }),
        _ => Err("write it as NAME:PATH=LOCAL, as in builder:/work/out=./out".to_owned()),
    }
}

/// Options of `docker`.
#[derive(Debug, Args)]
pub struct DockerArguments {
    /// The environment: `builder`, `builder[2]`, `builder/deeper`
    pub name: String,
    /// What the docker CLI gets
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGS"
    )]
    pub arguments: Vec<String>,
    /// Which replica.
    #[command(flatten)]
    pub replica: ReplicaArguments,
}

/// Options of `connect`.
#[derive(Debug, Args)]
pub struct ConnectArguments {
    /// The environment: `builder`, `builder[2]`, `builder/deeper`
    pub name: String,
    /// A command of this machine to run with `DOCKER_HOST` set [default: print it, and serve until Ctrl-C]
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<String>,
    /// Which replica.
    #[command(flatten)]
    pub replica: ReplicaArguments,
    /// Where to make the socket [default: in a temporary folder]
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Serve in the background
    #[arg(long, short, conflicts_with = "command")]
    pub detach: bool,
}

/// Options of `cp`.
#[derive(Debug, Args)]
pub struct CopyArguments {
    /// What to copy: `NAME:PATH`, a path here, or `-` for a tar archive on standard input. A folder with `/.` at its end
    /// means what is in it
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Where to: a path here, `NAME:PATH`, or `-` for a tar archive on standard output
    #[arg(value_name = "TO")]
    pub to: String,
    /// Which replica.
    #[command(flatten)]
    pub replica: ReplicaArguments,
    /// Copy what a link leads to, where FROM is one
    #[arg(long, short = 'L')]
    pub follow_link: bool,
    /// Keep owner and group, by number, of files copied into a container
    #[arg(long, short)]
    pub archive: bool,
}

/// Options of `port`.
#[derive(Debug, Args)]
pub struct PortArguments {
    /// The environment, service or registry
    pub name: String,
    /// A port of the container, such as 8080 or 53/udp [default: all that are published]
    #[arg(value_parser = port_and_protocol)]
    pub port: Option<(u16, String)>,
    /// Which replica.
    #[command(flatten)]
    pub replica: ReplicaArguments,
}

/// Options of `forward`.
#[derive(Debug, Args)]
pub struct ForwardArguments {
    /// The environment, service or registry
    pub name: String,
    /// A port of the container, and after `LOCAL:` the one of this machine where that is another; 0 for a free one
    #[arg(value_name = "[LOCAL:]PORT", required = true, value_parser = forwarded)]
    pub ports: Vec<Forwarded>,
    /// Which replica.
    #[command(flatten)]
    pub replica: ReplicaArguments,
    /// The address of this machine to listen at
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub address: IpAddr,
}

/// A port of this machine that is joined to one of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forwarded {
    /// The port of this machine; 0 for a free one.
    pub local: u16,
    /// The port of the container.
    pub port: u16,
}

fn port_number(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| format!("`{text}` is no port: a number from 1 to 65535"))
}

fn port_and_protocol(text: &str) -> Result<(u16, String), String> {
    let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if !["tcp", "udp", "sctp"].contains(&protocol) {
        return Err(format!("`{protocol}` is none of tcp, udp and sctp"));
    }
    Ok((port_number(port)?, protocol.to_owned()))
}

fn forwarded(text: &str) -> Result<Forwarded, String> {
    let (local, port) = text.split_once(':').unwrap_or((text, text));
    let port = port_number(port)?;
    let local = if local == "0" { 0 } else { port_number(local)? };
    Ok(Forwarded { local, port })
}

/// Options of `logs`.
#[derive(Debug, Args)]
pub struct LogsArguments {
    /// The environments, services and registries; without a replica all of them [default: all of the project]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Go on with what is said from now on; `-f` too, after `logs`
    #[arg(long)]
    pub follow: bool,
    /// How many of the last lines to begin with
    #[arg(long, short = 'n', value_name = "N")]
    pub tail: Option<u64>,
    /// Only what was said since: a time such as 2026-01-02T03:04:05Z, or how long ago: 10m
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    pub since: Option<i64>,
    /// Only what was said before: a time, or how long ago
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    pub until: Option<i64>,
    /// Show when each line was said
    #[arg(long, short)]
    pub timestamps: bool,
}

/// Options of `stop`, `start` and `restart`.
#[derive(Debug, Args)]
pub struct RunningArguments {
    /// The environments, services and registries; without a replica all of them [default: all of the project]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// How long to wait for others, and how to tell what happens.
    #[command(flatten)]
    pub run: RunArguments,
}

/// Reads a time, in seconds after the beginning of 1970 (UTC).
fn moment(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(seconds);
    }
    if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(time.unix_timestamp());
    }
    let ago = parse_duration(text).map_err(|_| {
        "neither a time, such as `2026-01-02T03:04:05Z`, nor how long ago, such as `10m`".to_owned()
    })?;
    let time = OffsetDateTime::now_utc() - ago;
    Ok(time.unix_timestamp())
}
