//! Addresses and packets that must fit to those further out.

use std::collections::HashMap;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::model::name::NetworkName;
use crate::model::validate::Validation;
use crate::model::validate::aliases::networks_of;
use crate::model::validate::networks::MadeNetwork;
use crate::model::validate::surroundings::EngineAround;
use crate::problem::NetworkProblem;
use crate::source::Span;
use crate::spec::container::ContainerSpec;
use crate::spec::decode::{Field, Spanned, Table};
use crate::spec::outer::RawSpec;

impl Validation<'_> {
    /// Checks the networks of a scope, beside each other and against those further out.
    pub(super) fn check_networks(&mut self, networks: &IndexMap<NetworkName, MadeNetwork>) {
        for made in networks.values() {
            let pools = made.network.ipam.pools.iter();
            for (pool, span) in pools.zip(&made.subnet_spans) {
                self.claim_subnet(pool.subnet, span.clone());
            }
            if let Some(mtu) = made.network.mtu {
                self.check_mtu(mtu, &made.mtu_span);
            }
        }
    }

    /// Checks what the configuration of an engine says of its networks. The engine is the innermost one.
    pub(super) fn check_daemon_networks(&mut self, daemon: &Field<Table<RawSpec>>) {
        for entry in daemon.entries() {
            let field = &entry.value;
            match (entry.name.as_str(), &field.value) {
                ("bip", Some(RawSpec::Scalar(serde_yaml::Value::String(text)))) => {
                    // The bridge has this address, so it is not the first of its subnet.
                    let subnet = text.parse::<IpNet>().map(|subnet| subnet.trunc());
                    match subnet {
                        Ok(subnet) => self.claim_subnet(subnet, field.span.clone()),
                        Err(_) => self.report(NetworkProblem::InvalidSubnet {
                            key: "bip".to_owned(),
                            text: text.clone(),
                            reason: "it is no address with a length".to_owned(),
                            at: field.span.clone(),
                        }),
                    }
                }
                ("default-address-pools", Some(RawSpec::Sequence(pools))) => {
                    for pool in pools.iter().filter_map(|pool| pool.value.as_ref()) {
                        self.check_pool(pool);
                    }
                }
                ("mtu", Some(RawSpec::Scalar(serde_yaml::Value::Number(number)))) => {
                    if let Some(mtu) = number.as_u64().and_then(|mtu| u32::try_from(mtu).ok()) {
                        self.check_mtu(mtu, &field.span);
                    }
                }
                _ => {}
            }
        }
    }

    fn check_pool(&mut self, pool: &RawSpec) {
        let RawSpec::Mapping(keys) = pool else { return };
        let base = keys.entries.iter().find(|entry| entry.name == "base");
        let Some(field) = base.map(|entry| &entry.value) else {
            return;
        };
        let Some(RawSpec::Scalar(serde_yaml::Value::String(text))) = &field.value else {
            return;
        };
        let written = Spanned {
            value: text,
            span: field.span.clone(),
        };
        let Some(subnet) = self.subnet("base", &written) else {
            return;
        };
        self.check_outside(subnet, &written.span);
        if let Some(engine) = self.engines.last_mut() {
            engine.pools.add(subnet, written.span);
        }
    }

    /// A subnet of a network of the innermost engine.
    fn claim_subnet(&mut self, subnet: IpNet, span: Span) {
        self.check_outside(subnet, &span);
        let Some(engine) = self.engines.last_mut() else {
            return;
        };
        match engine.networks.overlap(subnet) {
            None => engine.networks.add(subnet, span),
            // What an anchor holds is one subnet for several networks.
            Some((first_text, first)) => self.report(NetworkProblem::OverlappingSubnets {
                first_text: first_text.to_string(),
                again_text: subnet.to_string(),
                first,
                again: span,
            }),
        }
    }

    fn check_outside(&mut self, subnet: IpNet, inner: &Span) {
        let Some((_, outside)) = self.engines.split_last() else {
            return;
        };
        let overlap = |engine: &EngineAround| {
            let networks = engine.networks.overlap(subnet);
            networks.or_else(|| engine.pools.overlap(subnet))
        };
        if let Some((outer_text, outer)) = outside.iter().find_map(overlap) {
            self.report(NetworkProblem::OverlapsOutside {
                inner_text: subnet.to_string(),
                outer_text: outer_text.to_string(),
                outer,
                inner: inner.clone(),
            });
        }
    }

    fn check_mtu(&mut self, inner: u32, inner_at: &Span) {
        let bound = self.engines.last().and_then(|engine| engine.mtu.clone());
        if let Some((outer, outer_at)) = bound
            && inner > outer
        {
            self.report(NetworkProblem::MtuAboveOuter {
                inner,
                outer,
                outer_at,
                inner_at: inner_at.clone(),
            });
        }
    }

    /// The largest packet that a container can send on all of its networks, where the file says.
    pub(super) fn packet_size(&self, container: Option<&ContainerSpec>) -> Option<(u32, Span)> {
        let outside = || self.engines.last().and_then(|engine| engine.mtu.clone());
        let sizes = networks_of(container).into_iter().filter_map(|name| {
            let declared = self.packet_sizes.get(name).cloned();
            declared.or_else(outside)
        });
        sizes.min_by_key(|(size, _)| *size).or_else(outside)
    }
}

/// The largest packets of the networks of a scope, where the file says.
pub(super) fn packet_sizes(
    networks: &IndexMap<NetworkName, MadeNetwork>,
) -> HashMap<String, (u32, Span)> {
    let declared = networks.iter().filter_map(|(name, made)| {
        let size = (made.network.mtu?, made.mtu_span.clone());
        Some((name.as_str().to_owned(), size))
    });
    declared.collect()
}
