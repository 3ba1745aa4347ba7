//! Scopes in scopes.

mod file;

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn a_registry_is_listed_at_each_depth() {
    check(
        "\
registries: { hub: { mirror: docker.io } }
environments:
  builder:
    outer: dind
    inner: { environments: { deeper: { outer: dind, registries: [hub] } } }
",
        &expect![[r#"
            nest::registry_not_listed_outside

              × `builder`, around this environment, does not list the registry `hub`
               ╭─[/home/ann/ci/nest.yaml:5:66]
             2 │ environments:
             3 │   builder:
               ·   ───┬───
               ·      ╰── does not list it
             4 │     outer: dind
             5 │     inner: { environments: { deeper: { outer: dind, registries: [hub] } } }
               ·                                                                  ─┬─
               ·                                                                   ╰── cannot be reached from here
               ╰────
              help: registries are listed at each depth: add `hub` to the `registries` of `builder` too
        "#]],
    );
}

#[test]
fn what_clashes_inside_clashes_as_outside() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner:
      volumes: { deeper-1-data: }
      environments:
        deeper: { outer: dind, depends_on: [other] }
        one: { outer: { mode: dind, ports: ['80:80'], data: /srv/data } }
        two: { outer: { mode: dind, ports: ['80:81'], data: /srv/data } }
",
        &expect![[r#"
            nest::volumes_clash

              × two volumes would both be `deeper-1-data` on the engine
               ╭─[/home/ann/ci/nest.yaml:7:9]
             4 │     inner:
             5 │       volumes: { deeper-1-data: }
               ·                  ──────┬──────
               ·                        ╰── the volume `deeper-1-data`
             6 │       environments:
             7 │         deeper: { outer: dind, depends_on: [other] }
               ·         ───┬──
               ·            ╰── the data volume of the environment `deeper`
             8 │         one: { outer: { mode: dind, ports: ['80:80'], data: /srv/data } }
               ╰────
              help: rename one of the two: nest could not tell one from the other

            nest::undeclared_environment

              × no environment or service `other` is declared
               ╭─[/home/ann/ci/nest.yaml:7:45]
             5 │       volumes: { deeper-1-data: }
             6 │       environments:
               ·       ──────┬─────
               ·             ╰── the environments of this scope
             7 │         deeper: { outer: dind, depends_on: [other] }
               ·                                             ──┬──
               ·                                               ╰── used here
             8 │         one: { outer: { mode: dind, ports: ['80:80'], data: /srv/data } }
               ╰────
              help: `depends_on` names environments and services of the same scope; declare it there or remove
                    the name

            nest::port_published_twice

              × the host's port 80 is published twice
               ╭─[/home/ann/ci/nest.yaml:9:45]
             7 │         deeper: { outer: dind, depends_on: [other] }
             8 │         one: { outer: { mode: dind, ports: ['80:80'], data: /srv/data } }
               ·                                             ───┬───
               ·                                                ╰── published here
             9 │         two: { outer: { mode: dind, ports: ['80:81'], data: /srv/data } }
               ·                                             ───┬───
               ·                                                ╰── and again here
               ╰────
              help: choose another port of the host for one of them, or leave it out for a free one

            nest::data_root_shared

              × two environments share one data root, `/srv/data`
               ╭─[/home/ann/ci/nest.yaml:9:61]
             7 │         deeper: { outer: dind, depends_on: [other] }
             8 │         one: { outer: { mode: dind, ports: ['80:80'], data: /srv/data } }
               ·                                                             ────┬────
               ·                                                                 ╰── first used here
             9 │         two: { outer: { mode: dind, ports: ['80:81'], data: /srv/data } }
               ·                                                             ────┬────
               ·                                                                 ╰── used again here
               ╰────
              help: give each its own: two engines on one data root destroy it
        "#]],
    );
}

#[test]
fn what_shares_an_engine_shares_its_ports_and_names() {
    check(
        "\
environments:
  one: { outer: { mode: dind, ports: ['80:80'] } }
  tools:
    outer: socket
    inner:
      volumes: { agent-1-socket: }
      environments:
        one: { outer: { mode: dind, ports: ['80:81'] } }
        agent: { outer: dind }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:4:12]
             3 │   tools:
             4 │     outer: socket
               ·            ───┬──
               ·               ╰── chosen here
             5 │     inner:
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::port_published_twice

              × the host's port 80 is published twice
               ╭─[/home/ann/ci/nest.yaml:2:39]
             1 │ environments:
             2 │   one: { outer: { mode: dind, ports: ['80:80'] } }
               ·                                       ───┬───
               ·                                          ╰── published here
             3 │   tools:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:8:45]
             7 │       environments:
             8 │         one: { outer: { mode: dind, ports: ['80:81'] } }
               ·                                             ───┬───
               ·                                                ╰── and again here
             9 │         agent: { outer: dind }
               ╰────
              help: choose another port of the host for one of them, or leave it out for a free one

            nest::volumes_clash

              × two volumes would both be `ci_tools_agent-1-socket` on the engine
               ╭─[/home/ann/ci/nest.yaml:9:9]
             5 │     inner:
             6 │       volumes: { agent-1-socket: }
               ·                  ───────┬──────
               ·                         ╰── the volume `agent-1-socket`
             7 │       environments:
             8 │         one: { outer: { mode: dind, ports: ['80:81'] } }
             9 │         agent: { outer: dind }
               ·         ──┬──
               ·           ╰── the socket volume of the environment `agent`
               ╰────
              help: rename one of the two: nest could not tell one from the other
        "#]],
    );
}

#[test]
fn a_mount_on_the_way_that_is_in_the_way() {
    check(
        "\
volumes: { cache: {} }
environments:
  builder:
    outer: dind
    volumes: ['cache:/home/ann/ci/src']
    inner: { environments: { deeper: { outer: dind, volumes: [./src:/src] } } }
",
        &expect![[r#"
            nest::path_mounted_twice

              × two mounts share the path `/home/ann/ci/src`
               ╭─[/home/ann/ci/nest.yaml:6:63]
             4 │     outer: dind
             5 │     volumes: ['cache:/home/ann/ci/src']
               ·               ────────────┬───────────
               ·                           ╰── first mounted here
             6 │     inner: { environments: { deeper: { outer: dind, volumes: [./src:/src] } } }
               ·                                                               ──┬──
               ·                                                                 ╰── mounted again here
               ╰────
              help: give one of them another path in the container
        "#]],
    );
}

#[test]
fn every_depth_is_read_and_checked() {
    let shown = rendered(&read(
        "\
environments:
  one:
    outer: dind
    inner:
      environments:
        two:
          outer: dind
          inner:
            environments:
              three: { outer: dind, replicas: 2000, volumes: ['nothing:/x'] }
",
    ));
    assert!(shown.contains("nest::out_of_range"), "{shown}");
    assert!(shown.contains("nest::undeclared_volume"), "{shown}");
}

#[test]
fn one_name_for_several_replicas() {
    check(
        "\
environments:
  builder: { outer: { mode: dind, container_name: builder }, replicas: 2 }
",
        &expect![[r#"
            nest::container_name_with_replicas

              × 2 replicas cannot all be called `builder`
               ╭─[/home/ann/ci/nest.yaml:2:51]
             1 │ environments:
             2 │   builder: { outer: { mode: dind, container_name: builder }, replicas: 2 }
               ·                                                   ───┬───              ┬
               ·                                                      │                 ╰── several containers
               ·                                                      ╰── one name
               ╰────
              help: remove `container_name`: replica I of `NAME` is called `PROJECT-NAME-I`
        "#]],
    );
}

#[test]
fn a_volume_of_each_replica() {
    check(
        "\
volumes:
  work: { per_replica: true, name: work }
  team: { per_replica: true, external: true }
  data: { per_replica: true }
environments:
  builder: { outer: { mode: dind, data: data }, replicas: 2 }
",
        &expect![[r#"
            nest::conflicting_keys

              × a volume takes only one of `name` and `per_replica`
               ╭─[/home/ann/ci/nest.yaml:2:11]
             1 │ volumes:
             2 │   work: { per_replica: true, name: work }
               ·           ─────┬─────        ──┬─
               ·                │               ╰── either this
               ·                ╰── or this
             3 │   team: { per_replica: true, external: true }
               ╰────
              help: keep the one that you mean

            nest::conflicting_keys

              × a volume takes only one of `external` and `per_replica`
               ╭─[/home/ann/ci/nest.yaml:3:11]
             2 │   work: { per_replica: true, name: work }
             3 │   team: { per_replica: true, external: true }
               ·           ─────┬─────        ────┬───
               ·                │                 ╰── either this
               ·                ╰── or this
             4 │   data: { per_replica: true }
               ╰────
              help: keep the one that you mean
        "#]],
    );
}

#[test]
fn nothing_inside_has_more_processors_than_what_is_around_it() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, cpus: 1.5 }
    inner:
      environments:
        middle:
          outer: dind
          inner: { environments: { deeper: { outer: { mode: dind, cpus: 2 } }, fine: { outer: { mode: dind, cpus: 1.5 } } } }
",
        &expect![[r#"
            nest::contradicting_limits

              × `cpus` is above `builder.outer.cpus`
               ╭─[/home/ann/ci/nest.yaml:3:32]
             2 │   builder:
             3 │     outer: { mode: dind, cpus: 1.5 }
               ·                                ─┬─
               ·                                 ╰── the other
             4 │     inner:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:8:73]
             7 │           outer: dind
             8 │           inner: { environments: { deeper: { outer: { mode: dind, cpus: 2 } }, fine: { outer: { mode: dind, cpus: 1.5 } } } }
               ·                                                                         ┬
               ·                                                                         ╰── above the other
               ╰────
              help: lower `cpus`, or raise `builder.outer.cpus`
        "#]],
    );
}
