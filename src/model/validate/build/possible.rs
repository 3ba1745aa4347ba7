//! What of a build cannot be carried out: engines build by an interface that has no word for it.

use crate::model::build::{Build, BuildContext, Dockerfile};
use crate::model::validate::Validation;
use crate::problem::ShapeProblem;
use crate::source::Span;
use crate::spec::build::BuildMapping;

/// How addresses of contexts begin that engines fetch themselves.
const FETCHED_STARTS: [&str; 4] = ["https://", "http://", "git://", "github.com/"];

/// The one place for a cache that engines can write to: the image itself.
const INLINE_CACHE: &str = "type=inline";

/// What is not said to engines, and what can be done instead.
const NO_WORD: &str = "engines have no word for it where images are built; build it by `docker buildx build` and list the image";

impl Validation<'_> {
    /// Reports what of a build cannot be carried out. What asks for what happens anyway is no problem.
    pub(super) fn check_possible(&mut self, mapping: &BuildMapping, build: &Build) {
        if build.platforms.len() > 1 {
            let reason = "an engine builds for one platform at a time: leave one, or give each an image of its own";
            let at = mapping.platforms.span.clone();
            self.impossible("an image for several platforms", reason, at);
        }
        for place in mapping.cache_from.items() {
            if place.value.contains('=') {
                let reason = "engines reuse layers of images only: name one, as in `cache_from: [registry.example/app:cache]`";
                self.impossible("a cache that is no image", reason, place.span);
            }
        }
        for place in mapping.cache_to.items() {
            if place.value != INLINE_CACHE {
                let reason = "engines write what later builds can reuse into the image only: `cache_to: [type=inline]`";
                self.impossible("a cache beside the image", reason, place.span);
            }
        }
        self.check_context(mapping, build);
        self.check_words(mapping, build);
    }

    fn check_context(&mut self, mapping: &BuildMapping, build: &Build) {
        let BuildContext::Address(address) = &build.context else {
            return;
        };
        let at = mapping.context.span.clone();
        let mut starts = FETCHED_STARTS.iter();
        if !starts.any(|start| address.starts_with(start)) {
            let reason = "engines fetch from addresses that begin with `https://`, `http://`, `git://` or `github.com/`";
            self.impossible("a context of this kind", reason, at);
        } else if let (Dockerfile::Inline(_), Some(inline)) =
            (&build.dockerfile, mapping.dockerfile_inline.section())
        {
            let reason = "an engine that fetches the context takes the Dockerfile from it, too";
            self.impossible("`dockerfile_inline` beside an address", reason, inline);
        }
    }

    /// The keys that cannot be said at all.
    fn check_words(&mut self, mapping: &BuildMapping, build: &Build) {
        let is_off = |text: &Option<String>| text.as_deref().is_none_or(|text| text == "false");
        let is_host = build.network.as_deref() == Some("host");
        let is_given = |name: &String| is_host && name == "network.host";
        let keys = [
            (
                "additional_contexts",
                build.additional_contexts.is_empty(),
                mapping.additional_contexts.section(),
            ),
            (
                "no_cache_filter",
                build.no_cache_filter.is_empty(),
                mapping.no_cache_filter.section(),
            ),
            (
                "isolation",
                build.isolation.as_deref().is_none_or(|it| it == "default"),
                mapping.isolation.section(),
            ),
            (
                "privileged",
                !build.privileged,
                mapping.privileged.section(),
            ),
            (
                "entitlements",
                // Engines grant it with `network: host`.
                build.entitlements.iter().all(is_given),
                mapping.entitlements.section(),
            ),
            (
                "provenance",
                is_off(&build.provenance),
                mapping.provenance.section(),
            ),
            ("sbom", is_off(&build.sbom), mapping.sbom.section()),
        ];
        for (key, is_nothing, at) in keys {
            if let (false, Some(at)) = (is_nothing, at) {
                self.impossible(&format!("`{key}`"), NO_WORD, at);
            }
        }
    }

    fn impossible(&mut self, what: &str, reason: &str, at: Span) {
        self.report(ShapeProblem::NotSupportedYet {
            what: what.to_owned(),
            reason: reason.to_owned(),
            at,
        });
    }
}
