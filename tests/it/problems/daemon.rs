//! The configuration of an environment's engine.

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_setting_in_the_file_and_as_a_flag() {
    check(
        "\
registries: { hub: { mirror: docker.io } }
environments:
  one:
    outer:
      mode: dind
      daemon: { mtu: 1400, debug: true, proxies: { https-proxy: 'http://proxy:3128' } }
      command: [--mtu=1450, -D, --https-proxy, 'http://other:3128', --log-level=warn]
  two:
    outer: { mode: dind, command: '--registry-mirror http://mirror:5000' }
    registries: [hub]
",
        &expect![[r#"
            nest::daemon_key_twice

              × the engine gets `mtu` twice, in its configuration file and as a flag
               ╭─[/home/ann/ci/nest.yaml:7:17]
             5 │       mode: dind
             6 │       daemon: { mtu: 1400, debug: true, proxies: { https-proxy: 'http://proxy:3128' } }
               ·                 ─┬─
               ·                  ╰── in the file
             7 │       command: [--mtu=1450, -D, --https-proxy, 'http://other:3128', --log-level=warn]
               ·                 ─────┬────
               ·                      ╰── and as a flag: the engine does not start
             8 │   two:
               ╰────
              help: keep one of the two; best in `daemon`, which can be changed without a new container

            nest::daemon_key_twice

              × the engine gets `debug` twice, in its configuration file and as a flag
               ╭─[/home/ann/ci/nest.yaml:7:29]
             5 │       mode: dind
             6 │       daemon: { mtu: 1400, debug: true, proxies: { https-proxy: 'http://proxy:3128' } }
               ·                            ──┬──
               ·                              ╰── in the file
             7 │       command: [--mtu=1450, -D, --https-proxy, 'http://other:3128', --log-level=warn]
               ·                             ─┬
               ·                              ╰── and as a flag: the engine does not start
             8 │   two:
               ╰────
              help: keep one of the two; best in `daemon`, which can be changed without a new container

            nest::daemon_key_twice

              × the engine gets `https-proxy` twice, in its configuration file and as a flag
               ╭─[/home/ann/ci/nest.yaml:7:33]
             5 │       mode: dind
             6 │       daemon: { mtu: 1400, debug: true, proxies: { https-proxy: 'http://proxy:3128' } }
               ·                                                    ─────┬─────
               ·                                                         ╰── in the file
             7 │       command: [--mtu=1450, -D, --https-proxy, 'http://other:3128', --log-level=warn]
               ·                                 ──────┬──────
               ·                                       ╰── and as a flag: the engine does not start
             8 │   two:
               ╰────
              help: keep one of the two; best in `daemon`, which can be changed without a new container

            nest::daemon_key_twice

              × the engine gets `registry-mirrors` twice, in its configuration file and as a flag
                ╭─[/home/ann/ci/nest.yaml:9:36]
              8 │   two:
              9 │     outer: { mode: dind, command: '--registry-mirror http://mirror:5000' }
                ·                                    ────────┬────────
                ·                                            ╰── and as a flag: the engine does not start
             10 │     registries: [hub]
                ·                  ─┬─
                ·                   ╰── in the file
                ╰────
              help: keep one of the two; best in `daemon`, which can be changed without a new container
        "#]],
    );
}

#[test]
fn a_key_that_is_a_letter_off() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, daemon: { registry-mirors: [], of-another-version: 1 } }
",
        &expect![[r#"
            nest::misspelt_daemon_key

              ⚠ `registry-mirors` is no key of the engine's configuration that nest knows, `registry-mirrors`
              │ is
               ╭─[/home/ann/ci/nest.yaml:3:36]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { registry-mirors: [], of-another-version: 1 } }
               ·                                    ───────┬───────
               ·                                           ╰── perhaps misspelt
               ╰────
              help: did you mean `registry-mirrors`? It is passed on as it is
        "#]],
    );
}

#[test]
fn an_engine_without_a_configuration_file() {
    check(
        "\
environments:
  builder: { outer: { mode: podman, daemon: { debug: true } } }
",
        &expect![[r#"
            nest::no_daemon_file

              × the engine of mode `podman` has no `daemon.json`
               ╭─[/home/ann/ci/nest.yaml:2:37]
             1 │ environments:
             2 │   builder: { outer: { mode: podman, daemon: { debug: true } } }
               ·                             ───┬──  ───┬──
               ·                                │       ╰── nothing reads this
               ·                                ╰── this engine is configured otherwise
               ╰────
              help: remove `daemon`; mount the engine's own files instead: `volumes: [./containers.conf:/etc/
                    containers/containers.conf]`
        "#]],
    );
}

#[test]
fn a_data_root_that_is_moved() {
    check(
        "\
environments:
  one: { outer: { mode: sysbox, daemon: { data-root: /data } } }
  two: { outer: { mode: dind, command: [--data-root, /data] } }
  three: { outer: { mode: dind, command: [-g, /data, --config-file=/etc/mine.json] } }
",
        &expect![[r#"
            nest::data_root_moved

              × `data-root` moves the data of the engine away from `/var/lib/docker`
               ╭─[/home/ann/ci/nest.yaml:2:43]
             1 │ environments:
             2 │   one: { outer: { mode: sysbox, daemon: { data-root: /data } } }
               ·                                           ────┬────
               ·                                               ╰── nothing is mounted where it leads
             3 │   two: { outer: { mode: dind, command: [--data-root, /data] } }
               ╰────
              help: say `outer: { data: … }` instead, which says what is mounted at `/var/lib/docker`

            nest::data_root_moved

              × `--data-root` moves the data of the engine away from `/var/lib/docker`
               ╭─[/home/ann/ci/nest.yaml:3:41]
             2 │   one: { outer: { mode: sysbox, daemon: { data-root: /data } } }
             3 │   two: { outer: { mode: dind, command: [--data-root, /data] } }
               ·                                         ─────┬─────
               ·                                              ╰── nothing is mounted where it leads
             4 │   three: { outer: { mode: dind, command: [-g, /data, --config-file=/etc/mine.json] } }
               ╰────
              help: say `outer: { data: … }` instead, which says what is mounted at `/var/lib/docker`

            nest::data_root_moved

              × `-g` moves the data of the engine away from `/var/lib/docker`
               ╭─[/home/ann/ci/nest.yaml:4:43]
             3 │   two: { outer: { mode: dind, command: [--data-root, /data] } }
             4 │   three: { outer: { mode: dind, command: [-g, /data, --config-file=/etc/mine.json] } }
               ·                                           ─┬
               ·                                            ╰── nothing is mounted where it leads
               ╰────
              help: say `outer: { data: … }` instead, which says what is mounted at `/var/lib/docker`

            nest::set_by_nest

              × nest sets the engine's `--config-file` itself
               ╭─[/home/ann/ci/nest.yaml:4:54]
             3 │   two: { outer: { mode: dind, command: [--data-root, /data] } }
             4 │   three: { outer: { mode: dind, command: [-g, /data, --config-file=/etc/mine.json] } }
               ·                                                      ──────────────┬─────────────
               ·                                                                    ╰── set here too
               ╰────
              help: remove it: nest writes the engine's configuration, say `daemon` instead
        "#]],
    );
}

#[test]
fn a_driver_that_the_image_store_does_not_have() {
    check(
        "\
environments:
  one:
    outer:
      mode: dind
      daemon: { features: { containerd-snapshotter: true } }
      environment: { DOCKER_DRIVER: overlay2 }
  two:
    outer:
      mode: dind
      daemon: { storage-driver: overlayfs, features: { containerd-snapshotter: false } }
  three: { outer: { mode: dind, environment: { DOCKER_DRIVER: overlay2 } } }
",
        &expect![[r#"
            nest::driver_not_in_store

              × the storage driver `overlay2` is none of containerd's image store
               ╭─[/home/ann/ci/nest.yaml:6:22]
             4 │       mode: dind
             5 │       daemon: { features: { containerd-snapshotter: true } }
               ·                             ───────────┬──────────
               ·                                        ╰── and this store
             6 │       environment: { DOCKER_DRIVER: overlay2 }
               ·                      ──────┬──────
               ·                            ╰── this driver
             7 │   two:
               ╰────
              help: remove the driver for the store's own, `overlayfs`, or remove `containerd-snapshotter`

            nest::driver_not_in_store

              × the storage driver `overlayfs` is none of the engine's own image store
                ╭─[/home/ann/ci/nest.yaml:10:33]
              9 │       mode: dind
             10 │       daemon: { storage-driver: overlayfs, features: { containerd-snapshotter: false } }
                ·                                 ────┬────              ───────────┬──────────
                ·                                     │                             ╰── and this store
                ·                                     ╰── this driver
             11 │   three: { outer: { mode: dind, environment: { DOCKER_DRIVER: overlay2 } } }
                ╰────
              help: remove the driver for the store's own, `overlay2`, or remove `containerd-snapshotter`
        "#]],
    );
}

#[test]
fn values_of_the_wrong_type_at_any_depth() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      daemon:
        debug: 'true'
        mtu: \"${COUNT}\"
        bip: ${COUNT}
        dns: [10.0.0.1, 5]
        log-opts: { max-size: 10m, max-file: 3 }
        features: { buildkit: 'yes' }
        default-address-pools: [10.0.0.0/8]
        runtimes: { crun: /usr/bin/crun }
        proxies: []
        default-shm-size: 64000000
",
        &expect![[r#"
            nest::wrong_type

              × `debug` takes `true` or `false`, not text
               ╭─[/home/ann/ci/nest.yaml:6:16]
             5 │       daemon:
             6 │         debug: 'true'
               ·                ───┬──
               ·                   ╰── text
             7 │         mtu: "${COUNT}"
               ╰────
              help: the engine would not start with it

            nest::wrong_type

              × an item of `dns` takes text, not a number
                ╭─[/home/ann/ci/nest.yaml:9:25]
              8 │         bip: ${COUNT}
              9 │         dns: [10.0.0.1, 5]
                ·                         ┬
                ·                         ╰── a number
             10 │         log-opts: { max-size: 10m, max-file: 3 }
                ╰────
              help: put quotes around it: the engine would not start with it

            nest::wrong_type

              × `max-file` takes text, not a number
                ╭─[/home/ann/ci/nest.yaml:10:46]
              9 │         dns: [10.0.0.1, 5]
             10 │         log-opts: { max-size: 10m, max-file: 3 }
                ·                                              ┬
                ·                                              ╰── a number
             11 │         features: { buildkit: 'yes' }
                ╰────
              help: put quotes around it: the engine would not start with it

            nest::wrong_type

              × `buildkit` takes `true` or `false`, not text
                ╭─[/home/ann/ci/nest.yaml:11:31]
             10 │         log-opts: { max-size: 10m, max-file: 3 }
             11 │         features: { buildkit: 'yes' }
                ·                               ──┬──
                ·                                 ╰── text
             12 │         default-address-pools: [10.0.0.0/8]
                ╰────
              help: the engine would not start with it

            nest::wrong_type

              × an item of `default-address-pools` takes a mapping, not text
                ╭─[/home/ann/ci/nest.yaml:12:33]
             11 │         features: { buildkit: 'yes' }
             12 │         default-address-pools: [10.0.0.0/8]
                ·                                 ─────┬────
                ·                                      ╰── text
             13 │         runtimes: { crun: /usr/bin/crun }
                ╰────
              help: the engine would not start with it

            nest::wrong_type

              × `crun` takes a mapping, not text
                ╭─[/home/ann/ci/nest.yaml:13:27]
             12 │         default-address-pools: [10.0.0.0/8]
             13 │         runtimes: { crun: /usr/bin/crun }
                ·                           ──────┬──────
                ·                                 ╰── text
             14 │         proxies: []
                ╰────
              help: the engine would not start with it

            nest::wrong_type

              × `proxies` takes a mapping, not a list
                ╭─[/home/ann/ci/nest.yaml:14:9]
             13 │         runtimes: { crun: /usr/bin/crun }
             14 │         proxies: []
                ·         ───┬───
                ·            ╰── a list
             15 │         default-shm-size: 64000000
                ╰────
              help: the engine would not start with it
        "#]],
    );
}
