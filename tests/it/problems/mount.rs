//! What is mounted where, and which ports are published.

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn two_mounts_at_one_path() {
    check(
        "\
volumes: { aa: {}, bb: {} }
environments:
  builder:
    outer: dind
    volumes: [\"aa:/data\", \"bb:/data/\"]
",
        &expect![[r#"
            nest::path_mounted_twice

              × two mounts share the path `/data`
               ╭─[/home/ann/ci/nest.yaml:5:27]
             4 │     outer: dind
             5 │     volumes: ["aa:/data", "bb:/data/"]
               ·               ─────┬────  ─────┬─────
               ·                    │           ╰── mounted again here
               ·                    ╰── first mounted here
               ╰────
              help: give one of them another path in the container
        "#]],
    );
}

#[test]
fn a_mount_on_the_data_root() {
    check(
        "\
volumes: { store: {} }
environments:
  builder:
    outer: dind
    volumes: [\"store:/var/lib/docker\"]
",
        &expect![[r#"
            nest::data_root_mounted

              × `/var/lib/docker` is the data root of the engine inside
               ╭─[/home/ann/ci/nest.yaml:5:15]
             4 │     outer: dind
             5 │     volumes: ["store:/var/lib/docker"]
               ·               ───────────┬───────────
               ·                          ╰── this would be its images and containers
               ╰────
              help: say `outer: { data: … }` instead: nest then knows that one engine only may use it
        "#]],
    );
}

#[test]
fn a_mount_over_the_socket() {
    check(
        "\
environments:
  builder:
    outer: dind
    volumes: [\"./run:/var/run\"]
",
        &expect![[r#"
            nest::reserved_path

              × a mount at `/var/run` hides `/var/run/docker.sock`, which nest needs
               ╭─[/home/ann/ci/nest.yaml:4:15]
             3 │     outer: dind
             4 │     volumes: ["./run:/var/run"]
               ·               ────────┬───────
               ·                       ╰── mounted over it
               ╰────
              help: choose another path in the container: a service gets the engine's socket by `docker_host`
        "#]],
    );
}

#[test]
fn a_mount_over_nests_own_folder() {
    check(
        "\
environments:
  builder:
    outer: dind
    volumes: [\"./nest:/nest\"]
",
        &expect![[r#"
            nest::reserved_path

              × a mount at `/nest` hides `/nest`, which nest needs
               ╭─[/home/ann/ci/nest.yaml:4:15]
             3 │     outer: dind
             4 │     volumes: ["./nest:/nest"]
               ·               ───────┬──────
               ·                      ╰── mounted over it
               ╰────
              help: choose another path in the container: a service gets the engine's socket by `docker_host`
        "#]],
    );
}

#[test]
fn a_mount_under_a_tmpfs() {
    check(
        "\
volumes: { cache: {} }
environments:
  builder:
    outer: dind
    volumes: [\"cache:/tmp/cache\"]
",
        &expect![[r#"
            nest::hidden_by_tmpfs

              × `/tmp/cache` lies under `/tmp`, where the container mounts memory when it starts
               ╭─[/home/ann/ci/nest.yaml:5:15]
             4 │     outer: dind
             5 │     volumes: ["cache:/tmp/cache"]
               ·               ─────────┬────────
               ·                        ╰── not visible inside
               ╰────
              help: choose a path outside `/tmp`; what is mounted below it is not visible inside
        "#]],
    );
}

#[test]
fn a_shared_volume_declared_again_inside() {
    check(
        "\
volumes: { cache: {} }
environments:
  builder:
    outer: dind
    volumes: [\"cache:/cache\"]
    inner: { volumes: { cache: {} } }
",
        &expect![[r#"
            nest::volume_declared_again

              × the inner scope declares the volume `cache`, which is shared from outside
               ╭─[/home/ann/ci/nest.yaml:6:25]
             4 │     outer: dind
             5 │     volumes: ["cache:/cache"]
               ·               ───────┬──────
               ·                      ╰── shared with the engine inside
             6 │     inner: { volumes: { cache: {} } }
               ·                         ──┬──
               ·                           ╰── declared again here
               ╰────
              help: remove the inner declaration, or mount the outer volume with `inner: false`
        "#]],
    );
}

#[test]
fn two_volumes_of_one_name_inside() {
    check(
        "\
volumes: { cache: {}, other: {} }
environments:
  builder:
    outer: dind
    volumes:
      - cache:/cache
      - { type: volume, source: other, target: /other, inner: cache }
",
        &expect![[r#"
            nest::inner_name_used_twice

              × two mounts are the volume `cache` inside
               ╭─[/home/ann/ci/nest.yaml:7:9]
             5 │     volumes:
             6 │       - cache:/cache
               ·         ──────┬─────
               ·               ╰── this is `cache` inside
             7 │       - { type: volume, source: other, target: /other, inner: cache }
               ·         ──────────────────────────────┬──────────────────────────────
               ·                                       ╰── and so is this
               ╰────
              help: give one of them another name with `inner: NAME`, or hide it from the engine with `inner:
                    false`
        "#]],
    );
}

#[test]
fn a_port_published_twice() {
    check(
        "\
registries: { local: { port: 5000 } }
environments:
  builder:
    outer: { mode: dind, ports: [\"5000:80\"] }
",
        &expect![[r#"
            nest::port_published_twice

              × the host's port 5000 is published twice
               ╭─[/home/ann/ci/nest.yaml:4:34]
             1 │ registries: { local: { port: 5000 } }
               ·                              ──┬─
               ·                                ╰── published here
             2 │ environments:
             3 │   builder:
             4 │     outer: { mode: dind, ports: ["5000:80"] }
               ·                                  ────┬────
               ·                                      ╰── and again here
               ╰────
              help: choose another port of the host for one of them, or leave it out for a free one
        "#]],
    );
}

#[test]
fn a_fixed_port_with_replicas() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, ports: [\"8080:80\"] }
    replicas: 2
",
        &expect![[r#"
            nest::port_with_replicas

              × 2 replicas cannot all publish the host's port 8080
               ╭─[/home/ann/ci/nest.yaml:3:34]
             2 │   builder:
             3 │     outer: { mode: dind, ports: ["8080:80"] }
               ·                                  ────┬────
               ·                                      ╰── one port of the host
             4 │     replicas: 2
               ·               ┬
               ·               ╰── several containers
               ╰────
              help: write only the container's port, so that each replica gets a free port of the host, or a
                    port for each: `8000-8009:80`
        "#]],
    );
}

#[test]
fn as_many_ports_as_replicas_are_enough() {
    let shown = |ports: &str, replicas: u32| {
        rendered(&read(format!(
            "{{ environments: {{ builder: {{ outer: {{ mode: dind, ports: ['{ports}'] }}, replicas: {replicas} }} }} }}"
        )))
    };
    assert_eq!(shown("8080-8082:80", 3), "");
    let too_few = shown("8080-8082:80", 4);
    assert!(
        too_few.contains("4 replicas cannot all publish the host's port 8080-8082"),
        "{too_few}"
    );
}

#[test]
fn a_folder_that_is_not_there() {
    check(
        "\
environments:
  builder:
    outer: dind
    volumes:
      - ./missing:/src
      - /on/the/host/missing:/data
      - type: bind
        source: ~/missing
        target: /home
        bind: { create_host_path: false }
",
        &expect![[r#"
            nest::bind_source_created

              ⚠ there is no `./missing` to mount: it would be made, as an empty folder
               ╭─[/home/ann/ci/nest.yaml:5:9]
             4 │     volumes:
             5 │       - ./missing:/src
               ·         ────┬────
               ·             ╰── not there
             6 │       - /on/the/host/missing:/data
               ╰────
              help: make it, or correct the path; with `create_host_path: false` it is an error

            nest::bind_source_missing

              × there is no `~/missing` to mount
                ╭─[/home/ann/ci/nest.yaml:8:17]
              7 │       - type: bind
              8 │         source: ~/missing
                ·                 ────┬────
                ·                     ╰── not there
              9 │         target: /home
             10 │         bind: { create_host_path: false }
                ·                                   ──┬──
                ·                                     ╰── and not to be made
                ╰────
              help: make it, correct the path, or remove `create_host_path: false`
        "#]],
    );
}
