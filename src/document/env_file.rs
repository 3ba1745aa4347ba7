//! Files that set variables, such as `.env`: `NAME=value`, one a line.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::document::budget::{Budget, weight};
use crate::document::interpolation::{Finding, interpolate};
use crate::document::variables::Variables;
use crate::problem::{Problem, VariableProblem};

/// Reads the variables of a file whose first byte has the number `base`, and sets them in `variables`.
///
/// Values may use variables that were known before, and those of the lines above. In single quotes everything stays as it
/// is; in double quotes `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are known; either may go over several lines. False if
/// the budget did not last.
pub(crate) fn parse_env_file(
    text: &str,
    base: usize,
    variables: &mut Variables,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
) -> bool {
    parse_lines((text, base), variables, budget, problems, |_, _| {})
}

/// Reads the variables that a file sets for a container, with numbers of bytes from 0. They are set whatever is known,
/// as far as their values do not use it. Nothing if the budget did not last.
pub(crate) fn parse_container_env_file(
    text: &str,
    known: &Variables,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
) -> Option<BTreeMap<String, String>> {
    let mut set = BTreeMap::new();
    let mut variables = Variables::beneath(Rc::new(known.clone()));
    let lasted = parse_lines(
        (text, 0),
        &mut variables,
        budget,
        problems,
        |name, value| {
            if let Some(value) = value.or_else(|| known.get(name)) {
                set.insert(name.to_owned(), value.clone());
            }
        },
    );
    lasted.then_some(set)
}

/// Reads a text whose first byte has a number, and hands over each name with the value that its line gives it, if any.
fn parse_lines(
    (text, base): (&str, usize),
    variables: &mut Variables,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
    mut hand_over: impl FnMut(&str, Option<&String>),
) -> bool {
    let mut at = 0;
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let line = text[at..line_end].trim_end_matches('\r');
        let mut next = line_end + 1;
        match parse_line(line) {
            Line::Blank => {}
            // A name alone passes on the variable of that name, which is known then.
            Line::Name(name) => hand_over(name, None),
            Line::Wrong(reason) => {
                problems.push(invalid(reason, base + at..base + at + line.len()));
            }
            Line::Value { name, offset } => {
                let start = at + offset;
                match parse_value(&text[start..], variables, budget) {
                    Ok((value, length)) => {
                        let rest = &text[start + length..];
                        next = start + length + rest.find('\n').map_or(rest.len(), |end| end + 1);
                        if !budget.take_values(weight(&value)) {
                            return false;
                        }
                        hand_over(name, Some(&value));
                        // What was known wins, in the lines below too.
                        if !variables.is_known(name) {
                            variables.set(name.to_owned(), value);
                        }
                    }
                    Err(reason) => {
                        problems.push(invalid(reason, base + at..base + at + line.len()));
                    }
                }
            }
        }
        at = next;
    }
    true
}

/// Reads the variables of a file as they stand: nothing is quoted, no variable is filled in.
pub(crate) fn parse_raw_env_file(text: &str, known: &Variables) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for line in text.lines() {
        if line.trim_start().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match line.split_once('=') {
            Some((name, value)) => {
                variables.insert(name.trim().to_owned(), value.to_owned());
            }
            // A name alone passes on the variable of that name.
            None => {
                if let Some(value) = known.get(line.trim()) {
                    variables.insert(line.trim().to_owned(), value.clone());
                }
            }
        }
    }
    variables
}

fn invalid(reason: &str, at: crate::source::Span) -> Problem {
    let reason = reason.to_owned();
    VariableProblem::InvalidEnvFile { reason, at }.into()
}

enum Line<'t> {
    Blank,
    Wrong(&'static str),
    Name(&'t str),
    Value {
        name: &'t str,
        /// Where in the line the value starts.
        offset: usize,
    },
}

fn parse_line(line: &str) -> Line<'_> {
    let trimmed = line.trim_start();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Line::Blank;
    }
    let assignment = trimmed
        .strip_prefix("export")
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map_or(trimmed, str::trim_start);
    let (name, value) = match assignment.find(['=', ':']) {
        Some(end) => (assignment[..end].trim_end(), Some(&assignment[end + 1..])),
        None => (assignment.trim_end(), None),
    };
    if name.is_empty() {
        return Line::Wrong("no name before the `=`");
    }
    if !name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    {
        return Line::Wrong("a name has only letters, digits, `_`, `.` and `-`");
    }
    match value {
        None => Line::Name(name),
        Some(value) => Line::Value {
            name,
            offset: line.len() - value.trim_start_matches([' ', '\t']).len(),
        },
    }
}

/// The value at the start of a text, and how many bytes it takes.
fn parse_value(
    text: &str,
    known: &Variables,
    budget: &mut Budget,
) -> Result<(String, usize), &'static str> {
    if let Some(inside) = text.strip_prefix('\'') {
        let length = inside.find('\'').ok_or("the quote is not closed")?;
        return Ok((inside[..length].to_owned(), length + 2));
    }
    if let Some(inside) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut characters = inside.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return Ok((filled(&value, known, budget)?, at + 2)),
                '\\' => match characters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, '$')) => value.push_str("$$"),
                    Some((_, other @ ('"' | '\\'))) => value.push(other),
                    Some((_, other)) => value.extend(['\\', other]),
                    None => break,
                },
                _ => value.push(character),
            }
        }
        return Err("the quote is not closed");
    }
    let line = text.split('\n').next().unwrap_or_default();
    let value = line.find(" #").map_or(line, |comment| &line[..comment]);
    let value = if value.starts_with('#') {
        ""
    } else {
        value.trim_end()
    };
    Ok((filled(value, known, budget)?, line.len()))
}

/// A value with its variables filled in.
fn filled(value: &str, known: &Variables, budget: &mut Budget) -> Result<String, &'static str> {
    let result = interpolate(value, known, budget.room());
    let too_long = |(_, finding): &(_, Finding)| *finding == Finding::TooLong;
    if result.findings.iter().any(too_long) {
        return Err("the value is too long with its variables filled in");
    }
    budget.take_filled(result.filled);
    Ok(result.text)
}
