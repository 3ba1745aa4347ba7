//! Registries.

use url::Url;

use crate::model::image::{ImageReference, check_host};
use crate::model::name::{NetworkName, RegistryName, VolumeName};
use crate::model::port::parse_number;
use crate::model::registry::{Registry, RegistryContainer, RegistryKind, RegistryPort};
use crate::model::validate::container::declared::Declared;
use crate::model::validate::variables::values;
use crate::model::validate::{DeclaredVolumes, MadeRegistries, MadeRegistry, Validation};
use crate::problem::{ReferenceProblem, RegistryProblem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Spanned, TableEntry};
use crate::spec::registry::RegistrySpec;

/// The image of a registry where the file names none.
const DEFAULT_IMAGE: &str = "registry:2";
/// The address of Docker Hub's API, which is not that of its name.
const DOCKER_HUB_ADDRESS: &str = "https://registry-1.docker.io";

impl Validation<'_> {
    /// The registries of the file; `scope` is its top level.
    pub(super) fn registries(&mut self, scope: &ScopeSpec) -> MadeRegistries {
        self.check_registries_policy(DEFAULT_IMAGE);
        let mut made = MadeRegistries::new();
        for entry in self.registries.entries() {
            // Its name is a host name in image references.
            self.check_name("a registry", &entry.name, &entry.name_span, false, "-");
            let registry = self.registry(entry, scope);
            let spec = entry.value.value.as_ref();
            let made_registry = MadeRegistry {
                registry,
                name_span: entry.name_span.clone(),
                port_span: spec.map_or(0..0, |spec| spec.port.span.clone()),
            };
            made.insert(RegistryName::new(&entry.name), made_registry);
        }
        made
    }

    fn registry(&mut self, entry: &TableEntry<RegistrySpec>, scope: &ScopeSpec) -> Registry {
        let default = RegistrySpec::default();
        let spec = entry.value.value.as_ref().unwrap_or(&default);
        self.check_kind(spec, &entry.name_span);
        let container = self.registry_container(spec, scope);
        let kind = self.registry_kind(spec, container);
        let exists = matches!(
            kind,
            RegistryKind::Existing { .. } | RegistryKind::ExistingMirror { .. }
        );
        Registry {
            login: self.login(entry, spec),
            kind,
            images: self.images(&spec.images, scope),
            insecure: spec.insecure.copied().unwrap_or(false) || !exists,
            ca: spec.ca.get().and_then(|path| self.authority(&path)),
        }
    }

    /// Reports keys that do not go together.
    fn check_kind(&mut self, spec: &RegistrySpec, name_span: &Span) {
        if let Some(at) = spec.upstream.section()
            && spec.mirror.section().is_none()
            && spec.host.section().is_none()
        {
            let registry = name_span.clone();
            self.report(RegistryProblem::UpstreamWithoutMirror { at, registry });
        }
        if let Some(host) = spec.host.section() {
            let of_nest = [
                ("upstream", spec.upstream.section()),
                ("port", spec.port.section()),
                ("image", spec.image.section()),
                ("volume", spec.volume.section()),
                ("environment", spec.environment.section()),
                ("networks", spec.networks.section()),
            ];
            for (key, section) in of_nest {
                if let Some(at) = section {
                    self.report(RegistryProblem::NotRun {
                        key: key.to_owned(),
                        at,
                        host: host.clone(),
                    });
                }
            }
        }
        if let (Some(at), Some(mirror)) = (spec.images.section(), spec.mirror.section()) {
            self.report(RegistryProblem::MirrorPushedTo { at, mirror });
        }
        if let (Some(first), Some(second)) = (spec.insecure.section(), spec.ca.section())
            && spec.insecure.copied() == Some(true)
        {
            self.report(ShapeProblem::ConflictingKeys {
                what: "a registry".to_owned(),
                keys: "`insecure` and `ca`".to_owned(),
                first,
                second,
            });
        }
    }

    fn registry_kind(&mut self, spec: &RegistrySpec, container: RegistryContainer) -> RegistryKind {
        match (spec.mirror.get(), spec.host.get()) {
            (None, None) => RegistryKind::Local { container },
            (None, Some(host)) => RegistryKind::Existing {
                host: self.registry_host(&host),
            },
            (Some(mirror), Some(address)) => RegistryKind::ExistingMirror {
                host: self.registry_host(&mirror),
                url: self.registry_address(&address),
            },
            (Some(mirror), None) => {
                let host = self.registry_host(&mirror);
                let upstream = match spec.upstream.get() {
                    Some(upstream) => self.registry_address(&upstream),
                    None if host == RegistryKind::DOCKER_HUB => DOCKER_HUB_ADDRESS.to_owned(),
                    None => format!("https://{host}"),
                };
                RegistryKind::Mirror {
                    host,
                    upstream,
                    container,
                }
            }
        }
    }

    /// A host as image references write it.
    fn registry_host(&mut self, text: &Spanned<&String>) -> String {
        let host = mirrored_host(text.value).to_owned();
        let fault = if host.contains("://") {
            Some("it is an address, not a host".to_owned())
        } else if host.contains('/') {
            Some("a host has no `/`".to_owned())
        } else {
            check_host(&host).err()
        };
        if let Some(reason) = fault {
            self.report(RegistryProblem::InvalidHost {
                text: without_credentials(text.value),
                reason,
                at: text.span.clone(),
            });
        }
        host
    }

    /// The address of a registry's API.
    fn registry_address(&mut self, text: &Spanned<&String>) -> String {
        if let Some(reason) = address_fault(text.value) {
            self.report(RegistryProblem::InvalidUpstream {
                text: without_credentials(text.value),
                reason,
                at: text.span.clone(),
            });
        }
        text.value.trim_end_matches('/').to_owned()
    }

    fn registry_container(&mut self, spec: &RegistrySpec, scope: &ScopeSpec) -> RegistryContainer {
        let image = spec
            .image
            .get()
            .and_then(|text| self.image_reference(&text));
        if let Some(name) = spec.volume.get() {
            let declared = DeclaredVolumes::new(&scope.volumes, &[]);
            self.check_volume(name.value, name.span, &declared);
        }
        let environment = self.environment_variables(&spec.environment);
        RegistryContainer {
            image: image.map_or_else(
                || ImageReference::new(DEFAULT_IMAGE),
                |(reference, _)| reference,
            ),
            port: self.registry_port(spec),
            volume: spec.volume.value.as_ref().map(VolumeName::new),
            environment: values(environment),
            networks: self.registry_networks(spec, scope),
        }
    }

    fn registry_networks(&mut self, spec: &RegistrySpec, scope: &ScopeSpec) -> Vec<NetworkName> {
        let mut networks: Vec<(NetworkName, Span)> = Vec::new();
        let declared = Declared::new("network", &scope.networks);
        for name in spec.networks.items() {
            let network = NetworkName::new(name.value);
            if let Some((_, first)) = networks.iter().find(|(other, _)| *other == network) {
                self.report(ReferenceProblem::ListedTwice {
                    name: name.value.clone(),
                    first: first.clone(),
                    again: name.span,
                });
                continue;
            }
            self.check_network(name.value, &name.span, &declared);
            networks.push((network, name.span));
        }
        networks.into_iter().map(|(network, _)| network).collect()
    }

    fn registry_port(&mut self, spec: &RegistrySpec) -> RegistryPort {
        let Some(port) = spec.port.get() else {
            // Without a port nest could not push to it.
            return match spec.images.section() {
                Some(_) => RegistryPort::Free,
                None => RegistryPort::None,
            };
        };
        match parse_number(&port.value.0) {
            Ok(number) => RegistryPort::Fixed(number),
            Err(reason) => {
                self.report(ValueProblem::InvalidPort {
                    text: port.value.0.clone(),
                    reason,
                    at: port.span,
                });
                RegistryPort::None
            }
        }
    }
}

/// The host as image references write it: Docker Hub has several names.
pub(super) fn mirrored_host(written: &str) -> &str {
    match written {
        "index.docker.io" | "registry-1.docker.io" => RegistryKind::DOCKER_HUB,
        other => other,
    }
}

/// What is wrong with the address of a registry, if anything.
pub(super) fn address_fault(text: &str) -> Option<String> {
    if !text.contains("://") {
        return Some("it does not start with `https://` or `http://`".to_owned());
    }
    match Url::parse(text) {
        Err(error) => Some(error.to_string()),
        Ok(url) if !["http", "https"].contains(&url.scheme()) => {
            Some("it does not start with `https://` or `http://`".to_owned())
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Some("it holds a user name or a password".to_owned())
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            Some("it has something after `?` or `#`".to_owned())
        }
        Ok(_) => None,
    }
}

/// An address as it may be shown.
pub(super) fn without_credentials(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}…{}", &text[..scheme + 3], &text[at..])
        }
        _ => text.to_owned(),
    }
}
