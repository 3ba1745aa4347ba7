//! Names by which containers are found on networks.

use std::collections::HashMap;

use crate::model::container::Container;
use crate::model::container::network::NetworkMode;
use crate::model::validate::Validation;
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::service::MadeService;
use crate::problem::ServiceProblem;
use crate::source::Span;

/// Who answers to a name on a network.
type Hosts<'m> = HashMap<(String, String), Member<'m>>;

/// A thing that answers to names.
#[derive(Clone)]
struct Member<'m> {
    name: &'m str,
    place: Span,
    is_service: bool,
    replicas: u32,
}

impl Validation<'_> {
    /// Checks that no service answers to a name to which another container of the scope answers.
    pub(super) fn check_hosts(
        &mut self,
        services: &[MadeService<'_>],
        environments: &[MadeEnvironment<'_>],
    ) {
        if services.is_empty() {
            return;
        }
        let mut hosts = Hosts::new();
        for made in environments {
            let member = Member {
                name: made.name,
                place: made.name_span.clone(),
                is_service: false,
                replicas: made.environment.replicas,
            };
            self.claim_names(&mut hosts, &member, &made.environment.outer.container);
        }
        for made in services {
            let member = Member {
                name: made.name,
                place: made.name_span.clone(),
                is_service: true,
                replicas: made.service.replicas,
            };
            self.claim_names(&mut hosts, &member, &made.service.container);
        }
    }

    fn claim_names<'m>(
        &mut self,
        hosts: &mut Hosts<'m>,
        member: &Member<'m>,
        container: &Container,
    ) {
        let NetworkMode::Networks(networks) = &container.network else {
            return;
        };
        let numbered = (1..=member.replicas).map(|replica| format!("{}-{replica}", member.name));
        let mut names: Vec<String> = numbered.collect();
        if member.replicas == 1 {
            names.push(member.name.to_owned());
        }
        for (network, attachment) in networks {
            let aliases = attachment.aliases.iter();
            // What all replicas of one thing answer to is theirs together.
            let all = names
                .iter()
                .chain(aliases.filter(|alias| !names.contains(alias)));
            for name in all {
                let key = (network.to_string(), name.clone());
                let Some(other) = hosts.get(&key) else {
                    hosts.insert(key, member.clone());
                    continue;
                };
                // Two environments, and two things of one name, are other problems.
                if other.name != member.name && (member.is_service || other.is_service) {
                    let first = other.place.clone();
                    self.report(ServiceProblem::AliasUsedTwice {
                        name: name.clone(),
                        network: network.to_string(),
                        first,
                        again: member.place.clone(),
                    });
                }
            }
        }
    }
}
