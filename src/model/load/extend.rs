//! `extends`: a service takes over what another one says, and its own keys go over that, as in Compose.
//!
//! It is done in the tree of each file by itself, before anything joins it. What is taken over keeps its place, so a problem
//! in it points there and its relative paths start from there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::document::budget::VALUE_LIMIT;
use crate::document::merge::extend;
use crate::document::node::{Entry, MergeTag, Node, NodeKind};
use crate::document::place::Place;
use crate::document::variables::Variables;
use crate::model::load::{Loader, folder_of};
use crate::problem::suggestion::did_you_mean;
use crate::problem::{ComposeProblem, ShapeProblem};
use crate::source::Span;
use crate::spec::container::file::ExtendsSpec;
use crate::spec::decode::{Spanned, decode_value};

/// How many services may extend each other in one row.
const LONGEST_CHAIN: usize = 64;
/// How many values may be taken over in all.
const MOST_TAKEN_OVER: usize = VALUE_LIMIT;
/// Keys of a service that stand beside `outer` in an environment, which an outer container does not take over.
const BESIDE_OUTER: [&str; 6] = [
    "volumes",
    "depends_on",
    "profiles",
    "replicas",
    "scale",
    "docker_host",
];

/// The services of a scope as they are written, the same for as long as one file is worked on.
type Services<'n> = Option<&'n Entry>;

/// One file's services being extended.
pub(super) struct Extension<'l, 'a> {
    loader: &'l mut Loader<'a>,
    variables: &'l Variables,
    is_compose: bool,
    /// The services of other files. They stay in memory, so that a node's address is its identity.
    files: HashMap<PathBuf, Option<Entry>>,
    /// What services of scopes came to.
    done: HashMap<(*const Node, *const Node), Rc<Node>>,
    /// The services that extend each other up to the one at hand.
    chain: Vec<(*const Node, String)>,
    taken_over: usize,
    /// Whether a limit is passed.
    is_too_many: bool,
}

impl<'l, 'a> Extension<'l, 'a> {
    pub(super) fn new(
        loader: &'l mut Loader<'a>,
        variables: &'l Variables,
        is_compose: bool,
    ) -> Self {
        Self {
            loader,
            variables,
            is_compose,
            files: HashMap::new(),
            done: HashMap::new(),
            chain: Vec::new(),
            taken_over: 0,
            is_too_many: false,
        }
    }

    /// A scope, or a file, whose services have taken over what they extend.
    pub(super) fn scope(&mut self, node: &Rc<Node>) -> Rc<Node> {
        let services = entry_of(node, "services");
        with_values(node, |key, value| match key {
            "services" => with_values(value, |name, service| {
                self.container(name, service, services, Place::Service)
            }),
            "environments" => with_values(value, |name, environment| {
                with_values(environment, |key, value| match key {
                    "outer" => self.container(name, value, services, Place::Outer),
                    "inner" => self.scope(value),
                    _ => Rc::clone(value),
                })
            }),
            _ => Rc::clone(value),
        })
    }

    /// A container with what it extends. What extends something that cannot be had is broken: the problem has been reported.
    fn container(
        &mut self,
        name: &str,
        node: &Rc<Node>,
        services: Services<'_>,
        place: Place,
    ) -> Rc<Node> {
        let NodeKind::Mapping(entries) = &node.kind else {
            return Rc::clone(node);
        };
        let is_left_out = |entry: &Entry| matches!(&entry.value.kind, NodeKind::Scalar(scalar) if scalar.is_null());
        let Some(extends) = entries.get("extends").filter(|it| !is_left_out(it)) else {
            return Rc::clone(node);
        };
        let identity = (
            services.map_or(std::ptr::null(), |services| Rc::as_ptr(&services.value)),
            Rc::as_ptr(node),
        );
        if let Some(done) = self.done.get(&identity) {
            return Rc::clone(done);
        }
        let mut own = entries.clone();
        own.shift_remove("extends");
        let own = with_kind(node, NodeKind::Mapping(own));
        self.chain.push((Rc::as_ptr(node), name.to_owned()));
        let base = self.base(extends, services);
        self.chain.pop();
        let whole = match base {
            Some(base) if place == Place::Outer => extend(&without_beside(&base), &own, place),
            Some(base) => extend(&base, &own, place),
            None => with_kind(node, NodeKind::Broken),
        };
        self.done.insert(identity, Rc::clone(&whole));
        whole
    }

    /// The service that an `extends` names, with what that one extends.
    fn base(&mut self, extends: &Entry, services: Services<'_>) -> Option<Rc<Node>> {
        let loader = &mut *self.loader;
        let mut extends = extends.clone();
        loader.fill_in(&mut extends, self.variables);
        let extends = &extends;
        let spec: ExtendsSpec =
            decode_value("extends", extends, &loader.sources, &mut loader.problems)?;
        let (service, file) = match &spec {
            ExtendsSpec::Scalar(service) => {
                let span = extends.value.span.clone();
                let value = service;
                (Spanned { value, span }, None)
            }
            ExtendsSpec::Mapping(mapping) => {
                let Some(service) = mapping.service.get() else {
                    if !mapping.service.failed {
                        let missing = ShapeProblem::MissingKey {
                            what: "`extends`".to_owned(),
                            key: "service".to_owned(),
                            hint: "say which service: `service: base`".to_owned(),
                            at: extends.value.span.clone(),
                        };
                        loader.problems.push(missing.into());
                    }
                    return None;
                };
                if mapping.file.failed {
                    return None;
                }
                (service, mapping.file.get())
            }
        };
        let in_file = match &file {
            Some(file) => Some(self.services_of(file)?),
            None => None,
        };
        let services = in_file.as_ref().or(services);
        let entry = services.and_then(|services| entry_of(&services.value, service.value));
        let Some(base) = entry else {
            let problem = unknown(&service, services, file.as_ref());
            self.loader.problems.push(problem.into());
            return None;
        };
        let base = &base.value;
        let identity = Rc::as_ptr(base);
        if let Some(first) = self.chain.iter().position(|(other, _)| *other == identity) {
            let names = self.chain[first..].iter().map(|(_, name)| name.as_str());
            let names: Vec<&str> = names.chain([service.value.as_str()]).collect();
            let cycle = names.join(" -> ");
            let at = service.span;
            self.loader
                .problems
                .push(ComposeProblem::ExtendsCycle { cycle, at }.into());
            return None;
        }
        if self.chain.len() > LONGEST_CHAIN {
            return self.too_many(
                &format!("{LONGEST_CHAIN} services in one row"),
                service.span,
            );
        }
        let base = self.container(service.value, base, services, Place::Service);
        if matches!(base.kind, NodeKind::Broken) {
            return None;
        }
        if self.taken_over <= MOST_TAKEN_OVER {
            self.taken_over += size(&base);
        }
        if self.taken_over > MOST_TAKEN_OVER {
            return self.too_many(&format!("{MOST_TAKEN_OVER} values in all"), service.span);
        }
        Some(base)
    }

    /// Notes that a limit is passed. One such problem says it all.
    fn too_many(&mut self, what: &str, at: Span) -> Option<Rc<Node>> {
        if !std::mem::replace(&mut self.is_too_many, true) {
            let what = format!("more than {what}");
            let problem = ComposeProblem::TooManyExtends { what, at };
            self.loader.problems.push(problem.into());
        }
        None
    }

    /// The services at the top of another file.
    fn services_of(&mut self, file: &Spanned<&String>) -> Option<Entry> {
        let path = self.loader.beside(file);
        if let Some(services) = self.files.get(&path) {
            return services.clone();
        }
        let root = self.file(&path, file.span.clone());
        let services = root.map(|root| match entry_of(&root, "services") {
            Some(services) => services.clone(),
            // It has none: each that is looked for is missing.
            None => Entry {
                key_span: 0..0,
                value: with_kind(&root, NodeKind::Mapping(IndexMap::new())),
            },
        });
        self.files.insert(path, services.clone());
        services
    }

    fn file(&mut self, path: &Path, at: Span) -> Option<Rc<Node>> {
        if !self.loader.may_read_another(&at) {
            return None;
        }
        match self.loader.read_named(path, folder_of(path)) {
            Ok(file) => {
                let file = self.loader.of_kind(file?, self.is_compose);
                self.loader.parsed(&file, self.variables)
            }
            Err(error) => {
                let problem = ComposeProblem::Unreadable {
                    path: self.loader.shown(path),
                    reason: error.to_string(),
                    at,
                };
                self.loader.problems.push(problem.into());
                None
            }
        }
    }
}

fn unknown(
    service: &Spanned<&String>,
    services: Services<'_>,
    file: Option<&Spanned<&String>>,
) -> ComposeProblem {
    let names = match services.map(|services| &services.value.kind) {
        Some(NodeKind::Mapping(entries)) => entries.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let hint = did_you_mean(service.value, names, || match file {
        Some(file) => format!("`{}` has no such service at its top", file.value),
        None => "declare it in the same scope of this file, or name its file: \
            `extends: { file: other.yaml, service: NAME }`"
            .to_owned(),
    });
    ComposeProblem::UnknownExtended {
        name: service.value.clone(),
        hint,
        at: service.span.clone(),
        section: services
            .filter(|services| !services.key_span.is_empty())
            .map(|services| services.key_span.clone().into()),
    }
}

/// A service without what an outer container does not have.
fn without_beside(service: &Rc<Node>) -> Rc<Node> {
    let NodeKind::Mapping(entries) = &service.kind else {
        return Rc::clone(service);
    };
    let mut entries = entries.clone();
    for key in BESIDE_OUTER {
        entries.shift_remove(key);
    }
    with_kind(service, NodeKind::Mapping(entries))
}

/// How many values a node holds.
fn size(node: &Node) -> usize {
    1 + match &node.kind {
        NodeKind::Scalar(_) | NodeKind::Broken => 0,
        NodeKind::Sequence(items) => items.iter().map(|item| size(item)).sum(),
        NodeKind::Mapping(entries) => entries.values().map(|entry| size(&entry.value)).sum(),
    }
}

/// A key of a mapping, with its value.
fn entry_of<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    match &node.kind {
        NodeKind::Mapping(entries) => entries.get(key),
        _ => None,
    }
}

/// A mapping with each value changed; anything else as it is.
pub(super) fn with_values(
    node: &Rc<Node>,
    mut change: impl FnMut(&str, &Rc<Node>) -> Rc<Node>,
) -> Rc<Node> {
    let NodeKind::Mapping(entries) = &node.kind else {
        return Rc::clone(node);
    };
    let changed = entries.iter().map(|(key, entry)| {
        let value = change(key, &entry.value);
        let key_span = entry.key_span.clone();
        (key.clone(), Entry { key_span, value })
    });
    with_kind(node, NodeKind::Mapping(changed.collect()))
}

/// A node of another kind in the same place. A file's whole replaces nothing, so what was tagged stays tagged.
pub(super) fn with_kind(node: &Node, kind: NodeKind) -> Rc<Node> {
    let tag = match kind {
        NodeKind::Broken => MergeTag::None,
        _ => node.tag,
    };
    Rc::new(Node {
        span: node.span.clone(),
        kind,
        tag,
    })
}
