//! Registries.

use url::Url;

use crate::model::image::{ImageReference, check_host};
use crate::model::name::{RegistryName, VolumeName};
use crate::model::port::parse_number;
use crate::model::registry::{Registry, RegistryKind};
use crate::model::validate::variables::values;
use crate::model::validate::{DeclaredVolumes, MadeRegistries, MadeRegistry, Validation};
use crate::problem::{RegistryProblem, ValueProblem};
use crate::spec::decode::{Field, Table};
use crate::spec::registry::RegistrySpec;
use crate::spec::volume::VolumeSpec;

/// The image of a registry where the file names none.
const DEFAULT_IMAGE: &str = "registry:2";
/// The address of Docker Hub's API, which is not that of its name.
const DOCKER_HUB_ADDRESS: &str = "https://registry-1.docker.io";

impl Validation<'_> {
    /// The registries of the file; `volumes` are those of its top level.
    pub(super) fn registries(&mut self, volumes: &Field<Table<VolumeSpec>>) -> MadeRegistries {
        let declared = DeclaredVolumes::new(volumes, &[]);
        let default = RegistrySpec::default();
        self.check_registries_policy(DEFAULT_IMAGE);
        let mut made = MadeRegistries::new();
        for entry in self.registries.entries() {
            // Its name is a host name in image references.
            self.check_name("a registry", &entry.name, &entry.name_span, false, "-");
            let spec = entry.value.value.as_ref().unwrap_or(&default);
            let image = match spec.image.get() {
                Some(text) => self.image_reference(&text).map(|(reference, _)| reference),
                None => None,
            };
            if let Some(name) = spec.volume.get() {
                self.check_volume(name.value, name.span, &declared);
            }
            let environment = self.environment_variables(&spec.environment);
            let environment = values(environment);
            let registry = Registry {
                kind: self.registry_kind(spec),
                image: image.unwrap_or_else(|| ImageReference::new(DEFAULT_IMAGE)),
                port: self.registry_port(spec),
                volume: spec.volume.value.as_ref().map(VolumeName::new),
                environment,
            };
            let port_span = spec.port.span.clone();
            let made_registry = MadeRegistry {
                registry,
                name_span: entry.name_span.clone(),
                port_span,
            };
            made.insert(RegistryName::new(&entry.name), made_registry);
        }
        made
    }

    fn registry_kind(&mut self, spec: &RegistrySpec) -> RegistryKind {
        let Some(mirror) = spec.mirror.get() else {
            if let Some(upstream) = spec.upstream.get()
                && !spec.mirror.failed
            {
                self.report(RegistryProblem::UpstreamWithoutMirror { at: upstream.span });
            }
            return RegistryKind::Local;
        };
        let host = mirrored_host(mirror.value).to_owned();
        let fault = if host.contains("://") {
            Some("it is an address, not a host".to_owned())
        } else if host.contains('/') {
            Some("a host has no `/`".to_owned())
        } else {
            check_host(&host).err()
        };
        if let Some(reason) = fault {
            self.report(RegistryProblem::InvalidHost {
                text: mirror.value.clone(),
                reason,
                at: mirror.span,
            });
        }
        let upstream = match spec.upstream.get() {
            Some(upstream) => {
                if let Some(reason) = address_fault(upstream.value) {
                    self.report(RegistryProblem::InvalidUpstream {
                        text: without_credentials(upstream.value),
                        reason,
                        at: upstream.span,
                    });
                }
                upstream.value.trim_end_matches('/').to_owned()
            }
            None if host == RegistryKind::DOCKER_HUB => DOCKER_HUB_ADDRESS.to_owned(),
            None => format!("https://{host}"),
        };
        RegistryKind::Mirror { host, upstream }
    }

    fn registry_port(&mut self, spec: &RegistrySpec) -> Option<u16> {
        let port = spec.port.get()?;
        match parse_number(&port.value.0) {
            Ok(number) => Some(number),
            Err(reason) => {
                self.report(ValueProblem::InvalidPort {
                    text: port.value.0.clone(),
                    reason,
                    at: port.span,
                });
                None
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
