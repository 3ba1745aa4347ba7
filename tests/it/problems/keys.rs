//! Keys that are unknown, misplaced, missing or in each other's way.

use expect_test::expect;

use crate::problems::check;

#[test]
fn an_unknown_key_at_the_top() {
    check(
        "\
enviroments: {}
",
        &expect![[r#"
            nest::unknown_key

              × unknown key `enviroments`
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ enviroments: {}
               · ─────┬─────
               ·      ╰── not known here
               ╰────
              help: did you mean `environments`?
        "#]],
    );
}

#[test]
fn an_unknown_key_that_resembles_nothing() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, zzzzzz: 1 }
",
        &expect![[r#"
            nest::unknown_key

              × unknown key `zzzzzz`
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, zzzzzz: 1 }
               ·                          ───┬──
               ·                             ╰── not known here
               ╰────
              help: known here: `mode`, `listen`, `data`, `daemon`, `ready`, `socket`, `image`, `build`,
                    `command`, `entrypoint`, `environment`, `env_file`, `ports`, `expose`, `networks`,
                    `network_mode`, `restart`, `healthcheck`, `user`, `working_dir`, `hostname`,
                    `container_name`, `privileged`, `cap_add`, `cap_drop`, `security_opt`, `devices`,
                    `device_cgroup_rules`, `gpus`, `extra_hosts`, `dns`, `dns_search`, `tmpfs`, `ulimits`,
                    `sysctls`, `shm_size`, `cpus`, `cpuset`, `cpu_shares`, `memory`, `mem_limit`,
                    `mem_reservation`, `memswap_limit`, `pids_limit`, `labels`, `extends`, `deploy`, `scale`,
                    `init`, `tty`, `stdin_open`, `read_only`, `pull_policy`, `stop_grace_period`,
                    `stop_signal`, `group_add`, `cgroup`, `cgroup_parent`, `ipc`, `pid`, `userns_mode`,
                    `runtime`, `platform`, `logging`, `secrets`, `configs`
        "#]],
    );
}

#[test]
fn an_environment_without_outer() {
    check(
        "\
environments:
  builder:
    inner: { images: [alpine:3.20] }
",
        &expect![[r#"
            nest::missing_key

              × the environment `builder` has no `outer`
               ╭─[/home/ann/ci/nest.yaml:2:3]
             1 │ environments:
             2 │   builder:
               ·   ───┬───
               ·      ╰── `outer` is missing here
             3 │     inner: { images: [alpine:3.20] }
               ╰────
              help: say how it gets its engine: `outer: dind`, or `outer: socket`
        "#]],
    );
}

#[test]
fn an_environment_without_anything() {
    check(
        "\
environments:
  builder:
",
        &expect![[r#"
            nest::missing_key

              × the environment `builder` has no `outer`
               ╭─[/home/ann/ci/nest.yaml:2:3]
             1 │ environments:
             2 │   builder:
               ·   ───┬───
               ·      ╰── `outer` is missing here
               ╰────
              help: say how it gets its engine: `outer: dind`, or `outer: socket`
        "#]],
    );
}

#[test]
fn a_container_without_a_mode() {
    check(
        "\
environments:
  builder:
    outer: { memory: 2g }
",
        &expect![[r#"
            nest::missing_key

              × the container of the environment `builder` has no `mode`
               ╭─[/home/ann/ci/nest.yaml:3:5]
             2 │   builder:
             3 │     outer: { memory: 2g }
               ·     ──┬──
               ·       ╰── `mode` is missing here
               ╰────
              help: say how it gets its engine: `mode: dind`, or `mode: socket`
        "#]],
    );
}

#[test]
fn keys_that_say_two_things() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, memory: 2g, mem_limit: 3g }
",
        &expect![[r#"
            nest::conflicting_keys

              × a container takes only one of `memory` and `mem_limit`
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, memory: 2g, mem_limit: 3g }
               ·                          ───┬──      ────┬────
               ·                             │            ╰── or this
               ·                             ╰── either this
               ╰────
              help: keep the one that you mean
        "#]],
    );
}

#[test]
fn a_data_root_in_two_places() {
    check(
        "\
volumes: { data: {} }
environments:
  builder:
    outer: { mode: dind, data: { volume: data, path: /srv/data } }
",
        &expect![[r#"
            nest::conflicting_keys

              × `data` takes only one of `volume`, `path` and `tmpfs`
               ╭─[/home/ann/ci/nest.yaml:4:34]
             3 │   builder:
             4 │     outer: { mode: dind, data: { volume: data, path: /srv/data } }
               ·                                  ───┬──        ──┬─
               ·                                     │            ╰── or this
               ·                                     ╰── either this
               ╰────
              help: keep the one that you mean
        "#]],
    );
}

#[test]
fn container_keys_beside_outer() {
    check(
        "\
environments:
  builder:
    outer: dind
    image: docker:28-dind
",
        &expect![[r#"
            nest::misplaced_key

              × `image` does not belong here
               ╭─[/home/ann/ci/nest.yaml:4:5]
             3 │     outer: dind
             4 │     image: docker:28-dind
               ·     ──┬──
               ·       ╰── in the wrong place
               ╰────
              help: it is about the container alone: move it into `outer`
        "#]],
    );
}

#[test]
fn scope_keys_beside_inner() {
    check(
        "\
environments:
  builder:
    outer: dind
    images: [alpine:3.20]
",
        &expect![[r#"
            nest::misplaced_key

              × `images` does not belong here
               ╭─[/home/ann/ci/nest.yaml:4:5]
             3 │     outer: dind
             4 │     images: [alpine:3.20]
               ·     ───┬──
               ·        ╰── in the wrong place
               ╰────
              help: it is about what the engine inside holds: move it into `inner`
        "#]],
    );
}

#[test]
fn volumes_inside_outer() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, volumes: [cache:/cache] }
",
        &expect![[r#"
            nest::misplaced_key

              × `volumes` does not belong here
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, volumes: [cache:/cache] }
               ·                          ───┬───
               ·                             ╰── in the wrong place
               ╰────
              help: move it beside `outer`
        "#]],
    );
}
