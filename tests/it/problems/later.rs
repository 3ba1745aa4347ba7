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
fn options_of_mounts() {
    check(
        "\
volumes: { cache: {} }
environments:
  one:
    outer: dind
    volumes:
      - /data
      - cache:/cache:ro,nocopy
      - ./src:/src:rslave,z
      - { type: volume, target: /own }
",
        &expect![[r#"
            nest::not_supported_yet

              ⚠ the option `z` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:8:20]
             7 │       - cache:/cache:ro,nocopy
             8 │       - ./src:/src:rslave,z
               ·                    ────┬───
               ·                        ╰── nest does not act on this in this version
             9 │       - { type: volume, target: /own }
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
        environment("volumes: [{ type: bind, source: ./x, target: /x, bind: { selinux: z } }]"),
        outer("pull_policy: daily"),
        outer("ports: [{ target: 80, mode: host }]"),
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
