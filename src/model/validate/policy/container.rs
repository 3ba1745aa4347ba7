//! What a container asks for, held against policies: the same for services and for the containers of environments.

use crate::mode::SmallerSet;
use crate::model::validate::Validation;
use crate::source::Span;
use crate::spec::container::device::DeviceSpec;
use crate::spec::container::{CommandSpec, ContainerSpec};
use crate::spec::decode::Field;

/// Capabilities that are as good as all.
const CAPABILITIES: [&str; 2] = ["ALL", "SYS_ADMIN"];
/// Security options that take a profile away.
const UNCONFINED: [&str; 4] = [
    "seccomp=unconfined",
    "apparmor=unconfined",
    "systempaths=unconfined",
    "label=disable",
];

impl Validation<'_> {
    /// What a container asks for by its own keys. Its mounts are looked at where they are read.
    pub(in crate::model::validate) fn check_container_policy(&mut self, spec: &ContainerSpec) {
        if let Some(image) = spec.image.get() {
            self.check_image_text(image.value, &image.span);
        }
        for (what, at) in privileges(spec) {
            self.deny_privilege(what, &at);
        }
        for (word, at) in plain_listeners(&spec.command) {
            self.deny_tcp(format!("the command says `{word}`"), &at);
        }
    }
}

/// Whether what a mode needs at least is more than the usual privileges all the same.
pub(super) fn is_more_than_usual(set: &SmallerSet) -> bool {
    set.capabilities
        .iter()
        .any(|name| CAPABILITIES.contains(name))
        || set
            .security_options
            .iter()
            .any(|option| UNCONFINED.contains(option))
        || !set.devices.is_empty()
}

/// What of a container's keys gives it more than the usual privileges, and where.
fn privileges(spec: &ContainerSpec) -> Vec<(String, Span)> {
    let mut found: Vec<(String, Span)> = Vec::new();
    if let Some(privileged) = spec.privileged.get()
        && *privileged.value
    {
        found.push(("`privileged: true`".to_owned(), privileged.span));
    }
    for capability in spec.cap_add.items() {
        let name = capability.value.to_ascii_uppercase();
        let name = name.strip_prefix("CAP_").unwrap_or(&name);
        if CAPABILITIES.contains(&name) {
            found.push((format!("the capability `{name}`"), capability.span));
        }
    }
    let namespaces = [
        ("network_mode", &spec.network_mode),
        ("pid", &spec.pid),
        ("ipc", &spec.ipc),
        ("userns_mode", &spec.userns_mode),
        ("cgroup", &spec.cgroup),
    ];
    for (key, field) in namespaces {
        if let Some(word) = field.get()
            && word.value == "host"
        {
            found.push((format!("the host's namespace by `{key}: host`"), word.span));
        }
    }
    for device in spec.devices.items() {
        let path = match device.value {
            DeviceSpec::Scalar(text) => text.split(':').next().unwrap_or_default(),
            DeviceSpec::Mapping(mapping) => mapping.source.value.as_deref().unwrap_or_default(),
        };
        found.push((format!("the device `{path}`"), device.span));
    }
    for rule in spec.device_cgroup_rules.items() {
        found.push((format!("the devices of `{}`", rule.value), rule.span));
    }
    for option in spec.security_opt.items() {
        let written = option.value.replacen(':', "=", 1);
        if UNCONFINED.contains(&written.as_str()) {
            found.push((format!("no profile by `{}`", option.value), option.span));
        }
    }
    found
}

/// The words of a command that make an engine listen on TCP, unless it asks for certificates.
fn plain_listeners(command: &Field<CommandSpec>) -> Vec<(String, Span)> {
    let words: Vec<(String, Span)> = match &command.value {
        None => Vec::new(),
        Some(CommandSpec::Scalar(line)) => shlex::split(line)
            .unwrap_or_default()
            .into_iter()
            .map(|word| (word, command.span.clone()))
            .collect(),
        Some(CommandSpec::Sequence(words)) => words
            .iter()
            .filter_map(Field::get)
            .map(|word| (word.value.0.clone(), word.span))
            .collect(),
    };
    let asks_for_certificates =
        |(word, _): &(String, Span)| word.starts_with("--tlsverify") && word != "--tlsverify=false";
    if words.iter().any(asks_for_certificates) {
        return Vec::new();
    }
    let listens = |(word, _): &(String, Span)| {
        let address = word
            .split_once('=')
            .map_or(word.as_str(), |(_, value)| value);
        let address = address.strip_prefix("-H").unwrap_or(address);
        address.starts_with("tcp://")
    };
    words.into_iter().filter(listens).collect()
}
