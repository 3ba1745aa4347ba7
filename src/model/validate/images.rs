//! Images of a scope.

use std::collections::HashMap;

use crate::model::image::{Image, ImageReference, ImageSource};
use crate::model::validate::Validation;
use crate::problem::suggestion::did_you_mean;
use crate::problem::{ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::image::{ImageMapping, ImageOrigin, ImageSpec};
use crate::spec::vocabulary::not_supported_yet;

impl Validation<'_> {
    /// The images that a scope lists.
    pub(super) fn images(&mut self, spec: &Field<Vec<Field<ImageSpec>>>) -> Vec<Image> {
        let mut listed: HashMap<ImageReference, Span> = HashMap::new();
        let mut images = Vec::new();
        for item in spec.items() {
            let (reference, source) = match item.value {
                ImageSpec::Scalar(text) => {
                    let text = Spanned {
                        value: text,
                        span: item.span,
                    };
                    (self.image_reference(&text), ImageSource::Auto)
                }
                ImageSpec::Mapping(mapping) => self.image_mapping(mapping, item.span),
            };
            let Some((reference, span)) = reference else {
                continue;
            };
            if let Some(first) = listed.get(&reference) {
                self.report(ValueProblem::ImageListedTwice {
                    image: reference.as_str().to_owned(),
                    first: first.clone(),
                    again: span,
                });
                continue;
            }
            listed.insert(reference.clone(), span);
            images.push(Image { reference, source });
        }
        images
    }

    fn image_mapping(
        &mut self,
        mapping: &ImageMapping,
        span: Span,
    ) -> (Option<(ImageReference, Span)>, ImageSource) {
        let text = mapping.image.get();
        if text.is_none() && !mapping.image.failed {
            let hint = "say which one: `image: alpine:3.20`";
            self.missing("an image", "image", hint, span);
        }
        let reference = text.and_then(|text| self.image_reference(&text));
        let source = match &mapping.source.value {
            None => ImageSource::Auto,
            Some(ImageOrigin::Scalar(word)) => self.image_place(word, mapping.source.span.clone()),
            Some(ImageOrigin::Mapping(file)) => {
                if let Some(archive) = file.archive.get() {
                    match self.absolute_path(archive.value, &archive.span) {
                        Some(path) if !archive.value.is_empty() => {
                            return (reference, ImageSource::Archive(path));
                        }
                        _ => self.report(ValueProblem::InvalidValue {
                            key: "archive".to_owned(),
                            text: archive.value.clone(),
                            reason: "it leads to no file".to_owned(),
                            hint: "write a path beside this file: `images/app.tar`".to_owned(),
                            at: archive.span,
                        }),
                    }
                } else if let Some(at) = file.build.section() {
                    let what = "the source `build`".to_owned();
                    self.report(not_supported_yet(what, at));
                } else if !file.archive.failed {
                    let hint = "name the file: `source: { archive: images/app.tar }`";
                    self.missing(
                        "the image's source",
                        "archive",
                        hint,
                        mapping.source.span.clone(),
                    );
                }
                ImageSource::Auto
            }
        };
        (reference, source)
    }

    fn image_place(&mut self, word: &str, at: Span) -> ImageSource {
        match word {
            "auto" => return ImageSource::Auto,
            "outer" => return ImageSource::Outer,
            "registry" => self.report(not_supported_yet("the source `registry`".to_owned(), at)),
            "archive" | "build" => self.report(ShapeProblem::UnknownWord {
                owner: "`source`".to_owned(),
                word: word.to_owned(),
                hint: "say which: `source: { archive: images/app.tar }`".to_owned(),
                at,
            }),
            _ => {
                let hint = did_you_mean(word, ["auto", "outer", "registry"], || {
                    "it takes one of `auto`, `outer`, `{ archive: FILE }`".to_owned()
                });
                self.report(ShapeProblem::UnknownWord {
                    owner: "`source`".to_owned(),
                    word: word.to_owned(),
                    hint,
                    at,
                });
            }
        }
        ImageSource::Auto
    }

    /// A written image reference in the familiar form, with its place.
    pub(super) fn image_reference(
        &mut self,
        text: &Spanned<&String>,
    ) -> Option<(ImageReference, Span)> {
        match ImageReference::parse(text.value) {
            Ok(reference) => Some((reference, text.span.clone())),
            Err(reason) => {
                self.report(ValueProblem::InvalidImage {
                    text: text.value.clone(),
                    reason,
                    at: text.span.clone(),
                });
                None
            }
        }
    }
}
