//! Names and ports of services, and what waits for what.

use expect_test::expect;

use crate::problems::check_without_later;

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
