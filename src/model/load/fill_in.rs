//! Variables in what names files that are read at once: they are filled in even where other values stay as they are written.

use std::rc::Rc;

use crate::document::interpolation::filled_in;
use crate::document::node::{Entry, Node, NodeKind};
use crate::document::variables::Variables;
use crate::model::load::Loader;

impl Loader<'_> {
    /// Fills in the variables of a key that names files, unless that is done already.
    pub(super) fn fill_in(&mut self, entry: &mut Entry, variables: &Variables) {
        if !self.interpolates {
            entry.value = self.filled_in(&entry.value, variables);
        }
    }

    fn filled_in(&mut self, node: &Rc<Node>, variables: &Variables) -> Rc<Node> {
        let kind = match &node.kind {
            NodeKind::Broken => return Rc::clone(node),
            NodeKind::Scalar(scalar) => {
                let written = self.sources.slice(&node.span).unwrap_or_default();
                let scalar = scalar.clone();
                let (budget, problems) = (&mut self.budget, &mut self.problems);
                filled_in(scalar, &node.span, written, variables, budget, problems)
            }
            NodeKind::Sequence(items) => {
                let items = items.iter();
                NodeKind::Sequence(items.map(|item| self.filled_in(item, variables)).collect())
            }
            NodeKind::Mapping(entries) => {
                let mut entries = entries.clone();
                for entry in entries.values_mut() {
                    entry.value = self.filled_in(&entry.value, variables);
                }
                NodeKind::Mapping(entries)
            }
        };
        Rc::new(Node {
            span: node.span.clone(),
            kind,
            tag: node.tag,
        })
    }
}
