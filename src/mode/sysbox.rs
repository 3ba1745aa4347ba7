//! Mode `sysbox`: a root daemon in a user namespace, in a container without privileges.

use std::time::Duration;

use crate::mode::{Mode, ModeEngine, OwnEngine, dockerd};

/// `docker:dind` under a runtime that lets it be root inside and nobody outside. The host must have the runtime.
pub(super) const SYSBOX: Mode = Mode {
    name: "sysbox",
    summary: "a daemon of its own in a user namespace, without privileges; the host needs the runtime `sysbox-runc`",
    starter: include_str!("sysbox.yaml"),
    image: "docker:dind",
    command: &[],
    home: "/root",
    init: false,
    privileged: false,
    unprivileged: None,
    runtime: Some("sysbox-runc"),
    without_runtime: "install Sysbox on the engine's host (https://github.com/nestybox/sysbox), or choose mode `rootless`, \
                      which needs no runtime, or mode `dind`, which is privileged",
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
        ready_timeout: Duration::from_mins(2),
        stop_timeout: Duration::from_mins(1),
        seed: None,
    }),
};
