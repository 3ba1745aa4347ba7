//! All files of one reading, laid end to end, so that one number says both the file and the place in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::source::alias::{AliasIndex, AliasUse};
use crate::source::secret::Secrets;
use crate::source::{SourceText, Span};

/// The most bytes of lines around a span that are shown whole, and how many are shown on either side beyond that.
const LONGEST_WINDOW: usize = 16 * 1024;
const AROUND: usize = 120;
/// Characters are counted in blocks of so many bytes: a line may have megabytes, and as many problems.
const BLOCK: usize = 1024;

/// The files that were read for one project. A [`Span`] given to it counts from the first file's first byte.
///
/// It is the source code of every problem's labels, so a problem may point into several files at once.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    entries: Vec<Entry>,
    aliases: AliasIndex,
    secrets: Secrets,
}

/// A place in a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position<'s> {
    /// The path as the user would write it.
    pub file: &'s Path,
    /// The line.
    pub line: usize,
    /// The character of the line.
    pub column: usize,
}

#[derive(Debug, Clone)]
struct Entry {
    /// The number of this file's first byte.
    base: usize,
    source: SourceText,
    /// Whether it is a Compose file.
    is_compose: bool,
    /// What people are shown where that is not the text: without control characters and secrets, each replaced byte for
    /// byte.
    shown: Option<Vec<u8>>,
    /// The offset of each line's first byte.
    line_starts: Vec<usize>,
    /// How many characters begin before each block of bytes; none where each byte is one.
    characters: Vec<usize>,
}

impl Entry {
    /// What people are shown.
    fn shown(&self) -> &[u8] {
        match &self.shown {
            Some(shown) => shown,
            None => self.source.text.as_bytes(),
        }
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, at: usize) -> usize {
        if self.characters.is_empty() {
            return at;
        }
        let block = at / BLOCK;
        let rest = &self.source.text.as_bytes()[block * BLOCK..at];
        self.characters.get(block).copied().unwrap_or_default() + characters(rest)
    }
}

impl SourceMap {
    /// Adds a file and returns the number of its first byte.
    pub fn add(&mut self, source: SourceText) -> usize {
        // One byte stays free between two files, so that the end of one is not the start of the next.
        let base = self
            .entries
            .last()
            .map_or(0, |entry| entry.base + entry.source.text.len() + 1);
        let shown = if source.text.is_empty() {
            Some(b"\n".to_vec())
        } else if has_control(source.text.as_bytes()) {
            Some(without_controls(source.text.as_bytes()))
        } else {
            None
        };
        let characters = if source.text.is_ascii() {
            Vec::new()
        } else {
            let mut count = 0;
            let blocks = source.text.as_bytes().chunks(BLOCK);
            let counted = blocks.map(|block| {
                count += characters(block);
                count
            });
            std::iter::once(0).chain(counted).collect()
        };
        let line_starts = std::iter::once(0)
            .chain(source.text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        self.entries.push(Entry {
            base,
            source,
            is_compose: false,
            shown,
            line_starts,
            characters,
        });
        base
    }

    /// Notes that the file whose first byte has this number is a Compose file.
    pub(crate) fn mark_compose(&mut self, base: usize) {
        if let Some(index) = self.index(base) {
            self.entries[index].is_compose = true;
        }
    }

    /// Whether a place is in a Compose file.
    pub(crate) fn is_compose(&self, span: &Span) -> bool {
        self.entry(span.start).is_some_and(|entry| entry.is_compose)
    }

    /// The text of a span, if the span lies in one file.
    pub fn slice(&self, span: &Span) -> Option<&str> {
        let entry = self.entry(span.start)?;
        entry
            .source
            .text
            .get(span.start - entry.base..span.end.checked_sub(entry.base)?)
    }

    /// Notes where aliases stand, so that a problem with a value can show who uses it.
    pub(crate) fn add_aliases(&mut self, uses: Vec<AliasUse>) {
        self.aliases.add(uses);
    }

    /// The first aliases that stand for a value in which the span lies.
    pub(crate) fn aliases_of(&self, span: &Span) -> Vec<Span> {
        self.aliases.uses_of(span)
    }

    /// A span cut to what can be shown in a few lines.
    pub(crate) fn shortened(&self, span: &Span) -> Span {
        let Some(entry) = self.entry(span.start) else {
            return span.clone();
        };
        if span.len() <= LONGEST_WINDOW {
            return span.clone();
        }
        let end = boundary(entry.shown(), span.start - entry.base + AROUND);
        span.start..entry.base + end
    }

    /// Where in which file a byte is, for people and their tools.
    pub fn position(&self, offset: usize) -> Option<Position<'_>> {
        let entry = self.entry(offset)?;
        let at = (offset - entry.base).min(entry.source.text.len());
        let line = entry.line_starts.partition_point(|line| *line <= at) - 1;
        let line_start = entry.line_starts[line];
        Some(Position {
            file: &entry.source.path,
            line: line + 1,
            column: entry.characters_before(at) - entry.characters_before(line_start) + 1,
        })
    }

    /// The folder that relative paths in the file of a span start from.
    pub(crate) fn folder(&self, span: &Span) -> Option<&Path> {
        Some(&self.entry(span.start)?.source.folder)
    }

    /// Notes the variables that values are filled in with: some of them are secrets.
    pub(crate) fn add_variables(&mut self, variables: &BTreeMap<String, String>) {
        self.secrets.add(variables);
    }

    /// A text about a span without the secrets that were filled in there.
    pub(crate) fn without_secrets(&self, text: String, about: &Span) -> String {
        match self.slice(about) {
            Some(written) => self.secrets.hidden(text, written),
            None => text,
        }
    }

    /// Puts a word before the path of every file: which of several readings it belongs to.
    pub fn name_after(&mut self, word: &str) {
        for entry in &mut self.entries {
            let path = entry.source.path.display();
            entry.source.path = PathBuf::from(format!("{word}{path}"));
        }
    }

    /// Hides the text of a span in everything that is shown.
    pub fn redact(&mut self, span: &Span) {
        let Some(index) = self.index(span.start) else {
            return;
        };
        let entry = &mut self.entries[index];
        let text = &entry.source.text;
        let shown = entry.shown.get_or_insert_with(|| text.as_bytes().to_vec());
        let end = span.end.saturating_sub(entry.base).min(shown.len());
        for byte in &mut shown[(span.start - entry.base).min(end)..end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b'*';
            }
        }
    }

    fn index(&self, offset: usize) -> Option<usize> {
        self.entries
            .partition_point(|entry| entry.base <= offset)
            .checked_sub(1)
    }

    fn entry(&self, offset: usize) -> Option<&Entry> {
        self.entries.get(self.index(offset)?)
    }
}

impl SourceCode for SourceMap {
    /// Looks only at the lines around the span: a large file with many problems must not be read once for each.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let entry = self.entry(span.offset()).ok_or(MietteError::OutOfBounds)?;
        let shown = entry.shown();
        let start = span.offset() - entry.base;
        let end = start + span.len();
        if end > shown.len() {
            return Err(MietteError::OutOfBounds);
        }
        let line_of = |offset: usize| entry.line_starts.partition_point(|line| *line <= offset) - 1;
        let window_start = entry.line_starts[line_of(start).saturating_sub(lines_before + 1)];
        let window_end = entry
            .line_starts
            .get(line_of(end) + lines_after + 2)
            .map_or(shown.len(), |line| *line);
        // A line of megabytes is shown around the span only.
        let (window_start, window_end) = if window_end - window_start > LONGEST_WINDOW {
            (
                boundary(shown, start.saturating_sub(AROUND).max(window_start)),
                boundary(shown, (end + AROUND).min(window_end)),
            )
        } else {
            (window_start, window_end)
        };
        let first_line = line_of(window_start);
        let window = &shown[window_start..window_end];
        let contents = window.read_span(
            &SourceSpan::from((start - window_start, span.len())),
            lines_before,
            lines_after,
        )?;
        let shift = entry.base + window_start;
        // What the window leaves out of its first line counts.
        let skipped = match self.position(shift) {
            Some(position) if contents.line() == 0 => position.column - 1,
            _ => 0,
        };
        Ok(Box::new(MietteSpanContents::new_named(
            entry.source.path.display().to_string(),
            contents.data(),
            SourceSpan::from((contents.span().offset() + shift, contents.span().len())),
            contents.line() + first_line,
            contents.column() + skipped,
            contents.line_count(),
        )))
    }
}

/// The next place at or after an offset where a character starts.
fn boundary(text: &[u8], offset: usize) -> usize {
    (offset..text.len())
        .find(|at| text[*at] & 0b1100_0000 != 0b1000_0000)
        .unwrap_or(text.len())
}

/// How many characters begin in a text.
fn characters(text: &[u8]) -> usize {
    let begins = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
    text.iter().filter(begins).count()
}

/// The first byte of control characters of two bytes, among others.
const LEAD: u8 = 0xc2;

/// Whether a text may have control characters. Blocks are looked at whole, which is faster than to stop at the first.
fn has_control(text: &[u8]) -> bool {
    let may_be =
        |byte: &u8| *byte == LEAD || byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t');
    let found = |block: &[u8]| block.iter().fold(false, |found, byte| found | may_be(byte));
    text.chunks(BLOCK).any(found)
}

/// A text without control characters, each replaced byte for byte. A return stays only before the end of a line: alone it
/// would let a terminal write over what stands before it.
fn without_controls(text: &[u8]) -> Vec<u8> {
    let second = |byte: Option<&u8>| byte.is_some_and(|byte| (0x80..0xa0).contains(byte));
    let shown = |(at, byte): (usize, &u8)| {
        let next = text.get(at + 1);
        let is_control = match byte {
            b'\n' | b'\t' => false,
            b'\r' => next != Some(&b'\n'),
            &LEAD => second(next),
            _ => byte.is_ascii_control() || second(Some(byte)) && at > 0 && text[at - 1] == LEAD,
        };
        if is_control { b'?' } else { *byte }
    };
    text.iter().enumerate().map(shown).collect()
}
