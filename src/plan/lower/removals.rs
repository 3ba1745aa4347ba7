//! What removed containers held on to: what goes waits for those that used it, and for no others.

use std::collections::BTreeMap;

use crate::observed::ObservedContainer;
use crate::plan::diff::attribute::remembered;
use crate::resource::container::FixedSettings;

/// The steps that remove containers, by what these hold on to.
#[derive(Debug, Default)]
pub(super) struct Removals {
    /// By a volume's name.
    volumes: Users,
    /// By a network's name.
    networks: Users,
    /// By an image's id.
    images: Users,
    /// Those of which nobody knows what they hold on to.
    unknown: Vec<usize>,
}

type Users = BTreeMap<String, Vec<usize>>;

impl Removals {
    /// Takes note of the step that removes a container.
    pub(super) fn add(&mut self, container: &ObservedContainer, step: usize) {
        let Some(settings) = remembered::<FixedSettings>(&container.labels) else {
            self.unknown.push(step);
            return;
        };
        let anonymous = container.anonymous_volumes.values().map(String::as_str);
        for volume in settings.volumes().chain(anonymous) {
            self.volumes
                .entry(volume.to_owned())
                .or_default()
                .push(step);
        }
        for network in container.live.networks.keys() {
            self.networks.entry(network.clone()).or_default().push(step);
        }
        let image = container.image_id.clone();
        self.images.entry(image).or_default().push(step);
    }

    /// The steps that free a volume.
    pub(super) fn of_volume(&self, name: &str) -> impl Iterator<Item = usize> + use<'_> {
        self.of(&self.volumes, name)
    }

    /// The steps that free a network.
    pub(super) fn of_network(&self, name: &str) -> impl Iterator<Item = usize> + use<'_> {
        self.of(&self.networks, name)
    }

    /// The steps that free an image.
    pub(super) fn of_image(&self, id: &str) -> impl Iterator<Item = usize> + use<'_> {
        self.of(&self.images, id)
    }

    fn of<'a>(&'a self, users: &'a Users, name: &str) -> impl Iterator<Item = usize> + use<'a> {
        let own = users.get(name).into_iter().flatten();
        own.chain(&self.unknown).copied()
    }
}
