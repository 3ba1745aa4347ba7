//! A graph in Mermaid's language, which GitHub and GitLab draw where Markdown is shown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::change::Action;
use crate::report::graph::{Graph, LEGEND, Node, inside};
use crate::report::words;
use crate::resource::Kind;
use crate::resource::engine_path::EnginePath;

/// The graph as a flow chart.
pub fn mermaid(graph: &Graph) -> String {
    let engines = graph.by_engine();
    let mut text = format!("%% {LEGEND}\nflowchart LR\n");
    let mut clusters = 0;
    engine(
        &mut text,
        (graph, &engines),
        &EnginePath::outer(),
        &mut clusters,
        "  ",
    );
    for (from, to) in &graph.edges {
        let _ = writeln!(text, "  n{from} --> n{to}");
    }
    let classes = [
        ("create", "stroke:#2a2"),
        ("update", "stroke:#e90"),
        ("replace", "stroke:#c00,stroke-dasharray:4"),
        ("delete", "stroke:#c00"),
    ];
    for (class, style) in classes {
        if graph
            .nodes
            .iter()
            .any(|node| self::class(node) == Some(class))
        {
            let _ = writeln!(text, "  classDef {class} {style}");
        }
    }
    text
}

fn engine(
    text: &mut String,
    (graph, engines): (&Graph, &BTreeMap<EnginePath, Vec<usize>>),
    path: &EnginePath,
    clusters: &mut usize,
    indent: &str,
) {
    for index in engines.get(path).into_iter().flatten() {
        let node = &graph.nodes[*index];
        let lines: Vec<String> = node.label.iter().map(|line| escaped(line)).collect();
        let (open, close) = shape(node);
        let class = class(node).map_or(String::new(), |class| format!(":::{class}"));
        let label = lines.join("<br/>");
        let _ = writeln!(text, "{indent}n{index}{open}\"{label}\"{close}{class}");
    }
    for (inner, label) in inside(engines, path) {
        let label = escaped(&label);
        let _ = writeln!(text, "{indent}subgraph e{clusters}[\"{label}\"]");
        *clusters += 1;
        let indent = format!("{indent}  ");
        engine(text, (graph, engines), inner, clusters, &indent);
        let _ = writeln!(text, "{}end", &indent[2..]);
    }
}

fn shape(node: &Node) -> (&'static str, &'static str) {
    match node.kind {
        Some(Kind::Network) => ("([", "])"),
        Some(Kind::Volume) => ("[(", ")]"),
        Some(Kind::Image) => (">", "]"),
        Some(Kind::Registry) => ("[[", "]]"),
        _ => ("[", "]"),
    }
}

fn class(node: &Node) -> Option<&'static str> {
    match node.action? {
        Action::NoOp => None,
        Action::Create => Some("create"),
        Action::Update => Some("update"),
        Action::Replace => Some("replace"),
        Action::Delete => Some("delete"),
    }
}

/// Text that can stand between quotes: what may mean something to Mermaid, Markdown or HTML is written by its number.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in words::escaped(text).chars() {
        if character.is_alphanumeric() || " .-_/:,+".contains(character) {
            escaped.push(character);
        } else {
            let _ = write!(escaped, "#{};", u32::from(character));
        }
    }
    escaped
}
