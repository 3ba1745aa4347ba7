//! Processes whose setup the engine's runtime lost: they never began, so that they can be started again.

use std::time::Duration;

/// How often a process is started whose setup gets lost.
pub(crate) const STARTS: u32 = 3;
/// The pause between two starts.
pub(crate) const BETWEEN_STARTS: Duration = Duration::from_millis(200);

/// Whether the runtime lost the process that sets a container, or a command in one, up
/// (<https://github.com/opencontainers/runc/blob/main/libcontainer/process_linux.go>).
pub(crate) fn is_lost_setup(message: &str) -> bool {
    let failed = ["OCI runtime create failed", "OCI runtime exec failed"];
    failed.iter().any(|failure| message.contains(failure))
        && message.contains("read init-p: connection reset by peer")
}

#[cfg(test)]
mod tests {
    use crate::docker::lost_setup::is_lost_setup;

    #[test]
    fn only_a_setup_that_was_lost_is_tried_again() {
        assert!(is_lost_setup(
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create \
             failed: unable to start container process: waiting for init preliminary setup: read init-p: connection \
             reset by peer: unknown"
        ));
        assert!(is_lost_setup(
            "OCI runtime exec failed: exec failed: unable to start container process: read init-p: connection reset \
             by peer: unknown\r\n"
        ));
        assert!(!is_lost_setup(
            "OCI runtime create failed: exec: \"nothing\": executable file not found in $PATH"
        ));
        assert!(!is_lost_setup(
            "driver failed programming external connectivity: port is already allocated"
        ));
    }
}
