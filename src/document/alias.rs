//! Aliases and merge keys: values that stand in several places.

use std::rc::Rc;

use crate::document::budget::VALUE_LIMIT;
use crate::document::node::{Node, NodeKind};
use crate::document::parser::{Builder, NESTING_LIMIT, Stopped};
use crate::problem::TextProblem;
use crate::source::{AliasUse, Span};

/// How deep values can stand in each other when aliases are written out.
const DEPTH_LIMIT: usize = 2 * NESTING_LIMIT;

/// A value with an anchor.
pub(super) struct Anchored {
    pub(super) node: Rc<Node>,
    /// How many values it is, its aliases written out.
    pub(super) values: usize,
    /// How deep they stand in each other.
    pub(super) height: usize,
}

impl Builder<'_, '_> {
    /// What an alias stands for.
    pub(super) fn alias(&mut self, id: usize, span: Span) -> Result<Rc<Node>, Stopped> {
        let Some(anchored) = self.anchors.get(&id) else {
            self.report(TextProblem::RecursiveAlias { at: span });
            return Err(Stopped);
        };
        let (node, values) = (Rc::clone(&anchored.node), anchored.values);
        self.deepest = self.deepest.max(self.depth + anchored.height);
        if self.deepest > DEPTH_LIMIT {
            self.report(TextProblem::NestedTooDeep {
                limit: DEPTH_LIMIT,
                at: span,
            });
            return Err(Stopped);
        }
        if !self.take(values) {
            self.report(TextProblem::TooManyAliases {
                limit: VALUE_LIMIT,
                at: span,
            });
            return Err(Stopped);
        }
        self.aliases.push(AliasUse {
            anchored: node.span.clone(),
            alias: span,
        });
        Ok(node)
    }

    /// The mappings whose keys a merge key takes over.
    pub(super) fn merge_sources(&mut self, value: &Rc<Node>, sources: &mut Vec<Rc<Node>>) {
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
}
