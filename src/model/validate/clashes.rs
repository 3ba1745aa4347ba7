//! Real names: what the file calls differently may be one object on an engine.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::fmt;

use indexmap::IndexMap;

use crate::model::environment::DataPlace;
use crate::model::name::{EnvironmentName, VolumeName};
use crate::model::naming::Naming;
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::{MadeRegistries, Validation};
use crate::problem::NameProblem;
use crate::source::Span;
use crate::spec::ScopeSpec;

/// The most bytes of a name that is looked at.
const LONGEST_NAME: usize = 255;

/// What a name stands for, and where the file says so.
#[derive(Clone)]
struct Claim<'c> {
    owner: Owner<'c>,
    /// What a volume is for that nest makes for its owner.
    purpose: Option<&'static str>,
    place: Span,
    /// Whether it is somebody else's, which several may share.
    external: bool,
}

/// A thing of the file by its name.
#[derive(Clone, Copy)]
enum Owner<'c> {
    Volume(&'c str),
    Registry(&'c str),
    Environment(&'c str),
    /// A volume that is shared with an engine inside.
    Shared,
}

impl<'c> Owner<'c> {
    fn name(self) -> Option<&'c str> {
        match self {
            Self::Volume(name) | Self::Registry(name) | Self::Environment(name) => Some(name),
            Self::Shared => None,
        }
    }
}

/// For people: "the volume `cache`".
impl fmt::Display for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(purpose) = self.purpose {
            write!(f, "the {purpose} volume of ")?;
        }
        match self.owner {
            Owner::Volume(name) => write!(f, "the volume `{name}`"),
            Owner::Registry(name) => write!(f, "the registry `{name}`"),
            Owner::Environment(name) => write!(f, "the environment `{name}`"),
            Owner::Shared => f.write_str("shared with the engine inside"),
        }
    }
}

/// The names in use on one engine.
#[derive(Default)]
pub(super) struct Claims<'c> {
    volumes: HashMap<String, Claim<'c>>,
    /// Names of volumes as addresses have them, each with its scope.
    volume_addresses: HashMap<(String, String), Claim<'c>>,
    /// Names on networks, each with the scope whose network it is.
    hosts: HashMap<(String, String), Claim<'c>>,
}

impl Validation<'_> {
    /// Checks the names that the top level of the file, and what shares its engine, get on the outer engine.
    pub(super) fn check_outer_names(
        &mut self,
        spec: &ScopeSpec,
        environments: &[MadeEnvironment<'_>],
        registries: &MadeRegistries,
    ) {
        let mut claims = Claims::default();
        let naming = Naming::outer(&self.project_name);
        self.claim_declared(&mut claims, &naming, "", spec);
        for (name, made) in registries {
            let claim = Claim {
                owner: Owner::Registry(name.as_str()),
                purpose: None,
                place: made.name_span.clone(),
                external: false,
            };
            let Some(container) = made.registry.container() else {
                continue;
            };
            // It answers to these on the network; its container is the only one of its name.
            for host in [
                name.to_string(),
                format!("{name}-1"),
                format!("{name}.nest"),
            ] {
                self.claim_host(&mut claims, ("", host), &claim);
            }
            if container.volume.is_none() {
                self.claim_own(&mut claims, &naming, ("", name.as_str(), "data"), &claim);
            }
        }
        for made in environments {
            self.claim_environment(&mut claims, &naming, "", made);
        }
    }

    /// Checks the names that a scope, and what shares its engine, get in an engine inside.
    ///
    /// `shared` are the volumes that are shared into it. One that it declares by that very name is another problem.
    pub(super) fn check_inner_names(
        &mut self,
        spec: &ScopeSpec,
        environments: &[MadeEnvironment<'_>],
        shared: &IndexMap<String, Span>,
    ) {
        let mut claims = Claims::default();
        for (name, place) in shared {
            if spec.volumes.entry(name).is_none() {
                let claim = Claim {
                    owner: Owner::Shared,
                    purpose: None,
                    place: place.clone(),
                    external: false,
                };
                claims.volumes.insert(name.clone(), claim);
            }
        }
        let naming = Naming::inner(&self.project_name);
        self.claim_declared(&mut claims, &naming, "", spec);
        for made in environments {
            self.claim_environment(&mut claims, &naming, "", made);
        }
    }

    fn claim_environment<'c>(
        &mut self,
        claims: &mut Claims<'c>,
        naming: &Naming,
        scope: &str,
        made: &MadeEnvironment<'c>,
    ) {
        // A name that is far too long is another problem, and its replicas would take all memory.
        if made.name.len() > LONGEST_NAME {
            return;
        }
        let environment = &made.environment;
        let claim = Claim {
            owner: Owner::Environment(made.name),
            purpose: None,
            place: made.name_span.clone(),
            external: false,
        };
        if environment.replicas == 1 {
            self.claim_host(claims, (scope, made.name.to_owned()), &claim);
        }
        let has_engine = environment.outer.mode.own_engine().is_some();
        for replica in 1..=environment.replicas {
            let numbered = format!("{}-{replica}", made.name);
            if has_engine {
                self.claim_own(claims, naming, (scope, &numbered, "socket"), &claim);
                if environment.outer.data.place == DataPlace::Own {
                    self.claim_own(claims, naming, (scope, &numbered, "data"), &claim);
                }
            }
            self.claim_host(claims, (scope, numbered), &claim);
        }
        if !has_engine {
            let shared = naming.shared(&EnvironmentName::new(made.name));
            let scope = format!("{scope}{}/", made.name);
            if let Some(inner) = made.inner {
                self.claim_declared(claims, &shared, &scope, inner);
            }
            for beside in &made.beside.environments {
                self.claim_environment(claims, &shared, &scope, beside);
            }
        }
    }

    /// The volumes that a scope declares.
    fn claim_declared<'c>(
        &mut self,
        claims: &mut Claims<'c>,
        naming: &Naming,
        scope: &str,
        spec: &'c ScopeSpec,
    ) {
        for entry in spec.volumes.entries() {
            let settings = entry.value.value.as_ref();
            let external = settings.and_then(|spec| spec.external.copied()) == Some(true);
            let explicit = settings.and_then(|spec| spec.name.get());
            let claim = Claim {
                owner: Owner::Volume(&entry.name),
                purpose: None,
                place: explicit
                    .as_ref()
                    .map_or_else(|| entry.name_span.clone(), |name| name.span.clone()),
                external,
            };
            let real_name = match explicit {
                Some(name) => name.value.clone(),
                None if external => entry.name.clone(),
                None => naming.volume(&VolumeName::new(&entry.name), None),
            };
            if !external && real_name.starts_with(&format!("nest-{}-", self.project_name)) {
                self.report(NameProblem::Reserved {
                    name: real_name,
                    at: claim.place,
                });
                continue;
            }
            let address = (scope.to_owned(), entry.name.clone());
            claims.volume_addresses.insert(address, claim.clone());
            self.claim_volume(claims, real_name, claim);
        }
    }

    /// A volume that nest makes for a container.
    fn claim_own<'c>(
        &mut self,
        claims: &mut Claims<'c>,
        naming: &Naming,
        (scope, name, purpose): (&str, &str, &'static str),
        owner: &Claim<'c>,
    ) {
        let claim = Claim {
            purpose: Some(purpose),
            ..owner.clone()
        };
        let real_name = naming.own_volume(name, purpose);
        let declared = if claims.volume_addresses.is_empty() {
            None
        } else {
            let address = (scope.to_owned(), format!("{name}-{purpose}"));
            claims.volume_addresses.get(&address).cloned()
        };
        // An explicit `name` sets two apart on the engine, but not in addresses.
        match declared {
            Some(other) if !claims.volumes.contains_key(&real_name) => {
                self.report_volume(
                    &format!("volume.{name}-{purpose}"),
                    "in plans",
                    other,
                    claim,
                );
            }
            _ => self.claim_volume(claims, real_name, claim),
        }
    }

    fn claim_volume<'c>(&mut self, claims: &mut Claims<'c>, real_name: String, claim: Claim<'c>) {
        match claims.volumes.get(&real_name).cloned() {
            Some(other) if other.external && claim.external => {}
            Some(other) => self.report_volume(&real_name, "on the engine", other, claim),
            None => {
                claims.volumes.insert(real_name, claim);
            }
        }
    }

    fn report_volume(&mut self, name: &str, place: &'static str, one: Claim<'_>, other: Claim<'_>) {
        let (first, second) = in_order(one, other);
        self.report(NameProblem::VolumesClash {
            name: name.to_owned(),
            place,
            first_what: first.to_string(),
            first: first.place,
            second_what: second.to_string(),
            second: second.place,
        });
    }

    fn claim_host<'c>(
        &mut self,
        claims: &mut Claims<'c>,
        (scope, host): (&str, String),
        claim: &Claim<'c>,
    ) {
        let other = match claims.hosts.entry((scope.to_owned(), host)) {
            Slot::Occupied(slot) => slot,
            Slot::Vacant(slot) => {
                slot.insert(claim.clone());
                return;
            }
        };
        let host = other.key().1.clone();
        let (first, second) = in_order(other.get().clone(), claim.clone());
        // One name for two things is another problem.
        if first.owner.name() == second.owner.name() {
            return;
        }
        self.report(NameProblem::HostsClash {
            name: host,
            first_what: first.to_string(),
            first: first.place,
            second_what: second.to_string(),
            second: second.place,
        });
    }
}

fn in_order<'c>(one: Claim<'c>, other: Claim<'c>) -> (Claim<'c>, Claim<'c>) {
    if one.place.start <= other.place.start {
        (one, other)
    } else {
        (other, one)
    }
}
