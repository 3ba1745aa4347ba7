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
fn sources_and_platforms_of_images_are_acted_on() {
    check(
        "\
images:
  - { image: app:dev, source: registry }
  - { image: two:dev, source: { build: . } }
  - { image: three:dev, platform: linux/arm64 }
",
        &expect![""],
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
        environment("volumes: [{ type: bind, source: ./x, target: /x, bind: { selinux: z } }]"),
        outer("pull_policy: daily"),
        outer("ports: [{ target: 80, mode: host }]"),
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

#[test]
fn what_engines_cannot_build_says_why_and_what_to_do() {
    check(
        "\
services:
  web:
    build:
      context: .
      platforms: [linux/amd64, linux/arm64]
      cache_from: [type=gha]
      cache_to: [type=inline, 'type=local,dest=./cache']
      no_cache_filter: test
  other:
    build: { context: 'ssh://git.example/x', additional_contexts: [base=./base], sbom: true }
",
        &expect![[r#"
            nest::not_supported_yet

              ⚠ an image for several platforms is not supported yet
               ╭─[/home/ann/ci/nest.yaml:5:18]
             4 │       context: .
             5 │       platforms: [linux/amd64, linux/arm64]
               ·                  ─────────────┬────────────
               ·                               ╰── nest does not act on this in this version
             6 │       cache_from: [type=gha]
               ╰────
              help: an engine builds for one platform at a time: leave one, or give each an image of its own

            nest::not_supported_yet

              ⚠ a cache that is no image is not supported yet
               ╭─[/home/ann/ci/nest.yaml:6:20]
             5 │       platforms: [linux/amd64, linux/arm64]
             6 │       cache_from: [type=gha]
               ·                    ────┬───
               ·                        ╰── nest does not act on this in this version
             7 │       cache_to: [type=inline, 'type=local,dest=./cache']
               ╰────
              help: engines reuse layers of images only: name one, as in `cache_from: [registry.example/
                    app:cache]`

            nest::not_supported_yet

              ⚠ a cache beside the image is not supported yet
               ╭─[/home/ann/ci/nest.yaml:7:31]
             6 │       cache_from: [type=gha]
             7 │       cache_to: [type=inline, 'type=local,dest=./cache']
               ·                               ────────────┬────────────
               ·                                           ╰── nest does not act on this in this version
             8 │       no_cache_filter: test
               ╰────
              help: engines write what later builds can reuse into the image only: `cache_to: [type=inline]`

            nest::not_supported_yet

              ⚠ `no_cache_filter` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:8:7]
             7 │       cache_to: [type=inline, 'type=local,dest=./cache']
             8 │       no_cache_filter: test
               ·       ───────┬───────
               ·              ╰── nest does not act on this in this version
             9 │   other:
               ╰────
              help: engines have no word for it where images are built; build it by `docker buildx build` and
                    list the image

            nest::not_supported_yet

              ⚠ a context of this kind is not supported yet
                ╭─[/home/ann/ci/nest.yaml:10:23]
              9 │   other:
             10 │     build: { context: 'ssh://git.example/x', additional_contexts: [base=./base], sbom: true }
                ·                       ──────────┬──────────
                ·                                 ╰── nest does not act on this in this version
                ╰────
              help: engines fetch from addresses that begin with `https://`, `http://`, `git://` or
                    `github.com/`

            nest::not_supported_yet

              ⚠ `additional_contexts` is not supported yet
                ╭─[/home/ann/ci/nest.yaml:10:46]
              9 │   other:
             10 │     build: { context: 'ssh://git.example/x', additional_contexts: [base=./base], sbom: true }
                ·                                              ─────────┬─────────
                ·                                                       ╰── nest does not act on this in this version
                ╰────
              help: engines have no word for it where images are built; build it by `docker buildx build` and
                    list the image

            nest::not_supported_yet

              ⚠ `sbom` is not supported yet
                ╭─[/home/ann/ci/nest.yaml:10:82]
              9 │   other:
             10 │     build: { context: 'ssh://git.example/x', additional_contexts: [base=./base], sbom: true }
                ·                                                                                  ──┬─
                ·                                                                                    ╰── nest does not act on this in this version
                ╰────
              help: engines have no word for it where images are built; build it by `docker buildx build` and
                    list the image
        "#]],
    );
}

#[test]
fn what_builds_have_anyway_is_no_part_to_come() {
    check(
        "\
secrets: { token: { environment: TOKEN } }
services:
  web:
    build:
      context: .
      tags: [web:1]
      platforms: [linux/amd64]
      cache_to: [type=inline]
      secrets: [token]
      ssh: [default, other=./agent.sock]
      network: host
      entitlements: [network.host]
      isolation: default
      privileged: false
      provenance: false
      sbom: false
",
        &expect![[r#"
            nest::material_missing

              ⚠ the secret `token` has no text: the variable `TOKEN` is not set
               ╭─[/home/ann/ci/nest.yaml:1:34]
             1 │ secrets: { token: { environment: TOKEN } }
               ·                                  ──┬──
               ·                                    ╰── not there now
             2 │ services:
               ╰────
              help: check the name, or provide it before services need it
        "#]],
    );
}
