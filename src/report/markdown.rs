//! What differs between two declarations, as Markdown for a comment on a pull request.
//!
//! Names and values come from files that anybody may have written. They stand in code only, of which nothing is read as
//! Markdown or HTML, mentions nobody, and links nowhere.

use std::fmt::Write as _;

use crate::plan::change::{Action, Change, FieldDiff};
use crate::plan::{KeptBecause, Plan};
use crate::report::diff::{Sides, counts, differs, impact, other_project};
use crate::report::plan::{shown_fields, symbol, verdict};
use crate::report::words;

/// The most rows of the table, and the most bytes of the details: comments have an end.
const MOST_ROWS: usize = 100;
const MOST_DETAILS: usize = 30_000;

/// The difference as Markdown.
pub fn markdown(plan: &Plan, sides: &Sides<'_>) -> String {
    let (from, to) = (code(sides.from), code(sides.to));
    if !differs(plan) {
        return format!("**nest**: no changes from {from} to {to}\n");
    }
    let mut text = format!("**nest**: {} from {from} to {to}\n", counts(plan));
    if let Some(impact) = impact(plan) {
        let _ = writeln!(text, "\n**Impact**: {impact}");
    }
    if other_project(plan, sides).is_some() {
        let _ = writeln!(
            text,
            "\nThe name differs: what is there is another project, of which nothing is touched."
        );
    }
    for refusal in &plan.refusals {
        let (address, message) = (code(refusal.address.as_str()), code(&refusal.message()));
        let place = refusal.place.as_ref().map(words::place);
        let place = place.map(|place| format!(" at {}", code(&place)));
        let place = place.unwrap_or_default();
        let _ = writeln!(text, "\n**Refused**: {address} {message}{place}");
    }
    table(&mut text, plan);
    for kept in &plan.kept {
        let because = match &kept.because {
            KeptBecause::Data => "kept".to_owned(),
            because => words::kept(because),
        };
        let (kind, object) = (kept.kind.object_word(), code(&kept.object));
        let _ = writeln!(text, "\n{kind} {object} {because}");
    }
    for deferred in &plan.deferred {
        let _ = writeln!(text, "\n{}.", words::deferred(deferred, code));
    }
    details(&mut text, plan);
    text
}

fn table(text: &mut String, plan: &Plan) {
    if !plan.has_changes() {
        return;
    }
    text.push_str("\n| | resource | what becomes of it | because of |\n|---|---|---|---|\n");
    for change in changes(plan).take(MOST_ROWS) {
        let because: Vec<String> = change
            .fields
            .iter()
            .filter(|field| change.action != Action::Create && !is_detail(change, field))
            .map(|field| code(&field.name))
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            code(symbol(change.action)),
            code(change.address.as_str()),
            plain(&verdict(change)),
            because.join(" ")
        );
    }
    let more = changes(plan).count().saturating_sub(MOST_ROWS);
    if more > 0 {
        let _ = writeln!(text, "\n{} more", words::count(more as u64, "change"));
    }
}

/// Whether a field is not what decided: of what is replaced, those count that forced it.
fn is_detail(change: &Change, field: &FieldDiff) -> bool {
    let forced = change.fields.iter().any(|field| field.forces_replacement);
    forced && !field.forces_replacement
}

fn changes(plan: &Plan) -> impl Iterator<Item = &Change> {
    let changes = plan.changes.iter();
    changes.filter(|change| change.action != Action::NoOp)
}

/// Every attribute that differs, folded, in the colours of a diff.
fn details(text: &mut String, plan: &Plan) {
    let mut lines = String::new();
    let mut left_out = 0;
    for change in changes(plan) {
        let lines_of_change = diff(change);
        if lines.len() + lines_of_change.len() > MOST_DETAILS {
            left_out += 1;
        } else {
            lines.push_str(&lines_of_change);
        }
    }
    if lines.is_empty() {
        return;
    }
    let fence = "`".repeat(longest_run(&lines).max(2) + 1);
    let _ = write!(
        text,
        "\n<details>\n<summary>What differs</summary>\n\n{fence}diff\n{lines}{fence}\n\n"
    );
    if left_out > 0 {
        let changes = words::count(left_out, "change");
        let _ = writeln!(text, "{changes} left out: too long for a comment\n");
    }
    text.push_str("</details>\n");
}

/// One change, each line beginning with what colours it.
fn diff(change: &Change) -> String {
    let sign = match change.action {
        Action::Create => '+',
        Action::Delete => '-',
        Action::NoOp | Action::Update | Action::Replace => '!',
    };
    let mut text = String::new();
    let address = words::escaped(change.address.as_str());
    let object = words::escaped(&change.object);
    let kind = change.kind.object_word();
    let _ = writeln!(text, "# {address} {}", verdict(change));
    let _ = writeln!(text, "{sign} {kind} \"{object}\"");
    for field in shown_fields(change) {
        let name = words::escaped(&field.name);
        let forces = if field.forces_replacement {
            "   # forces replacement"
        } else {
            ""
        };
        let sides = [('-', &field.before), ('+', &field.after)];
        let there: Vec<_> = sides
            .into_iter()
            .filter_map(|(sign, value)| Some((sign, value.as_ref()?)))
            .collect();
        for (index, (sign, value)) in there.iter().enumerate() {
            let value = words::value(&field.name, value);
            let forces = if index + 1 == there.len() { forces } else { "" };
            let _ = writeln!(text, "{sign}     {name}: {value}{forces}");
        }
    }
    text
}

/// Text as code. A bar would end the cell of a table even there, so such text is written by numbers.
fn code(text: &str) -> String {
    let text = words::escaped(text);
    if text.is_empty() {
        return String::new();
    }
    if text.contains('|') {
        return format!("<code>{}</code>", plain(&text));
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let needs_space = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let space = if needs_space { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text of which no character means anything to Markdown or HTML.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || " ,()".contains(character) {
            plain.push(character);
        } else {
            let _ = write!(plain, "&#{};", u32::from(character));
        }
    }
    plain
}

/// How many backticks follow each other at most.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`');
    runs.map(str::len).max().unwrap_or_default()
}
