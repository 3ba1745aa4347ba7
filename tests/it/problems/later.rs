//! What is part of the format and not supported yet.

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn parts_of_the_file_to_come() {
    check(
        "\
services: {}
environments:
  builder:
    outer: { mode: dind, listen: tls, pull_policy: daily }
  other: { outer: rootless }
registries:
  ghcr: { host: ghcr.io }
",
        &expect![[r#"
            nest::not_supported_yet

              ⚠ `pull_policy: daily` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:4:52]
             3 │   builder:
             4 │     outer: { mode: dind, listen: tls, pull_policy: daily }
               ·                                                    ──┬──
               ·                                                      ╰── nest does not act on this in this version
             5 │   other: { outer: rootless }
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::not_supported_yet

              ⚠ `host` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:7:11]
             6 │ registries:
             7 │   ghcr: { host: ghcr.io }
               ·           ──┬─
               ·             ╰── nest does not act on this in this version
               ╰────
              help: it is part of the format; this version can check it, but not carry it out
        "#]],
    );
}

#[test]
fn sources_of_images_to_come() {
    check(
        "\
images:
  - { image: app:dev, source: registry }
  - { image: two:dev, source: { build: . } }
  - { image: three:dev, pull: always }
",
        &expect![[r#"
            nest::not_supported_yet

              ⚠ the source `registry` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:2:31]
             1 │ images:
             2 │   - { image: app:dev, source: registry }
               ·                               ────┬───
               ·                                   ╰── nest does not act on this in this version
             3 │   - { image: two:dev, source: { build: . } }
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::not_supported_yet

              ⚠ `pull` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:4:25]
             3 │   - { image: two:dev, source: { build: . } }
             4 │   - { image: three:dev, pull: always }
               ·                         ──┬─
               ·                           ╰── nest does not act on this in this version
               ╰────
              help: it is part of the format; this version can check it, but not carry it out
        "#]],
    );
}

#[test]
fn environments_inside_environments_are_not_supported_yet() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner:
      environments:
        deeper: { outer: dind }
",
        &expect![""],
    );
}

#[test]
fn how_to_wait_is_not_supported_yet() {
    check(
        "\
environments:
  one: { outer: dind }
  two:
    outer: dind
    depends_on:
      one: { condition: service_started, restart: true, required: false }
",
        &expect![[r#"
            nest::not_supported_yet

              ⚠ `required: false` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:6:67]
             5 │     depends_on:
             6 │       one: { condition: service_started, restart: true, required: false }
               ·                                                                   ──┬──
               ·                                                                     ╰── nest does not act on this in this version
               ╰────
              help: it is part of the format; this version can check it, but not carry it out
        "#]],
    );
}

#[test]
fn volumes_without_a_name_and_options_of_mounts() {
    check(
        "\
volumes: { cache: {} }
environments:
  one:
    outer: dind
    volumes:
      - /data
      - cache:/cache:ro,nocopy
      - ./src:/src:rslave
      - { type: volume, target: /own }
",
        &expect![[r#"
            nest::not_supported_yet

              ⚠ a volume without a name is not supported yet
               ╭─[/home/ann/ci/nest.yaml:6:9]
             5 │     volumes:
             6 │       - /data
               ·         ──┬──
               ·           ╰── nest does not act on this in this version
             7 │       - cache:/cache:ro,nocopy
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::not_supported_yet

              ⚠ the option `nocopy` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:7:22]
             6 │       - /data
             7 │       - cache:/cache:ro,nocopy
               ·                      ────┬────
               ·                          ╰── nest does not act on this in this version
             8 │       - ./src:/src:rslave
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::not_supported_yet

              ⚠ the option `rslave` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:8:20]
             7 │       - cache:/cache:ro,nocopy
             8 │       - ./src:/src:rslave
               ·                    ───┬──
               ·                       ╰── nest does not act on this in this version
             9 │       - { type: volume, target: /own }
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::not_supported_yet

              ⚠ a volume without a name is not supported yet
               ╭─[/home/ann/ci/nest.yaml:9:17]
             8 │       - ./src:/src:rslave
             9 │       - { type: volume, target: /own }
               ·                 ───┬──
               ·                    ╰── nest does not act on this in this version
               ╰────
              help: it is part of the format; this version can check it, but not carry it out
        "#]],
    );
}

#[test]
fn every_part_to_come_is_told_from_a_mistake() {
    let environment =
        |text: &str| format!("environments: {{ builder: {{ outer: dind, {text} }} }}");
    let outer =
        |text: &str| format!("environments: {{ builder: {{ outer: {{ mode: dind, {text} }} }} }}");
    let files = [
        environment("engine: default"),
        environment("inner: { images: [{ image: app, as: other }] }"),
        environment("volumes: [{ type: tmpfs, target: /x, tmpfs: { size: 1g } }]"),
        environment("volumes: [{ type: bind, source: ./x, target: /x, bind: { selinux: z } }]"),
        environment("volumes: [{ type: bind, source: ./x, target: /x, bind: { propagation: shared } }]"),
        "{ volumes: { aa: }, environments: { bb: { outer: dind, volumes: [{ type: volume, source: aa, target: /x, volume: { subpath: npm } }] } } }".to_owned(),
        environment("volumes: [{ type: tmpfs, target: /x, consistency: cached }]"),
        outer("pull_policy: daily"),
        outer("data: { seed: none }"),
        outer("ports: [{ target: 80, mode: host }]"),
        "registries: { hub: { mirror: docker.io, insecure: true } }".to_owned(),
        "{ environments: { one: { outer: dind }, two: { outer: dind, depends_on: { one: { required: false } } } } }".to_owned(),
        "secrets: { token: { external: true } }".to_owned(),
        "services: { web: { image: web, build: { tags: [other] } } }".to_owned(),
    ];
    for file in files {
        let shown = rendered(&read(file.clone()));
        assert!(
            shown.starts_with("nest::not_supported_yet"),
            "{file}\n{shown}"
        );
        assert_eq!(shown.matches("nest::").count(), 1, "{file}\n{shown}");
    }
}
