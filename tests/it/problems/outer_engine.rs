//! Outer engines besides the one that nest connects to.

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn an_engine_that_is_not_declared() {
    check(
        "\
engines: { builder-machine: { context: builders } }
environments:
  one: { outer: dind, engine: bilder-machine }
",
        &expect![[r#"
            nest::undeclared_engine

              × no engine `bilder-machine` is declared
               ╭─[/home/ann/ci/nest.yaml:3:31]
             1 │ engines: { builder-machine: { context: builders } }
               · ───┬───
               ·    ╰── the engines of this file
             2 │ environments:
             3 │   one: { outer: dind, engine: bilder-machine }
               ·                               ───────┬──────
               ·                                      ╰── used here
               ╰────
              help: did you mean `builder-machine`?
        "#]],
    );
}

#[test]
fn an_engine_of_an_environment_inside() {
    check(
        "\
engines: { arm: { host: \"ssh://ci@arm.example\" } }
environments:
  one: { outer: dind, inner: { environments: { two: { outer: dind, engine: arm } } } }
",
        &expect![[r#"
            nest::engine_inside

              × an environment inside an environment lives on the engine of that one
               ╭─[/home/ann/ci/nest.yaml:3:68]
             2 │ environments:
             3 │   one: { outer: dind, inner: { environments: { two: { outer: dind, engine: arm } } } }
               ·                 ──┬─                                               ───┬──
               ·                   │                                                   ╰── no choice here
               ·                   ╰── inside this one
               ╰────
              help: remove `engine` here: the outermost environment says on which outer engine all of it lives
        "#]],
    );
}

#[test]
fn a_volume_on_two_engines() {
    check(
        "\
engines: { arm: { host: \"ssh://ci@arm.example\" } }
volumes: { cache: {} }
environments:
  one: { outer: dind, volumes: [cache:/cache] }
  two: { outer: dind, volumes: [cache:/cache], engine: arm }
  three: { outer: dind, engine: default, volumes: [cache:/cache] }
",
        &expect![[r#"
            nest::volume_on_two_engines

              × the volume `cache` would be on two engines
               ╭─[/home/ann/ci/nest.yaml:5:3]
             3 │ environments:
             4 │   one: { outer: dind, volumes: [cache:/cache] }
               ·   ─┬─
               ·    ╰── used here, on one engine
             5 │   two: { outer: dind, volumes: [cache:/cache], engine: arm }
               ·   ─┬─
               ·    ╰── used here too, on another
             6 │   three: { outer: dind, engine: default, volumes: [cache:/cache] }
               ╰────
              help: declare a volume for each engine, or let both environments live on one
        "#]],
    );
}

#[test]
fn addresses_of_engines() {
    check(
        "\
engines:
  one: { host: \"ftp://one.example\" }
  two: { host: \"tcp://ann:secret@two.example\" }
  three: { context: builders, host: \"unix:///run/docker.sock\" }
  four: {}
  five: { host: \"tcp://five.example\", tls: { ca: ca.pem } }
",
        &expect![[r#"
            nest::invalid_engine_address

              × `ftp://one.example` is no address of an engine: engines are not reached by `ftp://`
               ╭─[/home/ann/ci/nest.yaml:2:16]
             1 │ engines:
             2 │   one: { host: "ftp://one.example" }
               ·                ─────────┬─────────
               ·                         ╰── here
             3 │   two: { host: "tcp://**********@two.example" }
               ╰────
              help: write it as `DOCKER_HOST` has it: `unix:///var/run/docker.sock`, `tcp://HOST:2376`,
                    `ssh://USER@HOST`

            nest::invalid_engine_address

              × `tcp://…@two.example` is no address of an engine: it holds a password
               ╭─[/home/ann/ci/nest.yaml:3:16]
             2 │   one: { host: "ftp://one.example" }
             3 │   two: { host: "tcp://**********@two.example" }
               ·                ───────────────┬──────────────
               ·                               ╰── here
             4 │   three: { context: builders, host: "unix:///run/docker.sock" }
               ╰────
              help: write it as `DOCKER_HOST` has it: `unix:///var/run/docker.sock`, `tcp://HOST:2376`,
                    `ssh://USER@HOST`

            nest::conflicting_keys

              × an engine takes only one of `context` and `host`
               ╭─[/home/ann/ci/nest.yaml:4:12]
             3 │   two: { host: "tcp://**********@two.example" }
             4 │   three: { context: builders, host: "unix:///run/docker.sock" }
               ·            ───┬───            ──┬─
               ·               │                 ╰── or this
               ·               ╰── either this
             5 │   four: {}
               ╰────
              help: keep the one that you mean

            nest::missing_key

              × the engine `four` has no `host`
               ╭─[/home/ann/ci/nest.yaml:5:3]
             4 │   three: { context: builders, host: "unix:///run/docker.sock" }
             5 │   four: {}
               ·   ──┬─
               ·     ╰── `host` is missing here
             6 │   five: { host: "tcp://five.example", tls: { ca: ca.pem } }
               ╰────
              help: say how it is reached: `{ context: NAME }`, or `{ host: ADDRESS }`

            nest::missing_key

              × `tls` has no `cert`
               ╭─[/home/ann/ci/nest.yaml:6:39]
             5 │   four: {}
             6 │   five: { host: "tcp://five.example", tls: { ca: ca.pem } }
               ·                                       ─┬─
               ·                                        ╰── `cert` is missing here
               ╰────
              help: name the file: `cert: ./certs/cert.pem`

            nest::missing_key

              × `tls` has no `key`
               ╭─[/home/ann/ci/nest.yaml:6:39]
             5 │   four: {}
             6 │   five: { host: "tcp://five.example", tls: { ca: ca.pem } }
               ·                                       ─┬─
               ·                                        ╰── `key` is missing here
               ╰────
              help: name the file: `key: ./certs/key.pem`
        "#]],
    );
}

#[test]
fn an_engine_that_cannot_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = "name: test\nengines:\n  default: { context: builders }\n";
    std::fs::write(folder.path().join("nest.yaml"), file).expect("it can be written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nest"));
    let variables = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"];
    for variable in variables {
        command.env_remove(variable);
    }
    let command = command.arg("plan").current_dir(folder.path());
    let output = command.env("HOME", folder.path()).output();
    let output = output.expect("nest starts");
    assert_eq!(output.status.code(), Some(3));
    expect![[r#"
        nest::unusable_engine

          × cannot use context `builders` (from `engines.default`)
           ╭─[nest.yaml:3:23]
         2 │ engines:
         3 │   default: { context: builders }
           ·                       ────┬───
           ·                           ╰── there is no such docker context; `docker context ls` lists them
           ╰────
          help: mend it, or name another engine with `--host`, `--context` or `DOCKER_HOST`: they win over
                the file
        error: the file has 1 problem
    "#]].assert_eq(&String::from_utf8_lossy(&output.stderr));
}

#[test]
fn environments_on_several_engines() {
    let found = rendered(&read(
        "\
engines: { default: { context: builders }, arm: { host: \"ssh://ci@arm.example\" } }
environments:
  here: { outer: dind, engine: default }
  there: { outer: dind, engine: arm }
services:
  job: { image: alpine, docker_host: there, depends_on: [there] }
",
    ));
    assert_eq!(found, "");
}

#[test]
fn what_waits_for_something_on_another_engine() {
    check(
        "\
engines: { arm: { host: \"ssh://ci@arm.example\" } }
environments:
  here: { outer: dind, depends_on: [there] }
  there: { outer: dind, engine: arm }
services:
  job: { image: alpine, docker_host: there }
  near: { image: alpine, network_mode: \"service:job\" }
",
        &expect![[r#"
            nest::dependency_across_engines

              × `here` and `there` are on different engines
               ╭─[/home/ann/ci/nest.yaml:3:37]
             2 │ environments:
             3 │   here: { outer: dind, depends_on: [there] }
               ·                                     ──┬──
               ·                                       ╰── this one is on another engine
             4 │   there: { outer: dind, engine: arm }
               ╰────
              help: let both live on one engine, or let them do without each other

            nest::dependency_across_engines

              × `near` and `job` are on different engines
               ╭─[/home/ann/ci/nest.yaml:7:40]
             6 │   job: { image: alpine, docker_host: there }
             7 │   near: { image: alpine, network_mode: "service:job" }
               ·                                        ──────┬──────
               ·                                              ╰── this one is on another engine
               ╰────
              help: let both live on one engine, or let them do without each other
        "#]],
    );
}

#[test]
fn a_volume_of_a_service_on_two_engines() {
    check(
        "\
engines: { arm: { host: \"ssh://ci@arm.example\" } }
volumes: { cache: {} }
environments:
  one: { outer: dind, volumes: [cache:/cache] }
  two: { outer: dind, engine: arm }
services:
  job: { image: alpine, docker_host: two, volumes: [cache:/cache] }
",
        &expect![[r#"
            nest::volume_on_two_engines

              × the volume `cache` would be on two engines
               ╭─[/home/ann/ci/nest.yaml:7:3]
             3 │ environments:
             4 │   one: { outer: dind, volumes: [cache:/cache] }
               ·   ─┬─
               ·    ╰── used here, on one engine
             5 │   two: { outer: dind, engine: arm }
             6 │ services:
             7 │   job: { image: alpine, docker_host: two, volumes: [cache:/cache] }
               ·   ─┬─
               ·    ╰── used here too, on another
               ╰────
              help: declare a volume for each engine, or let both environments live on one
        "#]],
    );
}
