//! Services, and how they reach an environment's engine.

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

#[test]
fn one_name_on_a_network_for_two_containers() {
    check_without_later(
        "\
networks: { back: {} }
services:
  web: { image: nginx, networks: { back: { aliases: [data] }, default: {} } }
  db: { image: postgres, networks: { back: { aliases: [data] } } }
  other: { image: postgres, networks: { default: { aliases: [data] } } }
",
        &expect![[r#"
            nest::alias_used_twice

              ⚠ two containers would both answer to `data` on the network `back`
               ╭─[/home/ann/ci/nest.yaml:4:3]
             2 │ services:
             3 │   web: { image: nginx, networks: { back: { aliases: [data] }, default: {} } }
               ·   ─┬─
               ·    ╰── first here
             4 │   db: { image: postgres, networks: { back: { aliases: [data] } } }
               ·   ─┬
               ·    ╰── and here too
             5 │   other: { image: postgres, networks: { default: { aliases: [data] } } }
               ╰────
              help: who asks for it gets one or the other; replica I of `NAME` answers to `NAME-I`, and to
                    `NAME` if it is the only one
        "#]],
    );
}

#[test]
fn one_name_for_a_service_and_something_else() {
    check_without_later(
        "\
registries: { hub: { mirror: docker.io } }
environments: { builder: { outer: dind } }
services: { hub: { image: alpine }, builder: { image: alpine } }
",
        &expect![[r#"
            nest::shared_name

              × `hub` names both a service and a registry
               ╭─[/home/ann/ci/nest.yaml:3:13]
             1 │ registries: { hub: { mirror: docker.io } }
               ·               ─┬─
               ·                ╰── a registry
             2 │ environments: { builder: { outer: dind } }
             3 │ services: { hub: { image: alpine }, builder: { image: alpine } }
               ·             ─┬─
               ·              ╰── a service
               ╰────
              help: rename one of the two: both answer to their name on the scope's network

            nest::shared_name

              × `builder` names both a service and an environment
               ╭─[/home/ann/ci/nest.yaml:3:37]
             1 │ registries: { hub: { mirror: docker.io } }
             2 │ environments: { builder: { outer: dind } }
               ·                 ───┬───
               ·                    ╰── an environment
             3 │ services: { hub: { image: alpine }, builder: { image: alpine } }
               ·                                     ───┬───
               ·                                        ╰── a service
               ╰────
              help: rename one of the two: both answer to their name on the scope's network
        "#]],
    );
}

#[test]
fn services_and_environments_wait_for_each_other() {
    check_without_later(
        "\
environments: { builder: { outer: dind, depends_on: [web] } }
services:
  web: { image: nginx, docker_host: builder }
  db: { image: postgres, depends_on: [webb] }
",
        &expect![[r#"
            nest::dependency_cycle

              × containers wait for each other: builder -> web -> builder
               ╭─[/home/ann/ci/nest.yaml:1:54]
             1 │ environments: { builder: { outer: dind, depends_on: [web] } }
               ·                                                      ─┬─
               ·                                                       ╰── waits for the next
             2 │ services:
             3 │   web: { image: nginx, docker_host: builder }
               ·                                     ───┬───
               ·                                        ╰── waits for the next
             4 │   db: { image: postgres, depends_on: [webb] }
               ╰────
              help: remove one of these: none of the containers could start first

            nest::undeclared_environment

              × no environment or service `webb` is declared
               ╭─[/home/ann/ci/nest.yaml:4:39]
             1 │ environments: { builder: { outer: dind, depends_on: [web] } }
               · ──────┬─────
               ·       ╰── the environments of this scope
             2 │ services:
             3 │   web: { image: nginx, docker_host: builder }
             4 │   db: { image: postgres, depends_on: [webb] }
               ·                                       ──┬─
               ·                                         ╰── used here
               ╰────
              help: did you mean `web`?
        "#]],
    );
}

#[test]
fn replicas_that_are_said_twice_or_share_a_port() {
    check_without_later(
        "\
services:
  web: { image: nginx, replicas: 2, deploy: { replicas: 3 }, ports: [\"80:80\"], container_name: web }
  db: {}
",
        &expect![[r#"
            nest::conflicting_keys

              × a service takes only one of `replicas` and `deploy.replicas`
               ╭─[/home/ann/ci/nest.yaml:2:24]
             1 │ services:
             2 │   web: { image: nginx, replicas: 2, deploy: { replicas: 3 }, ports: ["80:80"], container_name: web }
               ·                        ────┬───               ────┬───
               ·                            │                      ╰── or this
               ·                            ╰── either this
             3 │   db: {}
               ╰────
              help: keep the one that you mean

            nest::port_with_replicas

              × 2 replicas cannot all publish the host's port 80
               ╭─[/home/ann/ci/nest.yaml:2:34]
             1 │ services:
             2 │   web: { image: nginx, replicas: 2, deploy: { replicas: 3 }, ports: ["80:80"], container_name: web }
               ·                                  ┬                                   ───┬───
               ·                                  │                                      ╰── one port of the host
               ·                                  ╰── several containers
             3 │   db: {}
               ╰────
              help: write only the container's port, so that each replica gets a free port of the host, or a
                    port for each: `8000-8009:80`

            nest::container_name_with_replicas

              × 2 replicas cannot all be called `web`
               ╭─[/home/ann/ci/nest.yaml:2:96]
             1 │ services:
             2 │   web: { image: nginx, replicas: 2, deploy: { replicas: 3 }, ports: ["80:80"], container_name: web }
               ·                                  ┬                                                             ─┬─
               ·                                  │                                                              ╰── one name
               ·                                  ╰── several containers
             3 │   db: {}
               ╰────
              help: remove `container_name`: replica I of `NAME` is called `PROJECT-NAME-I`

            nest::service_without_image

              × the service `db` has no image
               ╭─[/home/ann/ci/nest.yaml:3:3]
             2 │   web: { image: nginx, replicas: 2, deploy: { replicas: 3 }, ports: ["80:80"], container_name: web }
             3 │   db: {}
               ·   ─┬
               ·    ╰── nothing to run
               ╰────
              help: say what it runs, `image: nginx:1`, or how its image is built, `build: .`
        "#]],
    );
}

#[test]
fn ports_of_services_and_environments() {
    check_without_later(
        "\
environments: { builder: { outer: { mode: dind, ports: [\"80:80\"] } } }
services:
  web: { image: nginx, ports: [\"80:80\"] }
  pod: { image: nginx, network_mode: service:builder, ports: [\"81:81\"] }
",
        &expect![[r#"
            nest::port_published_twice

              × the host's port 80 is published twice
               ╭─[/home/ann/ci/nest.yaml:3:32]
             1 │ environments: { builder: { outer: { mode: dind, ports: ["80:80"] } } }
               ·                                                         ───┬───
               ·                                                            ╰── published here
             2 │ services:
             3 │   web: { image: nginx, ports: ["80:80"] }
               ·                                ───┬───
               ·                                   ╰── and again here
             4 │   pod: { image: nginx, network_mode: service:builder, ports: ["81:81"] }
               ╰────
              help: choose another port of the host for one of them, or leave it out for a free one

            nest::network_of_another

              × `ports` needs a network of the container's own
               ╭─[/home/ann/ci/nest.yaml:4:55]
             3 │   web: { image: nginx, ports: ["80:80"] }
             4 │   pod: { image: nginx, network_mode: service:builder, ports: ["81:81"] }
               ·                                      ───────┬───────  ──┬──
               ·                                             │           ╰── belongs to the network
               ·                                             ╰── it uses this one
               ╰────
              help: move `ports` to `builder`, whose network this is
        "#]],
    );
}
