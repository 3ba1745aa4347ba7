//! Published ports.

use crate::model::port::Port;
use crate::model::registry::RegistryPort;
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::{MadeRegistry, Validation};
use crate::problem::{MountProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::port::{PortMapping, PortSpec};

impl Validation<'_> {
    /// The ports that a container publishes, and the place of each.
    pub(super) fn ports(&mut self, spec: &Field<Vec<Field<PortSpec>>>) -> (Vec<Port>, Vec<Span>) {
        let mut ports = Vec::new();
        let mut spans = Vec::new();
        for item in spec.items() {
            let (text, parsed) = match item.value {
                PortSpec::Scalar(text) => (text.0.clone(), Port::parse(&text.0)),
                PortSpec::Mapping(mapping) => match self.port_mapping(mapping, &item.span) {
                    Some(parsed) => parsed,
                    None => continue,
                },
            };
            match parsed {
                Ok(parsed) => {
                    spans.extend(std::iter::repeat_n(item.span, parsed.len()));
                    ports.extend(parsed);
                }
                Err(reason) => self.report(ValueProblem::InvalidPort {
                    text,
                    reason,
                    at: item.span,
                }),
            }
        }
        (ports, spans)
    }

    fn port_mapping(
        &mut self,
        mapping: &PortMapping,
        span: &Span,
    ) -> Option<(String, Result<Vec<Port>, String>)> {
        let Some(Spanned { value: target, .. }) = mapping.target.get() else {
            if !mapping.target.failed {
                let hint = "say which port of the container: `target: 80`";
                self.missing("a port", "target", hint, span.clone());
            }
            return None;
        };
        let published = mapping.published.value.as_ref().map(|text| text.0.as_str());
        let parsed = Port::from_parts(
            mapping.host_ip.value.as_deref(),
            published.filter(|published| !published.is_empty()),
            &target.0,
            mapping.protocol.value.as_deref().unwrap_or("tcp"),
        );
        let text = match published {
            Some(published) => format!("{published}:{}", target.0),
            None => target.0.clone(),
        };
        Some((text, parsed))
    }

    /// Checks that no two containers of a scope publish one port of the host.
    pub(super) fn check_ports(
        &mut self,
        environments: &[&MadeEnvironment<'_>],
        registries: &[&MadeRegistry],
    ) {
        let mut published: Vec<(Port, Span)> = Vec::new();
        for made in registries {
            let container = made.registry.container();
            if let Some(RegistryPort::Fixed(port)) = container.map(|container| container.port) {
                let port = Port {
                    host_ip: Some("127.0.0.1".to_owned()),
                    published: Some(port),
                    target: port,
                    protocol: "tcp".to_owned(),
                };
                self.publish(port, made.port_span.clone(), &mut published);
            }
        }
        for made in environments {
            let replicas = made.environment.replicas;
            for (port, span) in made
                .environment
                .outer
                .container
                .ports
                .iter()
                .zip(&made.port_spans)
            {
                if let Some(number) = port.published
                    && replicas > 1
                {
                    self.report(MountProblem::PortWithReplicas {
                        port: number.to_string(),
                        replicas,
                        at: span.clone(),
                        replicas_at: made.replicas_span.clone(),
                    });
                }
                self.publish(port.clone(), span.clone(), &mut published);
            }
        }
    }

    fn publish(&mut self, port: Port, span: Span, published: &mut Vec<(Port, Span)>) {
        let Some(number) = port.published else { return };
        if let Some((_, first)) = published
            .iter()
            .find(|(other, _)| other.clashes_with(&port))
        {
            self.report(MountProblem::PortPublishedTwice {
                port: number.to_string(),
                first: first.clone(),
                again: span,
            });
        } else {
            published.push((port, span));
        }
    }
}
