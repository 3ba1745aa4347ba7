//! How images are built.

mod possible;

use std::path::PathBuf;

use indexmap::IndexMap;

use crate::model::build::{Build, BuildContext, Dockerfile};
use crate::model::container::Container;
use crate::model::image::ImageReference;
use crate::model::platform::Platform;
use crate::model::size::parse_size;
use crate::model::validate::Validation;
use crate::model::validate::variables::values;
use crate::problem::suggestion::nearest;
use crate::problem::{ImageProblem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::build::{BuildMapping, BuildSpec};
use crate::spec::container::ContainerSpec;
use crate::spec::decode::{Field, Spanned};
use crate::spec::text::Text;

/// The Dockerfile where the file names none.
const DEFAULT_DOCKERFILE: &str = "Dockerfile";

/// How addresses begin that builders fetch themselves.
const ADDRESS_STARTS: [&str; 8] = [
    "https://",
    "http://",
    "git://",
    "ssh://",
    "git@",
    "github.com/",
    "docker-image://",
    "oci-layout://",
];

impl Validation<'_> {
    /// How an image is built.
    pub(super) fn build(&mut self, spec: &BuildSpec, at: &Span, scope: &ScopeSpec) -> Build {
        let default = BuildMapping::default();
        let (mapping, context) = match spec {
            BuildSpec::Scalar(context) => (
                &default,
                Some(Spanned {
                    value: context,
                    span: at.clone(),
                }),
            ),
            BuildSpec::Mapping(mapping) => (mapping.as_ref(), mapping.context.get()),
        };
        let own_folder = ".".to_owned();
        let context = context.unwrap_or(Spanned {
            value: &own_folder,
            span: at.clone(),
        });
        let args = self.environment_variables(&mapping.args);
        let build = Build {
            context: self.build_context(&context),
            dockerfile: self.dockerfile(mapping),
            args: values(args),
            target: mapping.target.value.clone(),
            cache_from: texts(&mapping.cache_from),
            cache_to: texts(&mapping.cache_to),
            additional_contexts: self.additional_contexts(mapping),
            labels: self.text_map(&mapping.labels),
            network: mapping.network.value.clone(),
            no_cache: mapping.no_cache.copied().unwrap_or(false),
            no_cache_filter: owned(mapping.no_cache_filter.names()),
            pull: mapping.pull.copied().unwrap_or(false),
            platforms: self.platforms(&mapping.platforms),
            tags: mapping
                .tags
                .items()
                .filter_map(|tag| self.image_reference(&tag))
                .map(|(reference, _)| reference)
                .collect(),
            shm_size: self.shm_size(&mapping.shm_size),
            ssh: self.agents(mapping),
            secrets: self.secret_grants(&mapping.secrets, scope),
            extra_hosts: self.extra_hosts(&mapping.extra_hosts),
            ulimits: self.ulimits(&mapping.ulimits),
            isolation: mapping.isolation.value.clone(),
            privileged: mapping.privileged.copied().unwrap_or(false),
            entitlements: texts(&mapping.entitlements),
            provenance: mapping.provenance.value.as_ref().map(|text| text.0.clone()),
            sbom: mapping.sbom.value.as_ref().map(|text| text.0.clone()),
        };
        self.check_possible(mapping, &build);
        build
    }

    /// What an image is called that is built for a container and has no name of its own: by the project, the environments
    /// around it, and the container.
    pub(super) fn built_image(&self, name: &str) -> Option<ImageReference> {
        let mut parts = vec![self.project_name.to_string()];
        parts.extend(self.names_around.iter().cloned());
        parts.push(name.to_owned());
        ImageReference::parse(&parts.join("-").to_lowercase()).ok()
    }

    /// Takes note of the build of a container's image, and checks that it makes what the container wants.
    pub(super) fn built_container(
        &mut self,
        build: Build,
        (container, platform_at): (Option<&Container>, &Span),
        at: Span,
    ) -> Build {
        if let Some(container) = container {
            if let Some(platform) = &container.platform
                && !build.platforms.is_empty()
                && !build.platforms.contains(platform)
            {
                self.report(ImageProblem::PlatformNotBuilt {
                    platform: platform.to_string(),
                    at: platform_at.clone(),
                    platforms: at.clone(),
                });
            }
            self.note_build(&container.image, &build, &at);
        }
        build
    }

    /// An image that is built only must be built somehow.
    pub(super) fn check_has_build(&mut self, spec: &ContainerSpec) {
        if let Some(policy) = spec.pull_policy.get()
            && policy.value == "build"
            && !spec.build.failed
        {
            self.report(ImageProblem::NothingToBuild { at: policy.span });
        }
    }

    /// Takes note of a build. Two that make images of one name must be the same: the second would take the name.
    pub(super) fn note_build(&mut self, reference: &ImageReference, build: &Build, at: &Span) {
        if self.is_left_out {
            return;
        }
        for name in std::iter::once(reference).chain(&build.tags) {
            let mut known = self.built.iter();
            match known.find(|(known, ..)| known == name) {
                Some((_, first, first_at)) if first != build => {
                    let first = first_at.clone();
                    self.report(ImageProblem::BuiltTwice {
                        image: name.to_string(),
                        first,
                        again: at.clone(),
                    });
                }
                Some(_) => {}
                None => self.built.push((name.clone(), build.clone(), at.clone())),
            }
        }
    }

    fn build_context(&mut self, text: &Spanned<&String>) -> BuildContext {
        let starts = ADDRESS_STARTS.iter();
        if starts.clone().any(|start| text.value.starts_with(start)) {
            return BuildContext::Address(text.value.clone());
        }
        let folder = self.file_path("context", text);
        BuildContext::Folder(folder.unwrap_or_default())
    }

    fn additional_contexts(&mut self, mapping: &BuildMapping) -> IndexMap<String, BuildContext> {
        let at = &mapping.additional_contexts.span;
        let contexts = self.text_map(&mapping.additional_contexts).into_iter();
        contexts
            .map(|(name, value)| {
                let text = value.reveal().to_owned();
                // The image of a service that is built too.
                if text.starts_with("service:") {
                    return (name, BuildContext::Address(text));
                }
                let text = Spanned {
                    value: &text,
                    span: at.clone(),
                };
                (name, self.build_context(&text))
            })
            .collect()
    }

    /// SSH agents: by the paths of their sockets, which are beside the file, or the one in use.
    fn agents(&mut self, mapping: &BuildMapping) -> IndexMap<String, Option<PathBuf>> {
        let at = &mapping.ssh.span;
        let agents = self.text_map(&mapping.ssh).into_iter();
        agents
            .map(|(id, value)| {
                let text = value.reveal().to_owned();
                let text = Spanned {
                    value: &text,
                    span: at.clone(),
                };
                let socket = (!text.value.is_empty()).then(|| self.file_path("ssh", &text));
                (id, socket.flatten())
            })
            .collect()
    }

    fn dockerfile(&mut self, mapping: &BuildMapping) -> Dockerfile {
        if let (Some(first), Some(second)) = (
            mapping.dockerfile.section(),
            mapping.dockerfile_inline.section(),
        ) {
            self.report(ShapeProblem::ConflictingKeys {
                what: "a build".to_owned(),
                keys: "`dockerfile` and `dockerfile_inline`".to_owned(),
                first,
                second,
            });
        }
        match (&mapping.dockerfile_inline.value, &mapping.dockerfile.value) {
            (Some(inline), _) => Dockerfile::Inline(inline.clone()),
            (None, Some(path)) => Dockerfile::File(path.clone()),
            (None, None) => Dockerfile::File(DEFAULT_DOCKERFILE.to_owned()),
        }
    }

    fn platforms(&mut self, list: &Field<Vec<Field<String>>>) -> Vec<Platform> {
        let mut platforms: Vec<Platform> = Vec::new();
        for text in list.items() {
            if let Some(platform) = self.platform(&text)
                && !platforms.contains(&platform)
            {
                platforms.push(platform);
            }
        }
        platforms
    }

    /// A platform as the file writes it.
    pub(super) fn platform(&mut self, text: &Spanned<&String>) -> Option<Platform> {
        match Platform::parse(text.value) {
            Ok(platform) => Some(platform),
            Err(reason) => {
                let known: Vec<String> = Platform::known().collect();
                let hint = match nearest(text.value, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write the system and the processor: `linux/amd64`, `linux/arm64`, `linux/arm/v7`"
                        .to_owned(),
                };
                self.report(ImageProblem::InvalidPlatform {
                    text: text.value.clone(),
                    reason,
                    hint,
                    at: text.span.clone(),
                });
                None
            }
        }
    }

    fn shm_size(&mut self, size: &Field<Text>) -> Option<i64> {
        let text = size.get()?;
        match parse_size(&text.value.0) {
            Ok(bytes) => Some(bytes),
            Err(reason) => {
                self.report(ValueProblem::InvalidSize {
                    text: text.value.0.clone(),
                    reason: reason.to_owned(),
                    at: text.span,
                });
                None
            }
        }
    }
}

fn texts(list: &Field<Vec<Field<String>>>) -> Vec<String> {
    list.items().map(|item| item.value.clone()).collect()
}

fn owned(names: Vec<Spanned<&String>>) -> Vec<String> {
    names.into_iter().map(|name| name.value.clone()).collect()
}
