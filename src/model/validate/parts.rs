//! Parts of a container's settings that builds have too: limits of processes, host names, secrets and configs.

use std::net::IpAddr;

use indexmap::IndexMap;

use crate::model::container::{Grant, HostAddress, Ulimit};
use crate::model::validate::Validation;
use crate::problem::ValueProblem;
use crate::source::Span;
use crate::spec::container::file::{GrantMapping, GrantSpec};
use crate::spec::container::limit::UlimitSpec;
use crate::spec::container::network::ExtraHostsSpec;
use crate::spec::decode::{Field, Table, TableEntry};
use crate::spec::text::{Text, Texts};

/// The address that stands for the engine's host.
const HOST_GATEWAY: &str = "host-gateway";

impl Validation<'_> {
    /// Limits of processes by name.
    pub(super) fn ulimits(&mut self, spec: &Field<Table<UlimitSpec>>) -> IndexMap<String, Ulimit> {
        let mut limits = IndexMap::new();
        for entry in spec.entries() {
            if let Some(limit) = self.ulimit(entry) {
                limits.insert(entry.name.clone(), limit);
            }
        }
        limits
    }

    fn ulimit(&mut self, entry: &TableEntry<UlimitSpec>) -> Option<Ulimit> {
        match entry.value.value.as_ref()? {
            UlimitSpec::Scalar(text) => {
                let both = self.limit(&entry.name, &text.0, &entry.value.span)?;
                Some(Ulimit {
                    soft: both,
                    hard: both,
                })
            }
            UlimitSpec::Mapping(mapping) => {
                let mut part = |key: &str, field: &Field<Text>| {
                    if let Some(text) = field.get() {
                        return self.limit(key, &text.value.0, &text.span);
                    }
                    if !field.failed {
                        let what = format!("the limit `{}`", entry.name);
                        let hint = "give both, or one number for both: `nofile: 1024`";
                        self.missing(&what, key, hint, entry.name_span.clone());
                    }
                    None
                };
                let soft = part("soft", &mapping.soft);
                let hard = part("hard", &mapping.hard);
                let (soft, hard) = (soft?, hard?);
                if hard != -1 && (soft == -1 || soft > hard) {
                    self.report(ValueProblem::OutOfRange {
                        key: "soft".to_owned(),
                        range: format!("at most what `hard` is, {hard}"),
                        text: soft.to_string(),
                        at: mapping.soft.span.clone(),
                    });
                }
                Some(Ulimit { soft, hard })
            }
        }
    }

    fn limit(&mut self, key: &str, text: &str, at: &Span) -> Option<i64> {
        let number = text.parse::<i64>().ok().filter(|number| *number >= -1);
        if number.is_none() {
            self.report(ValueProblem::OutOfRange {
                key: key.to_owned(),
                range: "a whole number, or `-1` for no limit".to_owned(),
                text: text.to_owned(),
                at: at.clone(),
            });
        }
        number
    }

    /// Host names with addresses, in the order of the file.
    pub(super) fn extra_hosts(&mut self, spec: &Field<ExtraHostsSpec>) -> Vec<HostAddress> {
        let mut hosts = Vec::new();
        match &spec.value {
            None => {}
            Some(ExtraHostsSpec::Sequence(items)) => {
                for item in items.iter().filter_map(Field::get) {
                    // An address may hold colons, a host name holds neither.
                    let (host, address) = match item.value.split_once(['=', ':']) {
                        Some((host, address)) => (host, address),
                        None => (item.value.as_str(), ""),
                    };
                    self.add_host(&mut hosts, host, address, &item.span);
                }
            }
            Some(ExtraHostsSpec::Mapping(table)) => {
                for entry in &table.entries {
                    match &entry.value.value {
                        None => {}
                        Some(Texts::Scalar(address)) => {
                            self.add_host(&mut hosts, &entry.name, &address.0, &entry.value.span);
                        }
                        Some(Texts::Sequence(addresses)) => {
                            for address in addresses.iter().filter_map(Field::get) {
                                let text = &address.value.0;
                                self.add_host(&mut hosts, &entry.name, text, &address.span);
                            }
                        }
                    }
                }
            }
        }
        hosts
    }

    fn add_host(&mut self, hosts: &mut Vec<HostAddress>, host: &str, address: &str, at: &Span) {
        let bare = address
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let address = bare.unwrap_or(address);
        let reason = if host.is_empty() {
            "the host name is missing"
        } else if address != HOST_GATEWAY && address.parse::<IpAddr>().is_err() {
            "what follows the host name is no address"
        } else {
            hosts.push(HostAddress {
                host: host.to_owned(),
                address: address.to_owned(),
            });
            return;
        };
        self.report(ValueProblem::InvalidValue {
            key: "extra_hosts".to_owned(),
            text: format!("{host}={address}"),
            reason: reason.to_owned(),
            hint: "write `NAME=ADDRESS`, as in `registry.example=10.0.0.5`, or `NAME=host-gateway`"
                .to_owned(),
            at: at.clone(),
        });
    }

    /// Secrets or configs that can be read.
    pub(super) fn grants(&mut self, spec: &Field<Vec<Field<GrantSpec>>>) -> Vec<Grant> {
        let mut grants = Vec::new();
        for item in spec.items() {
            match item.value {
                GrantSpec::Scalar(source) => grants.push(Grant {
                    source: source.clone(),
                    target: None,
                    uid: None,
                    gid: None,
                    mode: None,
                }),
                GrantSpec::Mapping(mapping) => grants.extend(self.grant(mapping, &item.span)),
            }
        }
        grants
    }

    fn grant(&mut self, mapping: &GrantMapping, at: &Span) -> Option<Grant> {
        if mapping.source.value.is_none() && !mapping.source.failed {
            let hint = "name it: `source: token`";
            self.missing("it", "source", hint, at.clone());
        }
        let text = |field: &Field<Text>| field.value.as_ref().map(|text| text.0.clone());
        Some(Grant {
            mode: self.permissions(&mapping.mode),
            source: mapping.source.value.clone()?,
            target: mapping.target.value.clone(),
            uid: text(&mapping.uid),
            gid: text(&mapping.gid),
        })
    }

    fn permissions(&mut self, mode: &Field<Text>) -> Option<u32> {
        let text = mode.get()?;
        // A plain number in YAML keeps its digits, so these are octal in every spelling.
        let digits = text.value.0.trim_start_matches("0o");
        let permissions = u32::from_str_radix(digits, 8).ok();
        let permissions = permissions.filter(|permissions| *permissions <= 0o7777);
        if permissions.is_none() {
            self.report(ValueProblem::InvalidValue {
                key: "mode".to_owned(),
                text: text.value.0.clone(),
                reason: "permissions are octal digits".to_owned(),
                hint: "write them as `0440`".to_owned(),
                at: text.span,
            });
        }
        permissions
    }
}
