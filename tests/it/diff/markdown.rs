//! Differences as Markdown: readable, and nothing in a name or a value is obeyed.

use expect_test::expect;
use nest::plan::change::{Action, Change};
use nest::report::diff::Sides;
use nest::report::markdown::markdown;
use nest::resource::Address;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::diff::{SIDES, difference};
use crate::plan::BUILDER;

#[test]
fn a_comment_has_a_summary_a_table_and_details() {
    let new = BUILDER
        .replace("mode: dind", "mode: dind, image: docker:28-dind")
        .replace("2g", "3g")
        .replace("alpine:3.20", "busybox:1.36");
    let text = markdown(&difference(BUILDER, &new), &SIDES);
    expect![[r#"
        **nest**: 2 to add, 0 to change, 2 to destroy from `old.yaml` to `new.yaml`

        **Impact**: 1 engine restarts; data kept

        | | resource | what becomes of it | because of |
        |---|---|---|---|
        | `-/+` | `environment.builder` | must be replaced | `image` |
        | `+` | `environment.builder/image["busybox:1.36"]` | will be created |  |
        | `-` | `environment.builder/image["alpine:3.20"]` | will be removed (no longer declared) |  |

        <details>
        <summary>What differs</summary>

        ```diff
        # environment.builder must be replaced
        ! container "test-builder-1"
        -     image: docker:dind
        +     image: docker:28-dind   # forces replacement
        -     memory: 2g
        +     memory: 3g
        # environment.builder/image["busybox:1.36"] will be created
        + image "busybox:1.36"
        # environment.builder/image["alpine:3.20"] will be removed (no longer declared)
        - image "alpine:3.20"
        ```

        </details>
    "#]]
    .assert_eq(&text);
    assert_eq!(tampering(&text), Vec::<String>::new());
}

#[test]
fn no_difference_is_one_line() {
    expect![[r#"
        **nest**: no changes from `old.yaml` to `new.yaml`
    "#]]
    .assert_eq(&markdown(&difference(BUILDER, BUILDER), &SIDES));
}

#[test]
fn secrets_stand_in_no_comment() {
    let with = |secret: &str| {
        let environment = format!("environment: {{ API_TOKEN: '${{TOKEN:-{secret}}}' }}");
        BUILDER.replace("memory: 2g", &environment)
    };
    let text = markdown(&difference(&with("hunter2"), &with("hunter3")), &SIDES);
    assert!(text.contains("API_TOKEN: (sensitive value)"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn a_long_comment_is_cut() {
    let many: Vec<String> = (0..3000)
        .map(|index| format!("  v{index}: {{}}\n"))
        .collect();
    let many = many.concat();
    let text = markdown(
        &difference("name: test\n", &format!("name: test\nvolumes:\n{many}")),
        &SIDES,
    );
    assert!(text.len() < 60_000, "{} bytes", text.len());
    assert!(text.contains("2900 changes more"), "{text}");
    assert!(text.contains("left out: too long for a comment"), "{text}");
    assert_eq!(tampering(&text), Vec::<String>::new());
}

/// What a comment has besides its own summary, table and details, as a reader of Markdown sees it.
fn tampering(text: &str) -> Vec<String> {
    const OWN: [&str; 3] = [
        "<details>\n",
        "<summary>What differs</summary>\n",
        "</details>\n",
    ];
    let (mut found, mut cells, mut code) = (Vec::new(), 0, false);
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::InlineHtml(html) if &*html == "<code>" => code = true,
            Event::InlineHtml(html) if &*html == "</code>" => code = false,
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Html(html) | Event::InlineHtml(html) if !OWN.contains(&&*html) => {
                found.push(format!("HTML {html}"));
            }
            Event::Start(
                tag @ (Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Emphasis
                | Tag::Heading { .. }
                | Tag::List(_)
                | Tag::BlockQuote(_)
                | Tag::Strikethrough),
            ) => found.push(format!("{tag:?}")),
            Event::Start(Tag::TableRow | Tag::TableHead) => cells = 0,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::End(TagEnd::TableRow) if cells != 4 => {
                found.push(format!("{cells} cells"));
            }
            Event::Text(text) if text.contains(['@', '<', '`', '#', '|']) && !code => {
                found.push(format!("text {text}"));
            }
            _ => {}
        }
    }
    found
}

/// The details, as a reader sees them: one block of code.
fn blocks_of_code(text: &str) -> usize {
    let events = Parser::new_ext(text, Options::all());
    events
        .filter(|event| matches!(event, Event::Start(Tag::CodeBlock(_))))
        .count()
}

/// Pieces that mean something to Markdown, HTML, GitHub or a terminal.
const PIECES: [&str; 24] = [
    "`",
    "```",
    "|",
    "\\|",
    "\\",
    "\n",
    "\n\n",
    "<b>",
    "</details>",
    "<!--",
    "[a](http://b.c)",
    "![](x)",
    "@ann",
    "#1",
    "**",
    "~~~",
    "www.a.b",
    "http://a.b",
    "&lt;",
    " ",
    "\u{1b}[2J",
    "\u{202e}",
    "- [ ]",
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_in_a_name_or_value_is_obeyed(
        names in prop::collection::vec(prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8), 5)
    ) {
        let names: Vec<String> = names.into_iter().map(|pieces| pieces.concat()).collect();
        let new = BUILDER.replace("2g", "3g").replace("mode: dind", "mode: dind, environment: { PLAIN: a }");
        let mut plan = difference(BUILDER, &new);
        for change in &mut plan.changes {
            tamper(change, &names);
        }
        let sides = Sides { from: &names[3], to: &names[4], other_project: None };
        let text = markdown(&plan, &sides);
        prop_assert_eq!(tampering(&text), Vec::<String>::new(), "{}", text);
        prop_assert_eq!(blocks_of_code(&text), 1, "{}", text);
        prop_assert!(!text.contains(['\u{1b}', '\u{202e}']), "{}", text);
    }
}

fn tamper(change: &mut Change, names: &[String]) {
    if change.action == Action::NoOp {
        return;
    }
    change.address = Address::from_label(&names[0]);
    change.object.clone_from(&names[1]);
    for field in &mut change.fields {
        field.name = format!("environment.{}", names[2]);
        field.after = Some(serde_json::Value::String(names[0].clone()));
    }
}
