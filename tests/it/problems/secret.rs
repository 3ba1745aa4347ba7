//! Secrets and where they come from.

use expect_test::expect;
use nest::model::value::TextValue;

use crate::front_end::{read_files, rendered};
use crate::problems::check;
use crate::project::project;

#[test]
fn secrets_that_cannot_be_had() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      environment:
        ONE: { env: NOT_THERE }
        TWO: { file: ./token.txt }
        THREE: { env: SET, file: ./token.txt }
        FOUR: {}
        FIVE: { env: }
        SIX: { evn: SET }
",
        &expect![[r#"
            nest::secret_not_set

              × the variable `NOT_THERE`, which holds a secret, is not set
               ╭─[/home/ann/ci/nest.yaml:6:21]
             5 │       environment:
             6 │         ONE: { env: NOT_THERE }
               ·                     ────┬────
               ·                         ╰── not set
             7 │         TWO: { file: ./token.txt }
               ╰────
              help: set it in the environment, or in a file `.env` that is not committed: `NOT_THERE=…`

            nest::unreadable_secret

              × cannot read the secret in `./token.txt`: entity not found
               ╭─[/home/ann/ci/nest.yaml:7:22]
             6 │         ONE: { env: NOT_THERE }
             7 │         TWO: { file: ./token.txt }
               ·                      ─────┬─────
               ·                           ╰── this file
             8 │         THREE: { env: SET, file: ./token.txt }
               ╰────
              help: check the path, which is seen from the file that writes it, and its permissions

            nest::conflicting_keys

              × a secret takes only one of `env` and `file`
               ╭─[/home/ann/ci/nest.yaml:8:18]
             7 │         TWO: { file: ./token.txt }
             8 │         THREE: { env: SET, file: ./token.txt }
               ·                  ─┬─       ──┬─
               ·                   │          ╰── or this
               ·                   ╰── either this
             9 │         FOUR: {}
               ╰────
              help: keep the one that you mean

            nest::missing_key

              × a secret has no `env`
                ╭─[/home/ann/ci/nest.yaml:9:15]
              8 │         THREE: { env: SET, file: ./token.txt }
              9 │         FOUR: {}
                ·               ─┬
                ·                ╰── `env` is missing here
             10 │         FIVE: { env: }
                ╰────
              help: say which variable holds it, `{ env: NAME }`, or which file, `{ file: PATH }`

            nest::missing_key

              × a secret has no `env`
                ╭─[/home/ann/ci/nest.yaml:10:17]
              9 │         FOUR: {}
             10 │         FIVE: { env: }
                ·                 ─┬─
                ·                  ╰── `env` is missing here
             11 │         SIX: { evn: SET }
                ╰────
              help: write it: `{ env: NAME }`

            nest::missing_key

              × a secret has no `env`
                ╭─[/home/ann/ci/nest.yaml:11:14]
             10 │         FIVE: { env: }
             11 │         SIX: { evn: SET }
                ·              ──────┬─────
                ·                    ╰── `env` is missing here
                ╰────
              help: say which variable holds it, `{ env: NAME }`, or which file, `{ file: PATH }`

            nest::unknown_key

              × unknown key `evn`
                ╭─[/home/ann/ci/nest.yaml:11:16]
             10 │         FIVE: { env: }
             11 │         SIX: { evn: SET }
                ·                ─┬─
                ·                 ╰── not known here
                ╰────
              help: did you mean `env`?
        "#]],
    );
}

#[test]
fn the_value_of_a_secret_is_in_no_debug_form_and_in_no_output() {
    let files = vec![
        (
            "/home/ann/ci/nest.yaml",
            b"\
registries: { hub: { mirror: docker.io, environment: { A: { file: ../t } } } }
volumes: { one: { driver_opts: { smb_password: $SET-hunter }, labels: [api_key=$SET-hunter] } }
environments:
  builder:
    outer: { mode: dind, environment: { A: { file: ../t }, B_TOKEN: $SET-hunter }, daemon: { A: { file: ../t }, b-key: $SET-hunter } }
images: [{ image: a, source: { build: { args: { A: { file: ../t }, B_KEY: $SET-hunter } } } }]
"
            .to_vec(),
        ),
        ("/home/ann/t", b"hunter2\n".to_vec()),
    ];
    let read = read_files(files, None);
    let shown = rendered(&read);
    let read = read.expect("it is valid");
    let written = read.project.written().to_string();
    for text in [&format!("{read:?}"), &shown, &written] {
        assert!(
            !text.contains("hunter2") && !text.contains("yes-hunter"),
            "{text}"
        );
    }
    let file = "{\"file\":\"/home/ann/t\"}";
    assert_eq!(written.matches(file).count(), 4, "{written}");
    assert_eq!(written.matches("(sensitive value)").count(), 5, "{written}");
    let paths = read.paths.iter().filter(|path| path.ends_with("t")).count();
    assert!(paths > 0, "a file with a secret is one that was read");
}

#[test]
fn a_secret_is_the_text_without_the_line_break_at_its_end() {
    let files = vec![
        (
            "/home/ann/ci/nest.yaml",
            b"environments: { builder: { outer: { mode: dind, environment: { A: { file: ../t }, B: { env: SET } } } } }"
                .to_vec(),
        ),
        ("/home/ann/t", b"one\ntwo\r\n".to_vec()),
    ];
    let project = read_files(files, None).expect("it is valid").project;
    let environment = &project.scope.environments[0].outer.container.environment;
    let values: Vec<&str> = environment.values().map(TextValue::reveal).collect();
    assert_eq!(values, ["one\ntwo", "yes"]);
}

#[test]
fn a_dollar_sign_of_its_own_makes_no_secret() {
    let project = project(
        "environments: { builder: { outer: { mode: dind, environment: { A_KEY: a$$b } } } }",
    );
    let environment = &project.scope.environments[0].outer.container.environment;
    assert_eq!(environment["A_KEY"], "a$b");
}

#[test]
fn a_password_as_text_is_shown_nowhere() {
    check(
        "\
registries:
  one: { mirror: docker.io, username: ann, password: hunter2 }
  two: { mirror: docker.io, username: ann, password: $SET }
",
        &expect![[r#"
            nest::password_as_text

              × a password is written as text
               ╭─[/home/ann/ci/nest.yaml:2:54]
             1 │ registries:
             2 │   one: { mirror: docker.io, username: ann, password: ******* }
               ·                                                      ───┬───
               ·                                                         ╰── the text is not shown
             3 │   two: { mirror: docker.io, username: ann, password: **** }
               ╰────
              help: say where it comes from: `password: { env: NAME }`, or `password: { file: PATH }`

            nest::password_as_text

              × a password is written as text
               ╭─[/home/ann/ci/nest.yaml:3:54]
             2 │   one: { mirror: docker.io, username: ann, password: ******* }
             3 │   two: { mirror: docker.io, username: ann, password: **** }
               ·                                                      ──┬─
               ·                                                        ╰── the text is not shown
               ╰────
              help: say where it comes from: `password: { env: NAME }`, or `password: { file: PATH }`
        "#]],
    );
}

#[test]
fn a_password_of_another_form_is_shown_nowhere() {
    check(
        "\
registries:
  one: { mirror: docker.io, username: ann, password: [hunter2] }
  two: { mirror: docker.io, username: ann, password: { value: hunter2 } }
",
        &expect![[r#"
            nest::password_as_text

              × a password is written as text
               ╭─[/home/ann/ci/nest.yaml:2:54]
             1 │ registries:
             2 │   one: { mirror: docker.io, username: ann, password: ********* }
               ·                                                      ────┬────
               ·                                                          ╰── the text is not shown
             3 │   two: { mirror: docker.io, username: ann, password: { value: ******* } }
               ╰────
              help: say where it comes from: `password: { env: NAME }`, or `password: { file: PATH }`

            nest::missing_key

              × a secret has no `env`
               ╭─[/home/ann/ci/nest.yaml:3:54]
             2 │   one: { mirror: docker.io, username: ann, password: ********* }
             3 │   two: { mirror: docker.io, username: ann, password: { value: ******* } }
               ·                                                      ─────────┬────────
               ·                                                               ╰── `env` is missing here
               ╰────
              help: say which variable holds it, `{ env: NAME }`, or which file, `{ file: PATH }`

            nest::unknown_key

              × unknown key `value`
               ╭─[/home/ann/ci/nest.yaml:3:56]
             2 │   one: { mirror: docker.io, username: ann, password: ********* }
             3 │   two: { mirror: docker.io, username: ann, password: { value: ******* } }
               ·                                                        ──┬──
               ·                                                          ╰── not known here
               ╰────
              help: known here: `env`, `file`
        "#]],
    );
}

#[test]
fn known_tokens_are_found_by_their_whole_shape() {
    let mixed = "aB3dE5gH7jK9mN1pQ2".repeat(10);
    let capitals = "A2B4C6D8E1F3G5H7".repeat(5);
    let tokens = [
        ("ghp_", 36),
        ("glpat-", 20),
        ("dckr_pat_", 27),
        ("dckr_oat_", 32),
        ("npm_", 36),
        ("pypi-AgEIcHlwaS5vcmc", 120),
        ("xoxb-", 50),
        ("AIza", 35),
        ("hvs.", 95),
        ("sk-proj-", 60),
        ("sk_live_", 24),
        ("hf_", 34),
    ];
    let mut texts: Vec<String> = tokens
        .iter()
        .map(|(start, follow)| format!("{start}{}", &mixed[..*follow]))
        .collect();
    texts.push(format!("AKIA{}", &capitals[..16]));
    for text in &texts {
        let shown = rendered(&read_files(
            vec![(
                "/home/ann/ci/nest.yaml",
                format!("x-mine: {{ note: '{text}' }}").into_bytes(),
            )],
            None,
        ));
        assert!(
            shown.starts_with("nest::token_written_inline"),
            "{text}\n{shown}"
        );
        assert!(!shown.contains(text.as_str()), "{shown}");
    }
    let harmless = [
        "npm_config_registry=https://registry.example/some/very/long/path/to/it".to_owned(),
        "hf_home_is_a_folder_of_the_cache_that_is_long".to_owned(),
        "sk-proj-example".to_owned(),
        "xoxb-token-goes-here".to_owned(),
        "AIzawa-sama".to_owned(),
        format!("AKIA{}", &capitals[..20]),
        format!("task-AKIA{}", &capitals[..16]),
        "pypi-server-of-the-company-that-mirrors-everything-we-need-for-builds".to_owned(),
    ];
    for text in harmless {
        let shown = rendered(&read_files(
            vec![(
                "/home/ann/ci/nest.yaml",
                format!("x-mine: {{ note: '{text}' }}").into_bytes(),
            )],
            None,
        ));
        assert!(shown.is_empty(), "{text}\n{shown}");
    }
}

#[test]
fn secrets_that_only_a_swarm_has() {
    check(
        "\
secrets: { token: { external: true } }
configs: { app: { external: false, content: a } }
",
        &expect![[r#"
            nest::external_material

              × the secret `token` is `external`, and engines keep no secrets and configs of their own
               ╭─[/home/ann/ci/nest.yaml:1:31]
             1 │ secrets: { token: { external: true } }
               ·                               ──┬─
               ·                                 ╰── only a swarm has these
             2 │ configs: { app: { external: false, content: a } }
               ╰────
              help: say where it comes from: `file: ./token`, or `environment: TOKEN`
        "#]],
    );
}
