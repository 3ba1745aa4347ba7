//! What waits for what.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::model::validate::Validation;
use crate::problem::ReferenceProblem;
use crate::problem::suggestion::did_you_mean;
use crate::source::Span;
use crate::spec::decode::{Field, Table, TableEntry};
use crate::spec::environment::{
    DependenciesSpec, DependencyCondition, DependencySpec, EnvironmentSpec, NamedDependency,
};
use crate::spec::vocabulary::not_supported_yet;

/// The most cycles that are told, and the most names that are told of each.
const MOST_CYCLES: usize = 100;
const LONGEST_CYCLE: usize = 30;

impl Validation<'_> {
    /// Checks that all names of `depends_on` stand for something that is there, and that no environment waits for itself.
    pub(super) fn check_dependencies(&mut self, environments: &Field<Table<EnvironmentSpec>>) {
        let entries = environments.entries();
        let numbers: HashMap<&str, usize> = entries
            .iter()
            .enumerate()
            .map(|(number, entry)| (entry.name.as_str(), number))
            .collect();
        let mut edges: Vec<Vec<(usize, Span)>> = Vec::with_capacity(entries.len());
        let inactive: Vec<Option<Span>> = entries
            .iter()
            .map(|entry| self.inactive_profiles(entry))
            .collect();
        for (entry, entry_profiles) in entries.iter().zip(&inactive) {
            let mut targets: IndexMap<usize, Span> = IndexMap::new();
            let left_out = entry_profiles.is_some();
            for named in dependencies(entry).into_iter().filter(|_| !left_out) {
                let (name, span) = (named.name, named.name_span);
                let Some(number) = numbers.get(name).copied() else {
                    self.undeclared_environment(name, span, environments);
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
                    if let Some(spec) = named.spec {
                        self.check_dependency(spec);
                    }
                }
            }
            edges.push(targets.into_iter().collect());
        }
        for cycle in cycles(&edges) {
            let name = |number: usize| entries[number].name.as_str();
            let shown = cycle.iter().take(LONGEST_CYCLE);
            let mut names: Vec<&str> = shown.map(|(number, _)| name(*number)).collect();
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

    fn undeclared_environment(
        &mut self,
        name: &str,
        at: Span,
        environments: &Field<Table<EnvironmentSpec>>,
    ) {
        let known = environments
            .entries()
            .iter()
            .map(|entry| entry.name.as_str());
        let hint = did_you_mean(name, known, || {
            "`depends_on` names environments of the same scope; declare it there or remove the name"
                .to_owned()
        });
        self.report(ReferenceProblem::UndeclaredEnvironment {
            name: name.to_owned(),
            hint,
            at,
            section: environments.section().map(Into::into),
        });
    }

    /// What of a dependency's long form this version does not act on.
    fn check_dependency(&mut self, spec: &DependencySpec) {
        let condition = spec.condition.get();
        let condition = condition.filter(|value| *value.value != DependencyCondition::Healthy);
        let restart = spec.restart.get().filter(|value| *value.value);
        let optional = spec.required.get().filter(|value| !*value.value);
        let parts = [
            (
                "a condition other than `service_healthy`",
                condition.map(|value| value.span),
            ),
            ("`restart: true`", restart.map(|value| value.span)),
            ("`required: false`", optional.map(|value| value.span)),
        ];
        for (what, place) in parts {
            if let Some(at) = place {
                self.report(not_supported_yet(what.to_owned(), at));
            }
        }
    }

    /// Where the profiles of an environment are written, if none of them is active.
    fn inactive_profiles(&self, entry: &TableEntry<EnvironmentSpec>) -> Option<Span> {
        let profiles = &entry.value.value.as_ref()?.profiles;
        (!self.is_active(profiles)).then(|| profiles.span.clone())
    }
}

fn dependencies(entry: &TableEntry<EnvironmentSpec>) -> Vec<NamedDependency<'_>> {
    let spec = entry.value.value.as_ref();
    spec.and_then(|spec| spec.depends_on.value.as_ref())
        .map(DependenciesSpec::named)
        .unwrap_or_default()
}

/// Cycles of a graph: for each the nodes with the edge that leads on. At least one of each knot of cycles is found,
/// unless they are so many that nobody reads them.
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
