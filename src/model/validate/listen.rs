//! How an environment's engine can be reached: its socket, TCP, and the names in its certificate.

use crate::mode::{Certificates, Mode, OwnEngine};
use crate::model::environment::Listen;
use crate::model::port::Port;
use crate::model::validate::Validation;
use crate::model::validate::environment::MOST_REPLICAS;
use crate::model::validate::variables::MadeVariables;
use crate::problem::suggestion::quoted_list;
use crate::problem::{ModeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::outer::ListenSpec;
use crate::spec::vocabulary::not_supported_yet;

/// The port on which engines listen without TLS.
const PLAIN_PORT: u16 = 2375;

/// An environment as its clients know it.
pub(super) struct Reached<'a> {
    pub(super) name: &'a str,
    pub(super) replicas: u32,
    pub(super) hostname: Option<&'a str>,
    /// Its aliases, each with its network.
    pub(super) aliases: Vec<(&'a str, Spanned<&'a String>)>,
}

impl Validation<'_> {
    /// How clients reach the engine.
    pub(super) fn listen(
        &mut self,
        listen: &Field<ListenSpec>,
        mode: Option<(&'static Mode, &Span)>,
    ) -> Listen {
        let Some(word) = listen.get() else {
            return Listen::Socket;
        };
        let (listen, what) = match word.value {
            ListenSpec::Socket => return Listen::Socket,
            ListenSpec::Tls => (Listen::Tls, "`listen: tls`"),
            ListenSpec::Tcp => (Listen::Tcp, "`listen: tcp`"),
        };
        // Without an engine of its own the key is another problem.
        if let Some((mode, mode_at)) = mode
            && let Some(engine) = mode.own_engine()
        {
            if listen == Listen::Tls && engine.certificates.is_none() {
                self.report(ModeProblem::TlsNotPossible {
                    mode: mode.name.to_owned(),
                    at: word.span,
                    mode_at: mode_at.clone(),
                });
                return listen;
            }
            if listen == Listen::Tcp {
                self.plain_tcp(what, word.span.clone());
            }
            if engine.certificates.is_none() {
                self.report(not_supported_yet(what.to_owned(), word.span));
            }
        }
        listen
    }

    /// Says that an engine can be reached by anyone.
    pub(super) fn plain_tcp(&mut self, what: &str, at: Span) {
        let what = what.to_owned();
        self.report(ModeProblem::PlainTcp { what, at });
    }

    /// Path of the engine's socket in the container.
    pub(super) fn socket(&mut self, socket: &Field<String>, mode: &Mode) -> String {
        let Some(path) = socket.get() else {
            return mode.socket().to_owned();
        };
        if !path.value.starts_with('/') || path.value.split('/').any(|part| part == "..") {
            self.report(ValueProblem::InvalidValue {
                key: "socket".to_owned(),
                text: path.value.clone(),
                reason: "it is no absolute path in the container".to_owned(),
                hint: format!(
                    "write where the engine's socket is, as in `{}`",
                    mode.socket()
                ),
                at: path.span,
            });
        }
        path.value.clone()
    }

    /// Published ports that lead to an engine without TLS, or that the engine inside cannot use.
    pub(super) fn check_ports_of_engine(
        &mut self,
        mode: (&Mode, &Span),
        engine: &OwnEngine,
        ports: &[Port],
        spans: &[Span],
    ) {
        for (port, span) in ports.iter().zip(spans) {
            if port.protocol == "tcp" && port.target == PLAIN_PORT {
                self.plain_tcp("publishing port 2375", span.clone());
            }
            if port.target < engine.lowest_port {
                self.report(ModeProblem::LowPort {
                    mode: mode.0.name.to_owned(),
                    port: port.target,
                    lowest: engine.lowest_port,
                    suggested: port.target + 8000,
                    at: span.clone(),
                    mode_at: mode.1.clone(),
                });
            }
        }
    }

    /// Checks that the certificate holds the names by which clients reach the engine, where its names are set by hand.
    pub(super) fn check_certificate(
        &mut self,
        certificates: &Certificates,
        variables: &MadeVariables,
        listen: &Field<ListenSpec>,
        reached: &Reached<'_>,
    ) {
        let Some(variable) = variables.get(certificates.names_variable) else {
            return;
        };
        if !matches!(listen.copied(), Some(ListenSpec::Tls)) {
            return;
        }
        let given = variable.value().split(',').map(str::trim);
        let given = given.map(|name| name.split_once(':').map_or(name, |(_, name)| name));
        let held: Vec<&str> = given
            .chain(certificates.names.iter().copied())
            .chain(reached.hostname)
            .collect();
        let mut names: Vec<String> = match reached.replicas {
            1 => vec![reached.name.to_owned()],
            many => (1..=many.min(MOST_REPLICAS))
                .map(|replica| format!("{}-{replica}", reached.name))
                .collect(),
        };
        for (_, alias) in &reached.aliases {
            if !names.contains(alias.value) {
                names.push(alias.value.clone());
            }
        }
        let missing: Vec<String> = names
            .into_iter()
            .filter(|name| !held.contains(&name.as_str()))
            .collect();
        if missing.is_empty() {
            return;
        }
        let additions: Vec<String> = missing.iter().map(|name| format!("DNS:{name}")).collect();
        self.report(ModeProblem::NameNotInCertificate {
            names: quoted_list(missing.iter().map(String::as_str)),
            variable: certificates.names_variable.to_owned(),
            additions: format!("`{}`", additions.join(",")),
            at: variable.name_span.clone(),
            listen: listen.span.clone(),
        });
    }
}
