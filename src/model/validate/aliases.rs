//! Names by which engines are found on networks, besides their own.

use std::collections::HashMap;

use crate::model::name::NetworkName;
use crate::model::validate::Validation;
use crate::model::validate::environment::MadeEnvironment;
use crate::problem::NameProblem;
use crate::source::Span;
use crate::spec::container::ContainerSpec;
use crate::spec::container::network::AttachmentsSpec;
use crate::spec::decode::Spanned;

/// The aliases of a container, each with its network.
pub(super) fn aliases(spec: &ContainerSpec) -> Vec<(&str, Spanned<&String>)> {
    let Some(AttachmentsSpec::Mapping(table)) = &spec.networks.value else {
        return Vec::new();
    };
    let mut aliases = Vec::new();
    for entry in &table.entries {
        let attachment = entry.value.value.iter();
        let found = attachment.flat_map(|attachment| attachment.aliases.items());
        aliases.extend(found.map(|alias| (entry.name.as_str(), alias)));
    }
    aliases
}

/// The networks that a container is attached to.
pub(super) fn networks_of(spec: Option<&ContainerSpec>) -> Vec<&str> {
    let attachments = spec.and_then(|spec| spec.networks.value.as_ref());
    attachments.map_or_else(
        || vec![NetworkName::DEFAULT],
        |attachments| {
            attachments
                .names()
                .into_iter()
                .map(|(name, _)| name)
                .collect()
        },
    )
}

impl Validation<'_> {
    /// Checks that on each network one name leads to one engine.
    pub(super) fn check_aliases(&mut self, environments: &[MadeEnvironment<'_>]) {
        let mut known: HashMap<(&str, &str), Span> = HashMap::new();
        let with_engine = || {
            let engines = environments.iter();
            engines.filter(|made| made.environment.outer.mode.own_engine().is_some())
        };
        if with_engine().all(|made| made.container.is_none_or(|spec| aliases(spec).is_empty())) {
            return;
        }
        for made in with_engine() {
            for network in networks_of(made.container) {
                known.insert((network, made.name), made.name_span.clone());
            }
        }
        for made in with_engine() {
            for (network, alias) in made.container.map(aliases).unwrap_or_default() {
                let first = known.insert((network, alias.value.as_str()), alias.span.clone());
                // Its own name is no other engine's.
                let first = first.filter(|_| alias.value != made.name);
                let several = (made.environment.replicas > 1).then(|| made.replicas_span.clone());
                if let Some(first) = first.or(several) {
                    self.report(NameProblem::AliasShared {
                        alias: alias.value.clone(),
                        network: network.to_owned(),
                        first,
                        again: alias.span,
                    });
                }
            }
        }
    }
}
