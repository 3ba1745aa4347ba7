//! One value in another form: merging needs both sides alike where a key takes several forms.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::document::node::{Entry, MergeTag, Node, NodeKind, Scalar};

/// A word as the mapping that it is short for.
pub(super) fn with_word(node: &Rc<Node>, key: &str) -> Rc<Node> {
    if !matches!(node.kind, NodeKind::Scalar(_)) {
        return Rc::clone(node);
    }
    let entry = Entry {
        key_span: node.span.clone(),
        value: Rc::clone(node),
    };
    mapping(node, IndexMap::from([(key.to_owned(), entry)]))
}

/// A list of `NAME=value` as a mapping. A list that holds something else stays what it is.
pub(super) fn as_variables(node: &Rc<Node>) -> Rc<Node> {
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

/// A list of names as a mapping without values; `tag` says how each goes over what is said of it below.
pub(super) fn as_names(node: &Rc<Node>, tag: MergeTag) -> Rc<Node> {
    listed(node, |item, scalar| {
        let nothing = Scalar {
            text: String::new(),
            plain: true,
            interpolated: false,
        };
        let value = Node {
            span: item.span.clone(),
            kind: NodeKind::Scalar(nothing),
            tag,
        };
        (scalar.text.clone(), value)
    })
}

/// One text as a list of it.
pub(super) fn as_list(node: &Rc<Node>) -> Rc<Node> {
    match &node.kind {
        NodeKind::Scalar(scalar) if !scalar.is_null() => Rc::new(Node {
            span: node.span.clone(),
            kind: NodeKind::Sequence(vec![Rc::clone(node)]),
            tag: node.tag,
        }),
        _ => Rc::clone(node),
    }
}

/// Host names with addresses as a list of `NAME=ADDRESS`.
pub(super) fn as_hosts(node: &Rc<Node>) -> Rc<Node> {
    let NodeKind::Mapping(entries) = &node.kind else {
        return Rc::clone(node);
    };
    let mut items = Vec::new();
    for (name, entry) in entries {
        let addresses = match &entry.value.kind {
            NodeKind::Sequence(addresses) => addresses.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        for address in addresses {
            let NodeKind::Scalar(scalar) = &address.kind else {
                return Rc::clone(node);
            };
            let scalar = Scalar {
                text: format!("{name}={}", scalar.text),
                plain: false,
                interpolated: scalar.interpolated,
            };
            items.push(Rc::new(Node {
                kind: NodeKind::Scalar(scalar),
                ..Node::clone(address)
            }));
        }
    }
    Rc::new(Node {
        kind: NodeKind::Sequence(items),
        ..Node::clone(node)
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
