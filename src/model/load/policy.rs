//! Policies in files of their own.

use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;

use crate::document::node::{Node, NodeKind};
use crate::document::parse_document;
use crate::document::variables::Variables;
use crate::model::load::{Loader, folder_of};
use crate::problem::{PolicyProblem, TextProblem};

impl Loader<'_> {
    /// The policies that the request names, and that of the host if it has one. What cannot be used is reported.
    ///
    /// Only variables of the process are filled in: a file beside the project must not loosen a policy.
    pub(in crate::model) fn policies(&mut self) -> Vec<Rc<Node>> {
        let request = self.request;
        let mut variables = request.variables.clone();
        let folder = request.folder().display().to_string();
        variables.insert("NEST_PROJECT_DIR".to_owned(), folder);
        let variables = Variables::from(variables);
        let given = request.policies.iter().map(|path| (path, true));
        let host = request.host_policy.iter().map(|path| (path, false));
        let policies = given.chain(host);
        policies
            .filter_map(|(path, required)| self.policy(path, required, &variables))
            .collect()
    }

    fn policy(&mut self, path: &Path, required: bool, variables: &Variables) -> Option<Rc<Node>> {
        let file = if required {
            self.read_given(path)
        } else {
            self.read_text(path, folder_of(path))
        };
        let file = match file {
            Ok(file) => file?,
            Err(error) if error.kind() == ErrorKind::NotFound && !required => return None,
            Err(error) => {
                let problem = PolicyProblem::Unreadable {
                    path: self.shown(path),
                    reason: error.to_string(),
                };
                self.problems.push(problem.into());
                return None;
            }
        };
        let mut aliases = Vec::new();
        let problems = &mut self.problems;
        let root = parse_document(
            &file.text,
            file.base,
            Some(variables),
            &mut self.budget,
            &mut aliases,
            problems,
        );
        self.sources.add_aliases(aliases);
        let root = root?;
        let found = match &root.kind {
            NodeKind::Mapping(_) => return Some(root),
            NodeKind::Broken => return None,
            NodeKind::Sequence(_) => "a list",
            NodeKind::Scalar(_) => "plain text",
        };
        let problem = TextProblem::NotAMapping {
            path: self.shown(path),
            found: found.to_owned(),
        };
        self.problems.push(problem.into());
        None
    }
}
