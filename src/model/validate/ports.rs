//! Published ports.

use std::collections::HashMap;

use crate::model::port::{HostPorts, Port};
use crate::model::registry::RegistryPort;
use crate::model::validate::scope::OnEngine;
use crate::model::validate::{MadeRegistry, Validation};
use crate::problem::{MountProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::port::{PortMapping, PortSpec};

/// The most ports that a file publishes: a range of all is a few letters.
pub(super) const MOST_PORTS: usize = 100_000;

impl Validation<'_> {
    /// The ports that a container publishes, and the place of each.
    pub(super) fn ports(&mut self, spec: &Field<Vec<Field<PortSpec>>>) -> (Vec<Port>, Vec<Span>) {
        let mut ports = Vec::new();
        let mut spans = Vec::new();
        for item in spec.items() {
            // One problem says that there are too many; each range of all ports is a few letters.
            if self.ports_left == 0 {
                break;
            }
            let (text, parsed) = match item.value {
                PortSpec::Scalar(text) => (text.0.clone(), Port::parse(&text.0)),
                PortSpec::Mapping(mapping) => match self.port_mapping(mapping, &item.span) {
                    Some(parsed) => parsed,
                    None => continue,
                },
            };
            let parsed = parsed.and_then(|parsed| self.affordable(parsed));
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

    /// The ports, if the file may have as many more.
    fn affordable(&mut self, ports: Vec<Port>) -> Result<Vec<Port>, String> {
        let left = self.ports_left.checked_sub(ports.len());
        self.ports_left = left.unwrap_or_default();
        let reason = || format!("the file would publish more than {MOST_PORTS} ports in all");
        left.map(|_| ports).ok_or_else(reason)
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
        on_engine: &OnEngine<'_, '_>,
        registries: &[&MadeRegistry],
    ) {
        let mut published = PublishedPorts::default();
        for made in registries {
            let container = made.registry.container();
            if let Some(RegistryPort::Fixed(port)) = container.map(|container| container.port) {
                let port = Port {
                    host_ip: Some("127.0.0.1".to_owned()),
                    published: Some(port.into()),
                    target: port,
                    protocol: "tcp".to_owned(),
                };
                self.publish(port, made.port_span.clone(), &mut published);
            }
        }
        for made in &on_engine.environments {
            let environment = &made.environment;
            let ports = environment.outer.container.ports.iter();
            let ports = ports.zip(&made.port_spans);
            let replicas = (environment.replicas, &made.replicas_span);
            self.publish_all(ports, replicas, &mut published);
        }
        for made in &on_engine.services {
            let ports = made.service.container.ports.iter();
            let ports = ports.zip(&made.port_spans);
            let replicas = (made.service.replicas, &made.replicas_span);
            self.publish_all(ports, replicas, &mut published);
        }
    }

    /// The ports of one thing, of which there are several containers perhaps.
    fn publish_all<'p>(
        &mut self,
        ports: impl Iterator<Item = (&'p Port, &'p Span)>,
        (replicas, replicas_at): (u32, &Span),
        published: &mut PublishedPorts,
    ) {
        for (port, span) in ports {
            if let Some(number) = &port.published
                && replicas > number.count()
            {
                self.report(MountProblem::PortWithReplicas {
                    port: number.to_string(),
                    replicas,
                    at: span.clone(),
                    replicas_at: replicas_at.clone(),
                });
            }
            self.publish(port.clone(), span.clone(), published);
        }
    }

    fn publish(&mut self, port: Port, span: Span, published: &mut PublishedPorts) {
        // Of several the engine takes one that is free.
        let Some(number) = port.published.as_ref().and_then(HostPorts::one) else {
            return;
        };
        if let Some(first) = published.clash(number, &port) {
            self.report(MountProblem::PortPublishedTwice {
                port: number.to_string(),
                first: first.clone(),
                again: span,
            });
        } else {
            published.insert(number, port, span);
        }
    }
}

/// The ports that are published on one host, none of which clash: by number and protocol.
#[derive(Default)]
struct PublishedPorts(HashMap<(u16, String), Listeners>);

/// Who listens on one port: one for every address, or several for one address each.
struct Listeners {
    first: Span,
    everywhere: bool,
    by_address: HashMap<Option<String>, Span>,
}

impl PublishedPorts {
    /// Where a port is published that clashes with this one.
    fn clash(&self, number: u16, port: &Port) -> Option<&Span> {
        let listeners = self.0.get(&(number, port.protocol.clone()))?;
        if listeners.everywhere || port.is_everywhere() {
            Some(&listeners.first)
        } else {
            listeners.by_address.get(&port.host_ip)
        }
    }

    fn insert(&mut self, number: u16, port: Port, span: Span) {
        let everywhere = port.is_everywhere();
        let listeners = self.0.entry((number, port.protocol));
        let listeners = listeners.or_insert_with(|| Listeners {
            first: span.clone(),
            everywhere,
            by_address: HashMap::new(),
        });
        listeners.by_address.insert(port.host_ip, span);
    }
}
