//! Tags of values: types, and how a value is put over what an earlier file says.

use granit_parser::{ScalarStyle, Tag};

use crate::document::node::MergeTag;
use crate::document::parser::Builder;
use crate::problem::TextProblem;
use crate::source::Span;

impl Builder<'_, '_> {
    /// Whether a scalar's type is left open, as it is without quotes.
    pub(super) fn check_scalar_tag(
        &mut self,
        tag: Option<&Tag>,
        style: ScalarStyle,
        span: &Span,
    ) -> bool {
        let plain = style == ScalarStyle::Plain;
        let Some(tag) = tag.filter(|_| merge_tag(tag) == MergeTag::None) else {
            return plain;
        };
        match tag.core_suffix() {
            Some("str") => false,
            Some("int" | "float" | "bool" | "null") => true,
            _ => {
                self.report_tag(tag, span);
                plain
            }
        }
    }

    pub(super) fn check_tag(&mut self, tag: Option<&Tag>, expected: &str, span: &Span) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(expected)
            && merge_tag(Some(tag)) == MergeTag::None
        {
            self.report_tag(tag, span);
        }
    }

    fn report_tag(&mut self, tag: &Tag, span: &Span) {
        let tag = tag.original();
        // The value of a collection is long; its first byte says where it is.
        let at = span.start
            ..span
                .end
                .max(span.start + 1)
                .min(self.base + self.text.len());
        self.report(TextProblem::UnknownTag { tag, at });
    }
}

/// How the value of a tag is put over what an earlier file says.
pub(super) fn merge_tag(tag: Option<&Tag>) -> MergeTag {
    match tag.map(Tag::original).as_deref() {
        Some("!reset") => MergeTag::Reset,
        Some("!override") => MergeTag::Override,
        _ => MergeTag::None,
    }
}
