//! The images that engines should have.

use std::collections::BTreeSet;

use crate::desired::facts::Facts;
use crate::desired::{DesiredEngine, DesiredImage, DesiredImageSource};
use crate::model::image::{Image, ImageReference, Pull};
use crate::resource::{Address, Kind};

impl DesiredImageSource {
    /// How little it says of where the image comes from.
    fn vagueness(&self) -> u8 {
        match self {
            Self::Missing(_) | Self::Unbuildable(_) => 0,
            Self::Archive(_) | Self::Build(_) => 1,
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
        };
        self.want_image(&image.reference, image_in_engine);
    }

    /// An inner engine gets the images of its containers as if they were listed; those that are built, from the engine
    /// that builds them.
    pub(super) fn add_container_image(
        &mut self,
        scope: &Address,
        reference: &ImageReference,
        is_built: bool,
    ) {
        let source = if is_built {
            DesiredImageSource::Outer
        } else {
            DesiredImageSource::Auto
        };
        let image = DesiredImage {
            address: Address::new(Some(scope), Kind::Image, reference.as_str()),
            source,
        };
        self.want_image(reference, image);
    }

    /// Several scopes of one engine may want an image of one name. What says most of where it comes from counts, whatever
    /// the order of the file.
    pub(super) fn want_image(&mut self, reference: &ImageReference, image: DesiredImage) {
        let weight = |image: &DesiredImage| (image.source.vagueness(), image.address.clone());
        match self.images.get(reference) {
            Some(known) if weight(known) <= weight(&image) => {}
            _ => drop(self.images.insert(reference.clone(), image)),
        }
    }

    /// Whether an image is listed, or a container is made from it.
    pub fn needs_image(&self, reference: &ImageReference) -> bool {
        let mut containers = self.containers.values();
        self.images.contains_key(reference)
            || containers.any(|container| container.fixed.image == *reference)
    }

    /// The images that this engine looks for anew each time.
    pub fn always_pulled(&self) -> BTreeSet<ImageReference> {
        let containers = self.containers.values();
        let always = containers.filter(|container| container.pull == Pull::Always);
        let references = always.map(|container| container.fixed.image.clone());
        references.filter(|image| !image.has_digest()).collect()
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
