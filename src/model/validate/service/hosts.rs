//! Names by which containers are found on networks.

use std::collections::HashMap;

use crate::model::container::Container;
use crate::model::container::network::NetworkMode;
use crate::model::validate::Validation;
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::service::MadeService;
use crate::problem::ServiceProblem;
use crate::source::Span;

/// Who answers to a name on a network: where it is declared, and whether it is a service.
type Hosts = HashMap<(String, String), (Span, bool)>;

impl Validation<'_> {
    /// Checks that no service answers to a name to which another container of the scope answers.
    pub(super) fn check_hosts(
        &mut self,
        services: &[MadeService<'_>],
        environments: &[MadeEnvironment<'_>],
    ) {
        let mut hosts = Hosts::new();
        for made in environments {
            let environment = &made.environment;
            let container = &environment.outer.container;
            let own = (made.name, environment.replicas);
            self.claim_names(&mut hosts, own, container, &made.name_span, false);
        }
        for made in services {
            let service = &made.service;
            let own = (made.name, service.replicas);
            self.claim_names(&mut hosts, own, &service.container, &made.name_span, true);
        }
    }

    fn claim_names(
        &mut self,
        hosts: &mut Hosts,
        (name, replicas): (&str, u32),
        container: &Container,
        place: &Span,
        is_service: bool,
    ) {
        let NetworkMode::Networks(networks) = &container.network else {
            return;
        };
        let mut names: Vec<String> = (1..=replicas).map(|i| format!("{name}-{i}")).collect();
        if replicas == 1 {
            names.push(name.to_owned());
        }
        for (network, attachment) in networks {
            let aliases = attachment.aliases.iter();
            // What all replicas of one thing answer to is theirs together.
            let all = names.iter().chain(aliases.filter(|alias| !names.contains(alias)));
            for name in all {
                let key = (network.to_string(), name.clone());
                match hosts.get(&key) {
                    // One name for two environments is another problem, and so is one thing that is declared twice.
                    Some((first, was_service)) if first != place => {
                        if is_service || *was_service {
                            self.report(ServiceProblem::AliasUsedTwice {
                                name: name.clone(),
                                network: network.to_string(),
                                first: first.clone(),
                                again: place.clone(),
                            });
                        }
                    }
                    Some(_) => {}
                    None => {
                        hosts.insert(key, (place.clone(), is_service));
                    }
                }
            }
        }
    }
}
