//! The group of a socket that a container is to use, and whether that is enough.

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::exec::ExecOptions;
use crate::docker::perform::user::user_of;
use crate::engine::{EngineError, Progress};
use crate::resource::container::{ContainerRef, SocketPlace};

/// The permission of a socket's group to connect.
const GROUP_WRITES: u32 = 0o020;

/// Who may use a socket.
pub(super) struct SocketAccess {
    /// The number of its group.
    pub(super) group: String,
    /// Its permissions.
    mode: u32,
}

/// Who may use a socket, as the container that shows it says.
pub(super) async fn socket_group(
    docker: &Docker,
    client: &Client,
    socket: &SocketPlace,
) -> Result<SocketAccess, EngineError> {
    let phrase = format!(
        "find the group of the socket `{}` in container `{}`",
        socket.path, socket.container
    );
    let (mut said, mut complaint) = (Vec::new(), Vec::new());
    let command = ["stat", "-L", "-c", "%g %a", &socket.path];
    let options = ExecOptions {
        command: command.map(str::to_owned).to_vec(),
        environment: Vec::new(),
        working_folder: None,
        user: None,
        terminal: None,
        resizes: None,
        stdin: None,
        stdout: Box::new(&mut said),
        stderr: Box::new(&mut complaint),
    };
    let code = docker
        .exec(&client.path, &socket.container, options)
        .await?;
    let said = String::from_utf8_lossy(&said);
    let mut words = said.split_whitespace();
    let group = words.next().filter(|it| it.parse::<u32>().is_ok());
    let mode = words.next().and_then(|it| u32::from_str_radix(it, 8).ok());
    if let (0, Some(group), Some(mode)) = (code, group, mode) {
        let group = group.to_owned();
        return Ok(SocketAccess { group, mode });
    }
    let complaint = String::from_utf8_lossy(&complaint);
    let reason = format!("`stat` ended with code {code}: {}", complaint.trim());
    Err(client.attempt(&phrase).without_effect(reason))
}

/// Tells where a container's user will be refused by a socket that is not for its group, as podman makes its own.
pub(super) async fn warn_of_refusal(
    client: &Client,
    container: &ContainerRef,
    (socket, access): (&SocketPlace, &SocketAccess),
    report: &dyn Fn(Progress),
) {
    if access.mode & GROUP_WRITES != 0 {
        return;
    }
    let phrase = format!("find the user of container `{}`", container.name);
    // Who it is may not be known; then nothing is said.
    let user = user_of(client, container, client.attempt(&phrase)).await;
    if let Ok((user, _)) = user
        && user != 0
    {
        report(Progress::Warning(format!(
            "`{}` will be refused by the engine's socket `{}`: its permissions, {:o}, are for its owner alone, \
             and it runs as user {user}; give it `user: root`, or let the group of the engine's socket connect",
            container.name, socket.path, access.mode
        )));
    }
}
