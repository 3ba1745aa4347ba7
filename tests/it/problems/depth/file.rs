//! Files and folders that are handed down.

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn secrets_and_configs_have_one_source_that_is_there() {
    check(
        "\
secrets:
  token: { file: ./token.txt }
  other: { environment: NOT_SET }
  two: { file: ./a, environment: SET }
configs:
  none: {}
  text: { content: a = 1 }
  theirs: { external: true, name: team-config }
",
        &expect![[r#"
            nest::material_missing

              ⚠ the secret `other` has no text: the variable `NOT_SET` is not set
               ╭─[/home/ann/ci/nest.yaml:3:25]
             2 │   token: { file: ./token.txt }
             3 │   other: { environment: NOT_SET }
               ·                         ───┬───
               ·                            ╰── not there now
             4 │   two: { file: ./a, environment: SET }
               ╰────
              help: check the name, or provide it before services need it

            nest::conflicting_keys

              × the secret `two` takes only one of `file`, `environment` and `external`
               ╭─[/home/ann/ci/nest.yaml:4:10]
             3 │   other: { environment: NOT_SET }
             4 │   two: { file: ./a, environment: SET }
               ·          ──┬─       ─────┬─────
               ·            │             ╰── or this
               ·            ╰── either this
             5 │ configs:
               ╰────
              help: keep the one that you mean

            nest::missing_key

              × the config `none` has no `file`
               ╭─[/home/ann/ci/nest.yaml:6:3]
             5 │ configs:
             6 │   none: {}
               ·   ──┬─
               ·     ╰── `file` is missing here
             7 │   text: { content: a = 1 }
               ╰────
              help: say where it comes from: one of `file`, `environment`, `content` and `external`

            nest::external_material

              × the config `theirs` is `external`, and engines keep no secrets and configs of their own
               ╭─[/home/ann/ci/nest.yaml:8:23]
             7 │   text: { content: a = 1 }
             8 │   theirs: { external: true, name: team-config }
               ·                       ──┬─
               ·                         ╰── only a swarm has these
               ╰────
              help: say where it comes from: `file: ./token`, or `environment: TOKEN`
        "#]],
    );
}

#[test]
fn a_folder_that_memory_would_hide_is_handed_down_beside_it() {
    let file = "
environments:
  builder:
    outer: dind
    inner: { environments: { deeper: { outer: dind, volumes: ['../../../tmp/src:/src'] } } }
";
    let first = read(file).unwrap_or_else(|_| panic!("{}", rendered(&read(file))));
    let printed = serde_yaml::to_string(&first.project.written()).expect("it is YAML");
    for line in [
        "source: /tmp/src",
        "target: /host/tmp/src",
        "source: /host/tmp/src",
    ] {
        assert!(printed.contains(line), "no `{line}`: {printed}");
    }
    let second = read(printed.as_bytes());
    let second =
        second.unwrap_or_else(|_| panic!("{printed}\n{}", rendered(&read(printed.as_bytes()))));
    assert_eq!(first.project.scope, second.project.scope);
}
