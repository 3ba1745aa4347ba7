//! Files that are right, and the project that they mean.

mod depth;
mod services;
mod volumes;

use std::fmt::{Debug, Write};
use std::time::Duration;

use expect_test::{Expect, expect};
use nest::model::environment::Environment;
use nest::model::name::{EnvironmentName, VolumeName};
use nest::model::port::Port;
use nest::model::setting::Setting;
use nest::model::{NameOrigin, Project};
use nest::problem::InvalidDocument;

use crate::front_end::{read, read_files, rendered};
use crate::processor::time_of_thread;

#[track_caller]
pub(crate) fn project(input: &str) -> Project {
    let result = read(input);
    match result {
        Ok(read) => read.project,
        Err(InvalidDocument { .. }) => panic!("{}", rendered(&result)),
    }
}

/// The environment `builder` of a file that has nothing else.
#[track_caller]
pub(crate) fn builder(environment: &str) -> Environment {
    let project = project(&format!(
        "volumes: {{ cache: {{}}, store: {{}} }}\nenvironments:\n  builder: {environment}\n"
    ));
    project.scope.environments[&EnvironmentName::new("builder")].clone()
}

#[track_caller]
fn check(value: &impl Debug, expected: &Expect) {
    expected.assert_debug_eq(value);
}

#[test]
fn the_quick_start_is_a_project() {
    let project = project(include_str!("front_end/quickstart.yaml"));
    let mut shown = format!("{} {:?}\n", project.name, project.file);
    for (name, registry) in &project.registries {
        writeln!(
            shown,
            "registry {name} {} {:?} {:?}",
            registry.images.len(),
            registry.login,
            registry.kind
        )
        .expect("text can grow");
    }
    for (name, environment) in &project.scope.environments {
        let outer = &environment.outer;
        let images = environment
            .inner
            .images
            .iter()
            .map(|image| image.reference.as_str());
        writeln!(
            shown,
            "environment {name} {} {} {:?} {:?}\n  mounts {:?}\n  uses {:?} after {:?}\n  holds {:?}",
            outer.mode.name,
            outer.container.image,
            outer.container.limits.memory,
            outer.ready_timeout,
            environment.volumes,
            environment.registries,
            environment.depends_on,
            images.collect::<Vec<_>>(),
        )
        .expect("text can grow");
    }
    expect![[r#"
        quickstart "/home/ann/ci/nest.yaml"
        registry hub 0 None Mirror { host: "docker.io", upstream: "https://registry-1.docker.io", container: RegistryContainer { image: ImageReference("registry:2"), port: None, volume: None, environment: {}, networks: [] } }
        registry local 0 None Local { container: RegistryContainer { image: ImageReference("registry:2"), port: Fixed(5000), volume: None, environment: {}, networks: [] } }
        environment builder dind docker:dind Some(2147483648) 60s
          mounts [Mount { source: Volume(VolumeName("cache")), target: "/cache", read_only: false, settings: MountSettings { subpath: None, nocopy: false, propagation: None, selinux: None, tmpfs_size: None, tmpfs_mode: None, consistency: None }, inner_name: Some(VolumeName("cache")) }]
          uses [RegistryName("hub"), RegistryName("local")] after {}
          holds ["alpine:3.20", "busybox:1.36"]
        environment tools socket docker:cli None 60s
          mounts [Mount { source: Volume(VolumeName("cache")), target: "/cache", read_only: false, settings: MountSettings { subpath: None, nocopy: false, propagation: None, selinux: None, tmpfs_size: None, tmpfs_mode: None, consistency: None }, inner_name: Some(VolumeName("cache")) }]
          uses [] after {MemberName("builder"): Dependency { condition: Healthy, restart: false, required: true }}
          holds []
    "#]].assert_eq(&shown);
}

#[test]
fn every_key_of_a_container_has_a_meaning() {
    let environment = builder(
        "
    outer:
      mode: dind
      image: docker:28-dind
      command: --log-level debug --label 'a b'
      environment: [SET, UNSET, NAME=a=b, EMPTY=]
      ports: [80, '8080:80', '127.0.0.1:9000-9001:90-91/udp', { target: 70, published: 7070, host_ip: '::1' }]
      hostname: builder.test
      data: { volume: store, keep: false }
      daemon: { debug: true, mtu: 1400, dns: [10.0.0.1], log-opts: { max-size: 10m } }
      cpus: 1.5
      memory: 512m
      restart: on-failure:3
      ready: 1m30s
    replicas: 1
    protect: true",
    );
    assert!(environment.protect);
    let outer = environment.outer;
    let ports: Vec<String> = outer.container.ports.iter().map(Port::to_string).collect();
    let rest = (
        outer.container.image.as_str(),
        outer.container.command,
        outer.container.environment,
        ports,
        (outer.container.hostname, outer.data),
        Setting::Mapping(outer.daemon).reveal().to_string(),
        (
            outer.container.limits.nano_cpus,
            outer.container.limits.memory,
        ),
        (outer.container.restart, outer.ready_timeout),
    );
    check(
        &rest,
        &expect![[r#"
            (
                "docker:28-dind",
                Some(
                    [
                        "--log-level",
                        "debug",
                        "--label",
                        "a b",
                    ],
                ),
                {
                    "SET": "yes",
                    "NAME": "a=b",
                    "EMPTY": "",
                },
                [
                    "80/tcp",
                    "8080:80/tcp",
                    "127.0.0.1:9000:90/udp",
                    "127.0.0.1:9001:91/udp",
                    "[::1]:7070:70/tcp",
                ],
                (
                    Some(
                        "builder.test",
                    ),
                    Data {
                        place: Volume(
                            VolumeName(
                                "store",
                            ),
                        ),
                        keep: false,
                        seed: Found,
                    },
                ),
                "{\"debug\":true,\"mtu\":1400,\"dns\":[\"10.0.0.1\"],\"log-opts\":{\"max-size\":\"10m\"}}",
                (
                    Some(
                        1500000000,
                    ),
                    Some(
                        536870912,
                    ),
                ),
                (
                    OnFailure(
                        3,
                    ),
                    90s,
                ),
            )
        "#]],
    );
}

#[test]
fn mounts_are_volumes_folders_and_memory() {
    let environment = builder(
        "
    outer: dind
    volumes:
      - cache:/cache
      - cache:/again:ro
      - ./src:same
      - ../other/./x:/other/
      - ~/.ssh:/root/.ssh:ro
      - /opt/tool:/opt/tool
      - { type: volume, source: store, target: /store, inner: shared }
      - { type: bind, source: ./made, target: /made, bind: { create_host_path: false } }
      - { type: tmpfs, target: /scratch }
      - { type: volume, source: store, target: /hidden, inner: false }",
    );
    let mut shown = String::new();
    for mount in environment.volumes {
        let access = if mount.read_only { "ro" } else { "rw" };
        let inner = mount.inner_name.as_ref().map_or("-", VolumeName::as_str);
        writeln!(
            shown,
            "{} {access} {inner} {:?}",
            mount.target, mount.source
        )
        .expect("text can grow");
    }
    expect![[r#"
        /cache rw cache Volume(VolumeName("cache"))
        /again ro - Volume(VolumeName("cache"))
        /home/ann/ci/src rw - Bind { path: "/home/ann/ci/src", create: true }
        /other rw - Bind { path: "/home/ann/other/x", create: true }
        /root/.ssh ro - Bind { path: "/home/ann/.ssh", create: true }
        /opt/tool rw - Bind { path: "/opt/tool", create: true }
        /store rw shared Volume(VolumeName("store"))
        /made rw - Bind { path: "/home/ann/ci/made", create: false }
        /scratch rw - Tmpfs
        /hidden rw - Volume(VolumeName("store"))
    "#]]
    .assert_eq(&shown);
}

#[test]
fn images_have_their_familiar_names_and_their_sources() {
    let digest = "a".repeat(64);
    let environment = builder(&format!(
        "
    outer: dind
    inner:
      images:
        - alpine
        - docker.io/library/busybox:1.36
        - index.docker.io/owner/app
        - localhost:5000/app:dev
        - ghcr.io/owner/app@sha256:{digest}
        - {{ image: app:dev, source: outer }}
        - {{ image: 'app:file', source: {{ archive: images/app.tar }} }}"
    ));
    let images: Vec<String> = environment
        .inner
        .images
        .iter()
        .map(|image| format!("{} {:?}", image.reference, image.source))
        .collect();
    check(
        &images,
        &expect![[r#"
        [
            "alpine:latest Auto",
            "busybox:1.36 Auto",
            "owner/app:latest Auto",
            "localhost:5000/app:dev Auto",
            "ghcr.io/owner/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa Auto",
            "app:dev Outer",
            "app:file Archive(\"/home/ann/ci/images/app.tar\")",
        ]
    "#]],
    );
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let project = project(
        "
x-base: &base { outer: &outer { mode: dind, memory: 1g }, replicas: 2 }
x-more: &more { replicas: 3, depends_on: [one] }
environments:
  one: *base
  two: { <<: *base, replicas: 4 }
  three: { <<: [*more, *base] }
  four: { outer: { <<: *outer, memory: 2g, x-note: mine }, x-note: { any: thing } }
",
    );
    let shown: Vec<String> = project
        .scope
        .environments
        .iter()
        .map(|(name, environment)| {
            let memory = environment
                .outer
                .container
                .limits
                .memory
                .unwrap_or_default()
                >> 30;
            format!(
                "{name}: {memory}g x{} after {}",
                environment.replicas,
                environment.depends_on.len()
            )
        })
        .collect();
    check(
        &shown,
        &expect![[r#"
        [
            "one: 1g x2 after 0",
            "two: 1g x4 after 0",
            "three: 1g x3 after 1",
            "four: 2g x1 after 0",
        ]
    "#]],
    );
}

#[test]
fn a_project_is_named_by_flag_file_or_folder() {
    let named = |flag: Option<&str>, input: &str| {
        let files = vec![("/home/ann/ci/nest.yaml", input.as_bytes().to_vec())];
        let project = read_files(files, flag).expect("it is right").project;
        (project.name.to_string(), project.name_origin)
    };
    let nothing = "environments: {}\n";
    let given = "name: mine\nenvironments: {}\n";
    assert_eq!(named(None, nothing), ("ci".to_owned(), NameOrigin::Folder));
    assert_eq!(named(None, given), ("mine".to_owned(), NameOrigin::Given));
    assert_eq!(
        named(Some("feature/ABC-1"), given),
        ("feature-abc-1".to_owned(), NameOrigin::Given)
    );
    let (long, _) = named(Some(&"branch/".repeat(20)), nothing);
    assert!(
        long.len() <= 63 && long.starts_with("branch-branch-"),
        "{long}"
    );
    let (other, _) = named(Some(&format!("{}x", "branch/".repeat(20))), nothing);
    assert_ne!(long, other);
}

#[test]
fn ten_thousand_environments_are_read_in_linear_time() {
    let text = |count: usize| {
        let mut text = "volumes: { cache: {} }\nenvironments:\n".to_owned();
        for number in 0..count {
            write!(
                text,
                "  env{number}:\n    outer:\n      mode: dind\n      memory: 2g\n      environment: {{ NUMBER: {number} }}\n    volumes:\n      - cache:/cache\n    inner:\n      images: [alpine:3.20, busybox:1.36]\n"
            )
            .expect("text can grow");
        }
        text
    };
    let timed = |count: usize| {
        let text = text(count);
        let start = time_of_thread();
        let project = project(&text);
        assert_eq!(project.scope.environments.len(), count);
        time_of_thread().saturating_sub(start)
    };
    let small = timed(1_000);
    let large = timed(10_000);
    assert!(
        large < small * 30 + Duration::from_secs(1),
        "{small:?} and {large:?}"
    );
}
