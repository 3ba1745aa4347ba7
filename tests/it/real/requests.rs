//! A saved plan is carried out by the requests that its steps stand for, and by no others.

use nest::plan::saved::SavedPlan;
use nest::plan::step::{Operation, Step};
use nest::resource::container::ContainerRef;

use crate::real::proxy::Proxy;
use crate::real::repeat::writing;
use crate::real::sandbox::Sandbox;

const PROJECT: &str = "
volumes: { cache: {} }
registries: { local: {} }
environments:
  builder:
    outer: { mode: dind, memory: 1g }
    volumes: [cache:/cache]
    registries: [local]
    inner: { images: [alpine:3.20] }
  tools: { outer: socket, volumes: [cache:/cache] }
";

#[test]
fn apply_sends_what_the_steps_of_the_plan_stand_for_and_plan_nothing() {
    let sandbox = Sandbox::new(PROJECT);
    let proxy = Proxy::start(sandbox.folder.path().join("proxy.sock"));
    let run = |arguments: &[&str]| {
        let command = sandbox.command_to(&proxy.endpoint(), arguments).output();
        let output = command.expect("nest starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        let mut requests = plain(&writing(&proxy.take()));
        requests.sort();
        requests
    };
    let mut kinds = std::collections::BTreeSet::new();
    let mut apply = |plan: &[&str]| {
        let planned = run(&[plan, ["--out", "saved.plan"].as_slice()].concat());
        assert_eq!(planned, Vec::<String>::new(), "{plan:?}");
        let path = sandbox.folder.path().join("saved.plan");
        let text = std::fs::read_to_string(&path).expect("the plan was saved");
        let saved: SavedPlan = serde_json::from_str(&text).expect("it is a plan");
        let mut expected: Vec<String> = saved.plan.steps.iter().filter_map(request).collect();
        assert!(!expected.is_empty(), "{plan:?} has something to do");
        let lock = format!("nest-{}-lock", sandbox.name);
        expected.push(format!("POST /volumes/create {lock}"));
        expected.push(format!("DELETE /volumes/{lock}"));
        expected.sort();
        let sent = run(&["apply", "--yes", "saved.plan"]);
        assert_eq!(sent, expected, "{plan:?}");
        for step in &saved.plan.steps {
            kinds.insert(crate::memory::word(&step.operation));
        }
        std::fs::remove_file(&path).expect("it was there");
    };
    apply(&["plan"]);
    // In place and by reloading; images go and come.
    let edited = PROJECT.replace("memory: 1g", "memory: 2g, daemon: { debug: true }");
    sandbox.write(&edited.replace("alpine:3.20", "busybox:1.36"));
    apply(&["plan"]);
    // What leaves the file goes; what only a replacement changes is replaced.
    let edited = edited.replace("mode: dind,", "mode: dind, environment: { A: b },");
    let edited = edited.replace("    registries: [local]\n", "");
    sandbox.write(&edited.replace("registries: { local: {} }\n", ""));
    apply(&["plan"]);
    let container = format!("{}-tools-1", sandbox.name);
    let network = format!("{}_default", sandbox.name);
    let leave = bollard::models::NetworkDisconnectRequest {
        container,
        force: Some(true),
    };
    let left = sandbox.docker.disconnect_network(&network, leave);
    sandbox
        .runtime
        .block_on(left)
        .expect("it leaves the network");
    apply(&["plan"]);
    apply(&["plan", "--destroy"]);
    let words: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(
        words,
        [
            "CheckDaemonFile",
            "ConnectNetwork",
            "CreateContainer",
            "CreateNetwork",
            "CreateVolume",
            "ReloadEngine",
            "RemoveContainer",
            "RemoveImage",
            "RemoveNetwork",
            "RemoveVolume",
            "StartContainer",
            "StopContainer",
            "TransferImages",
            "UpdateContainer",
            "WaitForContainer",
            "WaitForEngine",
            "WriteDaemonFile",
        ],
        "every one is held against what it sends"
    );
}

/// Requests without the version of the API and without options, but for what they name.
fn plain(requests: &[String]) -> Vec<String> {
    let mut plain = Vec::new();
    for request in requests {
        let (inside, rest) = match request.strip_prefix("inside ") {
            Some(rest) => ("inside ", rest),
            None => ("", request.as_str()),
        };
        let mut words = rest.splitn(3, ' ');
        let method = words.next().unwrap_or_default();
        let path = words.next().unwrap_or_default();
        let name = words.next().map(|name| format!(" {name}"));
        let name = name.unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = path
            .strip_prefix("/v1.")
            .and_then(|path| Some(&path[path.find('/')?..]))
            .unwrap_or(path);
        // To wait changes nothing.
        if path.ends_with("/wait") {
            continue;
        }
        let named = query.split('&').find_map(|part| part.strip_prefix("name="));
        let named = named.map(|name| format!(" {name}")).unwrap_or_default();
        plain.push(format!("{inside}{method} {path}{named}{name}"));
    }
    plain
}

/// The request that a step stands for; none for what only waits.
fn request(step: &Step) -> Option<String> {
    let of = |container: &ContainerRef, what: &str| {
        let handle = container.handle();
        format!("/containers/{handle}{what}")
    };
    let request = match &step.operation {
        Operation::CreateNetwork(spec) => format!("POST /networks/create {}", spec.name),
        Operation::RemoveNetwork { id, .. } => format!("DELETE /networks/{id}"),
        Operation::CreateVolume(spec) => format!("POST /volumes/create {}", spec.name),
        Operation::KeepSeed { mark, .. } => format!("POST /volumes/create {}", mark.name),
        Operation::RemoveVolume { name } => format!("DELETE /volumes/{name}"),
        Operation::PullImage { .. } => "POST /images/create".to_owned(),
        Operation::PushImage { .. } => "POST /images/push".to_owned(),
        Operation::EndPush(left) => format!("DELETE /images/{}", left.kept),
        Operation::BuildImage(_) => "POST /build".to_owned(),
        Operation::RemoveUnnamedImage { id } => format!("DELETE /images/{id}"),
        Operation::NameImage { reference, .. } => format!("POST /images/{reference}/tag"),
        Operation::RemoveImage { reference } => format!("DELETE /images/{reference}"),
        Operation::TransferImages { .. } | Operation::LoadArchive { .. } => {
            "POST /images/load".to_owned()
        }
        Operation::CreateContainer(spec) => format!("POST /containers/create {}", spec.name),
        Operation::WriteDaemonFile { container, .. } | Operation::WriteFiles { container, .. } => {
            format!("PUT {}", of(container, "/archive"))
        }
        Operation::StartContainer { container } => format!("POST {}", of(container, "/start")),
        Operation::StopContainer { container } => format!("POST {}", of(container, "/stop")),
        Operation::RemoveContainer { container, .. } => format!("DELETE {}", of(container, "")),
        Operation::UpdateContainer { container, .. } => {
            format!("POST {}", of(container, "/update"))
        }
        Operation::ConnectNetwork { network, .. } => format!("POST /networks/{network}/connect"),
        Operation::DisconnectNetwork { network, .. } => {
            format!("POST /networks/{network}/disconnect")
        }
        Operation::ReloadEngine { container, .. } => format!("POST {}", of(container, "/kill")),
        // It is a command in the container.
        Operation::CheckDaemonFile(_)
        | Operation::WaitForEngine { .. }
        | Operation::WaitForContainer { .. }
        | Operation::WaitForService { .. } => return None,
    };
    let inside = if step.engine.containers().is_empty() {
        ""
    } else {
        "inside "
    };
    Some(format!("{inside}{request}"))
}
