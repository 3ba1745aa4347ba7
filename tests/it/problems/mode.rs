//! Modes, and how their engines listen.

use expect_test::expect;
use nest::mode::MODES;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn a_runtime_inside_itself() {
    check(
        "\
environments:
  one:
    outer: sysbox
    inner:
      environments:
        two:
          outer: dind
          inner: { environments: { three: { outer: { mode: sysbox } } } }
",
        &expect![[r#"
            nest::runtime_in_itself

              × mode `sysbox` does not run inside itself
               ╭─[/home/ann/ci/nest.yaml:3:12]
             2 │   one:
             3 │     outer: sysbox
               ·            ───┬──
               ·               ╰── the runtime `sysbox-runc` here
             4 │     inner:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:8:60]
             7 │           outer: dind
             8 │           inner: { environments: { three: { outer: { mode: sysbox } } } }
               ·                                                            ───┬──
               ·                                                               ╰── and once more inside it
               ╰────
              help: choose another mode for one of the two; mode `dind` runs inside `sysbox`
        "#]],
    );
}

#[test]
fn what_a_runtime_that_isolates_refuses() {
    check(
        "\
environments:
  one:
    outer: { mode: sysbox, privileged: true, network_mode: host, pid: host, userns_mode: host }
",
        &expect![[r#"
            nest::privileged_under_runtime

              × mode `sysbox` cannot be privileged
               ╭─[/home/ann/ci/nest.yaml:3:40]
             2 │   one:
             3 │     outer: { mode: sysbox, privileged: true, network_mode: host, pid: host, userns_mode: host }
               ·                    ───┬──              ──┬─
               ·                       │                  ╰── `sysbox-runc` refuses it
               ·                       ╰── because of this
               ╰────
              help: remove `privileged`: the engine inside needs none under `sysbox-runc`

            nest::host_namespace_under_runtime

              × mode `sysbox` cannot have `network_mode: host`
               ╭─[/home/ann/ci/nest.yaml:3:60]
             2 │   one:
             3 │     outer: { mode: sysbox, privileged: true, network_mode: host, pid: host, userns_mode: host }
               ·                    ───┬──                                  ──┬─
               ·                       │                                      ╰── `sysbox-runc` refuses it
               ·                       ╰── because of this
               ╰────
              help: remove `network_mode`, or choose another mode: `sysbox-runc` keeps its containers apart
                    from the host

            nest::host_namespace_under_runtime

              × mode `sysbox` cannot have `pid: host`
               ╭─[/home/ann/ci/nest.yaml:3:71]
             2 │   one:
             3 │     outer: { mode: sysbox, privileged: true, network_mode: host, pid: host, userns_mode: host }
               ·                    ───┬──                                             ──┬─
               ·                       │                                                 ╰── `sysbox-runc` refuses it
               ·                       ╰── because of this
               ╰────
              help: remove `pid`, or choose another mode: `sysbox-runc` keeps its containers apart from the
                    host

            nest::host_namespace_under_runtime

              × mode `sysbox` cannot have `userns_mode: host`
               ╭─[/home/ann/ci/nest.yaml:3:90]
             2 │   one:
             3 │     outer: { mode: sysbox, privileged: true, network_mode: host, pid: host, userns_mode: host }
               ·                    ───┬──                                                                ──┬─
               ·                       │                                                                    ╰── `sysbox-runc` refuses it
               ·                       ╰── because of this
               ╰────
              help: remove `userns_mode`, or choose another mode: `sysbox-runc` keeps its containers apart
                    from the host
        "#]],
    );
}

#[test]
fn a_runtime_that_does_not_go_with_the_mode() {
    check(
        "\
environments:
  one: { outer: { mode: dind, runtime: sysbox-runc } }
  two: { outer: { mode: sysbox, runtime: runc } }
  three: { outer: { mode: dind, runtime: kata } }
",
        &expect![[r#"
            nest::runtime_and_mode

              × the runtime `sysbox-runc` does not go with mode `dind`
               ╭─[/home/ann/ci/nest.yaml:2:40]
             1 │ environments:
             2 │   one: { outer: { mode: dind, runtime: sysbox-runc } }
               ·                         ──┬─           ─────┬─────
               ·                           │                 ╰── this runtime
               ·                           ╰── and this mode
             3 │   two: { outer: { mode: sysbox, runtime: runc } }
               ╰────
              help: say `mode: sysbox`, which asks for the runtime and for no privileges

            nest::runtime_and_mode

              × the runtime `runc` does not go with mode `sysbox`
               ╭─[/home/ann/ci/nest.yaml:3:42]
             2 │   one: { outer: { mode: dind, runtime: sysbox-runc } }
             3 │   two: { outer: { mode: sysbox, runtime: runc } }
               ·                         ───┬──           ──┬─
               ·                            │               ╰── this runtime
               ·                            ╰── and this mode
             4 │   three: { outer: { mode: dind, runtime: kata } }
               ╰────
              help: remove `runtime`, or choose another mode
        "#]],
    );
}

#[test]
fn a_port_that_an_engine_without_roots_rights_cannot_publish() {
    check(
        "\
environments:
  builder:
    outer:
      mode: rootless
      ports: [\"8080:80\", \"8443:8443\"]
",
        &expect![[r#"
            nest::low_port

              ⚠ the engine of mode `rootless` cannot publish port 80: it is under 1024
               ╭─[/home/ann/ci/nest.yaml:5:15]
             3 │     outer:
             4 │       mode: rootless
               ·             ────┬───
               ·                 ╰── it runs without root's rights
             5 │       ports: ["8080:80", "8443:8443"]
               ·               ────┬────
               ·                   ╰── needs rights that the engine does not have
               ╰────
              help: use a port from 1024 on in the container, such as 8080; the port of the host may stay
        "#]],
    );
}

#[test]
fn an_engine_that_anyone_can_reach() {
    check(
        "\
environments:
  one: { outer: { mode: dind, listen: tcp } }
  two: { outer: { mode: dind, ports: [\"2375:2375\"] } }
  three: { outer: { mode: dind, command: [-H, 'tcp://0.0.0.0:2375'] } }
  four: { outer: { mode: dind, command: dockerd --host=tcp://:2375 } }
",
        &expect![[r#"
            nest::plain_tcp

              ⚠ `listen: tcp` lets whoever reaches it command the engine
               ╭─[/home/ann/ci/nest.yaml:2:39]
             1 │ environments:
             2 │   one: { outer: { mode: dind, listen: tcp } }
               ·                                       ─┬─
               ·                                        ╰── no password, no certificate
             3 │   two: { outer: { mode: dind, ports: ["2375:2375"] } }
               ╰────
              help: leave it out: clients use a socket in a volume by default; `listen: tls` asks them for
                    certificates

            nest::plain_tcp

              ⚠ publishing port 2375 lets whoever reaches it command the engine
               ╭─[/home/ann/ci/nest.yaml:3:39]
             2 │   one: { outer: { mode: dind, listen: tcp } }
             3 │   two: { outer: { mode: dind, ports: ["2375:2375"] } }
               ·                                       ─────┬─────
               ·                                            ╰── no password, no certificate
             4 │   three: { outer: { mode: dind, command: [-H, 'tcp://0.0.0.0:2375'] } }
               ╰────
              help: leave it out: clients use a socket in a volume by default; `listen: tls` asks them for
                    certificates

            nest::plain_tcp

              ⚠ `-H tcp://0.0.0.0:2375` lets whoever reaches it command the engine
               ╭─[/home/ann/ci/nest.yaml:4:43]
             3 │   two: { outer: { mode: dind, ports: ["2375:2375"] } }
             4 │   three: { outer: { mode: dind, command: [-H, 'tcp://0.0.0.0:2375'] } }
               ·                                           ─┬
               ·                                            ╰── no password, no certificate
             5 │   four: { outer: { mode: dind, command: dockerd --host=tcp://:2375 } }
               ╰────
              help: leave it out: clients use a socket in a volume by default; `listen: tls` asks them for
                    certificates

            nest::plain_tcp

              ⚠ `--host tcp://:2375` lets whoever reaches it command the engine
               ╭─[/home/ann/ci/nest.yaml:5:49]
             4 │   three: { outer: { mode: dind, command: [-H, 'tcp://0.0.0.0:2375'] } }
             5 │   four: { outer: { mode: dind, command: dockerd --host=tcp://:2375 } }
               ·                                                 ─────────┬────────
               ·                                                          ╰── no password, no certificate
               ╰────
              help: leave it out: clients use a socket in a volume by default; `listen: tls` asks them for
                    certificates
        "#]],
    );
}

#[test]
fn an_engine_that_asks_for_certificates_or_listens_for_itself_is_no_problem() {
    check(
        "\
environments:
  one: { outer: { mode: dind, command: [-H, 'tcp://0.0.0.0:2376', --tlsverify] } }
  two: { outer: { mode: dind, command: [-H, 'tcp://127.0.0.1:2375'] } }
  three: { outer: { mode: socket, ports: ['2375:2375'], command: [sleep, '1'] } }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:4:27]
             3 │   two: { outer: { mode: dind, command: [-H, 'tcp://127.0.0.1:2375'] } }
             4 │   three: { outer: { mode: socket, ports: ['2375:2375'], command: [sleep, '1'] } }
               ·                           ───┬──
               ·                              ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own
        "#]],
    );
}

#[test]
fn tls_without_certificates() {
    check(
        "\
environments:
  builder: { outer: { mode: podman, listen: tls } }
",
        &expect![[r#"
            nest::tls_not_possible

              × mode `podman` makes no certificates, so its engine cannot listen with TLS
               ╭─[/home/ann/ci/nest.yaml:2:45]
             1 │ environments:
             2 │   builder: { outer: { mode: podman, listen: tls } }
               ·                             ───┬──          ─┬─
               ·                                │             ╰── not with this mode
               ·                                ╰── because of this
               ╰────
              help: remove `listen`: clients then use a socket, without any TCP port
        "#]],
    );
}

#[test]
fn a_name_that_the_certificate_does_not_hold() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      listen: tls
      environment: { DOCKER_TLS_SAN: 'DNS:ci.example.com' }
  docker:
    outer: { mode: dind, listen: tls, environment: { DOCKER_TLS_SAN: 'DNS:ci.example.com' } }
",
        &expect![[r#"
            nest::name_not_in_certificate

              ⚠ clients reach it as `builder`, which its certificate does not name
               ╭─[/home/ann/ci/nest.yaml:6:22]
             4 │       mode: dind
             5 │       listen: tls
               ·               ─┬─
               ·                ╰── clients compare names because of this
             6 │       environment: { DOCKER_TLS_SAN: 'DNS:ci.example.com' }
               ·                      ───────┬──────
               ·                             ╰── these names only
             7 │   docker:
               ╰────
              help: remove `DOCKER_TLS_SAN`, so that nest puts in all names, or add `DNS:builder`
        "#]],
    );
}

#[test]
fn replicas_and_aliases_that_the_certificate_does_not_hold() {
    check(
        "\
environments:
  agent:
    outer:
      mode: dind
      listen: tls
      environment: [DOCKER_TLS_SAN=DNS:agent-1]
      networks: { default: { aliases: [docker, agents] } }
    replicas: 3
",
        &expect![[r#"
            nest::name_not_in_certificate

              ⚠ clients reach it as `agent-2`, `agent-3`, `agents`, which its certificate does not name
               ╭─[/home/ann/ci/nest.yaml:6:21]
             4 │       mode: dind
             5 │       listen: tls
               ·               ─┬─
               ·                ╰── clients compare names because of this
             6 │       environment: [DOCKER_TLS_SAN=DNS:agent-1]
               ·                     ───────┬──────
               ·                            ╰── these names only
             7 │       networks: { default: { aliases: [docker, agents] } }
               ╰────
              help: remove `DOCKER_TLS_SAN`, so that nest puts in all names, or add `DNS:agent-2,DNS:agent-
                    3,DNS:agents`

            nest::alias_shared

              ⚠ two engines answer to `docker` on the network `default`
               ╭─[/home/ann/ci/nest.yaml:7:40]
             6 │       environment: [DOCKER_TLS_SAN=DNS:agent-1]
             7 │       networks: { default: { aliases: [docker, agents] } }
               ·                                        ───┬──
               ·                                           ╰── and so does this
             8 │     replicas: 3
               ·               ┬
               ·               ╰── one here
               ╰────
              help: give each a name of its own, or put them on different networks

            nest::alias_shared

              ⚠ two engines answer to `agents` on the network `default`
               ╭─[/home/ann/ci/nest.yaml:7:48]
             6 │       environment: [DOCKER_TLS_SAN=DNS:agent-1]
             7 │       networks: { default: { aliases: [docker, agents] } }
               ·                                                ───┬──
               ·                                                   ╰── and so does this
             8 │     replicas: 3
               ·               ┬
               ·               ╰── one here
               ╰────
              help: give each a name of its own, or put them on different networks
        "#]],
    );
}

#[test]
fn every_mode_is_carried_out_and_only_that_of_the_socket_warned_of() {
    for mode in MODES {
        let name = mode.name;
        let result = read(format!("environments: {{ builder: {{ outer: {name} }} }}"));
        let shown = rendered(&result);
        let read = result.unwrap_or_else(|_| panic!("{shown}"));
        let warnings = usize::from(mode.own_engine().is_none());
        assert_eq!(read.warnings.len(), warnings, "{shown}");
        assert!(read.acted_on_whole().is_ok(), "{shown}");
    }
}
