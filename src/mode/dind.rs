//! Mode `dind`: a root daemon inside a privileged container.

use std::time::Duration;

use crate::mode::{Mode, ModeEngine, OwnEngine, dockerd};

/// `docker:dind`, started with hosts of nest's choice: two sockets and no TCP listener.
pub(super) const DIND: Mode = Mode {
    name: "dind",
    summary: "a daemon of its own inside a privileged container: isolated images, volumes and containers",
    starter: include_str!("dind.yaml"),
    image: "docker:dind",
    command: &[],
    home: "/root",
    init: false,
    privileged: true,
    unprivileged: None,
    runtime: None,
    without_runtime: "",
    engine: ModeEngine::Own(&OwnEngine {
        is_podman: false,
        socket: "/var/run/docker.sock",
        client_folder: "/nest",
        user: 0,
        data_root: "/var/lib/docker",
        certificates_folder: "/etc/docker/certs.d",
        daemon_file: Some("/etc/docker/daemon.json"),
        daemon_check: dockerd::CHECK,
        registries_file: None,
        client: "docker",
        daemon_command: &[
            "dockerd",
            "--host=unix:///var/run/docker.sock",
            "--host=unix:///nest/docker.sock",
        ],
        environment: &[],
        dial: dockerd::DIAL,
        dial_environment: dockerd::DIAL_ENVIRONMENT,
        log_line: dockerd::LOG_LINE,
        certificates: Some(dockerd::CERTIFICATES),
        memory_folder: Some(dockerd::MEMORY_FOLDER),
        lowest_port: 1,
        ready_timeout: Duration::from_mins(1),
        stop_timeout: Duration::from_mins(1),
        seed: Some(dockerd::SEED),
    }),
};
