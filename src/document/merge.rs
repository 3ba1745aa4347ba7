//! Several files as one: what a later file says goes over what an earlier one says, as in Compose.
//!
//! Mappings are merged key by key, lists are joined, anything else is replaced. Some lists hold one item for each name, or
//! are replaced whole; [`Place`] says which. `!override` replaces instead of merging, `!reset` takes away. Every value keeps
//! the place where it is written.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::document::node::{Entry, MergeTag, Node, NodeKind, Scalar};
use crate::document::place::Place;

/// Puts what `over` says over what `base` says. Both are the top level of a file.
pub(crate) fn merge(base: &Rc<Node>, over: &Rc<Node>) -> Rc<Node> {
    merged(base, over, Place::Scope)
}

/// A tree without what is tagged `!reset`, for which nothing is left to take away.
pub(crate) fn without_resets(node: &Rc<Node>) -> Rc<Node> {
    let stays = |value: &Rc<Node>| value.tag != MergeTag::Reset;
    let kind = match &node.kind {
        NodeKind::Sequence(items) => {
            let items = items.iter().filter(|item| stays(item));
            NodeKind::Sequence(items.map(without_resets).collect())
        }
        NodeKind::Mapping(entries) => {
            let entries = entries.iter().filter(|(_, entry)| stays(&entry.value));
            let settled = |entry: &Entry| Entry {
                key_span: entry.key_span.clone(),
                value: without_resets(&entry.value),
            };
            NodeKind::Mapping(
                entries
                    .map(|(key, entry)| (key.clone(), settled(entry)))
                    .collect(),
            )
        }
        NodeKind::Scalar(_) | NodeKind::Broken => return Rc::clone(node),
    };
    Rc::new(Node {
        span: node.span.clone(),
        kind,
        tag: MergeTag::None,
    })
}

fn merged(base: &Rc<Node>, over: &Rc<Node>, place: Place) -> Rc<Node> {
    if over.tag == MergeTag::Override || place == Place::Whole {
        return Rc::clone(over);
    }
    // A key without a value says nothing about what it could hold.
    if is_null(over) && !is_scalar(base) {
        return Rc::clone(base);
    }
    let (base, over) = match place {
        Place::Outer if !(is_scalar(base) && is_scalar(over)) => {
            (with_word(base, "mode"), with_word(over, "mode"))
        }
        Place::Build if !(is_scalar(base) && is_scalar(over)) => {
            (with_word(base, "context"), with_word(over, "context"))
        }
        Place::Variables => (as_variables(base), as_variables(over)),
        Place::Dependencies if is_mapping(base) || is_mapping(over) => {
            (as_names(base), as_names(over))
        }
        _ => (Rc::clone(base), Rc::clone(over)),
    };
    let kind = match (&base.kind, &over.kind) {
        (NodeKind::Mapping(base), NodeKind::Mapping(over)) => {
            NodeKind::Mapping(merged_entries(base, over, place))
        }
        (NodeKind::Sequence(base), NodeKind::Sequence(over)) => {
            NodeKind::Sequence(joined(base, over, place))
        }
        _ => return over,
    };
    let span = base.span.clone();
    let tag = base.tag;
    Rc::new(Node { span, kind, tag })
}

fn merged_entries(
    base: &IndexMap<String, Entry>,
    over: &IndexMap<String, Entry>,
    place: Place,
) -> IndexMap<String, Entry> {
    let mut entries = base.clone();
    for (key, entry) in over {
        if entry.value.tag == MergeTag::Reset {
            entries.shift_remove(key);
            continue;
        }
        match entries.get_mut(key) {
            Some(existing) => {
                let value = merged(&existing.value, &entry.value, place.below(key));
                // What stays of the base is found by the base's key.
                if Rc::ptr_eq(&value, &entry.value) {
                    existing.key_span = entry.key_span.clone();
                }
                existing.value = value;
            }
            None => {
                entries.insert(key.clone(), entry.clone());
            }
        }
    }
    entries
}

/// Two lists as one. Of items that stand for the same thing the later one is kept, in the place of the earlier one.
fn joined(base: &[Rc<Node>], over: &[Rc<Node>], place: Place) -> Vec<Rc<Node>> {
    let mut items = base.to_vec();
    let mut places: IndexMap<String, usize> = IndexMap::new();
    for (index, item) in base.iter().enumerate() {
        if let Some(identity) = identity(item, place) {
            places.insert(identity, index);
        }
    }
    for item in over.iter().filter(|item| item.tag != MergeTag::Reset) {
        // Twice in one file is a mistake of that file, so only items of the base are replaced.
        match identity(item, place).and_then(|identity| places.get(&identity)) {
            Some(index) => items[*index] = Rc::clone(item),
            None => items.push(Rc::clone(item)),
        }
    }
    items
}

/// What an item of a list stands for; nothing where every item stands for itself.
fn identity(item: &Node, place: Place) -> Option<String> {
    match (place, &item.kind) {
        (Place::Mounts, NodeKind::Scalar(scalar)) => {
            let target = scalar.text.split(':').nth(1)?;
            Some(target.trim_end_matches('/').to_owned())
        }
        (Place::Mounts, NodeKind::Mapping(entries)) => {
            Some(text(entries, "target")?.trim_end_matches('/').to_owned())
        }
        (Place::Images, NodeKind::Mapping(entries)) => Some(text(entries, "image")?.to_owned()),
        (Place::Ports, NodeKind::Mapping(entries)) => {
            let part = |key, default| text(entries, key).unwrap_or(default).to_owned();
            let target = text(entries, "target")?;
            let published = part("published", "");
            let protocol = part("protocol", "tcp");
            let host_ip = part("host_ip", "0.0.0.0");
            Some(format!("{host_ip}:{published}:{target}/{protocol}"))
        }
        (
            Place::Images | Place::Ports | Place::Names | Place::Dependencies,
            NodeKind::Scalar(scalar),
        ) => Some(scalar.text.clone()),
        _ => None,
    }
}

fn text<'n>(entries: &'n IndexMap<String, Entry>, key: &str) -> Option<&'n str> {
    match &entries.get(key)?.value.kind {
        NodeKind::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}

fn is_scalar(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Scalar(_))
}

fn is_null(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar(scalar) if scalar.is_null())
}

fn is_mapping(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Mapping(_))
}

/// A word as the mapping that it is short for.
fn with_word(node: &Rc<Node>, key: &str) -> Rc<Node> {
    if !is_scalar(node) {
        return Rc::clone(node);
    }
    let entry = Entry {
        key_span: node.span.clone(),
        value: Rc::clone(node),
    };
    mapping(node, IndexMap::from([(key.to_owned(), entry)]))
}

/// A list of `NAME=value` as a mapping. A list that holds something else stays what it is.
fn as_variables(node: &Rc<Node>) -> Rc<Node> {
    listed(node, |item, scalar| {
        let (name, value) = match scalar.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (scalar.text.as_str(), None),
        };
        let value = Scalar {
            text: value.unwrap_or_default().to_owned(),
            plain: value.is_none(),
            interpolated: value.is_some() && scalar.interpolated,
        };
        let value = Node {
            kind: NodeKind::Scalar(value),
            ..item.clone()
        };
        (name.to_owned(), value)
    })
}

/// A list of names as a mapping without values.
fn as_names(node: &Rc<Node>) -> Rc<Node> {
    listed(node, |item, scalar| {
        let nothing = Scalar {
            text: String::new(),
            plain: true,
            interpolated: false,
        };
        let value = Node {
            kind: NodeKind::Scalar(nothing),
            ..item.clone()
        };
        (scalar.text.clone(), value)
    })
}

fn listed(node: &Rc<Node>, entry: impl Fn(&Node, &Scalar) -> (String, Node)) -> Rc<Node> {
    let NodeKind::Sequence(items) = &node.kind else {
        return Rc::clone(node);
    };
    let mut entries = IndexMap::new();
    for item in items {
        let NodeKind::Scalar(scalar) = &item.kind else {
            return Rc::clone(node);
        };
        let (key, value) = entry(item, scalar);
        let key_span = item.span.clone();
        let value = Rc::new(value);
        entries.insert(key, Entry { key_span, value });
    }
    mapping(node, entries)
}

fn mapping(node: &Node, entries: IndexMap<String, Entry>) -> Rc<Node> {
    let kind = NodeKind::Mapping(entries);
    Rc::new(Node {
        kind,
        ..node.clone()
    })
}
