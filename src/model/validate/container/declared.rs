//! What containers name, and whether their scope declares it.

use crate::model::container::network::Neighbour;
use crate::model::name::{EnvironmentName, NetworkName, ServiceName};
use crate::model::validate::Validation;
use crate::problem::suggestion::did_you_mean;
use crate::problem::{ContainerProblem, ValueProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Field, Spanned, Table};

/// What a scope declares of one kind.
pub(in crate::model::validate) struct Declared<'s, T> {
    /// "network", "secret", "config".
    pub(super) kind: &'static str,
    table: &'s Field<Table<T>>,
}

impl<'s, T> Declared<'s, T> {
    pub(in crate::model::validate) fn new(kind: &'static str, table: &'s Field<Table<T>>) -> Self {
        Self { kind, table }
    }
}

impl Validation<'_> {
    /// Reports a network that the scope does not declare. `default` needs no declaration.
    pub(in crate::model::validate) fn check_network<T>(
        &mut self,
        name: &str,
        at: &Span,
        declared: &Declared<'_, T>,
    ) {
        if name != NetworkName::DEFAULT {
            self.check_declared(name, at, declared);
        }
    }

    /// Reports a name that the scope does not declare.
    pub(super) fn check_declared<T>(&mut self, name: &str, at: &Span, declared: &Declared<'_, T>) {
        let table = declared.table;
        if table.failed || table.entry(name).is_some() {
            return;
        }
        let kind = declared.kind;
        let known = table.entries().iter().map(|entry| entry.name.as_str());
        let hint = did_you_mean(name, known, || {
            let settings = match kind {
                "network" => "{}".to_owned(),
                _ => format!("{{ file: ./{name} }}"),
            };
            format!("declare it in this scope: `{kind}s: {{ {name}: {settings} }}`")
        });
        self.report(ContainerProblem::UndeclaredInScope {
            kind,
            name: name.to_owned(),
            hint,
            at: at.clone(),
            section: table.section().map(Into::into),
        });
    }

    /// The container that `service:NAME` names; `own` is the name of the one that says so.
    pub(super) fn neighbour(
        &mut self,
        key: &str,
        own: &str,
        text: &Spanned<&String>,
        scope: &ScopeSpec,
    ) -> Option<Neighbour> {
        let prefix = "service:";
        let name = text.value.strip_prefix(prefix)?;
        let at = self.part(text, prefix.len()..text.value.len());
        if name == own {
            self.report(ValueProblem::InvalidValue {
                key: key.to_owned(),
                text: text.value.clone(),
                reason: "a container cannot share its own".to_owned(),
                hint: "name another container of the scope, or remove it".to_owned(),
                at,
            });
            return None;
        }
        if scope.environments.entry(name).is_some() {
            return Some(Neighbour::Environment(EnvironmentName::new(name)));
        }
        if scope.services.entry(name).is_some() {
            return Some(Neighbour::Service(ServiceName::new(name)));
        }
        if scope.environments.failed || scope.services.failed {
            return None;
        }
        let environments = scope.environments.entries().iter();
        let known = environments.map(|entry| entry.name.as_str());
        let services = scope.services.entries().iter();
        let known = known.chain(services.map(|entry| entry.name.as_str()));
        let hint = did_you_mean(name, known.filter(|known| *known != own), || {
            "name an environment or a service of the same scope".to_owned()
        });
        self.report(ContainerProblem::UndeclaredContainer {
            name: name.to_owned(),
            hint,
            at,
        });
        None
    }
}
