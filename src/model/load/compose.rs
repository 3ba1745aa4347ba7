//! `compose`: the services, volumes, networks, secrets and configs of Compose files join the scope that names the files.

use std::path::PathBuf;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::document::node::{Entry, Node, NodeKind};
use crate::document::variables::Variables;
use crate::model::load::Loader;
use crate::model::load::extend::{with_kind, with_values};
use crate::model::load::include::Named;
use crate::problem::ComposeProblem;
use crate::source::Span;
use crate::spec::compose::{ComposeFileSpec, ComposeMapping, ComposeSpec, SECTIONS, top_level_key};
use crate::spec::decode::{Field, decode_value};

impl Loader<'_> {
    /// A scope, or a file, without its `compose`, and with what the Compose files that it names declare.
    pub(super) fn with_compose(
        &mut self,
        node: &Rc<Node>,
        variables: &Rc<Variables>,
        chain: &mut Vec<PathBuf>,
    ) -> Rc<Node> {
        let NodeKind::Mapping(entries) = &node.kind else {
            return Rc::clone(node);
        };
        let mut entries = entries.clone();
        if let Some(environments) = entries.get_mut("environments") {
            environments.value = with_values(&environments.value, |_, environment| {
                with_values(environment, |key, value| match key {
                    "inner" => self.with_compose(value, variables, chain),
                    _ => Rc::clone(value),
                })
            });
        }
        if let Some(mut compose) = entries.shift_remove("compose") {
            self.fill_in(&mut compose, variables);
            let spec = decode_value("compose", &compose, &self.sources, &mut self.problems);
            for (named, profiles) in spec.iter().flat_map(|spec| named(spec, &compose)) {
                if let Some(tree) = self.named_tree(&named, variables, chain) {
                    self.join(&mut entries, &tree, &profiles);
                }
            }
        }
        with_kind(node, NodeKind::Mapping(entries))
    }

    /// Adds what a Compose file declares to a scope. `profiles` are those whose services are always there.
    fn join(&mut self, scope: &mut IndexMap<String, Entry>, compose: &Node, profiles: &[&str]) {
        let NodeKind::Mapping(sections) = &compose.kind else {
            return;
        };
        for (section, added) in sections {
            if let Some(problem) = top_level_key(section, &added.key_span) {
                self.problems.push(problem.into());
            }
            if !SECTIONS.contains(&section.as_str()) {
                continue;
            }
            let added = match section.as_str() {
                "services" => Entry {
                    value: with_values(&added.value, |_, service| active(service, profiles)),
                    ..added.clone()
                },
                _ => added.clone(),
            };
            let Some(existing) = scope.get_mut(section) else {
                scope.insert(section.clone(), added);
                continue;
            };
            match (&existing.value.kind, &added.value.kind) {
                (NodeKind::Mapping(_), NodeKind::Mapping(there)) => {
                    let node = Rc::make_mut(&mut existing.value);
                    let NodeKind::Mapping(here) = &mut node.kind else {
                        continue;
                    };
                    for (name, entry) in there {
                        match here.get(name) {
                            Some(first) => {
                                let conflict = ComposeProblem::Conflict {
                                    section: section.clone(),
                                    name: name.clone(),
                                    here: first.key_span.clone(),
                                    compose: entry.key_span.clone(),
                                };
                                self.problems.push(conflict.into());
                            }
                            None => {
                                here.insert(name.clone(), entry.clone());
                            }
                        }
                    }
                }
                (NodeKind::Scalar(scalar), _) if scalar.is_null() => *existing = added,
                (_, NodeKind::Scalar(scalar)) if scalar.is_null() => {}
                // One of them is of the wrong kind: decoding says so, and what the other holds matters no more.
                (NodeKind::Mapping(_), _) => *existing = added,
                _ => {}
            }
        }
    }
}

/// What a `compose` names, file by file, each with the profiles whose services are always there.
fn named<'s>(spec: &'s ComposeSpec, entry: &Entry) -> Vec<(Named<'s>, Vec<&'s str>)> {
    let of_path = |path: &'s String, span: Span| (Named::path("compose", path, span), Vec::new());
    let of_mapping = |mapping: &'s ComposeMapping, span: Span| {
        let named = Named {
            key: "compose",
            span,
            paths: mapping.path.paths(),
            has_wrong_path: mapping.path.failed,
            env_files: mapping.env_file.paths(),
            folder: mapping.project_directory.get(),
        };
        let profiles = mapping.profiles.items();
        (named, profiles.map(|item| item.value.as_str()).collect())
    };
    let span = entry.value.span.clone();
    match spec {
        ComposeSpec::Scalar(path) => vec![of_path(path, span)],
        ComposeSpec::Mapping(mapping) => vec![of_mapping(mapping, span)],
        ComposeSpec::Sequence(items) => items
            .iter()
            .filter_map(Field::get)
            .map(|item| match item.value {
                ComposeFileSpec::Scalar(path) => of_path(path, item.span),
                ComposeFileSpec::Mapping(mapping) => of_mapping(mapping, item.span),
            })
            .collect(),
    }
}

/// A service without its profiles, if one of them is among those that are always there.
fn active(service: &Rc<Node>, profiles: &[&str]) -> Rc<Node> {
    let NodeKind::Mapping(entries) = &service.kind else {
        return Rc::clone(service);
    };
    let own = entries.get("profiles").map(|entry| &entry.value.kind);
    let is_active = |profile: &Rc<Node>| matches!(&profile.kind, NodeKind::Scalar(scalar) if profiles.contains(&scalar.text.as_str()));
    match own {
        Some(NodeKind::Sequence(own)) if profiles.contains(&"*") || own.iter().any(is_active) => {
            let mut entries = entries.clone();
            entries.shift_remove("profiles");
            with_kind(service, NodeKind::Mapping(entries))
        }
        _ => Rc::clone(service),
    }
}
