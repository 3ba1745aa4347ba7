//! The example that the README starts with, whole.

use std::collections::HashMap;
use std::process::Command;

use bollard::models::{ContainerCreateBody, HostConfig, PortBinding};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, PushImageOptionsBuilder, RemoveImageOptions,
    StartContainerOptions, TagImageOptionsBuilder,
};
use futures_util::TryStreamExt as _;

use crate::real::sandbox::{Ran, Sandbox, eventually, example};

#[test]
fn the_quickstart_does_what_its_readme_says_and_leaves_nothing() {
    let sandbox = Sandbox::new("");
    let upstream = Upstream::start(&sandbox);
    let before = sandbox.objects();
    let nest = |arguments: &[&str]| {
        let ran = Ran::from(
            command(&sandbox, &upstream, arguments)
                .output()
                .expect("nest starts"),
        );
        assert_eq!(
            ran.code, 0,
            "nest {arguments:?}: {}{}",
            ran.stdout, ran.stderr
        );
        ran.stdout.trim().to_owned()
    };
    nest(&["up"]);
    let write = "echo hello > /x/greeting";
    nest(&[
        "exec",
        "-T",
        "builder",
        "docker",
        "run",
        "--rm",
        "-v",
        "cache:/x",
        "alpine:3.20",
        "sh",
        "-c",
        write,
    ]);
    assert_eq!(
        nest(&["exec", "-T", "tools", "cat", "/cache/greeting"]),
        "hello"
    );
    let pushed = "docker tag busybox:1.36 local:5000/mine:1 && docker push -q local:5000/mine:1 && \
                  docker rmi local:5000/mine:1 && docker pull -q local:5000/mine:1";
    assert!(nest(&["exec", "-T", "builder", "sh", "-c", pushed]).ends_with("local:5000/mine:1"));
    nest(&[
        "exec",
        "-T",
        "builder",
        "docker",
        "pull",
        "-q",
        "local.nest:5000/mine:1",
    ]);
    // Only the upstream of the mirror has this image.
    nest(&[
        "exec",
        "-T",
        "builder",
        "docker",
        "pull",
        "-q",
        "only-upstream:1",
    ]);
    assert_eq!(
        nest(&["plan"]),
        "No changes. The engines hold what the file declares."
    );
    nest(&["plan", "--detailed-exitcode"]);
    nest(&["down", "--volumes", "--yes"]);
    // Other tests run on the same engine: `cargo xtask demo`, which is alone, compares everything.
    assert_eq!(sandbox.objects(), before);
}

fn command(sandbox: &Sandbox, upstream: &Upstream, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    command
        .arg_file(sandbox)
        .env("HUB_UPSTREAM", &upstream.url)
        .env("LOCAL_PORT", upstream.free_port.to_string());
    command
}

trait ArgFile {
    fn arg_file(&mut self, sandbox: &Sandbox) -> &mut Self;
}

impl ArgFile for Command {
    /// The example's file under a project name of the test's own.
    fn arg_file(&mut self, sandbox: &Sandbox) -> &mut Self {
        self.env("NEST_FILE", example("quickstart"))
            .env("NEST_PROJECT_NAME", &sandbox.name)
    }
}

/// A registry that stands for Docker Hub, with an image that is nowhere else.
struct Upstream {
    url: String,
    free_port: u16,
}

impl Upstream {
    fn start(sandbox: &Sandbox) -> Self {
        let name = format!("{}-upstream", sandbox.name);
        let any_port = vec![PortBinding::default()];
        let body = ContainerCreateBody {
            image: Some("registry:2".to_owned()),
            exposed_ports: Some(vec!["5000/tcp".to_owned(), "5001/tcp".to_owned()]),
            host_config: Some(HostConfig {
                port_bindings: Some(HashMap::from([
                    ("5000/tcp".to_owned(), Some(any_port.clone())),
                    // Published and given up again: a port that is free for the registry under test.
                    ("5001/tcp".to_owned(), Some(any_port)),
                ])),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        sandbox
            .runtime
            .block_on(sandbox.docker.create_container(Some(options), body))
            .expect("it is created");
        sandbox
            .runtime
            .block_on(
                sandbox
                    .docker
                    .start_container(&name, None::<StartContainerOptions>),
            )
            .expect("it starts");
        let network = sandbox
            .inspect(&name)
            .network_settings
            .expect("a running container has a network");
        let ports = network.ports.unwrap_or_default();
        let published = |port: &str| -> u16 {
            let binding = ports[port]
                .as_ref()
                .and_then(|bindings| bindings.first())
                .expect("the port is published");
            binding
                .host_port
                .as_deref()
                .and_then(|port| port.parse().ok())
                .expect("it has a number")
        };
        let port = published("5000/tcp");
        let gateway = sandbox
            .runtime
            .block_on(sandbox.docker.inspect_network("bridge", None))
            .ok()
            .and_then(|network| {
                network
                    .ipam?
                    .config?
                    .into_iter()
                    .find_map(|config| config.gateway)
            })
            .expect("the default bridge has a gateway");
        fill(sandbox, port);
        // One above the published ports: they are handed out upwards.
        Self {
            url: format!("http://{gateway}:{port}"),
            free_port: published("5001/tcp") + 100,
        }
    }
}

/// Pushes the image by way of the engine's own loopback, where registries need no TLS.
fn fill(sandbox: &Sandbox, port: u16) {
    let repository = format!("127.0.0.1:{port}/library/only-upstream");
    let tag = TagImageOptionsBuilder::default()
        .repo(&repository)
        .tag("1")
        .build();
    sandbox
        .runtime
        .block_on(sandbox.docker.tag_image("alpine:3.20", Some(tag)))
        .expect("the image can be tagged");
    eventually("the upstream registry takes the image", || {
        let options = PushImageOptionsBuilder::default().tag("1").build();
        let push = sandbox
            .docker
            .push_image(&repository, Some(options), None)
            .try_collect::<Vec<_>>();
        let lines = sandbox.runtime.block_on(push);
        lines.is_ok_and(|lines| lines.iter().all(|line| line.error_detail.is_none()))
    });
    let reference = format!("{repository}:1");
    let removal = sandbox
        .docker
        .remove_image(&reference, None::<RemoveImageOptions>, None);
    sandbox
        .runtime
        .block_on(removal)
        .expect("the tag can be removed");
}
