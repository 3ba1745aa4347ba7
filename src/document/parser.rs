//! From the parser's events to the tree: aliases, merge keys, duplicate keys, limits.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, StructureStyle, Tag};
use indexmap::IndexMap;
use indexmap::map::Entry as Slot;

use crate::document::interpolation::filled_in;
use crate::document::node::{Entry, MergeTag, Node, NodeKind, Scalar};
use crate::document::syntax::syntax_problem;
use crate::problem::suggestion::did_you_mean;
use crate::problem::{Problem, TextProblem};
use crate::source::{AliasUse, Span};

/// How many lists, and how many mappings, can stand in each other.
const NESTING_LIMIT: usize = 128;
/// How many values all aliases together may stand for.
const ALIAS_LIMIT: usize = 500_000;

/// Reads the one document of a text whose first byte has the number `base`. Without a tree, a problem says why. Without
/// variables, values stay as they are written. Where aliases stand is added to `aliases`.
pub(crate) fn parse_document(
    text: &str,
    base: usize,
    variables: Option<&BTreeMap<String, String>>,
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
        anchor_names: HashMap::new(),
        nodes: 0,
        expanded: 0,
        aliases,
        problems,
    };
    builder.document()
}

/// Why reading ended before the text did; the problem is noted.
struct Stopped;

struct Anchored {
    node: Rc<Node>,
    /// How many nodes it is, its aliases written out.
    size: usize,
}

struct Builder<'t, 'p> {
    text: &'t str,
    base: usize,
    variables: Option<&'p BTreeMap<String, String>>,
    events: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Anchored>,
    anchor_names: HashMap<usize, String>,
    /// How many nodes have been built, aliases written out.
    nodes: usize,
    /// How many of them come from aliases.
    expanded: usize,
    aliases: &'p mut Vec<AliasUse>,
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

    fn report(&mut self, problem: impl Into<Problem>) {
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
        let before = self.nodes;
        self.nodes += 1;
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
            Event::Alias(id) => return self.alias(id, span),
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
        let node = Rc::new(node);
        if id != 0 {
            let size = self.nodes - before;
            let node = Rc::clone(&node);
            self.anchors.insert(id, Anchored { node, size });
        }
        Ok(node)
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Rc<Node>, Stopped> {
        let Some(anchored) = self.anchors.get(&id) else {
            self.report(TextProblem::RecursiveAlias { at: span });
            return Err(Stopped);
        };
        self.nodes += anchored.size;
        self.expanded += anchored.size;
        if self.expanded > ALIAS_LIMIT {
            self.report(TextProblem::TooManyAliases {
                limit: ALIAS_LIMIT,
                at: span,
            });
            return Err(Stopped);
        }
        self.aliases.push(AliasUse {
            anchored: anchored.node.span.clone(),
            alias: span,
        });
        Ok(Rc::clone(&anchored.node))
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

    fn merge_sources(&mut self, value: &Rc<Node>, sources: &mut Vec<Rc<Node>>) {
        match &value.kind {
            NodeKind::Mapping(_) => sources.push(Rc::clone(value)),
            NodeKind::Sequence(items) => {
                for item in items {
                    if matches!(item.kind, NodeKind::Mapping(_)) {
                        sources.push(Rc::clone(item));
                    } else {
                        let at = item.span.clone();
                        self.report(TextProblem::InvalidMergeKey { at });
                    }
                }
            }
            NodeKind::Scalar(_) => {
                let at = value.span.clone();
                self.report(TextProblem::InvalidMergeKey { at });
            }
            NodeKind::Broken => {}
        }
    }

    /// Whether a scalar's type is left open, as it is without quotes.
    fn check_scalar_tag(&mut self, tag: Option<&Tag>, style: ScalarStyle, span: &Span) -> bool {
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

    fn check_tag(&mut self, tag: Option<&Tag>, expected: &str, span: &Span) {
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
        filled_in(scalar, span, written, variables, self.problems)
    }
}

fn broken(span: Span) -> Node {
    tagged((NodeKind::Broken, span), None)
}

fn tagged((kind, span): (NodeKind, Span), tag: Option<&Tag>) -> Node {
    let tag = merge_tag(tag);
    Node { span, kind, tag }
}

fn merge_tag(tag: Option<&Tag>) -> MergeTag {
    match tag.map(Tag::original).as_deref() {
        Some("!reset") => MergeTag::Reset,
        Some("!override") => MergeTag::Override,
        _ => MergeTag::None,
    }
}

/// A collection in brackets ends with them; another one ends with its last value, not with the lines after it.
fn collection_end(style: StructureStyle, start: &Span, end: &Span, last: Option<&Span>) -> usize {
    match (style, last) {
        (StructureStyle::Block, Some(last)) if last.end >= start.end => last.end,
        _ => end.end.max(start.end),
    }
}
