//! Registries called `localhost` where that is another machine than it seems.

use crate::model::validate::Validation;
use crate::problem::ImageProblem;
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Field, Spanned, Table};
use crate::spec::image::{ImageOrigin, ImageSpec};
use crate::spec::outer::{OuterSpec, RawSpec};

/// Lists of a daemon's configuration that name registries.
const REGISTRY_LISTS: [&str; 2] = ["registry-mirrors", "insecure-registries"];

impl Validation<'_> {
    /// Warns of registries called `localhost` that the engine inside an environment would ask.
    pub(super) fn check_localhost(&mut self, outer: &Field<OuterSpec>, inner: &ScopeSpec) {
        if let Some(OuterSpec::Mapping(mapping)) = &outer.value {
            self.check_daemon_hosts(&mapping.own.daemon);
        }
        for item in inner.images.items() {
            match item.value {
                ImageSpec::Scalar(image) => self.check_image_host(&Spanned {
                    value: image,
                    span: item.span,
                }),
                ImageSpec::Mapping(mapping) => {
                    let is_pulled = match &mapping.source.value {
                        None => true,
                        Some(ImageOrigin::Scalar(place)) => place != "outer",
                        Some(ImageOrigin::Mapping(_)) => false,
                    };
                    if is_pulled && let Some(image) = mapping.image.get() {
                        self.check_image_host(&image);
                    }
                }
            }
        }
        for entry in inner.environments.entries() {
            let environment = entry.value.value.as_ref();
            if let Some(OuterSpec::Mapping(mapping)) =
                environment.and_then(|spec| spec.outer.value.as_ref())
                && let Some(image) = mapping.shared.image.get()
            {
                self.check_image_host(&image);
            }
        }
        for entry in inner.services.entries() {
            let service = entry.value.value.as_ref();
            if let Some(image) = service.and_then(|spec| spec.shared.image.get()) {
                self.check_image_host(&image);
            }
        }
    }

    fn check_daemon_hosts(&mut self, daemon: &Field<Table<RawSpec>>) {
        for entry in daemon.entries() {
            if let Some(RawSpec::Sequence(items)) = &entry.value.value
                && REGISTRY_LISTS.contains(&entry.name.as_str())
            {
                for item in items.iter().filter_map(Field::get) {
                    if let RawSpec::Scalar(serde_yaml::Value::String(text)) = item.value {
                        self.check_host_of(text, &item.span);
                    }
                }
            }
        }
    }

    fn check_image_host(&mut self, image: &Spanned<&String>) {
        if image.value.contains('/') {
            self.check_host_of(image.value, &image.span);
        }
    }

    /// Warns of a reference or an address whose host is this machine, whichever that is.
    fn check_host_of(&mut self, text: &str, at: &Span) {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let is_this_machine = matches!(name, "localhost" | "[::1]") || name.starts_with("127.");
        if is_this_machine {
            self.report(ImageProblem::LocalhostInside {
                host: host.to_owned(),
                at: at.clone(),
            });
        }
    }
}
