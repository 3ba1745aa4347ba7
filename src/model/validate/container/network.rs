//! Whose network a container uses, and how it is on networks.

use std::net::IpAddr;

use indexmap::IndexMap;

use crate::model::container::network::{Attachment, NetworkMode, parse_mac_address};
use crate::model::name::NetworkName;
use crate::model::validate::Validation;
use crate::model::validate::container::declared::Declared;
use crate::problem::{ContainerProblem, NetworkProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::container::ContainerSpec;
use crate::spec::container::network::{AttachmentSpec, AttachmentsSpec};
use crate::spec::decode::Field;
use crate::spec::vocabulary::not_supported_yet;

/// The places of what only one container can have.
type Fixed = Vec<(&'static str, Span)>;

impl Validation<'_> {
    /// Whose network it uses.
    pub(super) fn network_mode(
        &mut self,
        name: &str,
        spec: &ContainerSpec,
        scope: &ScopeSpec,
        fixed: &mut Fixed,
    ) -> NetworkMode {
        if let (Some(first), Some(second)) = (spec.networks.section(), spec.network_mode.section())
        {
            self.conflict("`networks` and `network_mode`", first, second);
        }
        let networks = self.attachments(&spec.networks, scope, fixed);
        let Some(word) = spec.network_mode.get() else {
            let mode = if networks.is_empty() {
                NetworkMode::default()
            } else {
                NetworkMode::Networks(networks)
            };
            self.check_way_outside(spec.ports.section(), &mode, scope);
            return mode;
        };
        let mode = match word.value.as_str() {
            "none" => NetworkMode::None,
            "host" => NetworkMode::Host,
            "bridge" => NetworkMode::Bridge,
            text if text.starts_with("service:") => {
                match self.neighbour("network_mode", name, &word, scope) {
                    Some(neighbour) => NetworkMode::Of(neighbour),
                    None => return NetworkMode::default(),
                }
            }
            _ => {
                self.unknown_namespace("network_mode", &word, &["none", "host", "bridge"]);
                return NetworkMode::default();
            }
        };
        self.check_own_network(spec, &mode, &word.span);
        mode
    }

    /// Checks that nothing is said of a network that is another's, as engines do.
    fn check_own_network(&mut self, spec: &ContainerSpec, mode: &NetworkMode, mode_at: &Span) {
        let (owner, settings): (String, Vec<(&str, Option<Span>)>) = match mode {
            NetworkMode::Of(neighbour) => (
                format!("`{neighbour}`, whose network this is"),
                vec![
                    ("ports", spec.ports.section()),
                    ("expose", spec.expose.section()),
                    ("hostname", spec.hostname.section()),
                    ("extra_hosts", spec.extra_hosts.section()),
                    ("dns", spec.dns.section()),
                    ("dns_search", spec.dns_search.section()),
                ],
            ),
            NetworkMode::Host => (
                "nothing: the network is the host's, where all its ports are open".to_owned(),
                vec![("ports", spec.ports.section())],
            ),
            NetworkMode::None => (
                "nothing: it is on no network".to_owned(),
                vec![("ports", spec.ports.section())],
            ),
            NetworkMode::Bridge | NetworkMode::Networks(_) => return,
        };
        for (key, place) in settings {
            let Some(at) = place else { continue };
            let hint = match mode {
                NetworkMode::Of(_) => format!("move `{key}` to {owner}"),
                _ => format!("remove `{key}`, which adds {owner}"),
            };
            self.report(ContainerProblem::NetworkOfAnother {
                key: key.to_owned(),
                hint,
                at,
                mode_at: mode_at.clone(),
            });
        }
    }

    /// Checks that published ports are on a network that leads outside.
    fn check_way_outside(&mut self, ports: Option<Span>, mode: &NetworkMode, scope: &ScopeSpec) {
        let (Some(at), NetworkMode::Networks(networks)) = (ports, mode) else {
            return;
        };
        let internal = networks.keys().filter_map(|name| {
            let entry = scope.networks.entry(name.as_str())?;
            let spec = entry.value.value.as_ref()?;
            let is_internal = spec.internal.copied() == Some(true);
            is_internal.then(|| spec.internal.key_span.clone())
        });
        let internal: Vec<Span> = internal.collect();
        if internal.len() == networks.len() {
            self.report(ContainerProblem::PortsOnInternalNetworks {
                at,
                internal: internal.into_iter().map(Into::into).collect(),
            });
        }
    }

    fn attachments(
        &mut self,
        spec: &Field<AttachmentsSpec>,
        scope: &ScopeSpec,
        fixed: &mut Fixed,
    ) -> IndexMap<NetworkName, Attachment> {
        let declared = Declared::new("network", &scope.networks);
        let mut networks = IndexMap::new();
        let Some(attachments) = &spec.value else {
            return networks;
        };
        for (name, at) in attachments.names() {
            self.check_network(name, &at, &declared);
        }
        match attachments {
            AttachmentsSpec::Sequence(names) => {
                for name in names.iter().filter_map(Field::get) {
                    networks.insert(NetworkName::new(name.value), Attachment::default());
                }
            }
            AttachmentsSpec::Mapping(table) => {
                let default = AttachmentSpec::default();
                for entry in &table.entries {
                    let spec = entry.value.value.as_ref().unwrap_or(&default);
                    let attachment = self.attachment(&entry.name, spec, scope, fixed);
                    networks.insert(NetworkName::new(&entry.name), attachment);
                }
            }
        }
        networks
    }

    fn attachment(
        &mut self,
        network: &str,
        spec: &AttachmentSpec,
        scope: &ScopeSpec,
        fixed: &mut Fixed,
    ) -> Attachment {
        let ipv4_address = self.fixed_address("ipv4_address", &spec.ipv4_address);
        let ipv6_address = self.fixed_address("ipv6_address", &spec.ipv6_address);
        for (address, field) in [
            (ipv4_address.map(IpAddr::V4), &spec.ipv4_address),
            (ipv6_address.map(IpAddr::V6), &spec.ipv6_address),
        ] {
            if let Some(address) = address {
                self.check_subnet(network, address, &field.span, scope);
            }
        }
        fixed.extend(
            [
                ("ipv4_address", spec.ipv4_address.section()),
                ("ipv6_address", spec.ipv6_address.section()),
                ("mac_address", spec.mac_address.section()),
            ]
            .into_iter()
            .filter_map(|(key, at)| Some((key, at?))),
        );
        let hint = "write six pairs of hexadecimal digits: `02:42:ac:11:65:43`";
        let mac_address = self.checked("mac_address", &spec.mac_address, hint, parse_mac_address);
        let hint = "write up to 15 characters without `/` and blanks: `eth0`";
        let interface_name = self.checked("interface_name", &spec.interface_name, hint, |text| {
            let wrong = text.contains('/') || text.contains(char::is_whitespace);
            let good = (1..=15).contains(&text.len()) && !wrong && ![".", ".."].contains(&text);
            good.then(|| text.to_owned())
                .ok_or("Linux has no such names")
        });
        let hint = "write names without blanks";
        let aliases = self.checked_items("aliases", spec.aliases.items(), hint, |text| {
            let wrong = text.is_empty() || text.contains(char::is_whitespace);
            let alias = (!wrong).then(|| text.to_owned());
            alias.ok_or("it is no name")
        });
        let mut link_local_ips = Vec::new();
        for item in spec.link_local_ips.items() {
            link_local_ips.extend(self.parsed_address::<IpAddr>(
                "link_local_ips",
                item.value,
                &item.span,
            ));
        }
        let hint = "write a whole number";
        let number = |text: &str| text.parse().map_err(|_| "it is no whole number");
        if spec.priority.value.is_some() {
            let what = "`priority`, the order of networks,".to_owned();
            self.report(not_supported_yet(what, spec.priority.span.clone()));
        }
        Attachment {
            aliases,
            ipv4_address,
            ipv6_address,
            link_local_ips,
            mac_address,
            interface_name,
            gateway_priority: self
                .checked("gw_priority", &spec.gw_priority, hint, number)
                .unwrap_or(0),
            priority: self
                .checked("priority", &spec.priority, hint, number)
                .unwrap_or(0),
            driver_opts: self.text_map(&spec.driver_opts),
        }
    }

    /// An address of one family.
    fn fixed_address<T: std::str::FromStr>(
        &mut self,
        key: &str,
        field: &Field<String>,
    ) -> Option<T> {
        let text = field.get()?;
        self.parsed_address(key, text.value, &text.span)
    }

    /// An address, or those of one family.
    pub(super) fn parsed_address<T: std::str::FromStr>(
        &mut self,
        key: &str,
        text: &str,
        at: &Span,
    ) -> Option<T> {
        let address = text.parse().ok();
        if address.is_none() {
            self.report(NetworkProblem::InvalidAddress {
                key: key.to_owned(),
                text: text.to_owned(),
                at: at.clone(),
            });
        }
        address
    }

    /// Checks that a fixed address is in a subnet of its network. What an external network has, its engine knows.
    fn check_subnet(&mut self, network: &str, address: IpAddr, at: &Span, scope: &ScopeSpec) {
        let entry = scope.networks.entry(network);
        if entry.is_none() && network != NetworkName::DEFAULT {
            return;
        }
        let spec = entry.and_then(|entry| entry.value.value.as_ref());
        if entry.is_some_and(|entry| entry.value.failed)
            || spec.is_some_and(|spec| spec.external.copied() == Some(true))
        {
            return;
        }
        let ipam = spec.and_then(|spec| spec.ipam.value.as_ref());
        let pools = ipam.iter().flat_map(|ipam| ipam.config.items());
        let subnets: Vec<(ipnet::IpNet, String, Span)> = pools
            .filter_map(|pool| pool.value.subnet.get())
            .filter_map(|text| Some((text.value.parse().ok()?, text.value.clone(), text.span)))
            .filter(|(subnet, ..): &(ipnet::IpNet, _, _)| {
                subnet.addr().is_ipv4() == address.is_ipv4()
            })
            .collect();
        match subnets.first() {
            None => self.report(ContainerProblem::AddressWithoutSubnet {
                network: network.to_owned(),
                at: at.clone(),
            }),
            Some((_, subnet, subnet_at)) => {
                if !subnets.iter().any(|(subnet, ..)| subnet.contains(&address)) {
                    self.report(NetworkProblem::OutsideSubnet {
                        key: if address.is_ipv4() {
                            "ipv4_address"
                        } else {
                            "ipv6_address"
                        }
                        .to_owned(),
                        text: address.to_string(),
                        subnet: subnet.clone(),
                        at: at.clone(),
                        subnet_at: subnet_at.clone(),
                    });
                }
            }
        }
    }
}
