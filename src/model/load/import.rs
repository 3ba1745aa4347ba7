//! What an included file declares joins the file that includes it. Nothing replaces anything.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::document::node::{Entry, Node, NodeKind};
use crate::problem::{IncludeProblem, Problem};

/// What joins the keys of one file.
pub(super) struct Import<'e> {
    entries: &'e mut IndexMap<String, Entry>,
    /// The items of each list, by what they say.
    items: HashMap<String, HashSet<String>>,
}

impl<'e> Import<'e> {
    pub(super) fn into(entries: &'e mut IndexMap<String, Entry>) -> Self {
        let items = HashMap::new();
        Self { entries, items }
    }

    /// Adds what an included tree declares.
    pub(super) fn add(&mut self, included: &Node, problems: &mut Vec<Problem>) {
        let NodeKind::Mapping(added) = &included.kind else {
            return;
        };
        for (key, entry) in added {
            // The project's name, and what is the user's own, are those of the file that includes.
            if key == "name" || key.starts_with("x-") {
                continue;
            }
            let Some(existing) = self.entries.get_mut(key) else {
                self.entries.insert(key.clone(), entry.clone());
                continue;
            };
            match (&existing.value.kind, &entry.value.kind) {
                (NodeKind::Mapping(_), NodeKind::Mapping(_))
                | (NodeKind::Sequence(_), NodeKind::Sequence(_)) => {}
                // Something of another kind is wrong, and decoding says so for what is kept.
                (NodeKind::Scalar(scalar), _) if scalar.is_null() => {
                    *existing = entry.clone();
                    continue;
                }
                _ => continue,
            }
            match (
                &mut Rc::make_mut(&mut existing.value).kind,
                &entry.value.kind,
            ) {
                (NodeKind::Mapping(here), NodeKind::Mapping(there)) => {
                    join(key, here, there, problems);
                }
                (NodeKind::Sequence(here), NodeKind::Sequence(there)) => {
                    let items = self.items.entry(key.clone()).or_insert_with(|| {
                        let here = here.iter();
                        here.map(|item| said(item)).collect()
                    });
                    for item in there {
                        if items.insert(said(item)) {
                            here.push(Rc::clone(item));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// The things of both files by name. One of both must be the same in both.
fn join(
    section: &str,
    here: &mut IndexMap<String, Entry>,
    there: &IndexMap<String, Entry>,
    problems: &mut Vec<Problem>,
) {
    for (name, entry) in there {
        match here.get(name) {
            None => {
                here.insert(name.clone(), entry.clone());
            }
            Some(existing) if same(&existing.value, &entry.value) => {}
            Some(existing) => problems.push(
                IncludeProblem::Conflict {
                    section: section.to_owned(),
                    name: name.clone(),
                    here: existing.key_span.clone(),
                    included: entry.key_span.clone(),
                }
                .into(),
            ),
        }
    }
}

/// What a value says, the same text for the same.
fn said(node: &Node) -> String {
    match &node.kind {
        NodeKind::Broken => String::new(),
        NodeKind::Scalar(scalar) => format!("{:?}", scalar.value()),
        NodeKind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(|item| said(item)).collect();
            format!("[{}]", items.join(","))
        }
        NodeKind::Mapping(entries) => {
            let entry = |(key, entry): (&String, &Entry)| format!("{key:?}:{}", said(&entry.value));
            let mut entries: Vec<String> = entries.iter().map(entry).collect();
            entries.sort_unstable();
            format!("{{{}}}", entries.join(","))
        }
    }
}

/// Whether two values say the same, wherever they are written.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (NodeKind::Scalar(one), NodeKind::Scalar(other)) => one.value() == other.value(),
        (NodeKind::Sequence(one), NodeKind::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (NodeKind::Mapping(one), NodeKind::Mapping(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, entry)| {
                    other
                        .get(key)
                        .is_some_and(|found| same(&entry.value, &found.value))
                })
        }
        _ => false,
    }
}
