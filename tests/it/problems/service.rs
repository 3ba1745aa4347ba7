//! Services, and how they reach an environment's engine.

mod name;

use expect_test::expect;

use crate::problems::check_without_later;

#[test]
fn a_connection_that_is_made_by_hand_too() {
    check_without_later(
        "\
environments: { builder: { outer: dind } }
services:
  one:
    image: docker:cli
    docker_host: builder
    environment: { DOCKER_HOST: tcp://builder:2375 }
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
  two: { image: docker:cli, docker_host: builder, environment: [DOCKER_TLS_CERTDIR=] }
",
        &expect![[r#"
            nest::connection_by_hand

              × `DOCKER_HOST` says by hand how to reach an engine, and so does `docker_host`
               ╭─[/home/ann/ci/nest.yaml:6:20]
             4 │     image: docker:cli
             5 │     docker_host: builder
               ·                  ───┬───
               ·                     ╰── this is enough
             6 │     environment: { DOCKER_HOST: tcp://builder:2375 }
               ·                    ─────┬─────
               ·                         ╰── by hand
             7 │     volumes: [/var/run/docker.sock:/var/run/docker.sock]
               ╰────
              help: remove it: with `docker_host` the service finds the engine by itself

            nest::connection_by_hand

              × the mount at `/var/run/docker.sock` says by hand how to reach an engine, and so does
              │ `docker_host`
               ╭─[/home/ann/ci/nest.yaml:7:15]
             4 │     image: docker:cli
             5 │     docker_host: builder
               ·                  ───┬───
               ·                     ╰── this is enough
             6 │     environment: { DOCKER_HOST: tcp://builder:2375 }
             7 │     volumes: [/var/run/docker.sock:/var/run/docker.sock]
               ·               ────────────────────┬────────────────────
               ·                                   ╰── by hand
             8 │   two: { image: docker:cli, docker_host: builder, environment: [DOCKER_TLS_CERTDIR=] }
               ╰────
              help: remove it: with `docker_host` the service finds the engine by itself

            nest::connection_by_hand

              × `DOCKER_TLS_CERTDIR` says by hand how to reach an engine, and so does `docker_host`
               ╭─[/home/ann/ci/nest.yaml:8:65]
             7 │     volumes: [/var/run/docker.sock:/var/run/docker.sock]
             8 │   two: { image: docker:cli, docker_host: builder, environment: [DOCKER_TLS_CERTDIR=] }
               ·                                          ───┬───                ─────────┬────────
               ·                                             │                            ╰── by hand
               ·                                             ╰── this is enough
               ╰────
              help: remove it: with `docker_host` the service finds the engine by itself
        "#]],
    );
}

#[test]
fn an_engine_that_is_not_there() {
    check_without_later(
        "\
environments: { builder: { outer: dind }, agents: { outer: dind, replicas: 3 } }
services:
  one: { image: alpine, docker_host: bilder }
  two: { image: alpine, docker_host: one }
  three: { image: alpine, docker_host: \"agents[4]\" }
  four: { image: alpine, docker_host: \"agents[0]\" }
  five: { image: alpine, docker_host: agents }
  six: { image: alpine, docker_host: agents, replicas: 3 }
  seven: { image: alpine, docker_host: \"agents[3]\" }
",
        &expect![[r#"
            nest::undeclared_environment

              × no environment `bilder` is declared
               ╭─[/home/ann/ci/nest.yaml:3:38]
             1 │ environments: { builder: { outer: dind }, agents: { outer: dind, replicas: 3 } }
               · ──────┬─────
               ·       ╰── the environments of this scope
             2 │ services:
             3 │   one: { image: alpine, docker_host: bilder }
               ·                                      ───┬──
               ·                                         ╰── used here
             4 │   two: { image: alpine, docker_host: one }
               ╰────
              help: did you mean `builder`?

            nest::undeclared_environment

              × no environment `one` is declared
               ╭─[/home/ann/ci/nest.yaml:4:38]
             1 │ environments: { builder: { outer: dind }, agents: { outer: dind, replicas: 3 } }
               · ──────┬─────
               ·       ╰── the environments of this scope
             2 │ services:
             3 │   one: { image: alpine, docker_host: bilder }
             4 │   two: { image: alpine, docker_host: one }
               ·                                      ─┬─
               ·                                       ╰── used here
             5 │   three: { image: alpine, docker_host: "agents[4]" }
               ╰────
              help: it is a service: `docker_host` names an environment, which has an engine

            nest::no_such_replica

              × `agents` has no replica 4
               ╭─[/home/ann/ci/nest.yaml:5:40]
             4 │   two: { image: alpine, docker_host: one }
             5 │   three: { image: alpine, docker_host: "agents[4]" }
               ·                                        ─────┬─────
               ·                                             ╰── asked for here
             6 │   four: { image: alpine, docker_host: "agents[0]" }
               ╰────
              help: its replicas are numbered from 1 to 3

            nest::no_such_replica

              × `agents` has no replica 0
               ╭─[/home/ann/ci/nest.yaml:6:39]
             5 │   three: { image: alpine, docker_host: "agents[4]" }
             6 │   four: { image: alpine, docker_host: "agents[0]" }
               ·                                       ─────┬─────
               ·                                            ╰── asked for here
             7 │   five: { image: alpine, docker_host: agents }
               ╰────
              help: replicas are counted from 1: `docker_host: NAME[1]`

            nest::replicas_differ

              × the numbers of replicas differ: 3 of `agents`, 1 of the service
               ╭─[/home/ann/ci/nest.yaml:7:39]
             6 │   four: { image: alpine, docker_host: "agents[0]" }
             7 │   five: { image: alpine, docker_host: agents }
               ·                                       ───┬──
               ·                                          ╰── which of them?
             8 │   six: { image: alpine, docker_host: agents, replicas: 3 }
               ╰────
              help: pick one, `docker_host: agents[1]`, or say `replicas: 3`
        "#]],
    );
}

#[test]
fn a_folder_that_the_engine_does_not_see() {
    check_without_later(
        "\
environments:
  builder: { outer: dind, volumes: [/srv/a:/srv/a] }
services:
  right: { image: alpine, docker_host: builder, working_dir: /srv/a/b, volumes: [/srv/a:/srv/a] }
  wrong: { image: alpine, docker_host: builder, working_dir: /srv/b/c, volumes: [/srv/b:/srv/b] }
",
        &expect![[r#"
            nest::working_dir_not_shared

              ⚠ `builder` does not have `/srv/b`, in which the service works
               ╭─[/home/ann/ci/nest.yaml:5:62]
             4 │   right: { image: alpine, docker_host: builder, working_dir: /srv/a/b, volumes: [/srv/a:/srv/a] }
             5 │   wrong: { image: alpine, docker_host: builder, working_dir: /srv/b/c, volumes: [/srv/b:/srv/b] }
               ·                                                              ────┬───            ──────┬──────
               ·                                                                  │                     ╰── which is mounted here
               ·                                                                  ╰── works here
               ╰────
              help: containers that it starts there with `-v $PWD:…` would see another folder: mount the same
                    in the environment's `volumes`, at the same path
        "#]],
    );
}

#[test]
fn a_mount_that_is_shared_with_no_engine() {
    check_without_later(
        "\
volumes: { cache: {} }
services:
  web: { image: nginx, volumes: [{ type: volume, source: cache, target: /x, inner: other }, cahce:/y] }
",
        &expect![[r#"
            nest::inner_of_service

              × `inner` means nothing in a service
               ╭─[/home/ann/ci/nest.yaml:3:77]
             2 │ services:
             3 │   web: { image: nginx, volumes: [{ type: volume, source: cache, target: /x, inner: other }, cahce:/y] }
               ·                                                                             ──┬──
               ·                                                                               ╰── no engine to share this with
               ╰────
              help: remove it: only an environment has an engine inside

            nest::undeclared_volume

              × no volume `cahce` is declared
               ╭─[/home/ann/ci/nest.yaml:3:93]
             1 │ volumes: { cache: {} }
               · ───┬───
               ·    ╰── the volumes of this scope
             2 │ services:
             3 │   web: { image: nginx, volumes: [{ type: volume, source: cache, target: /x, inner: other }, cahce:/y] }
               ·                                                                                             ──┬──
               ·                                                                                               ╰── used here
               ╰────
              help: did you mean `cache`?
        "#]],
    );
}
