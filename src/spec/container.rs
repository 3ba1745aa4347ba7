//! The keys that services and outer containers share, each as Compose has it.

pub(crate) mod device;
pub(crate) mod file;
pub(crate) mod health;
pub(crate) mod limit;
pub(crate) mod network;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::build::BuildSpec;
use crate::spec::container::device::{DeviceSpec, GpusSpec};
use crate::spec::container::file::{EnvFilesSpec, ExtendsSpec, GrantSpec};
use crate::spec::container::health::HealthcheckSpec;
use crate::spec::container::limit::{DeploySpec, LoggingSpec, UlimitSpec};
use crate::spec::container::network::{AttachmentsSpec, ExtraHostsSpec};
use crate::spec::decode::{Field, Table};
use crate::spec::port::PortSpec;
use crate::spec::schema::RestartSchema;
use crate::spec::text::{Text, Texts};
use crate::spec::variables::{TextMap, VariablesSpec};

/// What a container is made of.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ContainerSpec {
    /// The container's image. Default, for an environment: the mode's.
    #[schemars(example = &"docker:28-dind")]
    pub(crate) image: Field<String>,
    /// How its image is built.
    #[schemars(example = &".")]
    pub(crate) build: Field<BuildSpec>,
    /// The command. In `outer`, one that begins with `-` is added to the engine's own; any other replaces it.
    #[schemars(example = &"sleep infinity")]
    pub(crate) command: Field<CommandSpec>,
    /// What runs the command, in place of the image's own.
    #[schemars(example = &"/entrypoint.sh")]
    pub(crate) entrypoint: Field<CommandSpec>,
    /// Environment variables of the container.
    pub(crate) environment: Field<VariablesSpec>,
    /// Files of environment variables, read by nest. `environment` wins over them.
    #[schemars(example = &"./service.env")]
    pub(crate) env_file: Field<EnvFilesSpec>,
    /// Ports that are published on the engine's host.
    pub(crate) ports: Field<Vec<Field<PortSpec>>>,
    /// Ports that other containers are told of, without publishing them.
    #[schemars(example = &["8080"])]
    pub(crate) expose: Field<Vec<Field<Text>>>,
    /// The networks of the scope that it is attached to. Default: `[default]`.
    #[schemars(example = &["default"])]
    pub(crate) networks: Field<AttachmentsSpec>,
    /// Whose network it uses: `none`, `host`, or `service:NAME` for that of another container of the scope.
    #[schemars(regex(pattern = r"^(none|host|bridge|service:.+)$|\$"), example = &"service:builder")]
    pub(crate) network_mode: Field<String>,
    /// When the engine restarts the container: `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`.
    #[schemars(with = "RestartSchema", example = &"unless-stopped")]
    pub(crate) restart: Field<Text>,
    /// How the engine finds out whether it is healthy.
    pub(crate) healthcheck: Field<HealthcheckSpec>,
    /// The user, or user and group, that it runs as.
    #[schemars(example = &"1000:1000")]
    pub(crate) user: Field<Text>,
    /// The folder that its command starts in.
    #[schemars(example = &"/workspace")]
    pub(crate) working_dir: Field<String>,
    /// The container's host name.
    #[schemars(example = &"builder")]
    pub(crate) hostname: Field<String>,
    /// The container's exact name on the engine. Default: from the project's name, its name here and a number.
    #[schemars(example = &"ci-builder")]
    pub(crate) container_name: Field<String>,
    /// Whether it may do all that the host's root may.
    #[schemars(example = false)]
    pub(crate) privileged: Field<bool>,
    /// Capabilities that it gets besides the engine's defaults.
    #[schemars(example = &["SYS_PTRACE"])]
    pub(crate) cap_add: Field<Vec<Field<String>>>,
    /// Capabilities that are taken from it.
    #[schemars(example = &["ALL"])]
    pub(crate) cap_drop: Field<Vec<Field<String>>>,
    /// Security profiles and options.
    #[schemars(example = &["no-new-privileges:true"])]
    pub(crate) security_opt: Field<Vec<Field<String>>>,
    /// Devices of the host that it may use.
    #[schemars(example = &["/dev/fuse:/dev/fuse"])]
    pub(crate) devices: Field<Vec<Field<DeviceSpec>>>,
    /// Rules for the use of devices, as the kernel's device controller has them.
    #[schemars(example = &["c 1:3 mr"])]
    pub(crate) device_cgroup_rules: Field<Vec<Field<String>>>,
    /// Graphics processors that it may use.
    #[schemars(example = &"all")]
    pub(crate) gpus: Field<GpusSpec>,
    /// Host names with addresses that it knows.
    #[schemars(example = &["registry.example:10.0.0.5"])]
    pub(crate) extra_hosts: Field<ExtraHostsSpec>,
    /// Name servers.
    #[schemars(example = &"10.0.0.2")]
    pub(crate) dns: Field<Texts>,
    /// Domains in which short host names are looked for.
    #[schemars(example = &"example.com")]
    pub(crate) dns_search: Field<Texts>,
    /// Paths where memory is mounted, with options after `:`.
    #[schemars(example = &"/run:size=64m")]
    pub(crate) tmpfs: Field<Texts>,
    /// Limits of its processes.
    pub(crate) ulimits: Field<Table<UlimitSpec>>,
    /// Kernel settings of its namespaces.
    pub(crate) sysctls: Field<TextMap>,
    /// The size of `/dev/shm`.
    #[schemars(example = &"256m")]
    pub(crate) shm_size: Field<Text>,
    /// The most processors it may use, `2` or `0.5`.
    #[schemars(example = 2, example = &"0.5")]
    pub(crate) cpus: Field<Text>,
    /// The processors that it may run on.
    #[schemars(example = &"0-3,7")]
    pub(crate) cpuset: Field<Text>,
    /// Its weight when processors are short. Default: 1024.
    #[schemars(example = 512)]
    pub(crate) cpu_shares: Field<Text>,
    /// The most memory it may use, `512m` or `4g`.
    #[schemars(example = &"4g")]
    pub(crate) memory: Field<Text>,
    /// The same as `memory`, as Compose calls it.
    #[schemars(example = &"4g")]
    pub(crate) mem_limit: Field<Text>,
    /// The memory that it is brought back to when memory is short.
    #[schemars(example = &"1g")]
    pub(crate) mem_reservation: Field<Text>,
    /// The most memory and swap together; `-1` is without limit.
    #[schemars(example = &"6g")]
    pub(crate) memswap_limit: Field<Text>,
    /// The most processes it may have; `-1` is without limit.
    #[schemars(example = 200)]
    pub(crate) pids_limit: Field<Text>,
    /// Labels of your own.
    pub(crate) labels: Field<TextMap>,
    /// Another service whose keys it takes over.
    #[schemars(example = &"base")]
    pub(crate) extends: Field<ExtendsSpec>,
    /// Limits and replicas, as Compose also writes them.
    pub(crate) deploy: Field<DeploySpec>,
    /// The same as `replicas`, as Compose also calls it.
    #[schemars(range(min = 0, max = 1000), example = 2)]
    pub(crate) scale: Field<u32>,
    /// Whether it runs under an init of the engine's, which forwards signals and reaps processes.
    #[schemars(example = true)]
    pub(crate) init: Field<bool>,
    /// Whether it has a terminal.
    #[schemars(example = true)]
    pub(crate) tty: Field<bool>,
    /// Whether its standard input stays open.
    #[schemars(example = true)]
    pub(crate) stdin_open: Field<bool>,
    /// Whether it may not write to its own file system.
    #[schemars(example = true)]
    pub(crate) read_only: Field<bool>,
    /// When its image is pulled: `missing`, `always`, `never`, `build`, `daily`, `weekly`, `every_12h`.
    #[schemars(
        regex(pattern = r"^(always|never|missing|if_not_present|build|daily|weekly|every_([0-9]+[smhdw])+)$|\$"),
        example = &"missing"
    )]
    pub(crate) pull_policy: Field<String>,
    /// How long it may take to stop. Default: `10s`, and `60s` for an engine.
    #[schemars(example = &"30s")]
    pub(crate) stop_grace_period: Field<Text>,
    /// The signal that stops it. Default: the image's, else `SIGTERM`.
    #[schemars(example = &"SIGINT")]
    pub(crate) stop_signal: Field<Text>,
    /// More groups that its user is in, by name or number.
    #[schemars(example = &["docker"])]
    pub(crate) group_add: Field<Vec<Field<Text>>>,
    /// Whose control groups it sees.
    #[schemars(with = "CgroupSchema")]
    pub(crate) cgroup: Field<String>,
    /// The control group above its own.
    #[schemars(example = &"/ci")]
    pub(crate) cgroup_parent: Field<String>,
    /// Whose shared memory and semaphores it sees: `private`, `shareable`, `host`, `service:NAME`.
    #[schemars(
        regex(pattern = r"^(none|private|shareable|host|service:.+)$|\$"),
        example = &"private"
    )]
    pub(crate) ipc: Field<String>,
    /// Whose processes it sees: `host`, `service:NAME`. Default: its own.
    #[schemars(regex(pattern = r"^(host|service:.+)$|\$"), example = &"service:builder")]
    pub(crate) pid: Field<String>,
    /// `host` keeps it in the host's user namespace.
    #[schemars(regex(pattern = r"^host$|\$"), example = &"host")]
    pub(crate) userns_mode: Field<String>,
    /// The OCI runtime that runs it.
    #[schemars(example = &"runc")]
    pub(crate) runtime: Field<String>,
    /// The platform of its image.
    #[schemars(example = &"linux/amd64")]
    pub(crate) platform: Field<String>,
    /// Where its output goes.
    pub(crate) logging: Field<LoggingSpec>,
    /// Secrets of the scope that it can read.
    #[schemars(example = &["token"])]
    pub(crate) secrets: Field<Vec<Field<GrantSpec>>>,
    /// Configs of the scope that it can read.
    #[schemars(example = &["settings"])]
    pub(crate) configs: Field<Vec<Field<GrantSpec>>>,
}

/// A command: its words, or one line that is split as a shell would.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Command", untagged)]
pub(crate) enum CommandSpec {
    /// One line.
    #[schemars(title = "line")]
    Scalar(String),
    /// Words.
    #[schemars(title = "words")]
    Sequence(Vec<Field<Text>>),
}

/// Whose control groups a container sees.
#[derive(JsonSchema)]
#[schemars(rename = "Cgroup", rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
enum CgroupSchema {
    /// The host's.
    Host,
    /// Its own.
    Private,
}
