//! As much of Mermaid's flow charts as tells whether a text is one, and which (<https://mermaid.js.org/syntax/flowchart.html>).

use std::collections::BTreeMap;

/// A flow chart as Mermaid would read it.
#[derive(Debug, Default)]
pub(crate) struct Chart {
    /// The label of each node, as it is drawn.
    pub(crate) nodes: BTreeMap<String, String>,
    pub(crate) edges: Vec<(String, String)>,
    pub(crate) clusters: Vec<String>,
}

const SHAPES: [(&str, &str); 5] = [
    ("([", "])"),
    ("[(", ")]"),
    ("[[", "]]"),
    ("[", "]"),
    (">", "]"),
];

/// Reads a flow chart, or says what is wrong.
pub(crate) fn parse(text: &str) -> Result<Chart, String> {
    let mut chart = Chart::default();
    let (mut depth, mut classes, mut defined) = (0, Vec::new(), Vec::new());
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("%% "));
    if lines.next() != Some("flowchart LR") {
        return Err("it does not begin as a flow chart".to_owned());
    }
    for line in lines {
        if line == "end" {
            depth -= 1;
        } else if let Some(rest) = line.strip_prefix("subgraph ") {
            depth += 1;
            let (_, label) = named(rest)?;
            chart.clusters.push(label);
        } else if let Some(rest) = line.strip_prefix("classDef ") {
            defined.push(rest.split(' ').next().unwrap_or_default().to_owned());
        } else if let Some((from, to)) = line.split_once(" --> ") {
            chart.edges.push((from.to_owned(), to.to_owned()));
        } else {
            let line = match line.rsplit_once(":::") {
                Some((line, class)) => {
                    classes.push(class.to_owned());
                    line
                }
                None => line,
            };
            let (id, label) = named(line)?;
            if chart.nodes.insert(id.clone(), label).is_some() {
                return Err(format!("two nodes `{id}`"));
            }
        }
    }
    let ends = chart.edges.iter().flat_map(|(from, to)| [from, to]);
    for end in ends {
        if !chart.nodes.contains_key(end) {
            return Err(format!("an arrow leads to `{end}`, which is no node"));
        }
    }
    match classes.iter().find(|class| !defined.contains(class)) {
        Some(class) => Err(format!("there is no class `{class}`")),
        None if depth != 0 => Err("subgraphs are open".to_owned()),
        None => Ok(chart),
    }
}

/// An id and a label in quotes, in one of the shapes.
fn named(text: &str) -> Result<(String, String), String> {
    let end = text.find(|character: char| !character.is_ascii_alphanumeric());
    let (id, rest) = text.split_at(end.unwrap_or(text.len()));
    let inner = SHAPES.iter().find_map(|(open, close)| {
        let inner = rest.strip_prefix(open)?.strip_suffix(close)?;
        inner.strip_prefix('"')?.strip_suffix('"')
    });
    let inner = inner.ok_or_else(|| format!("no label: {text}"))?;
    if id.is_empty() {
        return Err(format!("no name: {text}"));
    }
    Ok((id.to_owned(), drawn(inner)?))
}

/// A label with what is written by number filled in.
fn drawn(label: &str) -> Result<String, String> {
    let mut drawn = String::new();
    let mut rest = label;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if let Some(after) = rest.strip_prefix("br/>").filter(|_| character == '<') {
            drawn.push('\n');
            rest = after;
        } else if character == '#' {
            let (number, after) = rest.split_once(';').ok_or("an open `#`")?;
            let number: u32 = number.parse().map_err(|_| format!("`#{number}`"))?;
            drawn.push(char::from_u32(number).ok_or("no character")?);
            rest = after;
        } else if "\"<>&`%;{}|[]()\\*~@$^'!?=".contains(character) {
            return Err(format!("`{character}` may mean something: {label}"));
        } else {
            drawn.push(character);
        }
    }
    Ok(drawn)
}

#[test]
fn what_is_no_chart_is_refused() {
    for wrong in [
        "",
        "flowchart LR\nn0[\"a\"",
        "flowchart LR\nn0[a]",
        "flowchart LR\nn0[\"a\"b\"]",
        "flowchart LR\nn0 --> n1",
        "flowchart LR\nsubgraph e0[\"a\"]",
        "flowchart LR\nn0[\"a\"]:::none",
        "flowchart LR\nn0[\"%%{init}%%\"]",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}
