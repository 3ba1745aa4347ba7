//! Images that a project asks for, held against policies.

use crate::model::image::ImageReference;
use crate::model::validate::Validation;
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::image::{ImageOrigin, ImageSpec};

impl Validation<'_> {
    /// The images of a scope that can be pulled: what is an engine's already, or a file's, comes from no registry.
    pub(in crate::model::validate) fn check_images_policy(
        &mut self,
        images: &Field<Vec<Field<ImageSpec>>>,
    ) {
        for item in images.items() {
            let (text, span) = match item.value {
                ImageSpec::Scalar(text) => (text, item.span),
                ImageSpec::Mapping(mapping) => {
                    let is_pulled = match &mapping.source.value {
                        None => true,
                        Some(ImageOrigin::Scalar(word)) => word != "outer",
                        Some(ImageOrigin::Mapping(_)) => false,
                    };
                    match mapping.image.get().filter(|_| is_pulled) {
                        Some(Spanned { value, span }) => (value, span),
                        None => continue,
                    }
                }
            };
            self.check_image_text(text, &span);
        }
    }

    /// The images of the registries that nest runs. `default` is that of one without an `image`.
    pub(in crate::model::validate) fn check_registries_policy(&mut self, default: &str) {
        for entry in self.registries.entries() {
            let spec = entry.value.value.as_ref();
            let image = spec.and_then(|spec| spec.image.get());
            match image {
                Some(image) => self.check_image_text(image.value, &image.span),
                // One that exists has none.
                None if spec.is_some_and(|spec| spec.host.section().is_some()) => {}
                None => self.check_image_text(default, &entry.name_span),
            }
        }
    }

    /// An image as it is written. One that is wrong is another problem.
    pub(in crate::model::validate) fn check_image_text(&mut self, text: &str, at: &Span) {
        if let Ok(image) = ImageReference::parse(text) {
            self.check_image_policy(&image, at);
        }
    }
}
