//! The tables of the page on plans: made of those that decide.

use std::fmt::Write as _;

use expect_test::expect_file;
use nest::plan::decision::{Found, TABLE, Verdict};
use nest::plan::rule::{Against, Effect, RULES, Subject};

use crate::tree::{file, package};

#[test]
fn the_tables_of_the_page_are_those_that_decide() {
    let page = file("book/src/plans.md").text;
    let page = with_table(&page, "decisions", &decisions());
    let page = with_table(&page, "attributes", &attributes());
    expect_file![package().join("book/src/plans.md")].assert_eq(&page);
}

/// The page with a table between two marks.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let mark = format!("<!-- {name} -->\n");
    let (before, rest) = page.split_once(&mark).expect("the page has the mark");
    let (_, after) = rest
        .split_once("<!-- end -->")
        .expect("the table has an end");
    format!("{before}{mark}\n{table}\n<!-- end -->{after}")
}

fn decisions() -> String {
    let mut table =
        "| declared | last applied | observed | what the plan says |\n|---|---|---|---|\n"
            .to_owned();
    for row in TABLE {
        let yes_or_no = |yes: bool| if yes { "yes" } else { "no" };
        let cells = [
            yes_or_no(row.declared),
            row.applied.map_or("either", yes_or_no),
            found(row.found),
            verdict(row.verdict),
        ];
        let _ = writeln!(table, "| {} |", cells.join(" | "));
    }
    table
}

fn found(found: Found) -> &'static str {
    match found {
        Found::Nothing => "nothing",
        Found::AsDeclared => "as declared",
        Found::InPlace => "differs in what changes in place",
        Found::Otherwise => "differs in what only a replacement changes",
        Found::DataAtStake => "differs in what only a replacement changes, and holds data",
        Found::There => "something of that name",
        Found::WithData => "a volume with data; `nest down --volumes` removes it",
        Found::InUse => {
            "an image that somebody else's container was made from, or whose name somebody gave to another"
        }
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Nothing => "nothing",
        Verdict::Create => "create",
        Verdict::Update => "update",
        Verdict::Replace => "replace",
        Verdict::ReplaceWithConsent => "refusal; with `--allow-data-loss` replace",
        Verdict::Delete => "remove",
        Verdict::Keep => "kept, and named",
        Verdict::Clash => "refusal: it is not nest's",
    }
}

fn attributes() -> String {
    let mut table = "| of | attributes | compared with | a difference | no longer declared |\n\
                     |---|---|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        let names: Vec<String> = rule
            .attributes
            .iter()
            .map(|attribute| format!("`{attribute}`"))
            .collect();
        let cells = [
            subject(rule.subject),
            &names.join(", "),
            against(rule.against),
            effect(rule.changed),
            effect(rule.removed),
        ];
        let _ = writeln!(table, "| {} |", cells.join(" | "));
    }
    table
}

fn subject(subject: Subject) -> &'static str {
    match subject {
        Subject::Container => "a container",
        Subject::DataVolume => "a volume with data",
        Subject::OtherVolume => "another volume",
        Subject::Network => "a network",
        Subject::Image => "an inner image",
    }
}

fn against(against: Against) -> &'static str {
    match against {
        Against::Label => "what it was made with, as its label says",
        Against::ImageOfContainer => "the image that its image name stands for now",
        Against::Engine => "what the engine reports",
        Against::LabelAndRecord => {
            "what it was made with, as its label says, or what was applied since"
        }
        Against::RecordAndFile => "what was last applied, and the file in the container",
        Against::Record => "what was last applied",
        Against::Source => {
            "what its source (`outer`, `archive`, a registry, the image that it names) contains"
        }
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Update => "changed in place",
        Effect::Reload => "written, and reloaded by the engine inside",
        Effect::EngineRestart => "written, and the engine inside restarted",
        Effect::Replace => "replaced",
        Effect::LoseData => "refused; with `--allow-data-loss` replaced, and the data is lost",
    }
}
