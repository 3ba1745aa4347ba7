//! What waits for what.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::model::outer_engine::EngineChoice;
use crate::model::validate::Validation;
use crate::model::validate::service::implied_dependencies;
use crate::problem::suggestion::did_you_mean;
use crate::problem::{OuterEngineProblem, ReferenceProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::Field;
use crate::spec::environment::{DependenciesSpec, NamedDependency};

/// The most cycles that are told, and the most names that are told of each.
const MOST_CYCLES: usize = 100;
const LONGEST_CYCLE: usize = 30;

/// A thing of a scope that waits for others, or that others wait for.
struct Member<'s> {
    name: &'s str,
    profiles: Option<&'s Field<Vec<Field<String>>>>,
    depends_on: Vec<NamedDependency<'s>>,
    /// What it waits for without saying so in `depends_on`, and where it says that it does.
    implied: Vec<(&'s str, Span)>,
}

impl Validation<'_> {
    /// Checks that all names of `depends_on` stand for something that is there, and that nothing waits for itself.
    pub(super) fn check_dependencies(&mut self, scope: &ScopeSpec) {
        let members = members(scope);
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        for (number, member) in members.iter().enumerate() {
            numbers.entry(member.name).or_insert(number);
        }
        let inactive: Vec<Option<Span>> = members
            .iter()
            .map(|member| self.inactive_profiles(member))
            .collect();
        let mut edges: Vec<Vec<(usize, Span)>> = Vec::with_capacity(members.len());
        for (member, member_profiles) in members.iter().zip(&inactive) {
            let mut targets: IndexMap<usize, Span> = IndexMap::new();
            let left_out = member_profiles.is_some();
            for named in member.depends_on.iter().filter(|_| !left_out) {
                let (name, span) = (named.name, named.name_span.clone());
                let Some(number) = numbers.get(name).copied() else {
                    self.undeclared_member(name, span, scope);
                    continue;
                };
                let required = named.spec.and_then(|spec| spec.required.copied()) != Some(false);
                if let Some(profiles) = inactive[number].clone() {
                    if required {
                        self.report(ReferenceProblem::InactiveDependency {
                            name: name.to_owned(),
                            at: span,
                            profiles,
                        });
                    }
                    continue;
                }
                if let Some(first) = targets.get(&number) {
                    self.report(ReferenceProblem::ListedTwice {
                        name: name.to_owned(),
                        first: first.clone(),
                        again: span,
                    });
                } else {
                    targets.insert(number, span);
                }
            }
            for (name, span) in &member.implied {
                if let Some(number) = numbers.get(name).copied() {
                    targets.entry(number).or_insert_with(|| span.clone());
                }
            }
            edges.push(targets.into_iter().collect());
        }
        for cycle in cycles(&edges) {
            let shown = cycle.iter().take(LONGEST_CYCLE);
            let mut names: Vec<&str> = shown.map(|(number, _)| members[*number].name).collect();
            if cycle.len() > LONGEST_CYCLE {
                names.push("…");
            }
            names.extend(names.first().copied());
            let shown = cycle.into_iter().take(LONGEST_CYCLE);
            self.report(ReferenceProblem::DependencyCycle {
                cycle: names.join(" -> "),
                entries: shown.map(|(_, span)| span.into()).collect(),
            });
        }
    }

    /// Checks that nothing of a scope waits for what is on another outer engine, or shares namespaces with it.
    pub(super) fn check_dependencies_of_engines(
        &mut self,
        scope: &ScopeSpec,
        engines: &HashMap<&str, &EngineChoice>,
    ) {
        for member in members(scope) {
            let named = member.depends_on.iter();
            let named = named.map(|named| (named.name, named.name_span.clone()));
            for (other, at) in named.chain(member.implied) {
                let both = (engines.get(member.name), engines.get(other));
                if let (Some(own), Some(theirs)) = both
                    && own != theirs
                {
                    self.report(OuterEngineProblem::DependencyAcross {
                        name: member.name.to_owned(),
                        other: other.to_owned(),
                        at,
                    });
                }
            }
        }
    }

    fn undeclared_member(&mut self, name: &str, at: Span, scope: &ScopeSpec) {
        let (environments, services) = (&scope.environments, &scope.services);
        if environments.failed || services.failed {
            return;
        }
        let known = environments.entries().iter();
        let known = known.map(|entry| entry.name.as_str());
        let services = services.entries().iter();
        let known = known.chain(services.map(|entry| entry.name.as_str()));
        let hint = did_you_mean(name, known, || {
            "`depends_on` names environments and services of the same scope; declare it there or remove the name"
                .to_owned()
        });
        self.report(ReferenceProblem::UndeclaredEnvironment {
            what: "environment or service",
            name: name.to_owned(),
            hint,
            at,
            section: environments.section().map(Into::into),
        });
    }

    /// Where the profiles of a thing are written, if none of them is active.
    fn inactive_profiles(&self, member: &Member<'_>) -> Option<Span> {
        let profiles = member.profiles?;
        (!self.is_active(profiles)).then(|| profiles.span.clone())
    }
}

/// The entries of a `depends_on`.
fn named(spec: Option<&Field<DependenciesSpec>>) -> Vec<NamedDependency<'_>> {
    spec.and_then(|spec| spec.value.as_ref())
        .map(DependenciesSpec::named)
        .unwrap_or_default()
}

/// Everything in a scope that can wait, or be waited for.
fn members(scope: &ScopeSpec) -> Vec<Member<'_>> {
    let environments = scope.environments.entries().iter().map(|entry| {
        let spec = entry.value.value.as_ref();
        Member {
            name: &entry.name,
            profiles: spec.map(|spec| &spec.profiles),
            depends_on: named(spec.map(|spec| &spec.depends_on)),
            implied: Vec::new(),
        }
    });
    let services = scope.services.entries().iter().map(|entry| {
        let spec = entry.value.value.as_ref();
        Member {
            name: &entry.name,
            profiles: spec.map(|spec| &spec.own.profiles),
            depends_on: named(spec.map(|spec| &spec.own.depends_on)),
            implied: spec.map(implied_dependencies).unwrap_or_default(),
        }
    });
    environments.chain(services).collect()
}

/// Cycles of a graph: for each the nodes with the edge that leads on. At least one of each knot of cycles is found.
fn cycles(edges: &[Vec<(usize, Span)>]) -> Vec<Vec<(usize, Span)>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        OnPath,
        Done,
    }
    let mut marks = vec![Mark::New; edges.len()];
    let mut cycles = Vec::new();
    for start in 0..edges.len() {
        // The path from `start`, each node with the number of its edges that have been followed.
        let mut path: Vec<(usize, usize)> = Vec::new();
        if marks[start] == Mark::New {
            marks[start] = Mark::OnPath;
            path.push((start, 0));
        }
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            let Some((target, _)) = edges[node].get(*followed) else {
                marks[node] = Mark::Done;
                path.pop();
                continue;
            };
            let target = *target;
            *followed += 1;
            match marks[target] {
                Mark::New => {
                    marks[target] = Mark::OnPath;
                    path.push((target, 0));
                }
                Mark::OnPath => {
                    let first = path
                        .iter()
                        .position(|(on_path, _)| *on_path == target)
                        .unwrap_or(0);
                    let cycle = path[first..]
                        .iter()
                        .map(|(node, followed)| (*node, edges[*node][followed - 1].1.clone()));
                    cycles.push(cycle.collect());
                    if cycles.len() == MOST_CYCLES {
                        return cycles;
                    }
                }
                Mark::Done => {}
            }
        }
    }
    cycles
}
