//! What a container asks for, held against policies: the same for services and for the containers of environments.

use crate::mode::SmallerSet;
use crate::model::validate::Validation;
use crate::source::Span;
use crate::spec::build::BuildSpec;
use crate::spec::container::ContainerSpec;
use crate::spec::container::device::DeviceSpec;

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
        // What is built comes from no registry under its own name.
        let is_built = spec.build.section().is_some();
        if let Some(image) = spec.image.get().filter(|_| !is_built) {
            self.check_image_text(image.value, &image.span);
        }
        let build = spec.build.value.as_ref().map(build_privileges);
        for (what, at) in privileges(spec)
            .into_iter()
            .chain(build.unwrap_or_default())
        {
            self.deny_privilege(what, &at);
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

/// What of a build gives its commands more than the usual privileges, and where.
fn build_privileges(spec: &BuildSpec) -> Vec<(String, Span)> {
    let BuildSpec::Mapping(build) = spec else {
        return Vec::new();
    };
    let mut found: Vec<(String, Span)> = Vec::new();
    if let Some(privileged) = build.privileged.get()
        && *privileged.value
    {
        found.push((
            "a build with `privileged: true`".to_owned(),
            privileged.span,
        ));
    }
    if let Some(network) = build.network.get()
        && network.value == "host"
    {
        found.push((
            "the host's namespace by a build's `network: host`".to_owned(),
            network.span,
        ));
    }
    for entitlement in build.entitlements.items() {
        found.push((
            format!("a build that may do `{}`", entitlement.value),
            entitlement.span,
        ));
    }
    found
}
