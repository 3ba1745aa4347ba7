//! The images that engines should have.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::facts::Facts;
use crate::desired::{DesiredContainer, DesiredEngine, DesiredImage, DesiredImageSource};
use crate::model::image::{Image, ImageReference, Pull};
use crate::resource::{Address, Kind};

impl DesiredImageSource {
    /// How little it says of where the image comes from.
    fn vagueness(&self) -> u8 {
        match self {
            Self::Missing(_) | Self::Unbuildable(_) => 0,
            Self::Archive(_) | Self::Build(_) | Self::Alias(_) => 1,
            Self::Outer | Self::Registry => 2,
            Self::Auto => 3,
        }
    }
}

impl DesiredEngine {
    pub(super) fn add_image(&mut self, facts: &Facts, scope: Option<&Address>, image: &Image) {
        let image_in_engine = DesiredImage {
            address: Address::new(scope, Kind::Image, image.reference.as_str()),
            source: facts.source_of(image),
            pull: image.pull,
            platform: image.platform.as_ref().map(ToString::to_string),
        };
        self.want_image(&image.reference, image_in_engine);
        for alias in &image.aliases {
            let named = DesiredImage {
                address: Address::new(scope, Kind::Image, alias.as_str()),
                source: DesiredImageSource::Alias(image.reference.clone()),
                pull: Pull::Missing,
                platform: None,
            };
            self.want_image(alias, named);
        }
    }

    /// The image that another name stands for. Of names that stand for each other in a circle, as several scopes may have
    /// it, none is one.
    pub(crate) fn named_by<'a>(&'a self, alias: &ImageReference) -> Option<&'a ImageReference> {
        let mut named: Option<&'a ImageReference> = None;
        for _ in 0..=self.images.len() {
            let image = self.images.get(named.unwrap_or(alias));
            match image.map(|image| &image.source) {
                Some(DesiredImageSource::Alias(other)) => named = Some(other),
                _ => return named,
            }
        }
        None
    }

    /// An inner engine gets the images of its containers as if they were listed; those that are built, from the engine
    /// that builds them. Those that must be there without a pull are the container's own concern.
    pub(super) fn add_container_image(
        &mut self,
        scope: &Address,
        reference: &ImageReference,
        (is_built, is_always_pulled): (bool, bool),
    ) {
        let source = if is_built {
            DesiredImageSource::Outer
        } else {
            DesiredImageSource::Auto
        };
        let image = DesiredImage {
            address: Address::new(Some(scope), Kind::Image, reference.as_str()),
            source,
            pull: if is_always_pulled {
                Pull::Always
            } else {
                Pull::Missing
            },
            platform: None,
        };
        self.want_image(reference, image);
    }

    /// Several scopes of one engine may want an image of one name. What says most of where it comes from counts, and of
    /// when it is pulled, whatever the order of the file.
    pub(super) fn want_image(&mut self, reference: &ImageReference, mut image: DesiredImage) {
        let weight = |image: &DesiredImage| (image.source.vagueness(), image.address.clone());
        let Some(known) = self.images.get_mut(reference) else {
            self.images.insert(reference.clone(), image);
            return;
        };
        let pull = most(known.pull, image.pull);
        let platform = known.platform.clone().or_else(|| image.platform.clone());
        if weight(known) > weight(&image) {
            std::mem::swap(known, &mut image);
        }
        known.pull = pull;
        known.platform = platform;
    }

    /// Whether an image is listed, or a container is made from it.
    pub fn needs_image(&self, reference: &ImageReference) -> bool {
        let mut containers = self.containers.values();
        self.images.contains_key(reference)
            || containers.any(|container| container.fixed.image == *reference)
    }

    /// The images of which the registry is asked what it has now: those that are always pulled, and `anew` all that are
    /// pulled at all.
    pub fn asked_of_registries(&self, anew: bool) -> BTreeSet<ImageReference> {
        let is_asked = |pull: Pull| pull == Pull::Always || anew && pull != Pull::Never;
        let listed = self.images.iter().filter(|(_, image)| {
            let is_pulled = matches!(
                image.source,
                DesiredImageSource::Auto | DesiredImageSource::Registry
            );
            is_pulled && is_asked(image.pull)
        });
        let is_listed =
            |container: &&DesiredContainer| self.images.contains_key(&container.fixed.image);
        let containers = self.containers.values();
        let containers = containers.filter(|it| !is_listed(it) && is_asked(it.pull));
        let run = containers.map(|container| &container.fixed.image);
        let all = listed.map(|(reference, _)| reference).chain(run);
        all.filter(|image| !image.has_digest()).cloned().collect()
    }

    /// What images are to run on, where containers or the list say.
    pub fn platforms(&self) -> BTreeMap<ImageReference, String> {
        let containers = self.containers.values().filter_map(|container| {
            let platform = container.fixed.platform.clone()?;
            Some((container.fixed.image.clone(), platform))
        });
        let listed = self.images.iter();
        let listed = listed.filter_map(|(name, it)| Some((name.clone(), it.platform.clone()?)));
        containers.chain(listed).collect()
    }

    /// Every image that this engine is asked for, containers' own included.
    pub fn image_references(&self) -> BTreeSet<ImageReference> {
        let mut references: BTreeSet<ImageReference> = self.images.keys().cloned().collect();
        for container in self.containers.values() {
            references.insert(container.fixed.image.clone());
        }
        references
    }
}

/// What two say of when an image is pulled: what says something wins over what says nothing.
fn most(one: Pull, other: Pull) -> Pull {
    match (one, other) {
        (Pull::Always, _) | (_, Pull::Always) => Pull::Always,
        (Pull::Never, _) | (_, Pull::Never) => Pull::Never,
        (Pull::Missing, Pull::Missing) => Pull::Missing,
    }
}
