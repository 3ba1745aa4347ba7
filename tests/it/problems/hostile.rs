//! Input that wants to hang, crash or flood: an error or a project, soon.

use std::fmt::Write;
use std::time::Duration;

use expect_test::expect;

use crate::front_end::{read, read_several, rendered};
use crate::processor::time_of_thread;

/// Reads a text and returns what a person sees. The limit is wide, for slow machines: what hangs would take hours.
#[track_caller]
fn soon(input: impl Into<Vec<u8>>) -> String {
    let start = time_of_thread();
    let result = read(input);
    let read = time_of_thread().saturating_sub(start);
    let shown = rendered(&result);
    let took = time_of_thread().saturating_sub(start);
    assert!(
        took < Duration::from_secs(30),
        "it took {read:?} to read, {took:?} to show"
    );
    shown
}

#[test]
fn aliases_of_aliases() {
    let mut input = "x-0: &a0 [dind, dind, dind, dind, dind, dind, dind, dind, dind]\n".to_owned();
    for level in 1..9 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 9].join(", ");
        writeln!(input, "x-{level}: &a{level} [{aliases}]").expect("text can grow");
    }
    expect![[r#"
        nest::too_many_aliases

          × the file grows too large when its aliases are written out
           ╭─[/home/ann/ci/nest.yaml:6:41]
         5 │ x-4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
         6 │ x-5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]
           ·                                         ─┬─
           ·                                          ╰── the limit is passed here
         7 │ x-6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5]
           ╰────
          help: with aliases written out, 500000 values are the most; use fewer of them, or smaller ones
    "#]]
    .assert_eq(&soon(input));
}

#[test]
fn brackets_ten_thousand_deep() {
    let input = format!(
        "environments: {}{}\n",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let shown = soon(input);
    assert!(shown.starts_with("nest::nested_too_deep"), "{shown}");
}

#[test]
fn indentation_three_thousand_deep() {
    let mut input = String::new();
    for level in 0..3_000 {
        writeln!(input, "{}k:", " ".repeat(level)).expect("text can grow");
    }
    let shown = soon(input);
    assert!(shown.starts_with("nest::nested_too_deep"), "{shown}");
}

#[test]
fn lists_in_lists_ten_thousand_deep() {
    let shown = soon("- ".repeat(10_000));
    assert!(shown.starts_with("nest::nested_too_deep"), "{shown}");
}

#[test]
fn defaults_ten_thousand_deep() {
    let input = format!(
        "environments:\n  builder:\n    outer: {{ mode: dind, hostname: \"{}x{}\" }}\n",
        "${A:-".repeat(10_000),
        "}".repeat(10_000)
    );
    assert!(soon(input).contains("nest::invalid_interpolation"));
}

#[test]
fn a_value_of_ten_million_bytes() {
    let input = format!(
        "environments:\n  builder: {{ outer: \"{}\" }}\n",
        "x".repeat(10_000_000)
    );
    assert!(soon(input).contains("nest::unknown_word"));
}

#[test]
fn ten_thousand_mistakes() {
    let mut input = "environments:\n".to_owned();
    for number in 0..10_000 {
        writeln!(
            input,
            "  env{number}: {{ outer: dind, replicas: many, volums: [] }}"
        )
        .expect("text can grow");
    }
    let shown = soon(input.as_str());
    assert!(shown.contains("19000 more are not shown"), "all are shown");
    let problems = read(input).expect_err("it is wrong").problems;
    let with_code = |code: &str| problems.iter().filter(|it| it.code_text() == code).count();
    assert_eq!(with_code("nest::unknown_key"), 10_000);
    assert_eq!(with_code("nest::wrong_type"), 10_000);
}

#[test]
fn two_thousand_unknown_names_among_two_thousand() {
    let mut input = "volumes:\n".to_owned();
    for number in 0..2_000 {
        writeln!(input, "  cache{number}: {{}}").expect("text can grow");
    }
    input.push_str("environments:\n  builder:\n    outer: dind\n    volumes:\n");
    for number in 0..2_000 {
        writeln!(input, "      - cahce{number}:/cache/{number}").expect("text can grow");
    }
    let shown = soon(input);
    assert!(shown.contains("1000 more are not shown"), "{shown}");
    assert!(shown.contains("did you mean `cache1`?"), "{shown}");
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    for written in [
        "\u{1b}[31mdind",
        "\\e[31mdind",
        "\\u009b31mdind",
        "dind\rdoom",
    ] {
        let shown = soon(format!(
            "environments: {{ builder: {{ outer: \"{written}\" }} }}\n"
        ));
        let harmless = |character: char| character == '\n' || !character.is_control();
        assert!(shown.chars().all(harmless), "{shown:?}");
    }
}

#[test]
fn control_characters_of_text_that_is_not_read_do_not_either() {
    let mut input = "environments: \u{9b}31m dind é \u{a9} ".as_bytes().to_vec();
    input.push(0xff);
    let shown = soon(input);
    let harmless = |character: char| character == '\n' || !character.is_control();
    assert!(shown.chars().all(harmless), "{shown:?}");
    assert!(
        shown.contains("environments: ??31m dind é \u{a9}"),
        "{shown}"
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let read = read("\u{feff}environments:\r\n  builder:\r\n    outer: dind\r\n");
    assert_eq!(
        read.expect("it is right").project.scope.environments.len(),
        1
    );
}

#[test]
fn more_values_than_people_write() {
    let input = format!("x-values: [{}]\n", "1, ".repeat(600_000));
    expect![[r#"
        nest::too_many_values

          × there are too many values
           ╭─[/home/ann/ci/nest.yaml:1:1500006]
         1 │ 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
           ·                                                                                                                         ┬
           ·                                                                                                                         ╰── no more is read from here on
           ╰────
          help: all files together may have 500000 values; is it the right file?
    "#]].assert_eq(&soon(input));
}

#[test]
fn depth_that_only_aliases_have() {
    let mut input = "x-0: &a0 [1]\n".to_owned();
    for level in 1..5_000 {
        let below = level - 1;
        let (open, close) = ("[".repeat(100), "]".repeat(100));
        writeln!(input, "x-{level}: &a{level} {open}*a{below}{close}").expect("text can grow");
    }
    let shown = soon(input);
    assert!(shown.starts_with("nest::nested_too_deep"), "{shown}");
}

#[test]
fn an_alias_of_a_long_text() {
    let mut input = format!("x-text: &text {}\nx-list:\n", "x".repeat(4_000_000));
    input.push_str(&"  - *text\n".repeat(100_000));
    let shown = soon(input);
    assert!(shown.starts_with("nest::too_many_aliases"), "{shown}");
}

#[test]
fn a_merged_key_of_a_long_text() {
    let mut input = format!("x-0: &a {{ ? {} : 1 }}\n", "x".repeat(4_000_000));
    for number in 1..20_000 {
        writeln!(input, "x-{number}: {{ <<: *a }}").expect("text can grow");
    }
    let shown = soon(input);
    assert!(shown.starts_with("nest::too_many_aliases"), "{shown}");
}

#[test]
fn variables_that_double_line_by_line() {
    let mut variables = "A0=xxxxxxxxxx\n".to_owned();
    for line in 1..64 {
        let above = line - 1;
        writeln!(variables, "A{line}=${{A{above}}}$A{above}").expect("text can grow");
    }
    let file = "environments: { builder: { outer: { mode: dind, hostname: $A63 } } }\n";
    let table = [
        ("/home/ann/ci/nest.yaml", file),
        ("/home/ann/ci/.env", &variables),
    ];
    let result = read_several(&table, &["/home/ann/ci/nest.yaml"], &[]);
    let shown = rendered(&result);
    assert!(shown.contains("nest::invalid_env_file"), "{shown}");
}

#[test]
fn a_long_variable_many_times() {
    let variables = format!("A={}\n", "x".repeat(100_000));
    let file = format!(
        "name: ci\nenvironments: {{ builder: {{ outer: {{ mode: dind, hostname: {} }} }} }}\n",
        "$A".repeat(100_000)
    );
    let table = [
        ("/home/ann/ci/nest.yaml", file.as_str()),
        ("/home/ann/ci/.env", &variables),
    ];
    let result = read_several(&table, &["/home/ann/ci/nest.yaml"], &[]);
    let shown = rendered(&result);
    assert!(shown.contains("nest::value_too_long"), "{shown}");
    let file = file.replace(&"$A".repeat(100_000), &"$A".repeat(11));
    let table = [
        ("/home/ann/ci/nest.yaml", file.as_str()),
        ("/home/ann/ci/.env", &variables),
    ];
    expect![[r#"
        nest::value_too_long

          × the value is too long with its variables filled in
           ╭─[/home/ann/ci/nest.yaml:2:59]
         1 │ name: ci
         2 │ environments: { builder: { outer: { mode: dind, hostname: $A$A$A$A$A$A$A$A$A$A$A } } }
           ·                                                           ───────────┬──────────
           ·                                                                      ╰── this becomes too long
           ╰────
          help: use fewer variables, or shorter ones; long text belongs into a file of its own
    "#]].assert_eq(&rendered(&read_several(
        &table,
        &["/home/ann/ci/nest.yaml"],
        &[],
    )));
}

#[test]
fn a_hundred_messages_of_a_long_variable() {
    let variables = format!("A={}\n", "x".repeat(1_000_000));
    let messages = "    - ${UNSET:?$A}\n".repeat(1_000);
    let file = format!("environments:\n  builder:\n    outer: dind\n    volumes:\n{messages}");
    let table = [
        ("/home/ann/ci/nest.yaml", file.as_str()),
        ("/home/ann/ci/.env", &variables),
    ];
    let result = read_several(&table, &["/home/ann/ci/nest.yaml"], &[]);
    assert!(rendered(&result).contains("nest::value_too_long"));
}
