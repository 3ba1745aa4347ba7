//! Input that wants to hang, crash or flood: an error or a project, soon.

use std::fmt::Write;
use std::time::{Duration, Instant};

use expect_test::expect;

use crate::front_end::{read, rendered};

/// Reads a text and returns what a person sees. The limit is wide, for slow machines: what hangs would take hours.
#[track_caller]
fn soon(input: impl Into<Vec<u8>>) -> String {
    let start = Instant::now();
    let result = read(input);
    let read = start.elapsed();
    let shown = rendered(&result);
    let took = start.elapsed();
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
           ╭─[/home/ann/ci/nest.yaml:6:36]
         5 │ x-4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
         6 │ x-5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]
           ·                                    ─┬─
           ·                                     ╰── the limit is passed here
         7 │ x-6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5]
           ╰────
          help: aliases may stand for 500000 values in all; use fewer of them, or smaller ones
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
    let shown = soon(input);
    assert_eq!(shown.matches("nest::unknown_key").count(), 10_000);
    assert_eq!(shown.matches("nest::wrong_type").count(), 10_000);
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
    assert_eq!(
        soon(input).matches("nest::undeclared_volume").count(),
        2_000
    );
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    for written in ["\u{1b}[31mdind", "\\e[31mdind", "\\u009b31mdind"] {
        let shown = soon(format!(
            "environments: {{ builder: {{ outer: \"{written}\" }} }}\n"
        ));
        let harmless = |character: char| character == '\n' || !character.is_control();
        assert!(shown.chars().all(harmless), "{shown:?}");
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let read = read("\u{feff}environments:\r\n  builder:\r\n    outer: dind\r\n");
    assert_eq!(
        read.expect("it is right").project.scope.environments.len(),
        1
    );
}
