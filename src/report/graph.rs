//! Resources or steps and what each needs, as a graph for Graphviz or Mermaid.
//!
//! Whatever the names hold, they stand in quotes only; the same input gives the same text.

mod declared;
mod dot;
mod mermaid;
mod planned;

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::change::Action;
use crate::resource::Kind;
use crate::resource::engine_path::EnginePath;

pub use crate::report::graph::declared::declared;
pub use crate::report::graph::dot::dot;
pub use crate::report::graph::mermaid::mermaid;
pub use crate::report::graph::planned::{changes, steps};

/// What a drawing says first.
const LEGEND: &str = "An arrow leads from what needs to what is needed.";

/// Things and what each needs, engine by engine.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// The project.
    title: String,
    /// The things, in the order in which they are drawn.
    nodes: Vec<Node>,
    /// For each that needs another, the two.
    edges: BTreeSet<(usize, usize)>,
}

/// A resource or a step.
#[derive(Debug, Clone)]
struct Node {
    /// What no other node is called.
    id: String,
    /// What is shown, line by line.
    label: Vec<String>,
    /// What sort of thing it is; none for a step.
    kind: Option<Kind>,
    /// What becomes of it; none where nothing is planned.
    action: Option<Action>,
    /// The engine that holds it.
    engine: EnginePath,
}

impl Graph {
    /// An empty graph of a project.
    fn new(title: &impl ToString) -> Self {
        Self {
            title: title.to_string(),
            ..Self::default()
        }
    }

    /// Adds a node; one of its name gets a number.
    fn add(&mut self, mut node: Node, taken: &mut BTreeSet<String>) -> usize {
        let name = node.id.clone();
        let mut number = 2;
        while !taken.insert(node.id.clone()) {
            node.id = format!("{name} ({number})");
            number += 1;
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The nodes by their engine, and every engine on the way to one.
    fn by_engine(&self) -> BTreeMap<EnginePath, Vec<usize>> {
        let mut engines: BTreeMap<EnginePath, Vec<usize>> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            engines.entry(node.engine.clone()).or_default().push(index);
            let mut path = node.engine.clone();
            while let Some((outer, _)) = path.split_last() {
                engines.entry(outer.clone()).or_default();
                path = outer;
            }
        }
        engines
    }
}

/// The engines directly inside another, each with what it is called; inside the outer engine, the other outer ones too.
fn inside<'a>(
    engines: &'a BTreeMap<EnginePath, Vec<usize>>,
    outer: &'a EnginePath,
) -> impl Iterator<Item = (&'a EnginePath, String)> {
    engines
        .keys()
        .filter_map(move |path| match path.split_last() {
            Some((around, container)) if around == *outer => {
                Some((path, format!("engine in {container}")))
            }
            Some(_) => None,
            None => {
                let name = path.outermost().filter(|_| *outer == EnginePath::outer())?;
                Some((path, format!("engine {name}")))
            }
        })
}
