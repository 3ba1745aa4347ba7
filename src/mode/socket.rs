//! Mode `socket`: the outer engine's own socket, mounted into a container.

use crate::mode::{Mode, ModeEngine};

/// `docker:cli` with the socket of the engine it runs on. What it starts are siblings of the container.
pub(super) const SOCKET: Mode = Mode {
    name: "socket",
    summary: "the outer engine's own socket: no isolation, and whoever has the socket is root on the host",
    starter: include_str!("socket.yaml"),
    image: "docker:cli",
    command: &["sleep", "infinity"],
    home: "/root",
    init: true,
    privileged: false,
    unprivileged: None,
    runtime: None,
    without_runtime: "",
    engine: ModeEngine::Shared {
        socket: "/var/run/docker.sock",
    },
};
