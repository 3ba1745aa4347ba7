//! Aliases: one text with several places.

use std::collections::BTreeMap;

use crate::source::Span;

/// The most aliases that are shown for one text.
const MOST_SHOWN: usize = 3;
/// How many anchors before a place are looked at: a file may have thousands, and as many problems.
const MOST_ANCHORS: usize = 64;

/// An alias that stands for the value of an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AliasUse {
    /// The value of the anchor.
    pub(crate) anchored: Span,
    /// The alias.
    pub(crate) alias: Span,
}

/// The aliases of all files.
#[derive(Debug, Clone, Default)]
pub(super) struct AliasIndex {
    /// For the first byte of an anchor's value: its end, and the aliases that stand for it.
    anchors: BTreeMap<usize, Vec<AliasUse>>,
}

impl AliasIndex {
    pub(super) fn add(&mut self, uses: impl IntoIterator<Item = AliasUse>) {
        for alias_use in uses {
            let anchor = self.anchors.entry(alias_use.anchored.start).or_default();
            if anchor.len() < MOST_SHOWN {
                anchor.push(alias_use);
            }
        }
    }

    /// The first aliases that stand for a value in which the span lies.
    pub(super) fn uses_of(&self, span: &Span) -> Vec<Span> {
        let mut found: Vec<Span> = self
            .anchors
            .range(..=span.start)
            .rev()
            .take(MOST_ANCHORS)
            .flat_map(|(_, uses)| uses)
            .filter(|alias_use| alias_use.anchored.end >= span.end)
            .map(|alias_use| alias_use.alias.clone())
            .collect();
        found.sort_by_key(|alias| alias.start);
        found.truncate(MOST_SHOWN);
        found
    }
}
