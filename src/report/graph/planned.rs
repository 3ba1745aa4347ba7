//! A plan as a graph: what becomes of each resource, or step by step.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Plan;
use crate::plan::change::Action;
use crate::plan::step::Step;
use crate::report::graph::{Graph, Node};
use crate::report::plan::verdict;
use crate::report::words;
use crate::resource::Kind;
use crate::resource::engine_path::EnginePath;

/// The graph of what changes; a resource needs another where a step of it waits for one of the other's.
pub fn changes(plan: &Plan) -> Graph {
    let mut graph = Graph::new(&plan.project);
    let mut taken = BTreeSet::new();
    let acted_on: BTreeSet<(&EnginePath, &str)> = plan.steps.iter().flat_map(resources).collect();
    let mut nodes: BTreeMap<(&EnginePath, &str), usize> = BTreeMap::new();
    for change in &plan.changes {
        let resource = (&change.engine, change.address.as_str());
        if change.action == Action::NoOp && !acted_on.contains(&resource) {
            continue;
        }
        let address = &change.address;
        // A label that begins with a sign would be a list to Mermaid.
        let becomes = match change.action {
            Action::NoOp => "is started again".to_owned(),
            _ => verdict(change),
        };
        let node = Node {
            id: address.to_string(),
            label: vec![address.to_string(), becomes],
            kind: Some(change.kind),
            action: Some(change.action),
            engine: change.engine.clone(),
        };
        nodes.insert(resource, graph.add(node, &mut taken));
    }
    for step in &plan.steps {
        for waited_for in before(&plan.steps, step) {
            for resource in resources(step) {
                let needing = nodes.get(&resource);
                let needed = resources(waited_for).filter_map(|needed| nodes.get(&needed));
                let edges = needed.filter_map(|needed| Some((*needing?, *needed)));
                graph.edges.extend(edges);
            }
        }
    }
    graph
}

/// The resources that a step is for.
fn resources(step: &Step) -> impl Iterator<Item = (&EnginePath, &str)> {
    let addresses = step.addresses.iter();
    addresses.map(|address| (&step.engine, address.as_str()))
}

/// The nearest steps for other resources that a step waits for.
fn before<'a>(steps: &'a [Step], step: &'a Step) -> Vec<&'a Step> {
    let own: BTreeSet<_> = resources(step).collect();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = step.waits_for().collect();
    while let Some(index) = open.pop() {
        let Some(earlier) = steps.get(index).filter(|_| seen.insert(index)) else {
            continue;
        };
        let is_own = resources(earlier).any(|resource| own.contains(&resource));
        if earlier.addresses.is_empty() || is_own {
            open.extend(earlier.waits_for());
        } else {
            found.push(earlier);
        }
    }
    found
}

/// The graph of the steps; one needs another where it waits for it.
pub fn steps(plan: &Plan) -> Graph {
    let mut graph = Graph::new(&plan.project);
    let mut taken = BTreeSet::new();
    let kinds: BTreeMap<&str, Kind> = plan
        .changes
        .iter()
        .map(|change| (change.address.as_str(), change.kind))
        .collect();
    for (index, step) in plan.steps.iter().enumerate() {
        let mut label: Vec<String> = step.addresses.iter().map(ToString::to_string).collect();
        if label.is_empty() {
            label.push("bookkeeping".to_owned());
        }
        label.push(words::doing(&step.operation));
        let first = step.addresses.first();
        let node = Node {
            id: format!("step {index}"),
            label,
            kind: first.and_then(|address| kinds.get(address.as_str()).copied()),
            action: None,
            engine: step.engine.clone(),
        };
        graph.add(node, &mut taken);
        let there = step.waits_for().filter(|after| *after < plan.steps.len());
        graph.edges.extend(there.map(|after| (index, after)));
    }
    graph
}
