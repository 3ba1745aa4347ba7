//! Several files as one: what a later file says goes over what an earlier one says, as in Compose.
//!
//! Mappings are merged key by key, lists are joined, anything else is replaced. Some lists hold one item for each name, or
//! are replaced whole; [`Place`] says which. `!override` replaces instead of merging, `!reset` takes away. Every value keeps
//! the place where it is written.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::document::form::{as_hosts, as_list, as_names, as_variables, with_word};
use crate::document::node::{Entry, MergeTag, Node, NodeKind};
use crate::document::place::Place;

/// Where a container finds a secret that does not say where.
const SECRETS: &str = "/run/secrets";

/// Puts what `over` says over what `base` says. Both are the top level of a file.
pub(crate) fn merge(base: Rc<Node>, over: &Rc<Node>) -> Rc<Node> {
    merged(base, over, Place::Scope)
}

/// Puts what a container says over what the service says that it extends.
pub(crate) fn extend(base: &Rc<Node>, over: &Rc<Node>, place: Place) -> Rc<Node> {
    merged(Rc::clone(base), over, place)
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

fn merged(base: Rc<Node>, over: &Rc<Node>, place: Place) -> Rc<Node> {
    if over.tag == MergeTag::Override || place == Place::Whole {
        return Rc::clone(over);
    }
    // A key without a value says nothing about what it could hold.
    if is_null(over) && !is_scalar(&base) {
        return base;
    }
    if place == Place::Logging && driver(over).is_some() && driver(&base) != driver(over) {
        return Rc::clone(over);
    }
    let (alike, over) = alike(&base, over, place);
    // The base is changed where it is, not copied, unless an alias stands for it too.
    drop(base);
    let mut base = alike;
    match (&base.kind, &over.kind) {
        (NodeKind::Mapping(_), NodeKind::Mapping(_))
        | (NodeKind::Sequence(_), NodeKind::Sequence(_)) => {}
        _ => return over,
    }
    match (&mut Rc::make_mut(&mut base).kind, &over.kind) {
        (NodeKind::Mapping(base), NodeKind::Mapping(over)) => merge_entries(base, over, place),
        (NodeKind::Sequence(base), NodeKind::Sequence(over)) => join(base, over, place),
        _ => {}
    }
    base
}

/// Two values in one form, where a place takes several.
fn alike(base: &Rc<Node>, over: &Rc<Node>, place: Place) -> (Rc<Node>, Rc<Node>) {
    let one_is_mapping = is_mapping(base) || is_mapping(over);
    let both = |form: &dyn Fn(&Rc<Node>) -> Rc<Node>| (form(base), form(over));
    match place {
        Place::Outer if !(is_scalar(base) && is_scalar(over)) => {
            both(&|node| with_word(node, "mode"))
        }
        Place::Build if one_is_mapping => both(&|node| with_word(node, "context")),
        Place::Variables => both(&as_variables),
        Place::Hosts => both(&as_hosts),
        // A name alone asks for what it asks for without more: Compose says so of dependencies, and not of networks.
        Place::Dependencies if one_is_mapping => both(&|node| as_names(node, MergeTag::Override)),
        Place::Attachments if one_is_mapping => both(&|node| as_names(node, MergeTag::None)),
        Place::Texts | Place::EnvFiles => both(&as_list),
        _ => (Rc::clone(base), Rc::clone(over)),
    }
}

fn merge_entries(base: &mut IndexMap<String, Entry>, over: &IndexMap<String, Entry>, place: Place) {
    let mut reset: HashSet<&str> = HashSet::new();
    for (key, entry) in over {
        if entry.value.tag == MergeTag::Reset {
            reset.insert(key);
            continue;
        }
        match base.get_mut(key) {
            Some(existing) => {
                let value = std::mem::replace(&mut existing.value, Rc::clone(&entry.value));
                let value = merged(value, &entry.value, place.below(key));
                // What stays of the base is found by the base's key.
                if Rc::ptr_eq(&value, &entry.value) {
                    existing.key_span = entry.key_span.clone();
                }
                existing.value = value;
            }
            None => {
                base.insert(key.clone(), entry.clone());
            }
        }
    }
    if !reset.is_empty() {
        base.retain(|key, _| !reset.contains(key.as_str()));
    }
}

/// Adds a list to another. Of items that stand for the same thing the later one is kept, in the place of the earlier one.
fn join(base: &mut Vec<Rc<Node>>, over: &[Rc<Node>], place: Place) {
    let identities = over.iter().filter_map(|item| identity(item, place));
    let mut places: HashMap<String, Option<usize>> = identities.map(|it| (it, None)).collect();
    if !places.is_empty() {
        for (index, item) in base.iter().enumerate() {
            let identity = identity(item, place);
            if let Some(place) = identity.and_then(|identity| places.get_mut(&identity)) {
                *place = Some(index);
            }
        }
    }
    for item in over.iter().filter(|item| item.tag != MergeTag::Reset) {
        // Twice in one file is a mistake of that file, so only items of the base are replaced.
        let place = identity(item, place).and_then(|identity| places.get(&identity).copied());
        match place.flatten() {
            Some(index) => base[index] = Rc::clone(item),
            None => base.push(Rc::clone(item)),
        }
    }
}

/// What an item of a list stands for; nothing where every item stands for itself.
fn identity(item: &Node, place: Place) -> Option<String> {
    match &item.kind {
        NodeKind::Scalar(scalar) => identity_of_text(&scalar.text, place),
        NodeKind::Mapping(entries) => identity_of_mapping(entries, place),
        NodeKind::Sequence(_) | NodeKind::Broken => None,
    }
}

fn identity_of_text(item: &str, place: Place) -> Option<String> {
    let target = |item: &str| item.split(':').nth(1).unwrap_or(item).to_owned();
    Some(match place {
        Place::Mounts => target(item).trim_end_matches('/').to_owned(),
        Place::Devices => target(item),
        Place::Secrets => format!("{SECRETS}/{item}"),
        Place::Texts => item.split('=').next().unwrap_or(item).to_owned(),
        Place::Images => image_name(item),
        Place::Ports
        | Place::Names
        | Place::Dependencies
        | Place::Attachments
        | Place::Hosts
        | Place::EnvFiles
        | Place::Configs => item.to_owned(),
        _ => return None,
    })
}

fn identity_of_mapping(entries: &IndexMap<String, Entry>, place: Place) -> Option<String> {
    let part = |key: &str| text(entries, key);
    Some(match place {
        Place::Mounts => part("target")?.trim_end_matches('/').to_owned(),
        Place::Devices => part("target")?.to_owned(),
        Place::Secrets => match part("target") {
            Some(target) => target.to_owned(),
            None => format!("{SECRETS}/{}", part("source")?),
        },
        Place::Configs => part("target").or_else(|| part("source"))?.to_owned(),
        Place::Images => image_name(part("image")?),
        Place::EnvFiles => part("path")?.to_owned(),
        Place::Pools => part("subnet")?.to_owned(),
        Place::Ports => {
            let published = part("published").unwrap_or_default();
            let protocol = part("protocol").unwrap_or("tcp");
            let host_ip = part("host_ip").unwrap_or("0.0.0.0");
            format!("{host_ip}:{published}:{}/{protocol}", part("target")?)
        }
        _ => return None,
    })
}

/// An image's name as short as it can be, without its digest: with one it is the same image, pinned.
fn image_name(reference: &str) -> String {
    let name = reference.split('@').next().unwrap_or(reference);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    name.strip_suffix(":latest").unwrap_or(name).to_owned()
}

fn text<'n>(entries: &'n IndexMap<String, Entry>, key: &str) -> Option<&'n str> {
    match &entries.get(key)?.value.kind {
        NodeKind::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}

/// The word of `driver`.
fn driver(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Mapping(entries) => text(entries, "driver"),
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
