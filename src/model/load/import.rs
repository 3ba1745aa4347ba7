//! What an included file declares joins the file that includes it. Nothing replaces anything.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::document::node::{Entry, Node, NodeKind};
use crate::problem::{IncludeProblem, Problem};

/// Adds what an included tree declares to the keys of a file.
pub(super) fn import(
    entries: &mut IndexMap<String, Entry>,
    included: &Node,
    problems: &mut Vec<Problem>,
) {
    let NodeKind::Mapping(added) = &included.kind else {
        return;
    };
    for (key, entry) in added {
        // The project's name, and what is the user's own, are those of the file that includes.
        if key == "name" || key.starts_with("x-") {
            continue;
        }
        let Some(existing) = entries.get_mut(key) else {
            entries.insert(key.clone(), entry.clone());
            continue;
        };
        let kind = match (&existing.value.kind, &entry.value.kind) {
            (NodeKind::Mapping(here), NodeKind::Mapping(there)) => {
                NodeKind::Mapping(joined(key, here, there, problems))
            }
            (NodeKind::Sequence(here), NodeKind::Sequence(there)) => {
                let mut items = here.clone();
                for item in there {
                    if !here.iter().any(|other| same(other, item)) {
                        items.push(Rc::clone(item));
                    }
                }
                NodeKind::Sequence(items)
            }
            // Something of another kind is wrong, and decoding says so for what is kept.
            (NodeKind::Scalar(scalar), _) if scalar.is_null() => {
                *existing = entry.clone();
                continue;
            }
            _ => continue,
        };
        existing.value = Rc::new(Node {
            span: existing.value.span.clone(),
            kind,
            tag: existing.value.tag,
        });
    }
}

/// The things of both files by name. One of both must be the same in both.
fn joined(
    section: &str,
    here: &IndexMap<String, Entry>,
    there: &IndexMap<String, Entry>,
    problems: &mut Vec<Problem>,
) -> IndexMap<String, Entry> {
    let mut entries = here.clone();
    for (name, entry) in there {
        match here.get(name) {
            None => {
                entries.insert(name.clone(), entry.clone());
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
    entries
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
