//! `pull_policy` and `platform` of services on a real engine.

use std::fs;

use bollard::query_parameters::RemoveImageOptions;

use crate::real::sandbox::Sandbox;

/// A registry that nest runs and fills with what it builds, and a service whose image comes from there.
fn file(sandbox: &Sandbox, port: u16, service: &str) -> String {
    let name = &sandbox.name;
    format!(
        "
registries: {{ local: {{ port: {port}, images: ['{name}:dev'] }} }}
images: [{{ image: '{name}:dev', source: {{ build: ./app }} }}]
{service}"
    )
}

fn service(sandbox: &Sandbox, port: u16, policy: &str) -> String {
    format!(
        "services: {{ app: {{ image: '127.0.0.1:{port}/{}:dev', command: [sleep, infinity], stop_grace_period: 0s, \
         pull_policy: {policy} }} }}\n",
        sandbox.name
    )
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("it has one").port()
}

fn write_app(sandbox: &Sandbox, content: &str) {
    let folder = sandbox.folder.path().join("app");
    fs::create_dir_all(&folder).expect("it can be made");
    fs::write(folder.join("content"), content).expect("it can be written");
    let text = "FROM alpine:3.20\nCOPY content /content\n";
    fs::write(folder.join("Dockerfile"), text).expect("it can be written");
}

#[test]
fn always_follows_the_registry_missing_does_not_and_never_asks_nobody() {
    let sandbox = Sandbox::new("");
    let port = free_port();
    write_app(&sandbox, "first");
    sandbox.write(&file(&sandbox, port, ""));
    sandbox.succeed(&["up"]);
    let write = |policy: &str| {
        sandbox.write(&file(&sandbox, port, &service(&sandbox, port, policy)));
    };

    // It is nowhere on the engine, and is not pulled.
    write("never");
    let plan = sandbox.nest(&["plan"]);
    assert_eq!(plan.code, 1, "{}", plan.stdout);
    assert!(plan.stdout.contains("never"), "{}", plan.stdout);

    write("missing");
    sandbox.succeed(&["up"]);
    let content = || sandbox.inside("app", &["cat", "/content"]);
    assert_eq!(content(), "first");
    // The registry has another one.
    write_app(&sandbox, "second");
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(content(), "first", "it has one");
    sandbox.succeed(&["plan", "--detailed-exitcode"]);

    write("always");
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}", plan.stdout);
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(content(), "second");
    sandbox.succeed(&["plan", "--detailed-exitcode"]);

    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
    let image = format!("127.0.0.1:{port}/{}:dev", sandbox.name);
    let removed = sandbox
        .docker
        .remove_image(&image, None::<RemoveImageOptions>, None);
    let _gone = sandbox.runtime.block_on(removed);
}

#[test]
fn a_platform_is_the_engines_own_or_nothing_is_made_for_it() {
    let own = match std::env::consts::ARCH {
        "aarch64" => ["linux/arm64", "linux/amd64"],
        _ => ["linux/amd64", "linux/arm64"],
    };
    let service = |platform: &str| {
        format!(
            "services: {{ app: {{ image: 'alpine:3.20', platform: {platform}, command: [sleep, infinity], \
             stop_grace_period: 0s }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&service(own[0]));
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    let id = sandbox.id(&format!("{}-app-1", sandbox.name));

    // The image is there for the engine's own only, and no registry has another.
    sandbox.write(&service(own[1]));
    let ran = sandbox.nest(&["up", "--yes"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(
        sandbox.id(&format!("{}-app-1", sandbox.name)),
        id,
        "it is left alone"
    );
    sandbox.write(&service(own[0]));
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
