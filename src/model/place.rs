//! Where the things of a project are written, for those who say what is wrong with them later, and to which profiles they
//! belong.

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::document::node::{Entry, Node, NodeKind};
use crate::model::image::ImageReference;
use crate::source::{SourceMap, Span};

/// A range of text in a file. Lines and characters count from 1; the end is the first character that is outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The path as the user would write it.
    pub file: String,
    /// Line and character of its start.
    pub start: (usize, usize),
    /// Line and character of its end.
    pub end: (usize, usize),
}

/// Where each thing is written, by its address without a replica.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Places(BTreeMap<String, Written>);

#[derive(Debug, Clone, PartialEq)]
struct Written {
    own: Place,
    /// The keys of it that may be what is wrong.
    keys: BTreeMap<&'static str, Place>,
    profiles: Vec<String>,
}

/// What a scope declares by name, and the word that addresses have for it.
const NAMED: [(&str, &str); 6] = [
    ("engines", "engine"),
    ("volumes", "volume"),
    ("networks", "network"),
    ("registries", "registry"),
    ("environments", "environment"),
    ("services", "service"),
];
/// The keys that later rooms may complain about. Those of an environment stand in `outer`, too.
const KEYS: [&str; 10] = [
    "runtime",
    "mode",
    "driver",
    "devices",
    "protect",
    "external",
    "secrets",
    "volumes",
    "pull",
    "pull_policy",
];

impl Places {
    /// Where the things of a file are written.
    pub(crate) fn of(file: &Node, sources: &SourceMap) -> Self {
        let mut places = Self::default();
        places.add_scope("", file, sources);
        places
    }

    /// Where the thing of an address is written: the first of these keys that it has, or else its name. Of what the file
    /// does not name, the environment around it.
    pub(crate) fn of_address(&self, address: &str, keys: &[&str]) -> Option<&Place> {
        let mut address = without_replicas(address);
        // What another outer engine has is not declared there.
        if address.starts_with("engine.")
            && let Some((_, thing)) = address.split_once('/')
            && self.0.contains_key(thing)
        {
            address = thing.to_owned();
        }
        if let Some(written) = self.0.get(&address) {
            let key = keys.iter().find_map(|key| written.keys.get(*key));
            return Some(key.unwrap_or(&written.own));
        }
        while let Some((around, _)) = address.rsplit_once('/') {
            if let Some(written) = self.0.get(around) {
                return Some(&written.own);
            }
            address = around.to_owned();
        }
        None
    }

    /// The profiles of the thing of an address and of those around it.
    pub(crate) fn profiles(&self, address: &str) -> Vec<String> {
        let address = without_replicas(address);
        let ends = address.match_indices('/').map(|(end, _)| end);
        let around = ends.chain([address.len()]).map(|end| &address[..end]);
        let written = around.filter_map(|address| self.0.get(address));
        written.flat_map(|it| it.profiles.clone()).collect()
    }

    fn add_scope(&mut self, prefix: &str, scope: &Node, sources: &SourceMap) {
        let Some(scope) = mapping(scope) else {
            return;
        };
        for (key, word) in NAMED {
            let named = scope.get(key).and_then(|entry| mapping(&entry.value));
            for (name, entry) in named.into_iter().flatten() {
                let address = format!("{prefix}{word}.{name}");
                let inner = mapping(&entry.value).and_then(|keys| keys.get("inner"));
                if let Some(inner) = inner.filter(|_| word == "environment") {
                    self.add_scope(&format!("{address}/"), &inner.value, sources);
                }
                self.add(address, &entry.key_span, Some(&entry.value), sources);
            }
        }
        let images = scope.get("images").map(|entry| &entry.value.kind);
        if let Some(NodeKind::Sequence(images)) = images {
            for image in images {
                let named = mapping(image).and_then(|keys| keys.get("image"));
                let name = named.map_or(image, |entry| &entry.value);
                // Addresses have the tag filled in.
                if let Some(reference) = text(name).and_then(|it| ImageReference::parse(&it).ok()) {
                    let address = format!("{prefix}image[\"{reference}\"]");
                    self.add(address, &name.span, Some(image), sources);
                }
            }
        }
    }

    fn add(&mut self, address: String, span: &Span, thing: Option<&Node>, sources: &SourceMap) {
        let Some(own) = place(span, sources) else {
            return;
        };
        let mut keys = BTreeMap::new();
        let thing = thing.and_then(mapping);
        let outer = thing.and_then(|thing| thing.get("outer"));
        // `outer: sysbox` says the mode as well.
        let mode = outer.and_then(|outer| place(&outer.value.span, sources));
        let mode = mode.filter(|_| outer.is_some_and(|it| mapping(&it.value).is_none()));
        keys.extend(mode.map(|mode| ("mode", mode)));
        let outer = outer.and_then(|outer| mapping(&outer.value));
        for key in KEYS {
            let mut places = [outer, thing].into_iter().flatten();
            let found = places.find_map(|it| it.get(key));
            let found = found.and_then(|entry| place(&entry.key_span, sources));
            keys.extend(found.map(|place| (key, place)));
        }
        let profiles = thing.and_then(|thing| thing.get("profiles"));
        let profiles = profiles.map(|entry| &entry.value.kind);
        let profiles = match profiles {
            Some(NodeKind::Sequence(names)) => names.iter().filter_map(text).collect(),
            _ => Vec::new(),
        };
        let written = Written {
            own,
            keys,
            profiles,
        };
        self.0.insert(address, written);
    }
}

fn mapping(node: &Node) -> Option<&IndexMap<String, Entry>> {
    match &node.kind {
        NodeKind::Mapping(entries) => Some(entries),
        _ => None,
    }
}

fn text(node: &Rc<Node>) -> Option<String> {
    match &node.kind {
        NodeKind::Scalar(scalar) => Some(scalar.text.clone()),
        _ => None,
    }
}

fn place(span: &Span, sources: &SourceMap) -> Option<Place> {
    let start = sources.position(span.start)?;
    let end = sources.position(span.end)?;
    Some(Place {
        file: start.file.to_string_lossy().into_owned(),
        start: (start.line, start.column),
        end: (end.line, end.column),
    })
}

/// `environment.builder[2]/service.db[1]` as `environment.builder/service.db`. The names of images stay as they are.
fn without_replicas(address: &str) -> String {
    let mut text = String::new();
    let mut rest = address;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        match after.split_once(']') {
            Some((number, after)) if number.parse::<u32>().is_ok() => rest = after,
            _ => {
                text.push('[');
                rest = after;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use crate::model::place::without_replicas;

    #[test]
    fn replicas_are_left_out_at_every_depth() {
        for (address, stem) in [
            ("volume.a", "volume.a"),
            ("environment.a[2]/service.b[1]", "environment.a/service.b"),
            (
                "environment.a[2]/image[\"b:1\"]",
                "environment.a/image[\"b:1\"]",
            ),
        ] {
            assert_eq!(without_replicas(address), stem);
        }
    }
}
