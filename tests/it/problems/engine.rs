//! Environments and their engines.

mod socket;

use expect_test::expect;

use crate::problems::check;

#[test]
fn one_data_root_of_two_environments() {
    check(
        "\
volumes: { store: {} }
environments:
  one: { outer: { mode: dind, data: store } }
  two: { outer: { mode: dind, data: store } }
",
        &expect![[r#"
            nest::data_root_shared

              × two environments share one data root, the volume `store`
               ╭─[/home/ann/ci/nest.yaml:4:37]
             2 │ environments:
             3 │   one: { outer: { mode: dind, data: store } }
               ·                                     ──┬──
               ·                                       ╰── first used here
             4 │   two: { outer: { mode: dind, data: store } }
               ·                                     ──┬──
               ·                                       ╰── used again here
               ╰────
              help: give each its own: two engines on one data root destroy it
        "#]],
    );
}

#[test]
fn one_data_root_of_replicas() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, data: /srv/engine }
    replicas: 3
",
        &expect![[r#"
            nest::data_root_with_replicas

              × 3 replicas cannot share one data root, `/srv/engine`
               ╭─[/home/ann/ci/nest.yaml:3:32]
             2 │   builder:
             3 │     outer: { mode: dind, data: /srv/engine }
               ·                                ─────┬─────
               ·                                     ╰── one data root
             4 │     replicas: 3
               ·               ┬
               ·               ╰── several engines
               ╰────
              help: remove `data`, so that each replica gets a volume of its own
        "#]],
    );
}

#[test]
fn the_data_root_of_the_host() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, data: /var/lib/docker }
",
        &expect![[r#"
            nest::host_data_root

              × `/var/lib/docker` is the data root of the outer engine itself
               ╭─[/home/ann/ci/nest.yaml:3:32]
             2 │   builder:
             3 │     outer: { mode: dind, data: /var/lib/docker }
               ·                                ───────┬───────
               ·                                       ╰── two engines on it destroy it
               ╰────
              help: name a volume or another folder, or remove `data` for a volume of the environment's own
        "#]],
    );
}

#[test]
fn settings_of_an_engine_that_is_not_there() {
    check(
        "\
volumes: { store: {} }
environments:
  builder:
    outer: { mode: socket, data: store, daemon: { debug: true } }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:4:20]
             3 │   builder:
             4 │     outer: { mode: socket, data: store, daemon: { debug: true } }
               ·                    ───┬──
               ·                       ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::no_engine_of_its_own

              × `data` needs an engine of the environment's own, and mode `socket` has none
               ╭─[/home/ann/ci/nest.yaml:4:28]
             3 │   builder:
             4 │     outer: { mode: socket, data: store, daemon: { debug: true } }
               ·                    ───┬──  ──┬─
               ·                       │      ╰── no engine to apply this to
               ·                       ╰── the engine outside is used
               ╰────
              help: remove `data`, or choose another mode: `outer: { mode: dind }`

            nest::no_engine_of_its_own

              × `daemon` needs an engine of the environment's own, and mode `socket` has none
               ╭─[/home/ann/ci/nest.yaml:4:41]
             3 │   builder:
             4 │     outer: { mode: socket, data: store, daemon: { debug: true } }
               ·                    ───┬──               ───┬──
               ·                       │                    ╰── no engine to apply this to
               ·                       ╰── the engine outside is used
               ╰────
              help: remove `daemon`, or choose another mode: `outer: { mode: dind }`
        "#]],
    );
}

#[test]
fn daemon_keys_that_nest_sets() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, daemon: { hosts: [\"tcp://0.0.0.0:2375\"], data-root: /data } }
",
        &expect![[r#"
            nest::set_by_nest

              × nest sets the engine's `hosts` itself
               ╭─[/home/ann/ci/nest.yaml:3:36]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { hosts: ["tcp://0.0.0.0:2375"], data-root: /data } }
               ·                                    ──┬──
               ·                                      ╰── set here too
               ╰────
              help: remove it: nest starts the engine with the sockets it needs; `listen` says how clients
                    reach it

            nest::data_root_moved

              × `data-root` moves the data of the engine away from `/var/lib/docker`
               ╭─[/home/ann/ci/nest.yaml:3:67]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { hosts: ["tcp://0.0.0.0:2375"], data-root: /data } }
               ·                                                                   ────┬────
               ·                                                                       ╰── nothing is mounted where it leads
               ╰────
              help: say `outer: { data: … }` instead, which says what is mounted at `/var/lib/docker`
        "#]],
    );
}

#[test]
fn a_daemon_key_of_the_wrong_type() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, daemon: { debug: \"yes\", registry-mirrors: https://mirror.example.org } }
",
        &expect![[r#"
            nest::wrong_type

              × `debug` takes `true` or `false`, not text
               ╭─[/home/ann/ci/nest.yaml:3:43]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { debug: "yes", registry-mirrors: https://mirror.example.org } }
               ·                                           ──┬──
               ·                                             ╰── text
               ╰────
              help: the engine would not start with it

            nest::wrong_type

              × `registry-mirrors` takes a list, not text
               ╭─[/home/ann/ci/nest.yaml:3:68]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { debug: "yes", registry-mirrors: https://mirror.example.org } }
               ·                                                                    ─────────────┬────────────
               ·                                                                                 ╰── text
               ╰────
              help: the engine would not start with it
        "#]],
    );
}

#[test]
fn certificates_by_hand() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, environment: [DOCKER_TLS_CERTDIR=] }
",
        &expect![[r#"
            nest::certificates_by_hand

              × `DOCKER_TLS_CERTDIR` has no effect: nest chooses where the engine listens
               ╭─[/home/ann/ci/nest.yaml:3:40]
             2 │   builder:
             3 │     outer: { mode: dind, environment: [DOCKER_TLS_CERTDIR=] }
               ·                                        ─────────┬────────
               ·                                                 ╰── set by hand
               ╰────
              help: remove it and say `listen`: with `listen: socket`, the default, there is no TCP port and
                    no certificate
        "#]],
    );
}

#[test]
fn data_roots_inside_each_other_and_behind_a_volume() {
    check(
        "\
volumes:
  store: { driver_opts: { type: none, o: bind, device: /var/lib/docker/ } }
environments:
  one: { outer: { mode: dind, data: /srv/engine/one } }
  two: { outer: { mode: dind, data: /srv/engine } }
  three: { outer: { mode: dind, data: store } }
  four: { outer: { mode: dind, data: /var/snap/docker/common/var-lib-docker } }
  five: { outer: { mode: rootless, data: ~/.local/share/docker } }
",
        &expect![[r#"
            nest::data_root_shared

              × two environments share one data root, `/srv/engine`
               ╭─[/home/ann/ci/nest.yaml:5:37]
             3 │ environments:
             4 │   one: { outer: { mode: dind, data: /srv/engine/one } }
               ·                                     ───────┬───────
               ·                                            ╰── first used here
             5 │   two: { outer: { mode: dind, data: /srv/engine } }
               ·                                     ─────┬─────
               ·                                          ╰── used again here
             6 │   three: { outer: { mode: dind, data: store } }
               ╰────
              help: give each its own: two engines on one data root destroy it

            nest::host_data_root

              × `/var/lib/docker` is the data root of the outer engine itself
               ╭─[/home/ann/ci/nest.yaml:6:39]
             5 │   two: { outer: { mode: dind, data: /srv/engine } }
             6 │   three: { outer: { mode: dind, data: store } }
               ·                                       ──┬──
               ·                                         ╰── two engines on it destroy it
             7 │   four: { outer: { mode: dind, data: /var/snap/docker/common/var-lib-docker } }
               ╰────
              help: name a volume or another folder, or remove `data` for a volume of the environment's own

            nest::host_data_root

              × `/var/snap/docker/common/var-lib-docker` is the data root of the outer engine itself
               ╭─[/home/ann/ci/nest.yaml:7:38]
             6 │   three: { outer: { mode: dind, data: store } }
             7 │   four: { outer: { mode: dind, data: /var/snap/docker/common/var-lib-docker } }
               ·                                      ───────────────────┬──────────────────
               ·                                                         ╰── two engines on it destroy it
             8 │   five: { outer: { mode: rootless, data: ~/.local/share/docker } }
               ╰────
              help: name a volume or another folder, or remove `data` for a volume of the environment's own

            nest::host_data_root

              × `/home/ann/.local/share/docker` is the data root of the outer engine itself
               ╭─[/home/ann/ci/nest.yaml:8:42]
             7 │   four: { outer: { mode: dind, data: /var/snap/docker/common/var-lib-docker } }
             8 │   five: { outer: { mode: rootless, data: ~/.local/share/docker } }
               ·                                          ──────────┬──────────
               ·                                                    ╰── two engines on it destroy it
               ╰────
              help: name a volume or another folder, or remove `data` for a volume of the environment's own
        "#]],
    );
}
