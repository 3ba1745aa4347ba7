//! Policies, and what breaches them.

mod rules;

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn a_mode_that_is_not_allowed() {
    check(
        "\
policy: { modes: [dind] }
environments:
  tools: { outer: { mode: socket, environment: { A: b } } }
  builder: { outer: dind }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:3:27]
             2 │ environments:
             3 │   tools: { outer: { mode: socket, environment: { A: b } } }
               ·                           ───┬──
               ·                              ╰── chosen here
             4 │   builder: { outer: dind }
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::policy_mode

              × a policy does not allow the mode `socket`
               ╭─[/home/ann/ci/nest.yaml:3:27]
             1 │ policy: { modes: [dind] }
               ·                  ───┬──
               ·                     ╰── only these are allowed
             2 │ environments:
             3 │   tools: { outer: { mode: socket, environment: { A: b } } }
               ·                           ───┬──
               ·                              ╰── not one of those
             4 │   builder: { outer: dind }
               ╰────
              help: choose one of `dind`
        "#]],
    );
}

#[test]
fn privileges_that_are_denied() {
    check(
        "\
policy: { privileged: deny }
environments:
  builder: { outer: dind }
",
        &expect![[r#"
            nest::policy_privileged

              × a policy denies privileges: mode `dind` runs its engine with them
               ╭─[/home/ann/ci/nest.yaml:3:21]
             1 │ policy: { privileged: deny }
               ·                       ──┬─
               ·                         ╰── denied here
             2 │ environments:
             3 │   builder: { outer: dind }
               ·                     ──┬─
               ·                       ╰── more than the usual privileges
               ╰────
              help: do without, or choose a mode that needs none
        "#]],
    );
    for keys in [
        "privileged: true",
        "cap_add: [cap_sys_admin]",
        "cap_add: [NET_ADMIN, ALL]",
        "network_mode: host",
        "pid: host",
        "ipc: host",
        "userns_mode: host",
        "cgroup: host",
        "devices: [/dev/fuse]",
        "devices: [{ source: /dev/kvm }]",
        "device_cgroup_rules: ['c 1:3 mr']",
        "security_opt: ['seccomp:unconfined']",
        "security_opt: [apparmor=unconfined]",
        "security_opt: [label=disable]",
    ] {
        let file = format!(
            "{{ policy: {{ privileged: deny }}, environments: {{ aa: {{ outer: {{ mode: socket, {keys} }} }} }} }}"
        );
        let shown = rendered(&read(file));
        assert_eq!(shown.matches("nest::policy_").count(), 1, "{keys}\n{shown}");
        assert!(shown.contains("nest::policy_privileged"), "{shown}");
        let shown = rendered(&read(format!(
            "{{ policy: {{ privileged: deny }}, services: {{ aa: {{ image: alpine, {keys} }} }} }}"
        )));
        assert_eq!(shown.matches("nest::policy_").count(), 1, "{keys}\n{shown}");
        assert!(shown.contains("nest::policy_privileged"), "{shown}");
    }
    for build in [
        "privileged: true",
        "network: host",
        "entitlements: [security.insecure]",
    ] {
        let shown = rendered(&read(format!(
            "{{ policy: {{ privileged: deny }}, services: {{ aa: {{ build: {{ {build} }} }} }} }}"
        )));
        assert_eq!(
            shown.matches("nest::policy_privileged").count(),
            1,
            "{build}\n{shown}"
        );
    }
    for keys in [
        "cap_add: [NET_ADMIN]",
        "pid: 'service:other'",
        "security_opt: ['no-new-privileges:true']",
    ] {
        let file = format!(
            "{{ policy: {{ privileged: deny }}, environments: {{ aa: {{ outer: {{ mode: socket, {keys} }} }} }} }}"
        );
        let shown = rendered(&read(file));
        assert!(!shown.contains("nest::policy_"), "{shown}");
    }
}

#[test]
fn sockets_that_are_denied() {
    check(
        "\
policy: { socket: deny }
environments:
  builder: { outer: dind, volumes: ['/run:/host/run'] }
",
        &expect![[r#"
            nest::policy_socket

              × a policy denies engine sockets: `/run`
               ╭─[/home/ann/ci/nest.yaml:3:38]
             1 │ policy: { socket: deny }
               ·                   ──┬─
               ·                     ╰── denied here
             2 │ environments:
             3 │   builder: { outer: dind, volumes: ['/run:/host/run'] }
               ·                                      ──┬─
               ·                                        ╰── leads to the socket
               ╰────
              help: give the container an engine of its own, or `docker_host` to a service
        "#]],
    );
    let leads = |path: &str| {
        let file = format!(
            "{{ policy: {{ socket: deny }}, environments: {{ aa: {{ outer: dind, volumes: ['{path}:/x'] }} }} }}"
        );
        rendered(&read(file)).contains("nest::policy_socket")
    };
    for path in [
        "/",
        "/var",
        "/run",
        "/var/run",
        "/var/run/docker.sock",
        "/run/podman",
        "/run/containerd/containerd.sock",
        "/run/user",
        "/run/user/1000",
        "/run/user/1000/podman",
        "/run/user/1000/docker.sock",
        "/srv/my/docker.sock",
        "~/.docker/run",
        "../../ann/.docker",
    ] {
        assert!(leads(path), "{path}");
    }
    for path in [
        "/srv",
        "./run",
        "/run/lock",
        "/run/user/1000/pulse",
        "/var/lib/x",
        "/home",
    ] {
        assert!(!leads(path), "{path}");
    }
    let volume = rendered(&read(
        "{ policy: { socket: deny }, volumes: { run: { driver_opts: { type: none, o: bind, device: /run } } } }",
    ));
    assert!(volume.contains("nest::policy_socket"), "{volume}");
}

#[test]
fn tcp_that_is_denied() {
    check(
        "\
policy: { tcp: deny }
environments:
  builder: { outer: { mode: dind, command: [--host=tcp://0.0.0.0:2375] } }
",
        &expect![[r#"
            nest::policy_tcp

              × a policy denies TCP without certificates: the command says `--host=tcp://0.0.0.0:2375`
               ╭─[/home/ann/ci/nest.yaml:3:45]
             1 │ policy: { tcp: deny }
               ·                ──┬─
               ·                  ╰── denied here
             2 │ environments:
             3 │   builder: { outer: { mode: dind, command: [--host=tcp://0.0.0.0:2375] } }
               ·                                             ────────────┬────────────
               ·                                                         ╰── listens without certificates
               ╰────
              help: let clients use the socket, which is the default, or `listen: tls`

            nest::plain_tcp

              ⚠ `--host tcp://0.0.0.0:2375` lets whoever reaches it command the engine
               ╭─[/home/ann/ci/nest.yaml:3:45]
             2 │ environments:
             3 │   builder: { outer: { mode: dind, command: [--host=tcp://0.0.0.0:2375] } }
               ·                                             ────────────┬────────────
               ·                                                         ╰── no password, no certificate
               ╰────
              help: leave it out: clients use a socket in a volume by default; `listen: tls` asks them for
                    certificates
        "#]],
    );
    let listens = |keys: &str| {
        let file = format!(
            "{{ policy: {{ tcp: deny }}, environments: {{ aa: {{ outer: {{ mode: dind, {keys} }} }} }} }}"
        );
        rendered(&read(file)).contains("nest::policy_tcp")
    };
    assert!(listens("listen: tcp"));
    assert!(listens("command: dockerd -H tcp://0.0.0.0:2375"));
    assert!(!listens("listen: tls"));
    assert!(!listens(
        "command: [dockerd, --tlsverify, -H, 'tcp://0.0.0.0:2376']"
    ));
}

#[test]
fn a_folder_that_may_not_be_mounted() {
    check(
        "\
policy: { host_paths: [./, /srv/ci] }
environments:
  builder:
    outer: { mode: dind, data: /data/builder }
    volumes:
      - ./src:/src
      - /srv/ci/cache:/cache
      - /srv/cinema:/films
      - ../other:/other
",
        &expect![[r#"
            nest::policy_host_path

              × a policy does not allow to mount `/data/builder`
               ╭─[/home/ann/ci/nest.yaml:4:32]
             1 │ policy: { host_paths: [./, /srv/ci] }
               ·                       ──────┬──────
               ·                             ╰── only these are allowed
             2 │ environments:
             3 │   builder:
             4 │     outer: { mode: dind, data: /data/builder }
               ·                                ──────┬──────
               ·                                      ╰── below none of those
             5 │     volumes:
               ╰────
              help: mount a folder below one that is allowed, or a volume

            nest::policy_host_path

              × a policy does not allow to mount `/srv/cinema`
               ╭─[/home/ann/ci/nest.yaml:1:23]
             1 │ policy: { host_paths: [./, /srv/ci] }
               ·                       ──────┬──────
               ·                             ╰── only these are allowed
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:8:9]
             7 │       - /srv/ci/cache:/cache
             8 │       - /srv/cinema:/films
               ·         ─────┬─────
               ·              ╰── below none of those
             9 │       - ../other:/other
               ╰────
              help: mount a folder below one that is allowed, or a volume

            nest::policy_host_path

              × a policy does not allow to mount `/home/ann/other`
               ╭─[/home/ann/ci/nest.yaml:1:23]
             1 │ policy: { host_paths: [./, /srv/ci] }
               ·                       ──────┬──────
               ·                             ╰── only these are allowed
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:9:9]
             8 │       - /srv/cinema:/films
             9 │       - ../other:/other
               ·         ────┬───
               ·             ╰── below none of those
               ╰────
              help: mount a folder below one that is allowed, or a volume
        "#]],
    );
}

#[test]
fn images_that_are_not_allowed() {
    check(
        "\
policy: { images: { digests: required, registries: [docker.io] } }
images: [alpine, { image: 'app:dev', source: outer }]
environments:
  builder:
    outer: { mode: dind, image: 'ghcr.io/own/dind@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' }
    inner: { images: [{ image: 'app:dev', source: { archive: app.tar } }] }
",
        &expect![[r#"
            nest::policy_digest

              × a policy requires digests, and `alpine:latest` has none
               ╭─[/home/ann/ci/nest.yaml:2:10]
             1 │ policy: { images: { digests: required, registries: [docker.io] } }
               ·                              ────┬───
               ·                                  ╰── required here
             2 │ images: [alpine, { image: 'app:dev', source: outer }]
               ·          ───┬──
               ·             ╰── may stand for another image tomorrow
             3 │ environments:
               ╰────
              help: write `NAME@sha256:…`; `docker buildx imagetools inspect alpine:latest` shows the digest

            nest::policy_registry

              × a policy does not allow images from `ghcr.io`
               ╭─[/home/ann/ci/nest.yaml:1:52]
             1 │ policy: { images: { digests: required, registries: [docker.io] } }
               ·                                                    ─────┬─────
               ·                                                         ╰── only these are allowed
             2 │ images: [alpine, { image: 'app:dev', source: outer }]
               ╰────
               ╭─[/home/ann/ci/nest.yaml:5:33]
             4 │   builder:
             5 │     outer: { mode: dind, image: 'ghcr.io/own/dind@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' }
               ·                                 ─────────────────────────────────────────────┬────────────────────────────────────────────
               ·                                                                              ╰── from `ghcr.io`
             6 │     inner: { images: [{ image: 'app:dev', source: { archive: app.tar } }] }
               ╰────
              help: take the image from one of `docker.io`
        "#]],
    );
}

#[test]
fn images_of_services_that_are_pulled_are_held_against_policies() {
    let breaches = |service: &str| {
        let shown = rendered(&read(format!(
            "{{ policy: {{ images: {{ registries: [docker.io] }} }}, services: {{ app: {{ {service} }} }} }}"
        )));
        shown.matches("nest::policy_registry").count()
    };
    assert_eq!(breaches("image: 'ghcr.io/own/app:1'"), 1);
    assert_eq!(breaches("image: 'alpine:3.20'"), 0);
    assert_eq!(breaches("image: 'ghcr.io/own/app:1', build: ."), 0);
}

#[test]
fn a_client_that_names_a_tcp_address_is_no_engine_that_listens_there() {
    let shown = rendered(&read(
        "{ policy: { tcp: deny }, services: { app: { image: alpine, command: [docker, -H, 'tcp://builder:2375', ps] } } }",
    ));
    assert!(!shown.contains("nest::policy_"), "{shown}");
}
