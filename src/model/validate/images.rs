//! Images of a scope.

use std::collections::HashMap;

use crate::model::image::{Image, ImageReference, ImageSource, Pull};
use crate::model::platform::Platform;
use crate::model::validate::Validation;
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::problem::{ImageProblem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Field, Spanned};
use crate::spec::image::{ImageMapping, ImageOrigin, ImageSpec};

/// Words for the places that images come from.
const PLACES: [&str; 3] = ["auto", "outer", "registry"];

/// An image that is listed, with what a second one of its name is compared with.
struct Listed {
    platform: Option<Platform>,
    place: Span,
}

impl Validation<'_> {
    /// The images that a list names; `scope` declares the secrets of their builds.
    pub(super) fn images(
        &mut self,
        spec: &Field<Vec<Field<ImageSpec>>>,
        scope: &ScopeSpec,
    ) -> Vec<Image> {
        let mut listed: HashMap<ImageReference, Listed> = HashMap::new();
        let mut images = Vec::with_capacity(spec.value.as_ref().map_or(0, Vec::len));
        for item in spec.items() {
            let (image, places) = match item.value {
                ImageSpec::Scalar(text) => {
                    let text = Spanned {
                        value: text,
                        span: item.span,
                    };
                    let Some((reference, place)) = self.image_reference(&text) else {
                        continue;
                    };
                    (Image::of_reference(reference), vec![place])
                }
                ImageSpec::Mapping(mapping) => {
                    match self.image_mapping(mapping, item.span, scope) {
                        Some(image) => image,
                        None => continue,
                    }
                }
            };
            let names = std::iter::once(&image.reference).chain(&image.aliases);
            let mut is_new = true;
            for (name, place) in names.zip(places) {
                is_new &= self.claim_image(&mut listed, name, image.platform.as_ref(), place);
            }
            if is_new {
                images.push(image);
            }
        }
        images
    }

    /// Notes that a name is an image's, unless it is another one's already, which is reported.
    fn claim_image(
        &mut self,
        listed: &mut HashMap<ImageReference, Listed>,
        name: &ImageReference,
        platform: Option<&Platform>,
        place: Span,
    ) -> bool {
        let Some(first) = listed.get(name) else {
            let platform = platform.cloned();
            listed.insert(name.clone(), Listed { platform, place });
            return true;
        };
        let image = name.as_str().to_owned();
        match (&first.platform, platform) {
            (Some(first_platform), Some(platform)) if first_platform != platform => {
                self.report(ImageProblem::PlatformsClash {
                    image,
                    first_platform: first_platform.to_string(),
                    first: first.place.clone(),
                    platform: platform.to_string(),
                    again: place,
                });
            }
            _ => self.report(ValueProblem::ImageListedTwice {
                image,
                first: first.place.clone(),
                again: place,
            }),
        }
        false
    }

    /// An image in the long form, with the place of its name and of each other name that it gets.
    fn image_mapping(
        &mut self,
        mapping: &ImageMapping,
        span: Span,
        scope: &ScopeSpec,
    ) -> Option<(Image, Vec<Span>)> {
        let text = mapping.image.get();
        if text.is_none() && !mapping.image.failed {
            let hint = "say which one: `image: alpine:3.20`";
            self.missing("an image", "image", hint, span);
        }
        let reference = text.and_then(|text| self.image_reference(&text));
        let source = self.image_source(&mapping.source, scope);
        let platform = mapping.platform.get().and_then(|text| self.platform(&text));
        let pull = self.pull(&mapping.pull);
        self.check_pull(mapping, pull, &source);
        self.check_built_for(mapping, platform.as_ref(), &source);
        let aliases: Vec<_> = (mapping.aliases.names().iter())
            .filter_map(|name| self.image_alias(name))
            .collect();
        let (reference, place) = reference?;
        if let ImageSource::Build(build) = &source {
            self.note_build(&reference, build, &place);
        }
        let mut places = vec![place];
        places.extend(aliases.iter().map(|(_, place)| place.clone()));
        let image = Image {
            reference,
            source,
            platform,
            pull,
            aliases: aliases.into_iter().map(|(alias, _)| alias).collect(),
        };
        Some((image, places))
    }

    fn image_source(&mut self, source: &Field<ImageOrigin>, scope: &ScopeSpec) -> ImageSource {
        let file = match &source.value {
            None => return ImageSource::Auto,
            Some(ImageOrigin::Scalar(word)) => return self.image_place(word, source.span.clone()),
            Some(ImageOrigin::Mapping(file)) => file,
        };
        if let (Some(first), Some(second)) = (file.archive.section(), file.build.section()) {
            self.report(ShapeProblem::ConflictingKeys {
                what: "an image's source".to_owned(),
                keys: "`archive` and `build`".to_owned(),
                first,
                second,
            });
        }
        if let Some(archive) = file.archive.get() {
            if let Some(path) = self.file_path("archive", &archive) {
                return ImageSource::Archive(path);
            }
        } else if let Some(build) = file.build.get() {
            return ImageSource::Build(Box::new(self.build(build.value, &build.span, scope)));
        } else if !file.archive.failed && !file.build.failed {
            let hint = "name the file, `source: { archive: images/app.tar }`, or say how it is built, `source: { build: . }`";
            self.missing("the image's source", "archive", hint, source.span.clone());
        }
        ImageSource::Auto
    }

    fn image_place(&mut self, word: &str, at: Span) -> ImageSource {
        let hint = match word {
            "auto" => return ImageSource::Auto,
            "outer" => return ImageSource::Outer,
            "registry" => return ImageSource::Registry,
            "archive" => "say which: `source: { archive: images/app.tar }`".to_owned(),
            "build" => "say of what: `source: { build: . }`".to_owned(),
            _ => did_you_mean(word, PLACES, || {
                format!(
                    "it takes one of {}, `{{ archive: FILE }}`, `{{ build: FOLDER }}`",
                    quoted_list(PLACES)
                )
            }),
        };
        self.report(ShapeProblem::UnknownWord {
            owner: "`source`".to_owned(),
            word: word.to_owned(),
            hint,
            at,
        });
        ImageSource::Auto
    }

    fn pull(&mut self, pull: &Field<String>) -> Pull {
        let Some(text) = pull.get() else {
            return Pull::Missing;
        };
        let words = Pull::WORDS.map(|(word, _)| word);
        if let Some((_, pull)) = Pull::WORDS.iter().find(|(word, _)| word == text.value) {
            return *pull;
        }
        self.report(ShapeProblem::UnknownWord {
            owner: "`pull`".to_owned(),
            word: text.value.clone(),
            hint: did_you_mean(text.value, words, || {
                format!("it takes one of {}", quoted_list(words))
            }),
            at: text.span,
        });
        Pull::Missing
    }

    /// Reports a `pull` that contradicts the source: what is not pulled, or never.
    fn check_pull(&mut self, mapping: &ImageMapping, pull: Pull, source: &ImageSource) {
        let (Some(at), Some(source_at)) = (mapping.pull.section(), mapping.source.section()) else {
            return;
        };
        let image_source = match (source, pull) {
            (ImageSource::Outer, Pull::Always) => "outer",
            (ImageSource::Archive(_), Pull::Always) => "archive",
            (ImageSource::Build(_), Pull::Always) => "build",
            (ImageSource::Registry, Pull::Never) => "registry",
            _ => return,
        };
        self.report(ImageProblem::PullContradictsSource {
            pull: mapping.pull.value.clone().unwrap_or_default(),
            image_source: image_source.to_owned(),
            at,
            source_at,
        });
    }

    fn check_built_for(
        &mut self,
        mapping: &ImageMapping,
        platform: Option<&Platform>,
        source: &ImageSource,
    ) {
        if let Some(platform) = platform
            && let ImageSource::Build(build) = source
            && !build.platforms.is_empty()
            && !build.platforms.contains(platform)
        {
            self.report(ImageProblem::PlatformNotBuilt {
                platform: platform.to_string(),
                at: mapping.platform.span.clone(),
                platforms: mapping.source.span.clone(),
            });
        }
    }

    /// One more name of an image. A digest is what an image is, and cannot be given to it.
    fn image_alias(&mut self, text: &Spanned<&String>) -> Option<(ImageReference, Span)> {
        let (alias, at) = self.image_reference(text)?;
        if alias.has_digest() {
            self.report(ValueProblem::InvalidImage {
                text: text.value.clone(),
                reason: "a name that an image is given has no digest".to_owned(),
                at,
            });
            return None;
        }
        Some((alias, at))
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
