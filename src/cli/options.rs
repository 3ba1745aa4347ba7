//! What the process was given: arguments, variables and the working folder. The only place that reads them.

use std::collections::BTreeMap;
use std::env;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use crate::cli::args::GlobalArguments;
use crate::docker::EndpointOptions;

/// The names under which a nest file is found.
const FILE_NAMES: [&str; 2] = ["nest.yaml", "nest.yml"];

/// What the process was given.
#[derive(Debug)]
pub struct Options {
    /// Options of every command.
    pub global: GlobalArguments,
    /// The variables of the process.
    pub variables: BTreeMap<String, String>,
    /// The working folder.
    pub working_folder: PathBuf,
    /// Whether a person can be asked: standard input and standard error are terminals.
    pub interactive: bool,
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
            interactive: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
        }
    }

    /// The nest file: the given one, or the first found from the working folder upwards.
    pub fn file(&self) -> Option<PathBuf> {
        if let Some(file) = &self.global.file {
            return Some(self.working_folder.join(file));
        }
        let candidates = |folder: &Path| FILE_NAMES.map(|name| folder.join(name));
        self.working_folder
            .ancestors()
            .flat_map(candidates)
            .find(|path| path.is_file())
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
        }
    }
}
