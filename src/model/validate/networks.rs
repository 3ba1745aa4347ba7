//! Networks of a scope.

use std::net::IpAddr;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::model::name::NetworkName;
use crate::model::network::{Ipam, Network, Pool};
use crate::model::validate::Validation;
use crate::model::value::TextValue;
use crate::problem::{NetworkProblem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned, Table, TableEntry};
use crate::spec::network::{IpamSpec, NetworkSpec, PoolSpec};

/// The sizes that packets of a network may have.
const PACKET_SIZES: std::ops::RangeInclusive<u32> = 68..=65_535;
/// The option of the bridge driver that says the same as `mtu`.
const MTU_OPTION: &str = "com.docker.network.driver.mtu";

/// A network with the places that clashes point to.
pub(super) struct MadeNetwork {
    pub(super) network: Network,
    /// The place of each pool's subnet.
    pub(super) subnet_spans: Vec<Span>,
    pub(super) mtu_span: Span,
}

impl Validation<'_> {
    /// The networks that a scope declares.
    pub(super) fn networks(
        &mut self,
        table: &Field<Table<NetworkSpec>>,
    ) -> IndexMap<NetworkName, MadeNetwork> {
        let mut networks = IndexMap::new();
        for entry in table.entries() {
            self.check_name("a network", &entry.name, &entry.name_span, true, "-_.");
            if !entry.value.failed {
                let network = self.network(entry);
                networks.insert(NetworkName::new(&entry.name), network);
            }
        }
        networks
    }

    fn network(&mut self, entry: &TableEntry<NetworkSpec>) -> MadeNetwork {
        let default = NetworkSpec::default();
        let spec = entry.value.value.as_ref().unwrap_or(&default);
        if let Some(name) = spec.name.get() {
            self.check_name("a network", name.value, &name.span, true, "-_.");
        }
        let external = spec.external.copied().unwrap_or(false);
        let named = spec.name.value.clone();
        let explicit_name = named.or_else(|| external.then(|| entry.name.clone()));
        if external {
            self.check_external_network(&entry.name, spec);
        }
        let driver_opts = self.text_map(&spec.driver_opts);
        let (mtu, mtu_span) = self.mtu(spec, &driver_opts);
        let (ipam, subnet_spans) = self.ipam(spec.ipam.value.as_ref());
        let plain = Network::default();
        let network = Network {
            explicit_name,
            external,
            driver: spec.driver.value.clone().unwrap_or(plain.driver),
            driver_opts,
            labels: self.text_map(&spec.labels),
            internal: spec.internal.copied().unwrap_or(plain.internal),
            attachable: spec.attachable.copied().unwrap_or(plain.attachable),
            mtu,
            enable_ipv4: spec.enable_ipv4.copied().unwrap_or(plain.enable_ipv4),
            enable_ipv6: spec.enable_ipv6.copied().unwrap_or(plain.enable_ipv6),
            ipam,
        };
        MadeNetwork {
            network,
            subnet_spans,
            mtu_span,
        }
    }

    fn check_external_network(&mut self, network: &str, spec: &NetworkSpec) {
        let settings: [(&str, Option<Span>); 9] = [
            ("driver", spec.driver.section()),
            ("driver_opts", spec.driver_opts.section()),
            ("labels", spec.labels.section()),
            ("internal", spec.internal.section()),
            ("attachable", spec.attachable.section()),
            ("mtu", spec.mtu.section()),
            ("enable_ipv4", spec.enable_ipv4.section()),
            ("enable_ipv6", spec.enable_ipv6.section()),
            ("ipam", spec.ipam.section()),
        ];
        for (key, place) in settings {
            if let Some(at) = place {
                self.report(NetworkProblem::ExternalSettings {
                    key: key.to_owned(),
                    network: network.to_owned(),
                    at,
                    external: spec.external.key_span.clone(),
                });
            }
        }
    }

    /// The largest packet, and where the file says so: by its own key, or by the option of the driver.
    fn mtu(
        &mut self,
        spec: &NetworkSpec,
        driver_opts: &IndexMap<String, TextValue>,
    ) -> (Option<u32>, Span) {
        let option = driver_opts.get(MTU_OPTION);
        if let (Some(first), Some(second), Some(_)) =
            (spec.mtu.section(), spec.driver_opts.section(), option)
        {
            self.report(ShapeProblem::ConflictingKeys {
                what: "a network".to_owned(),
                keys: format!("`mtu` and the option `{MTU_OPTION}`"),
                first,
                second,
            });
        }
        let Some(mtu) = spec.mtu.get() else {
            return (None, 0..0);
        };
        if !PACKET_SIZES.contains(mtu.value) {
            let (least, most) = (PACKET_SIZES.start(), PACKET_SIZES.end());
            self.report(ValueProblem::OutOfRange {
                key: "mtu".to_owned(),
                range: format!("a whole number from {least} to {most}"),
                text: mtu.value.to_string(),
                at: mtu.span.clone(),
            });
        }
        (Some(*mtu.value), mtu.span)
    }

    fn ipam(&mut self, spec: Option<&IpamSpec>) -> (Ipam, Vec<Span>) {
        let mut ipam = Ipam::default();
        let mut spans = Vec::new();
        let Some(spec) = spec else {
            return (ipam, spans);
        };
        for item in spec.config.items() {
            if let Some((pool, span)) = self.pool(&item) {
                ipam.pools.push(pool);
                spans.push(span);
            }
        }
        if let Some(driver) = &spec.driver.value {
            ipam.driver.clone_from(driver);
        }
        ipam.options = self.text_map(&spec.options);
        (ipam, spans)
    }

    fn pool(&mut self, item: &Spanned<&PoolSpec>) -> Option<(Pool, Span)> {
        let spec = item.value;
        let Some(written) = spec.subnet.get() else {
            if !spec.subnet.failed {
                let hint = "say which addresses it has: `subnet: 172.30.0.0/16`";
                self.missing("a pool of addresses", "subnet", hint, item.span.clone());
            }
            return None;
        };
        let subnet = self.subnet("subnet", &written);
        let outer = subnet.map(|subnet| (subnet, written.span.clone()));
        let range = spec.ip_range.get();
        let ip_range = range.and_then(|text| {
            let range = self.subnet("ip_range", &text)?;
            self.check_inside("ip_range", (&text, range), outer.as_ref());
            Some(range)
        });
        let gateway = spec.gateway.get();
        let gateway = gateway.and_then(|text| self.address("gateway", &text, outer.as_ref()));
        let mut aux_addresses = IndexMap::new();
        for entry in spec.aux_addresses.entries() {
            if let Some(text) = entry.value.get()
                && let Some(address) = self.address("aux_addresses", &text, outer.as_ref())
            {
                aux_addresses.insert(entry.name.clone(), address);
            }
        }
        let pool = Pool {
            subnet: subnet?,
            ip_range,
            gateway,
            aux_addresses,
        };
        Some((pool, written.span))
    }

    /// A written subnet, of which no bit beyond its length is set.
    pub(super) fn subnet(&mut self, key: &str, text: &Spanned<&String>) -> Option<IpNet> {
        let reason = match text.value.parse::<IpNet>() {
            Ok(subnet) if subnet == subnet.trunc() => return Some(subnet),
            Ok(subnet) => format!("its first address is another: `{}`", subnet.trunc()),
            Err(_) if text.value.parse::<IpAddr>().is_ok() => {
                "how many bits its addresses share is missing".to_owned()
            }
            Err(_) => "it is no address with a length".to_owned(),
        };
        self.report(NetworkProblem::InvalidSubnet {
            key: key.to_owned(),
            text: text.value.clone(),
            reason,
            at: text.span.clone(),
        });
        None
    }

    fn address(
        &mut self,
        key: &str,
        text: &Spanned<&String>,
        subnet: Option<&(IpNet, Span)>,
    ) -> Option<IpAddr> {
        let Ok(address) = text.value.parse::<IpAddr>() else {
            self.report(NetworkProblem::InvalidAddress {
                key: key.to_owned(),
                text: text.value.clone(),
                at: text.span.clone(),
            });
            return None;
        };
        self.check_inside(key, (text, IpNet::from(address)), subnet);
        Some(address)
    }

    fn check_inside(
        &mut self,
        key: &str,
        (text, part): (&Spanned<&String>, IpNet),
        subnet: Option<&(IpNet, Span)>,
    ) {
        let Some((subnet, subnet_at)) = subnet else {
            return;
        };
        if !subnet.contains(&part) {
            self.report(NetworkProblem::OutsideSubnet {
                key: key.to_owned(),
                text: text.value.clone(),
                subnet: subnet.to_string(),
                at: text.span.clone(),
                subnet_at: subnet_at.clone(),
            });
        }
    }
}
