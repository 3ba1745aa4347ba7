//! A graph in Graphviz's language.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::change::Action;
use crate::report::graph::{Graph, LEGEND, Node, inside};
use crate::report::words;
use crate::resource::Kind;
use crate::resource::engine_path::EnginePath;

/// The graph as `dot` reads it.
pub fn dot(graph: &Graph) -> String {
    let engines = graph.by_engine();
    let mut text = format!("// {LEGEND}\ndigraph {} {{\n", quoted(&graph.title));
    text.push_str("  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n");
    engine(&mut text, graph, &engines, &EnginePath::outer(), "  ");
    for (from, to) in &graph.edges {
        let (from, to) = (&graph.nodes[*from].id, &graph.nodes[*to].id);
        let _ = writeln!(text, "  {} -> {};", quoted(from), quoted(to));
    }
    text.push_str("}\n");
    text
}

fn engine(
    text: &mut String,
    graph: &Graph,
    engines: &BTreeMap<EnginePath, Vec<usize>>,
    path: &EnginePath,
    indent: &str,
) {
    for index in engines.get(path).into_iter().flatten() {
        node(text, &graph.nodes[*index], indent);
    }
    for (inner, label) in inside(engines, path) {
        let name = format!("cluster {}", inner.as_text());
        let _ = writeln!(text, "{indent}subgraph {} {{", quoted(&name));
        let _ = writeln!(text, "{indent}  label={};", quoted(&label));
        engine(text, graph, engines, inner, &format!("{indent}  "));
        let _ = writeln!(text, "{indent}}}");
    }
}

fn node(text: &mut String, node: &Node, indent: &str) {
    let lines: Vec<String> = node.label.iter().map(|line| escaped(line)).collect();
    let mut attributes = vec![format!("label=\"{}\"", lines.join("\\n"))];
    let shape = match node.kind {
        Some(Kind::Network) => Some("ellipse"),
        Some(Kind::Volume) => Some("cylinder"),
        Some(Kind::Image) => Some("note"),
        Some(Kind::Registry) => Some("component"),
        _ => None,
    };
    attributes.extend(shape.map(|shape| format!("shape={shape}")));
    let color = match node.action {
        Some(Action::Create) => Some("darkgreen"),
        Some(Action::Update) => Some("orange"),
        Some(Action::Replace | Action::Delete) => Some("red"),
        Some(Action::NoOp) | None => None,
    };
    attributes.extend(color.map(|color| format!("color={color}")));
    let (id, attributes) = (quoted(&node.id), attributes.join(", "));
    let _ = writeln!(text, "{indent}{id} [{attributes}];");
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Text that can stand between quotes. There a backslash begins what Graphviz fills in, or ends the quotes' meaning.
fn escaped(text: &str) -> String {
    let text = words::escaped(text);
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
