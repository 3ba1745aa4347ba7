//! How images are built.

use expect_test::expect;

use crate::problems::check;

#[test]
fn sources_that_are_two_or_none() {
    check(
        "\
images:
  - { image: one, source: { archive: one.tar, build: . } }
  - { image: two, source: build }
  - { image: three, source: {} }
",
        &expect![[r#"
            nest::conflicting_keys

              × an image's source takes only one of `archive` and `build`
               ╭─[/home/ann/ci/nest.yaml:2:29]
             1 │ images:
             2 │   - { image: one, source: { archive: one.tar, build: . } }
               ·                             ───┬───           ──┬──
               ·                                │                ╰── or this
               ·                                ╰── either this
             3 │   - { image: two, source: build }
               ╰────
              help: keep the one that you mean

            nest::unknown_word

              × `source` does not take `build`
               ╭─[/home/ann/ci/nest.yaml:3:27]
             2 │   - { image: one, source: { archive: one.tar, build: . } }
             3 │   - { image: two, source: build }
               ·                           ──┬──
               ·                             ╰── not known here
             4 │   - { image: three, source: {} }
               ╰────
              help: say of what: `source: { build: . }`

            nest::missing_key

              × the image's source has no `archive`
               ╭─[/home/ann/ci/nest.yaml:4:29]
             3 │   - { image: two, source: build }
             4 │   - { image: three, source: {} }
               ·                             ─┬
               ·                              ╰── `archive` is missing here
               ╰────
              help: name the file, `source: { archive: images/app.tar }`, or say how it is built, `source:
                    { build: . }`
        "#]],
    );
}

#[test]
fn keys_of_a_build() {
    check(
        "\
images:
  - image: three
    source:
      build: { dockerfile: Dockerfile, dockerfile_inline: FROM scratch, contxt: . }
",
        &expect![[r#"
            nest::conflicting_keys

              × a build takes only one of `dockerfile` and `dockerfile_inline`
               ╭─[/home/ann/ci/nest.yaml:4:16]
             3 │     source:
             4 │       build: { dockerfile: Dockerfile, dockerfile_inline: FROM scratch, contxt: . }
               ·                ─────┬────              ────────┬────────
               ·                     │                          ╰── or this
               ·                     ╰── either this
               ╰────
              help: keep the one that you mean

            nest::unknown_key

              × unknown key `contxt`
               ╭─[/home/ann/ci/nest.yaml:4:73]
             3 │     source:
             4 │       build: { dockerfile: Dockerfile, dockerfile_inline: FROM scratch, contxt: . }
               ·                                                                         ───┬──
               ·                                                                            ╰── not known here
               ╰────
              help: did you mean `context`?
        "#]],
    );
}

#[test]
fn values_of_a_build() {
    check(
        "\
images:
  - image: three
    source:
      build:
        shm_size: much
        ulimits: { nofile: { soft: 20, hard: 10 }, nproc: many }
        extra_hosts: [registry.example, \"a=b\"]
        secrets: [{ source: token, mode: \"9\" }]
",
        &expect![[r#"
            nest::invalid_size

              × `much` is no size: it does not start with a number
               ╭─[/home/ann/ci/nest.yaml:5:19]
             4 │       build:
             5 │         shm_size: much
               ·                   ──┬─
               ·                     ╰── here
             6 │         ulimits: { nofile: { soft: 20, hard: 10 }, nproc: many }
               ╰────
              help: a size is a number with a unit, `512m` or `1.5g`; the smallest limit of memory is `6m`

            nest::contradicting_limits

              × `soft` is above `hard`
               ╭─[/home/ann/ci/nest.yaml:6:36]
             5 │         shm_size: much
             6 │         ulimits: { nofile: { soft: 20, hard: 10 }, nproc: many }
               ·                                    ─┬        ─┬
               ·                                     │         ╰── the other
               ·                                     ╰── above the other
             7 │         extra_hosts: [registry.example, "a=b"]
               ╰────
              help: lower `soft`, or raise `hard`

            nest::invalid_value

              × `nproc` does not take `many`: it is no whole number
               ╭─[/home/ann/ci/nest.yaml:6:59]
             5 │         shm_size: much
             6 │         ulimits: { nofile: { soft: 20, hard: 10 }, nproc: many }
               ·                                                           ──┬─
               ·                                                             ╰── here
             7 │         extra_hosts: [registry.example, "a=b"]
               ╰────
              help: write a whole number, or `-1` for no limit

            nest::invalid_value

              × `extra_hosts` does not take `registry.example`: there is no address after the name
               ╭─[/home/ann/ci/nest.yaml:7:23]
             6 │         ulimits: { nofile: { soft: 20, hard: 10 }, nproc: many }
             7 │         extra_hosts: [registry.example, "a=b"]
               ·                       ────────┬───────
               ·                               ╰── here
             8 │         secrets: [{ source: token, mode: "9" }]
               ╰────
              help: write `registry.example=10.0.0.5`, or `host.docker.internal=host-gateway` for the engine's
                    host

            nest::invalid_value

              × `extra_hosts` does not take `a=b`: `b` is neither an address nor `host-gateway`
               ╭─[/home/ann/ci/nest.yaml:7:41]
             6 │         ulimits: { nofile: { soft: 20, hard: 10 }, nproc: many }
             7 │         extra_hosts: [registry.example, "a=b"]
               ·                                         ──┬──
               ·                                           ╰── here
             8 │         secrets: [{ source: token, mode: "9" }]
               ╰────
              help: write `registry.example=10.0.0.5`, or `host.docker.internal=host-gateway` for the engine's
                    host

            nest::undeclared_in_scope

              × no secret `token` is declared
               ╭─[/home/ann/ci/nest.yaml:8:29]
             7 │         extra_hosts: [registry.example, "a=b"]
             8 │         secrets: [{ source: token, mode: "9" }]
               ·                             ──┬──
               ·                               ╰── used here
               ╰────
              help: declare it in this scope: `secrets: { token: { file: ./token } }`

            nest::invalid_value

              × `mode` does not take `9`: it is not written in octal digits, 0 to 7
               ╭─[/home/ann/ci/nest.yaml:8:42]
             7 │         extra_hosts: [registry.example, "a=b"]
             8 │         secrets: [{ source: token, mode: "9" }]
               ·                                          ─┬─
               ·                                           ╰── here
               ╰────
              help: write octal digits: `0440`
        "#]],
    );
}
