//! From the parser's events to the tree: aliases, merge keys, duplicate keys, limits.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, StructureStyle, Tag};
use indexmap::IndexMap;
use indexmap::map::Entry as Slot;

use crate::document::alias::Anchored;
use crate::document::budget::{Budget, VALUE_LIMIT, weight};
use crate::document::interpolation::filled_in;
use crate::document::node::{Entry, Node, NodeKind, Scalar};
use crate::document::syntax::syntax_problem;
use crate::document::tag::merge_tag;
use crate::document::variables::Variables;
use crate::problem::suggestion::did_you_mean;
use crate::problem::{Problem, TextProblem};
use crate::source::{AliasUse, Span};

/// How many lists, and how many mappings, can stand in each other.
pub(super) const NESTING_LIMIT: usize = 128;

/// Reads the one document of a text whose first byte has the number `base`. Without a tree, a problem says why. Without
/// variables, values stay as they are written. Where aliases stand is added to `aliases`.
pub(crate) fn parse_document(
    text: &str,
    base: usize,
    variables: Option<&Variables>,
    budget: &mut Budget,
    aliases: &mut Vec<AliasUse>,
    problems: &mut Vec<Problem>,
) -> Option<Rc<Node>> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: NESTING_LIMIT,
        block_nesting_limit: NESTING_LIMIT,
    };
    let builder = Builder {
        text,
        base,
        variables,
        events: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        anchor_names: BTreeMap::new(),
        values: 0,
        depth: 0,
        deepest: 0,
        budget,
        aliases,
        problems,
    };
    builder.document()
}

/// Why reading ended before the text did; the problem is noted.
pub(super) struct Stopped;

pub(super) struct Builder<'t, 'p> {
    pub(super) text: &'t str,
    pub(super) base: usize,
    variables: Option<&'p Variables>,
    events: Parser<'t, StrInput<'t>>,
    pub(super) anchors: HashMap<usize, Anchored>,
    anchor_names: BTreeMap<usize, String>,
    /// How many values have been read, aliases written out.
    values: usize,
    /// How many values the current one stands in, itself among them.
    pub(super) depth: usize,
    /// The most that one has stood in since the current one began.
    pub(super) deepest: usize,
    budget: &'p mut Budget,
    pub(super) aliases: &'p mut Vec<AliasUse>,
    problems: &'p mut Vec<Problem>,
}

impl<'t> Builder<'t, '_> {
    fn document(mut self) -> Option<Rc<Node>> {
        let mut root = None;
        loop {
            match self.next() {
                Ok((Event::StreamEnd, _)) => break,
                Ok((Event::DocumentStart(..), span)) if root.is_some() => {
                    self.report(TextProblem::SeveralDocuments { at: span });
                    return root;
                }
                Ok((Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _)) => {}
                Ok((event, span)) => match self.node(event, span) {
                    Ok(node) => root = Some(node),
                    Err(Stopped) => return None,
                },
                Err(Stopped) => return None,
            }
        }
        let root =
            root.filter(|node| !matches!(&node.kind, NodeKind::Scalar(scalar) if scalar.is_null()));
        if root.is_none() {
            let start = self.base..self.base;
            self.report(TextProblem::EmptyFile { at: start });
        }
        root
    }

    pub(super) fn report(&mut self, problem: impl Into<Problem>) {
        self.problems.push(problem.into());
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Stopped> {
        loop {
            let (event, span) = match self.events.next_event() {
                Some(Ok((event, span))) => {
                    let bytes = span.byte_range().unwrap_or_default();
                    (event, bytes.start + self.base..bytes.end + self.base)
                }
                Some(Err(error)) => {
                    let problem = syntax_problem(&error, self.text, self.base, NESTING_LIMIT);
                    // `{ key: ${V} }` ends the value after the `$`: that is this problem, not another one.
                    let problem = Problem::from(problem);
                    let place = problem.place();
                    self.problems.retain(|other| other.place() + 1 != place);
                    self.report(problem);
                    return Err(Stopped);
                }
                None => (Event::StreamEnd, self.base..self.base),
            };
            if let Event::Anchor(id, name) = event {
                self.anchor_names.insert(id, name.into_owned());
            } else {
                return Ok((event, span));
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<Rc<Node>, Stopped> {
        let values_before = self.values;
        self.depth += 1;
        let deepest_before = std::mem::replace(&mut self.deepest, self.depth);
        let (node, id) = self.new_node(event, span)?;
        if id != 0 {
            let anchored = Anchored {
                node: Rc::clone(&node),
                values: self.values - values_before,
                height: self.deepest - self.depth,
            };
            self.anchors.insert(id, anchored);
        }
        self.deepest = self.deepest.max(deepest_before);
        self.depth -= 1;
        Ok(node)
    }

    /// A node, and the number of its anchor, or 0 if it has none.
    fn new_node(&mut self, event: Event<'t>, span: Span) -> Result<(Rc<Node>, usize), Stopped> {
        let values = match &event {
            Event::Alias(_) => 0,
            Event::Scalar(text, ..) => weight(text),
            _ => 1,
        };
        self.afford(values, &span)?;
        let (node, id) = match event {
            Event::Scalar(text, style, id, tag) => {
                let plain = self.check_scalar_tag(tag.as_deref(), style, &span);
                let kind = self.interpolated(text.into_owned(), plain, &span);
                let tag = merge_tag(tag.as_deref());
                (Node { span, kind, tag }, id)
            }
            Event::SequenceStart(style, id, tag) => {
                self.check_tag(tag.as_deref(), "seq", &span);
                let kind_and_span = self.sequence(style, span)?;
                (tagged(kind_and_span, tag.as_deref()), id)
            }
            Event::MappingStart(style, id, tag) => {
                self.check_tag(tag.as_deref(), "map", &span);
                let kind_and_span = self.mapping(style, span)?;
                (tagged(kind_and_span, tag.as_deref()), id)
            }
            Event::Alias(id) => return Ok((self.alias(id, span)?, 0)),
            Event::UnresolvedAlias(name) => {
                let names = self.anchor_names.values().map(String::as_str);
                let hint = did_you_mean(&name, names, || {
                    format!("put `&{name}` before the value that the alias stands for, further up")
                });
                let name = name.into_owned();
                let at = span.clone();
                self.report(TextProblem::UnknownAnchor { name, hint, at });
                (broken(span), 0)
            }
            _ => (broken(span), 0),
        };
        Ok((Rc::new(node), id))
    }

    fn afford(&mut self, values: usize, at: &Span) -> Result<(), Stopped> {
        if self.take(values) {
            return Ok(());
        }
        if self.budget.must_tell() {
            let (limit, at) = (VALUE_LIMIT, at.clone());
            self.report(TextProblem::TooManyValues { limit, at });
        }
        Err(Stopped)
    }

    /// Takes values from what is left. False if there are not so many.
    pub(super) fn take(&mut self, values: usize) -> bool {
        self.values += values;
        self.budget.take_values(values)
    }

    fn sequence(
        &mut self,
        style: StructureStyle,
        mut span: Span,
    ) -> Result<(NodeKind, Span), Stopped> {
        let mut items: Vec<Rc<Node>> = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    let last = items.last().map(|item| &item.span);
                    span.end = collection_end(style, &span, &end, last);
                    return Ok((NodeKind::Sequence(items), span));
                }
                (event, item_span) => items.push(self.node(event, item_span)?),
            }
        }
    }

    fn mapping(
        &mut self,
        style: StructureStyle,
        mut span: Span,
    ) -> Result<(NodeKind, Span), Stopped> {
        let mut entries: IndexMap<String, Entry> = IndexMap::new();
        let mut merges: Vec<Rc<Node>> = Vec::new();
        let mut merge_key: Option<Span> = None;
        let mut last: Option<Span> = None;
        loop {
            let (event, key_span) = match self.next()? {
                (Event::MappingEnd, end) => {
                    span.end = collection_end(style, &span, &end, last.as_ref());
                    break;
                }
                key => key,
            };
            let key = self.key(event, &key_span)?;
            let (event, value_span) = self.next()?;
            // An alias keeps the span of its anchor: the place in this mapping is where it is written.
            last = Some(value_span.clone());
            let value = self.node(event, value_span)?;
            if value.span.start >= key_span.end {
                last = Some(value.span.clone());
            }
            let Some((key, plain)) = key else { continue };
            if plain && key == "<<" {
                if let Some(first) = merge_key.replace(key_span.clone()) {
                    let again = key_span;
                    self.report(TextProblem::DuplicateKey { key, first, again });
                } else {
                    self.merge_sources(&value, &mut merges);
                }
                continue;
            }
            match entries.entry(key) {
                Slot::Occupied(slot) => {
                    let key = slot.key().clone();
                    let first = slot.get().key_span.clone();
                    let again = key_span;
                    self.report(TextProblem::DuplicateKey { key, first, again });
                }
                Slot::Vacant(slot) => {
                    slot.insert(Entry { key_span, value });
                }
            }
        }
        // What the mapping says itself wins, then what is merged first.
        for source in merges {
            if let NodeKind::Mapping(merged) = &source.kind {
                for (key, entry) in merged {
                    if !entries.contains_key(key) {
                        entries.insert(key.clone(), entry.clone());
                    }
                }
            }
        }
        Ok((NodeKind::Mapping(entries), span))
    }

    /// The text of a key, and whether it is written without quotes; nothing if it is no text.
    fn key(&mut self, event: Event<'t>, span: &Span) -> Result<Option<(String, bool)>, Stopped> {
        if let Event::Scalar(text, style, ..) = &event
            && !(text.is_empty() && *style == ScalarStyle::Plain)
        {
            self.afford(weight(text) - 1, span)?;
            return Ok(Some((text.to_string(), *style == ScalarStyle::Plain)));
        }
        let node = self.node(event, span.clone())?;
        if let NodeKind::Scalar(scalar) = &node.kind
            && !scalar.text.is_empty()
        {
            return Ok(Some((scalar.text.clone(), false)));
        }
        self.report(TextProblem::KeyNotAWord { at: span.clone() });
        Ok(None)
    }

    fn interpolated(&mut self, text: String, plain: bool, span: &Span) -> NodeKind {
        let scalar = Scalar {
            text,
            plain,
            interpolated: false,
        };
        let Some(variables) = self.variables else {
            return NodeKind::Scalar(scalar);
        };
        let written = &self.text[span.start - self.base..span.end - self.base];
        filled_in(scalar, span, written, variables, self.budget, self.problems)
    }
}

fn broken(span: Span) -> Node {
    tagged((NodeKind::Broken, span), None)
}

fn tagged((kind, span): (NodeKind, Span), tag: Option<&Tag>) -> Node {
    let tag = merge_tag(tag);
    Node { span, kind, tag }
}

/// A collection in brackets ends with them; another one ends with its last value, not with the lines after it.
fn collection_end(style: StructureStyle, start: &Span, end: &Span, last: Option<&Span>) -> usize {
    match (style, last) {
        (StructureStyle::Block, Some(last)) if last.end >= start.end => last.end,
        _ => end.end.max(start.end),
    }
}
