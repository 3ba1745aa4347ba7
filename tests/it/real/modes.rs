//! Every mode that has an engine of its own, from nothing to nothing.

use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::{CreateContainerOptionsBuilder, StartContainerOptions};
use nest::mode::Mode;

use crate::real::sandbox::{Sandbox, eventually};

/// How a mode is tried.
struct Trial {
    mode: &'static Mode,
    /// Keys of `outer` behind the mode.
    keys: &'static str,
}

impl Trial {
    fn of(name: &str, keys: &'static str) -> Self {
        let mode = Mode::named(name).expect("there is such a mode");
        Self { mode, keys }
    }

    /// A file with one environment in this mode.
    fn file(&self, keys: &str, images: &str) -> String {
        format!(
            "volumes: {{ cache: {{}} }}\nenvironments:\n  box:\n    outer: {{ mode: {}{}{keys} }}\n    \
             volumes: [cache:/cache]\n    inner: {{ images: [{images}] }}\n",
            self.mode.name, self.keys
        )
    }

    /// The program in the container that speaks with the engine.
    fn client(&self) -> &'static str {
        let own = self.mode.own_engine();
        own.expect("it has an engine of its own").client
    }
}

/// Whether the engine under test has the runtime of a mode, or needs none.
pub(crate) fn has_runtime(sandbox: &Sandbox, mode: &Mode) -> bool {
    let Some(runtime) = mode.runtime else {
        return true;
    };
    let info = sandbox.runtime.block_on(sandbox.docker.info());
    let runtimes = info.expect("the engine tells").runtimes.unwrap_or_default();
    runtimes.contains_key(runtime)
}

fn nothing_to_do(sandbox: &Sandbox) {
    for way in ["auto", "exec"] {
        let plan = sandbox.nest(&["--tunnel", way, "plan", "--detailed-exitcode"]);
        assert_eq!(plan.code, 0, "by {way}: {}{}", plan.stdout, plan.stderr);
    }
}

/// Up, what is inside stays inside, a change in place, a replacement that keeps the data, down, nothing left.
fn lives(trial: &Trial) {
    let sandbox = Sandbox::new(&trial.file("", "alpine:3.20"));
    if !has_runtime(&sandbox, trial.mode) {
        return refused(&sandbox, trial.mode);
    }
    let client = trial.client();
    let container = format!("{}-box-1", sandbox.name);
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);

    let inner = format!("{}-inside", sandbox.name);
    let sleep = [
        client,
        "run",
        "-d",
        "--name",
        &inner,
        "-v",
        "cache:/cache:ro",
        "alpine:3.20",
        "sleep",
        "600",
    ];
    sandbox.inside("box", &sleep);
    let running = sandbox.inside("box", &[client, "ps", "--format", "{{.Names}}"]);
    assert_eq!(running, inner);
    assert!(!sandbox.objects().contains(&format!("container /{inner}")));
    let own = format!("localhost/{inner}:own");
    sandbox.inside("box", &[client, "tag", "alpine:3.20", &own]);
    let image = sandbox.runtime.block_on(sandbox.docker.inspect_image(&own));
    assert!(
        image.is_err(),
        "an image made inside is on the outer engine"
    );
    // The volume is one and the same inside and outside.
    sandbox.succeed(&[
        "exec",
        "-T",
        "-u",
        "0",
        "box",
        "sh",
        "-c",
        "echo shared > /cache/file",
    ]);
    let shared = sandbox.inside("box", &[client, "exec", &inner, "cat", "/cache/file"]);
    assert_eq!(shared, "shared");

    // In place: another image and a limit.
    let id = sandbox.id(&container);
    sandbox.write(&trial.file(", memory: 3g", "busybox:1.36"));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    assert_eq!(sandbox.id(&container), id, "it was replaced");
    let images = sandbox.inside("box", &[client, "images", "--format", "{{.Repository}}"]);
    assert!(
        images.contains("busybox") && images.contains(&inner),
        "{images}"
    );

    // Replaced, with its data.
    sandbox.write(&trial.file(", memory: 3g, environment: { A: b }", "busybox:1.36"));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    assert_ne!(sandbox.id(&container), id, "it was not replaced");
    let images = sandbox.inside("box", &[client, "images", "--format", "{{.Repository}}"]);
    assert!(images.contains(&inner), "its data is gone: {images}");

    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

/// An engine without the runtime of a mode is not asked to do anything.
pub(crate) fn refused(sandbox: &Sandbox, mode: &Mode) {
    let runtime = mode.runtime.expect("it has a runtime");
    for command in ["plan", "up"] {
        let ran = sandbox.nest(&[command]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let (reason, help) = if sandbox.is_podman() {
            let reason = format!("`{runtime}` would not be used");
            (reason, "choose mode `dind`, `rootless` or `podman`")
        } else {
            let reason = format!("the engine has no runtime `{runtime}`");
            (reason, mode.without_runtime)
        };
        assert!(said.contains(&reason) && said.contains(help), "{said}");
    }
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn dind_lives() {
    lives(&Trial::of("dind", ""));
}

#[test]
fn rootless_lives() {
    lives(&Trial::of("rootless", ""));
}

#[test]
fn sysbox_lives() {
    lives(&Trial::of("sysbox", ""));
}

#[test]
fn podman_lives() {
    lives(&Trial::of("podman", ""));
}

#[test]
fn podman_lives_with_fewer_privileges() {
    lives(&Trial::of("podman", ", privileged: false"));
}

#[test]
fn rootless_with_fewer_privileges_lives_or_says_what_the_host_lacks() {
    let trial = Trial::of("rootless", ", privileged: false");
    let sandbox = Sandbox::new(&trial.file("", ""));
    let ran = sandbox.nest(&["up"]);
    if ran.code == 0 {
        drop(sandbox);
        return lives(&trial);
    }
    let hints = ran.stderr.matches("hint: ").count();
    let names_it = ran.stderr.contains("`privileged: false`") || ran.stderr.contains("mode `dind`");
    assert!(hints > 0 && names_it, "{}", ran.stderr);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn nothing_of_a_sysbox_container_is_privileged() {
    let trial = Trial::of("sysbox", ", cpus: 2");
    let sandbox = Sandbox::new(&trial.file("", ""));
    if !has_runtime(&sandbox, trial.mode) {
        return refused(&sandbox, trial.mode);
    }
    sandbox.succeed(&["up"]);
    let found = sandbox.inspect(&format!("{}-box-1", sandbox.name));
    let host = found.host_config.expect("it has settings");
    assert_eq!(host.privileged, Some(false));
    assert!(host.cap_add.unwrap_or_default().is_empty());
    assert!(host.devices.unwrap_or_default().is_empty());
    assert!(host.security_opt.unwrap_or_default().is_empty());
    assert_eq!(host.runtime.as_deref(), trial.mode.runtime);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
}

#[test]
fn the_runtime_refuses_what_the_file_may_not_ask_for() {
    let sandbox = Sandbox::new("");
    let mode = Mode::named("sysbox").expect("there is such a mode");
    if !has_runtime(&sandbox, mode) {
        sandbox.write(&Trial::of("sysbox", "").file("", ""));
        return refused(&sandbox, mode);
    }
    let asks = [
        HostConfig {
            privileged: Some(true),
            ..HostConfig::default()
        },
        HostConfig {
            network_mode: Some("host".to_owned()),
            ..HostConfig::default()
        },
        HostConfig {
            pid_mode: Some("host".to_owned()),
            ..HostConfig::default()
        },
    ];
    for (index, host_config) in asks.into_iter().enumerate() {
        let name = format!("{}-refused-{index}", sandbox.name);
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let body = ContainerCreateBody {
            image: Some("alpine:3.20".to_owned()),
            host_config: Some(HostConfig {
                runtime: mode.runtime.map(str::to_owned),
                ..host_config
            }),
            ..ContainerCreateBody::default()
        };
        let docker = &sandbox.docker;
        let started = sandbox.runtime.block_on(async {
            docker.create_container(Some(options), body).await?;
            docker
                .start_container(&name, None::<StartContainerOptions>)
                .await
        });
        assert!(
            started.is_err(),
            "it started: {:?}",
            sandbox.inspect(&name).host_config
        );
    }
}

#[test]
fn a_rootless_engine_reloads_without_a_restart() {
    let trial = Trial::of("rootless", "");
    let file = |registry: &str| {
        trial.file(
            &format!(", daemon: {{ insecure-registries: ['{registry}'] }}"),
            "",
        )
    };
    let sandbox = Sandbox::new(&file("one.test:5000"));
    sandbox.succeed(&["up"]);
    let container = format!("{}-box-1", sandbox.name);
    let run = || {
        let found = sandbox.inspect(&container);
        (found.id, found.state.and_then(|state| state.started_at))
    };
    let before = run();
    sandbox.write(&file("two.test:5000"));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    assert_eq!(run(), before, "it was restarted");
    let told = sandbox.inside(
        "box",
        &["docker", "info", "--format", "{{json .RegistryConfig}}"],
    );
    assert!(
        told.contains("two.test:5000") && !told.contains("one.test"),
        "{told}"
    );
    sandbox.succeed(&["down", "--volumes", "--yes"]);
}

#[test]
fn podman_pulls_from_the_registries_of_the_file() {
    const FROM_LOCAL: &str = "local.nest:5000/library/alpine:3.20";
    let file = |images: &str| {
        format!(
            "registries: {{ local: {{}}, hub: {{ mirror: docker.io, upstream: 'http://local:5000' }} }}\nenvironments:\n  \
             filler: {{ outer: dind, registries: [local], inner: {{ images: [alpine:3.20] }} }}\n  \
             pod: {{ outer: podman, registries: [local, hub], inner: {{ images: [{images}] }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file(""));
    sandbox.succeed(&["up"]);
    let pushed = "local:5000/library/alpine:3.20";
    for command in [
        ["tag", "alpine:3.20", pushed].as_slice(),
        &["push", "--quiet", pushed],
    ] {
        sandbox.inside("filler", &[&["docker"], command].concat());
    }
    sandbox.inside("filler", &["docker", "rmi", pushed]);
    sandbox.write(&file(FROM_LOCAL));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    // Through the mirror, in place of a registry that cannot be reached from here.
    eventually("the mirror serves", || {
        let pull = [
            "exec",
            "-T",
            "pod",
            "podman",
            "pull",
            "--quiet",
            "docker.io/library/alpine:3.20",
        ];
        sandbox.nest(&pull).code == 0
    });
    nothing_to_do(&sandbox);

    // Another set of registries restarts the engine with the same data.
    sandbox.write(&file(FROM_LOCAL).replace("[local, hub]", "[local]"));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
