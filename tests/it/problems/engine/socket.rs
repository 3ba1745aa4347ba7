//! The socket of the engine outside.

use expect_test::expect;

use crate::problems::check;

#[test]
fn the_socket_is_a_warning() {
    check(
        "\
environments:
  builder:
    outer: socket
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:3:12]
             2 │   builder:
             3 │     outer: socket
               ·            ───┬──
               ·               ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own
        "#]],
    );
}

#[test]
fn a_volume_whose_name_differs_inside_is_a_warning() {
    check(
        "\
name: ci
volumes: { cache: {} }
environments:
  builder:
    outer: socket
    volumes: [\"cache:/cache\"]
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:5:12]
             4 │   builder:
             5 │     outer: socket
               ·            ───┬──
               ·               ╰── chosen here
             6 │     volumes: ["cache:/cache"]
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::volume_name_differs

              ⚠ inside, the volume `cache` has another name: `ci_cache`
               ╭─[/home/ann/ci/nest.yaml:2:12]
             1 │ name: ci
             2 │ volumes: { cache: {} }
               ·            ──┬──
               ·              ╰── declared without `name`
             3 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:6:15]
             5 │     outer: socket
             6 │     volumes: ["cache:/cache"]
               ·               ───────┬──────
               ·                      ╰── the outer engine's own volume
               ╰────
              help: `docker run -v cache:…` in this environment would make another volume; give the volume an
                    explicit `name`
        "#]],
    );
}

#[test]
fn a_folder_whose_path_differs_inside_is_a_warning() {
    check(
        "\
environments:
  builder:
    outer: socket
    volumes: [\"./src:/workspace\"]
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:3:12]
             2 │   builder:
             3 │     outer: socket
               ·            ───┬──
               ·               ╰── chosen here
             4 │     volumes: ["./src:/workspace"]
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::bind_path_differs

              ⚠ `/workspace` in the container is `/home/ann/ci/src` on the host
               ╭─[/home/ann/ci/nest.yaml:4:15]
             3 │     outer: socket
             4 │     volumes: ["./src:/workspace"]
               ·               ─────────┬────────
               ·                        ╰── another path inside
               ╰────
              help: containers started through the socket find folders by the host's paths; mount it at the
                    same path with `./src:same`
        "#]],
    );
}

#[test]
fn limits_in_mode_socket_are_a_warning() {
    check(
        "\
environments:
  builder:
    outer: { mode: socket, cpus: 2, memory: 1g }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:3:20]
             2 │   builder:
             3 │     outer: { mode: socket, cpus: 2, memory: 1g }
               ·                    ───┬──
               ·                       ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::limit_does_not_bind

              ⚠ `cpus` does not bound the containers that are started through the socket
               ╭─[/home/ann/ci/nest.yaml:3:28]
             2 │   builder:
             3 │     outer: { mode: socket, cpus: 2, memory: 1g }
               ·                            ──┬─
               ·                              ╰── for this container only
               ╰────
              help: it holds for the environment's own container only; mode `dind` bounds all that runs inside

            nest::limit_does_not_bind

              ⚠ `memory` does not bound the containers that are started through the socket
               ╭─[/home/ann/ci/nest.yaml:3:37]
             2 │   builder:
             3 │     outer: { mode: socket, cpus: 2, memory: 1g }
               ·                                     ───┬──
               ·                                        ╰── for this container only
               ╰────
              help: it holds for the environment's own container only; mode `dind` bounds all that runs inside
        "#]],
    );
}

#[test]
fn an_unusual_socket() {
    check(
        "\
environments:
  one: { outer: { mode: dind, socket: run/docker.sock } }
  two: { outer: { mode: dind, socket: /run/user/docker.sock }, volumes: [./src:/run/user] }
",
        &expect![[r#"
            nest::not_supported_yet

              ⚠ `socket` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:2:31]
             1 │ environments:
             2 │   one: { outer: { mode: dind, socket: run/docker.sock } }
               ·                               ───┬──
               ·                                  ╰── nest does not act on this in this version
             3 │   two: { outer: { mode: dind, socket: /run/user/docker.sock }, volumes: [./src:/run/user] }
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::invalid_value

              × `socket` does not take `run/docker.sock`: it is no absolute path in the container
               ╭─[/home/ann/ci/nest.yaml:2:39]
             1 │ environments:
             2 │   one: { outer: { mode: dind, socket: run/docker.sock } }
               ·                                       ───────┬───────
               ·                                              ╰── here
             3 │   two: { outer: { mode: dind, socket: /run/user/docker.sock }, volumes: [./src:/run/user] }
               ╰────
              help: write where the engine's socket is, as in `/var/run/docker.sock`

            nest::not_supported_yet

              ⚠ `socket` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:3:31]
             2 │   one: { outer: { mode: dind, socket: run/docker.sock } }
             3 │   two: { outer: { mode: dind, socket: /run/user/docker.sock }, volumes: [./src:/run/user] }
               ·                               ───┬──
               ·                                  ╰── nest does not act on this in this version
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::reserved_path

              × a mount at `/run/user` hides `/run/user/docker.sock`, which nest needs
               ╭─[/home/ann/ci/nest.yaml:3:74]
             2 │   one: { outer: { mode: dind, socket: run/docker.sock } }
             3 │   two: { outer: { mode: dind, socket: /run/user/docker.sock }, volumes: [./src:/run/user] }
               ·                                                                          ───────┬───────
               ·                                                                                 ╰── mounted over it
               ╰────
              help: choose another path in the container: a service gets the engine's socket by `docker_host`
        "#]],
    );
}
