//! What a container is called, what host names it knows, and which ports others are told of.

use std::net::IpAddr;

use indexmap::IndexMap;

use crate::model::container::network::{ExposedPorts, HostAddress, HostNames, split_extra_host};
use crate::model::validate::Validation;
use crate::problem::ValueProblem;
use crate::spec::container::ContainerSpec;
use crate::spec::container::network::ExtraHostsSpec;
use crate::spec::decode::Field;
use crate::spec::text::Text;

/// How extra hosts are written.
const EXTRA_HOST_HINT: &str = "write `registry.example=10.0.0.5`, or `host.docker.internal=host-gateway` for the engine's host";

impl Validation<'_> {
    /// Its host name.
    pub(super) fn hostname(&mut self, hostname: &Field<String>) -> Option<String> {
        let text = hostname.get()?;
        if !is_host_name(text.value) {
            self.report(ValueProblem::InvalidValue {
                key: "hostname".to_owned(),
                text: text.value.clone(),
                reason: "it is no host name".to_owned(),
                hint: "use letters, digits and `-`, with dots between the parts".to_owned(),
                at: text.span,
            });
        }
        Some(text.value.clone())
    }

    /// What it knows of host names.
    pub(super) fn host_names(&mut self, spec: &ContainerSpec) -> HostNames {
        let mut dns = Vec::new();
        for text in spec.dns.texts() {
            dns.extend(self.parsed_address::<IpAddr>("dns", &text.value.0, &text.span));
        }
        let hint = "write a domain, or `.` to look for short names nowhere else";
        let search = spec.dns_search.texts();
        let dns_search = self.checked_items("dns_search", search, hint, |text| {
            let domain = text.strip_suffix('.').unwrap_or(text);
            let labels = domain.strip_prefix('_').unwrap_or(domain);
            let good = text == "." || is_host_name(&labels.replace('_', "-"));
            good.then(|| text.to_owned()).ok_or("it is no domain")
        });
        HostNames {
            extra_hosts: self.extra_hosts(&spec.extra_hosts),
            dns,
            dns_search,
        }
    }

    /// Host names with their addresses.
    pub(in crate::model::validate) fn extra_hosts(
        &mut self,
        spec: &Field<ExtraHostsSpec>,
    ) -> IndexMap<String, Vec<HostAddress>> {
        let mut hosts: IndexMap<String, Vec<HostAddress>> = IndexMap::new();
        match &spec.value {
            None => {}
            Some(ExtraHostsSpec::Sequence(items)) => {
                for item in items.iter().filter_map(Field::get) {
                    let parse = |text: &str| {
                        let (name, address) = split_extra_host(text)?;
                        Ok::<_, String>((name.to_owned(), HostAddress::parse(address)?))
                    };
                    let host = self.checked_text("extra_hosts", &item, EXTRA_HOST_HINT, parse);
                    if let Some((name, address)) = host {
                        hosts.entry(name).or_default().push(address);
                    }
                }
            }
            Some(ExtraHostsSpec::Mapping(table)) => {
                for entry in &table.entries {
                    let addresses = self.checked_items(
                        "extra_hosts",
                        entry.value.texts(),
                        EXTRA_HOST_HINT,
                        HostAddress::parse,
                    );
                    if addresses.is_empty() && !entry.value.failed && entry.value.value.is_none() {
                        let hint = format!("write `{}: 10.0.0.5`", entry.name);
                        let (name, at) = (&entry.name, entry.name_span.clone());
                        self.refuse(
                            "extra_hosts",
                            name,
                            "there is no address after it",
                            hint,
                            at,
                        );
                    }
                    hosts.insert(entry.name.clone(), addresses);
                }
            }
        }
        for addresses in hosts.values_mut() {
            let mut kept = Vec::new();
            addresses.retain(|address| {
                let new = !kept.contains(address);
                kept.push(*address);
                new
            });
        }
        hosts
    }

    /// The ports that other containers are told of.
    pub(super) fn expose(&mut self, spec: &Field<Vec<Field<Text>>>) -> Vec<ExposedPorts> {
        let hint = "write a port or a range of the container: `8080`, `9000-9010/udp`";
        self.checked_items("expose", spec.items(), hint, ExposedPorts::parse)
    }
}

/// Whether a text is a host name: letters, digits and `-`, with dots between the parts.
fn is_host_name(text: &str) -> bool {
    let label_is_good = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label_is_good)
}
