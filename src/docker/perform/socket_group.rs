//! The group of a socket that a container is to use.

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::exec::ExecOptions;
use crate::engine::EngineError;
use crate::resource::container::SocketPlace;

/// The number of the group that may use a socket, as the container that shows it says.
pub(super) async fn socket_group(
    docker: &Docker,
    client: &Client,
    socket: &SocketPlace,
) -> Result<String, EngineError> {
    let phrase = format!(
        "find the group of the socket `{}` in container `{}`",
        socket.path, socket.container
    );
    let (mut said, mut complaint) = (Vec::new(), Vec::new());
    let command = ["stat", "-L", "-c", "%g", &socket.path];
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
    let group = said.trim();
    if code == 0 && group.parse::<u32>().is_ok() {
        return Ok(group.to_owned());
    }
    let complaint = String::from_utf8_lossy(&complaint);
    let reason = format!("`stat` ended with code {code}: {}", complaint.trim());
    Err(client.attempt(&phrase).without_effect(reason))
}
