//! What the process was given: arguments, variables and the working folder. The only place that reads them.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use tokio::process::Command;

use crate::cli::args::{GlobalArguments, Tunnel};
use crate::docker::{EndpointOptions, Entering};
use crate::source::normalized;

/// The names under which a nest file is found.
pub(super) const FILE_NAMES: [&str; 2] = ["nest.yaml", "nest.yml"];
/// The names under which a file beside it is found that goes over it.
const OVERRIDE_NAMES: [&str; 2] = ["nest.override.yaml", "nest.override.yml"];
/// Where podman listens as root.
const PODMAN_SOCKET: &str = "/run/podman/podman.sock";
/// The policy of the host.
const HOST_POLICY: &str = "/etc/nest/policy.yaml";

/// What the process was given.
#[derive(Debug, Clone)]
pub struct Options {
    /// Options of every command.
    pub global: GlobalArguments,
    /// The variables of the process.
    pub variables: BTreeMap<String, String>,
    /// Where the host's policy is, if it has one.
    pub host_policy: Option<PathBuf>,
    /// The working folder.
    pub working_folder: PathBuf,
    /// Whether a person can be asked: standard input and standard error are terminals.
    pub interactive: bool,
}

/// A command for which a variable that is empty is one that is not set, as for Compose.
pub(crate) fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |variable: &OsStr| env::var_os(variable).is_some_and(|value| value.is_empty());
    command
        .mut_args(|argument| {
            if argument.get_env().is_some_and(is_empty) {
                argument.env(Resettable::Reset)
            } else {
                argument
            }
        })
        .mut_subcommands(without_empty_variables)
}

impl Options {
    /// Reads the process.
    pub fn from_process(global: GlobalArguments) -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            global,
            variables: env::vars_os().filter_map(text).collect(),
            working_folder: env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            host_policy: Some(PathBuf::from(HOST_POLICY)),
            interactive: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
        }
    }

    /// The nest files: the given ones, or the first found from the working folder upwards and what overrides it. Empty
    /// if there is none.
    pub fn files(&self) -> Vec<PathBuf> {
        if !self.global.file.is_empty() {
            return self.absolute(&self.global.file);
        }
        let mut folders = self.working_folder.ancestors();
        folders
            .find_map(|folder| files_in(folder, Path::is_file))
            .unwrap_or_default()
    }

    /// The given nest files.
    pub fn given_files(&self) -> Vec<PathBuf> {
        self.absolute(&self.global.file)
    }

    /// The given files that set variables.
    pub fn env_files(&self) -> Vec<PathBuf> {
        self.absolute(&self.global.env_file)
    }

    /// The given policies.
    pub fn policies(&self) -> Vec<PathBuf> {
        self.absolute(&self.global.policy)
    }

    fn absolute(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let paths = paths.iter();
        paths
            .map(|path| normalized(&self.working_folder.join(path)))
            .collect()
    }

    /// The folder of the files that lock projects on this machine.
    pub fn lock_folder(&self) -> PathBuf {
        let folder = |name: &str| {
            let path = self.variables.get(name).map(PathBuf::from);
            path.filter(|path| path.is_absolute())
        };
        let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")));
        let state = state.unwrap_or_else(env::temp_dir);
        state.join("nest/locks")
    }

    /// The socket of the SSH agent in use.
    pub fn ssh_agent(&self) -> Option<PathBuf> {
        let socket = self.variables.get("SSH_AUTH_SOCK").map(PathBuf::from);
        socket.filter(|socket| !socket.as_os_str().is_empty())
    }

    /// The name of the user, for those who wait for what they do.
    pub fn user(&self) -> &str {
        let names = ["USER", "LOGNAME"];
        let name = names.iter().find_map(|name| self.variables.get(*name));
        name.map_or("unknown", String::as_str)
    }

    /// nest itself once more, with these arguments left out; no further ones.
    pub(super) fn itself_without(&self, left_out: &[&str]) -> std::io::Result<Command> {
        let arguments = env::args_os().skip(1);
        let arguments = arguments.filter(|it| !left_out.iter().any(|one| it == one));
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).current_dir(&self.working_folder);
        Ok(command)
    }

    /// How containers may be entered.
    pub fn entering(&self) -> Entering {
        match self.global.tunnel {
            Tunnel::Auto => Entering::Shortest,
            Tunnel::Exec => Entering::Exec,
        }
    }

    /// Where engines listen that are not the machine's own: rootless ones, Docker Desktop's, podman's.
    fn sockets(&self, home: &Path) -> Vec<PathBuf> {
        let runtime = self.variables.get("XDG_RUNTIME_DIR").map(PathBuf::from);
        let of_user = runtime.into_iter().flat_map(|folder| {
            let sockets = ["docker.sock", "podman/podman.sock"];
            sockets.map(|socket| folder.join(socket))
        });
        let of_desktop = [".docker/desktop/docker.sock", ".docker/run/docker.sock"];
        let mut sockets: Vec<PathBuf> = of_user.collect();
        sockets.extend(of_desktop.map(|socket| home.join(socket)));
        sockets.push(PathBuf::from(PODMAN_SOCKET));
        sockets
    }

    /// What names the engine.
    pub fn endpoint(&self) -> EndpointOptions {
        let variable = |name: &str| self.variables.get(name).cloned();
        let home = variable("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
        EndpointOptions {
            host: self.global.host.clone(),
            context: self.global.context.clone(),
            docker_host: variable("DOCKER_HOST"),
            docker_context: variable("DOCKER_CONTEXT"),
            config_folder: variable("DOCKER_CONFIG")
                .map_or_else(|| home.join(".docker"), PathBuf::from),
            docker_tls_verify: variable("DOCKER_TLS_VERIFY"),
            docker_cert_path: variable("DOCKER_CERT_PATH")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            sockets: self.sockets(&home),
        }
    }
}

/// Every name that a nest file of a folder, and what overrides it, can have.
pub(super) fn named_in(folder: &Path) -> Vec<PathBuf> {
    let names = FILE_NAMES.into_iter().chain(OVERRIDE_NAMES);
    names.map(|name| folder.join(name)).collect()
}

/// The nest file of a folder and what overrides it, if there is one.
pub(super) fn files_in(folder: &Path, is_file: impl Fn(&Path) -> bool) -> Option<Vec<PathBuf>> {
    let here = |names: [&str; 2]| {
        let paths = names.map(|name| folder.join(name));
        paths.into_iter().find(|path| is_file(path))
    };
    let file = here(FILE_NAMES)?;
    Some(
        [Some(file), here(OVERRIDE_NAMES)]
            .into_iter()
            .flatten()
            .collect(),
    )
}
