//! Values of variables whose names say that nobody is to see them.

use std::collections::BTreeMap;
use std::ops::Range;

/// What stands in place of a secret.
pub const HIDDEN: &str = "(sensitive value)";

/// How long a part of a secret is at least that tells something of it.
const SHORTEST_PART: usize = 3;

/// How the names of secrets end, in whichever case.
const ENDINGS: [&str; 6] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "KEY",
    "CREDENTIALS",
];

/// Whether a key or a variable of this name holds a secret.
pub(crate) fn names_a_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ENDINGS.iter().any(|ending| upper.ends_with(ending))
}

/// Where a file of variables has the values of secrets. One in quotes can have several lines.
pub(crate) fn secret_values(text: &str) -> Vec<Range<usize>> {
    let mut values = Vec::new();
    let mut start = 0;
    let mut open_quote = None;
    for line in text.split_inclusive('\n') {
        let value = match open_quote {
            Some(quote) => {
                open_quote = Some(quote).filter(|quote| !line.contains(*quote));
                Some(0)
            }
            None => secret_start(line),
        };
        if let Some(value) = value {
            values.push(start + value..start + line.len());
            let text = line[value..].trim_start();
            let quote = text
                .chars()
                .next()
                .filter(|first| matches!(first, '"' | '\''));
            let is_first = value > 0;
            if let Some(quote) = quote.filter(|quote| is_first && !text[1..].contains(*quote)) {
                open_quote = Some(quote);
            }
        }
        start += line.len();
    }
    values
}

/// Where the value starts in a line that sets a secret.
fn secret_start(line: &str) -> Option<usize> {
    let (name, _) = line.split_once(['=', ':'])?;
    let word = name.trim().trim_start_matches("export ").trim();
    names_a_secret(word).then_some(name.len() + 1)
}

/// The secrets among the variables that values were filled in with.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets(BTreeMap<String, Vec<String>>);

impl Secrets {
    pub(super) fn add(&mut self, variables: &BTreeMap<String, String>) {
        let secrets = variables
            .iter()
            .filter(|(name, value)| names_a_secret(name) && !value.is_empty());
        for (name, value) in secrets {
            let values = self.0.entry(name.clone()).or_default();
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
    }

    /// A text without the values of the secrets that `written` names.
    pub(super) fn hidden(&self, text: String, written: &str) -> String {
        if !written.contains('$') {
            return text;
        }
        let part_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let names = written.split(|character| !part_of_name(character));
        let values = names.filter_map(|name| self.0.get(name)).flatten();
        values.fold(text, |text, value| {
            without_parts(&text.replace(value, HIDDEN), value)
        })
    }
}

/// A text of which no literal is part of a secret, or a secret brought into another form.
fn without_parts(text: &str, secret: &str) -> String {
    let secret = plain(secret);
    if secret.len() < SHORTEST_PART {
        return text.to_owned();
    }
    let tells = |part: &str| {
        let part = plain(part);
        part.len() >= SHORTEST_PART && (secret.contains(&part) || part.contains(&secret))
    };
    let shown = |(number, part)| {
        let is_literal = number % 2 == 1;
        if is_literal && tells(part) {
            HIDDEN
        } else {
            part
        }
    };
    let parts: Vec<&str> = text.split('`').enumerate().map(shown).collect();
    parts.join("`")
}

/// What stays of a text in every form that it is brought into.
fn plain(text: &str) -> String {
    let characters = text.chars().filter(|character| character.is_alphanumeric());
    characters.flat_map(char::to_lowercase).collect()
}
