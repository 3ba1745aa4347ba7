//! Doing it again: nothing changes, and nothing that writes is sent.

use crate::real::proxy::Proxy;
use crate::real::sandbox::Sandbox;

const PROJECT: &str = "
volumes: { cache: {} }
registries: { local: {} }
environments:
  builder:
    outer: { mode: dind, cpus: 1 }
    volumes: [cache:/cache]
    registries: [local]
    inner: { images: [alpine:3.20] }
  tools: { outer: socket, volumes: [cache:/cache] }
";

#[test]
fn a_second_up_and_a_plan_send_no_writing_request() {
    let sandbox = Sandbox::new(PROJECT);
    let first_plan_socket = sandbox.folder.path().join("proxy.sock");
    let proxy = Proxy::start(first_plan_socket);
    let through = |arguments: &[&str]| {
        let output = sandbox
            .command_to(&proxy.endpoint(), arguments)
            .output()
            .expect("nest starts");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        proxy.take()
    };
    assert_eq!(writing(&through(&["plan"])), Vec::<String>::new());
    assert!(
        !writing(&through(&["up"])).is_empty(),
        "the proxy sees what is written"
    );
    assert_eq!(writing(&through(&["up"])), Vec::<String>::new());
    assert_eq!(writing(&through(&["plan"])), Vec::<String>::new());
    assert_eq!(writing(&through(&["status"])), Vec::<String>::new());
}

/// The requests that change something; the exec of a tunnel apart.
pub(crate) fn writing(requests: &[String]) -> Vec<String> {
    let reads = |request: &&String| {
        let request = request.trim_start_matches("inside ");
        !request.starts_with("GET ") && !request.starts_with("HEAD ")
    };
    let is_exec = |request: &&String| {
        let request = request.trim_start_matches("inside ");
        let path = request.split(' ').nth(1).unwrap_or_default();
        path.ends_with("/exec") || (path.contains("/exec/") && path.ends_with("/start"))
    };
    requests
        .iter()
        .filter(reads)
        .filter(|request| !is_exec(request))
        .cloned()
        .collect()
}
