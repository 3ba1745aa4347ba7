//! What is mounted, held against policies.

use std::path::{Component, Path, PathBuf};

use crate::model::Volume;
use crate::model::validate::Validation;
use crate::model::value::TextValue;
use crate::source::{Span, normalized};

/// Where engines usually listen. `/var/run` is `/run`.
const SOCKETS: [&str; 6] = [
    "/run/docker.sock",
    "/run/docker/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",
];
/// What engines call their sockets, wherever they are.
const SOCKET_NAMES: [&str; 7] = [
    "docker.sock",
    "docker.raw.sock",
    "podman.sock",
    "containerd.sock",
    "crio.sock",
    "cri-dockerd.sock",
    "buildkitd.sock",
];
/// Folders, by the end of their path, that hold the socket of an engine that is not root's.
const SOCKET_FOLDERS: [&str; 3] = [".docker", ".docker/run", ".docker/desktop"];
/// Below this each user has a folder with the sockets of engines that are not root's.
const USER_FOLDERS: &str = "/run/user";

impl Validation<'_> {
    /// A folder or file of the host that is mounted.
    pub(in crate::model::validate) fn check_bind_policy(&mut self, path: &Path, at: &Span) {
        self.check_host_path(path, at);
        if leads_to_socket(path) {
            self.deny_socket(format!("`{}`", path.display()), at);
        }
    }

    /// A volume that shows a folder of the host: the local driver mounts what `device` names.
    pub(in crate::model::validate) fn check_volume_policy(&mut self, volume: &Volume, at: &Span) {
        let options = volume.driver_opts.get("o").map_or("", TextValue::reveal);
        let binds = options
            .split(',')
            .any(|option| ["bind", "rbind"].contains(&option));
        if let Some(device) = volume.driver_opts.get("device").filter(|_| binds) {
            self.check_bind_policy(&normalized(Path::new(device.reveal())), at);
        }
    }
}

/// Whether a path is the socket of an engine, or a folder above one.
fn leads_to_socket(path: &Path) -> bool {
    // Hosts link `/var/run` to `/run`.
    let resolved: PathBuf = match path.strip_prefix("/var/run") {
        Ok(rest) => Path::new("/run").join(rest),
        Err(_) => path.to_owned(),
    };
    let is_named_so = resolved
        .file_name()
        .is_some_and(|name| SOCKET_NAMES.iter().any(|socket| name == *socket));
    // Below the folder of all users, that of one, or the engine's folder in it.
    let leads_to_users = resolved.strip_prefix(USER_FOLDERS).is_ok_and(|below| {
        let engines = below.components().nth(1).map(Component::as_os_str);
        let engine = engines.is_none_or(|name| name == "podman" || name == "docker");
        engine && below.components().count() <= 2
    });
    path == Path::new("/var")
        || is_named_so
        || leads_to_users
        || SOCKETS
            .iter()
            .any(|socket| Path::new(socket).starts_with(&resolved))
        || SOCKET_FOLDERS
            .iter()
            .any(|folder| resolved.ends_with(folder))
}
