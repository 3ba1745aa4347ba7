//! The files of a project as one, without variables filled in.

use serde_json::{Map, Value};

use crate::document::node::{Node, NodeKind};
use crate::model::ProjectRequest;
use crate::model::load::Loader;
use crate::problem::{InvalidDocument, Problem, sort_problems};
use crate::source::Files;

/// Reads nest files and puts them over each other, with the variables in their values as they are written.
///
/// What the values mean is not looked at, so only problems of the files' text are found.
pub fn read_merged(files: &dyn Files, request: &ProjectRequest) -> Result<Value, InvalidDocument> {
    let mut loader = Loader::without_interpolation(files, request);
    let tree = loader.load();
    let (sources, mut problems) = (loader.sources, loader.problems);
    sort_problems(&mut problems);
    match tree {
        Some(tree) if problems.iter().all(Problem::is_warning) => Ok(value(&tree.root)),
        _ => Err(InvalidDocument { sources, problems }),
    }
}

/// A tree as plain data.
pub(super) fn value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Broken => Value::Null,
        NodeKind::Scalar(scalar) => {
            serde_json::to_value(scalar.value()).unwrap_or_else(|_| scalar.text.clone().into())
        }
        NodeKind::Sequence(items) => items.iter().map(|item| value(item)).collect(),
        NodeKind::Mapping(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, entry)| (key.clone(), value(&entry.value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}
