//! Images, ports, sizes, durations and numbers.

use expect_test::expect;

use crate::problems::check;

#[test]
fn an_image_with_capitals() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner: { images: [Alpine] }
",
        &expect![[r#"
            nest::invalid_image

              × `Alpine` is no image reference: names of images are lower-case
               ╭─[/home/ann/ci/nest.yaml:4:23]
             3 │     outer: dind
             4 │     inner: { images: [Alpine] }
               ·                       ───┬──
               ·                          ╰── here
               ╰────
              help: an image is written `alpine:3.20`, `ghcr.io/owner/app:tag` or `name@sha256:…`
        "#]],
    );
}

#[test]
fn an_image_with_a_short_digest() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner: { images: [\"alpine@sha256:abc\"] }
",
        &expect![[r#"
            nest::invalid_image

              × `alpine@sha256:abc` is no image reference: the digest has not 64 lower-case hexadecimal digits
               ╭─[/home/ann/ci/nest.yaml:4:23]
             3 │     outer: dind
             4 │     inner: { images: ["alpine@sha256:abc"] }
               ·                       ─────────┬─────────
               ·                                ╰── here
               ╰────
              help: an image is written `alpine:3.20`, `ghcr.io/owner/app:tag` or `name@sha256:…`
        "#]],
    );
}

#[test]
fn a_port_that_is_none() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, ports: [\"http:80\"] }
",
        &expect![[r#"
            nest::invalid_port

              × `http:80` is no port: `http` is no number from 1 to 65535
               ╭─[/home/ann/ci/nest.yaml:3:34]
             2 │   builder:
             3 │     outer: { mode: dind, ports: ["http:80"] }
               ·                                  ────┬────
               ·                                      ╰── here
               ╰────
              help: a port is written `8080`, `"8080:80"`, `"127.0.0.1:8080:80"` or `"8000-8010:80-90/udp"`
        "#]],
    );
}

#[test]
fn a_range_of_ports_for_fewer_ports() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, ports: [\"8000-8002:80-81\"] }
",
        &expect![[r#"
            nest::invalid_port

              × `8000-8002:80-81` is no port: 3 ports of the host for 2 ports of the container
               ╭─[/home/ann/ci/nest.yaml:3:34]
             2 │   builder:
             3 │     outer: { mode: dind, ports: ["8000-8002:80-81"] }
               ·                                  ────────┬────────
               ·                                          ╰── here
               ╰────
              help: a port is written `8080`, `"8080:80"`, `"127.0.0.1:8080:80"` or `"8000-8010:80-90/udp"`
        "#]],
    );
}

#[test]
fn a_size_without_meaning() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, memory: 2 gigs }
",
        &expect![[r#"
            nest::invalid_size

              × `2 gigs` is no size: the unit is none of `b`, `k`, `m`, `g`, `t`, `p`
               ╭─[/home/ann/ci/nest.yaml:3:34]
             2 │   builder:
             3 │     outer: { mode: dind, memory: 2 gigs }
               ·                                  ───┬──
               ·                                     ╰── here
               ╰────
              help: a size is a number with a unit, `512m` or `1.5g`; the smallest limit of memory is `6m`
        "#]],
    );
}

#[test]
fn a_limit_of_memory_that_is_too_small() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, memory: 4 }
",
        &expect![[r#"
            nest::invalid_size

              × `4` is no size: engines need at least 6 MiB
               ╭─[/home/ann/ci/nest.yaml:3:34]
             2 │   builder:
             3 │     outer: { mode: dind, memory: 4 }
               ·                                  ┬
               ·                                  ╰── here
               ╰────
              help: a size is a number with a unit, `512m` or `1.5g`; the smallest limit of memory is `6m`
        "#]],
    );
}

#[test]
fn a_duration_without_a_unit() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, ready: 60 }
",
        &expect![[r#"
            nest::invalid_duration

              × `60` is no duration: a number has no unit
               ╭─[/home/ann/ci/nest.yaml:3:33]
             2 │   builder:
             3 │     outer: { mode: dind, ready: 60 }
               ·                                 ─┬
               ·                                  ╰── here
               ╰────
              help: a duration is written with units, `90s` or `1m30s`; units are `us`, `ms`, `s`, `m`, `h`
        "#]],
    );
}

#[test]
fn processors_that_are_no_number() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, cpus: many }
",
        &expect![[r#"
            nest::invalid_cpus

              × `many` is no number of processors: it is no number
               ╭─[/home/ann/ci/nest.yaml:3:32]
             2 │   builder:
             3 │     outer: { mode: dind, cpus: many }
               ·                                ──┬─
               ·                                  ╰── here
               ╰────
              help: write how many processors, `2` or `0.5`
        "#]],
    );
}

#[test]
fn too_many_replicas() {
    check(
        "\
environments:
  builder:
    outer: dind
    replicas: 2000
",
        &expect![[r#"
            nest::out_of_range

              × `replicas` takes a whole number from 0 to 1000, not `2000`
               ╭─[/home/ann/ci/nest.yaml:4:15]
             3 │     outer: dind
             4 │     replicas: 2000
               ·               ──┬─
               ·                 ╰── out of range
               ╰────
              help: choose a number in that range
        "#]],
    );
}

#[test]
fn an_image_listed_twice_under_two_names() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner: { images: [alpine, \"docker.io/library/alpine:latest\"] }
",
        &expect![[r#"
            nest::image_listed_twice

              × the image `alpine:latest` is listed twice
               ╭─[/home/ann/ci/nest.yaml:4:31]
             3 │     outer: dind
             4 │     inner: { images: [alpine, "docker.io/library/alpine:latest"] }
               ·                       ───┬──  ────────────────┬────────────────
               ·                          │                    ╰── listed again here
               ·                          ╰── first listed here
               ╰────
              help: keep one: an engine has one image of a name
        "#]],
    );
}
