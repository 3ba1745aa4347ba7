//! Mode `dind`: a root daemon inside a privileged container.

use std::time::Duration;

use crate::mode::{Mode, ModeEngine, OwnEngine};

/// `docker:dind`, started with hosts of nest's choice: two sockets and no TCP listener.
///
/// The image's entrypoint adds a TCP listener and makes certificates only when it is started without a
/// command or with flags; an explicit `dockerd` is run as it stands
/// (<https://github.com/docker-library/docker/blob/master/dockerd-entrypoint.sh>).
pub(crate) const DIND: Mode = Mode {
    name: "dind",
    summary: "a daemon of its own inside a privileged container: isolated images, volumes and containers",
    image: "docker:dind",
    command: &[],
    init: false,
    privileged: true,
    engine: ModeEngine::Own(OwnEngine {
        socket: "/var/run/docker.sock",
        client_folder: "/nest",
        data_root: "/var/lib/docker",
        daemon_file: "/etc/docker/daemon.json",
        daemon_command: &[
            "dockerd",
            "--host=unix:///var/run/docker.sock",
            "--host=unix:///nest/docker.sock",
        ],
        dial: &["docker", "system", "dial-stdio"],
        dial_environment: &[
            "DOCKER_CONTEXT=default",
            "DOCKER_TLS_VERIFY=",
            "DOCKER_TLS=",
        ],
        log_line: "API listen on",
        ready_timeout: Duration::from_mins(1),
        stop_timeout: Duration::from_mins(1),
    }),
};
