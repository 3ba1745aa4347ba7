//! Files that a file includes: each is read for itself, with its own folder and variables, then what it declares joins.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::document::node::{Node, NodeKind};
use crate::document::variables::Variables;
use crate::model::load::import::Import;
use crate::model::load::{Loader, ReadFile, folder_of, put_over_each_other};
use crate::problem::{IncludeProblem, ShapeProblem};
use crate::source::{Span, normalized};
use crate::spec::decode::{Field, Spanned, decode_value};
use crate::spec::include::{IncludeMapping, IncludeSpec, PathsSpec};

/// The most files that all files together include.
const MOST_INCLUDED: usize = 256;
/// How many files can include each other in a row.
const DEEPEST: usize = 16;

impl Loader<'_> {
    /// A tree without its `include`, and with what the files that it names declare.
    pub(super) fn with_included(
        &mut self,
        root: Rc<Node>,
        variables: &Rc<Variables>,
        chain: &mut Vec<PathBuf>,
    ) -> Rc<Node> {
        let mut root = root;
        if !matches!(&root.kind, NodeKind::Mapping(entries) if entries.contains_key("include")) {
            return root;
        }
        let NodeKind::Mapping(entries) = &mut Rc::make_mut(&mut root).kind else {
            return root;
        };
        let Some(include) = entries.shift_remove("include") else {
            return root;
        };
        let mut import = Import::into(entries);
        let list: Option<Vec<Field<IncludeSpec>>> =
            decode_value("include", &include, &mut self.problems);
        for item in list.iter().flatten().filter_map(Field::get) {
            let short;
            let mapping = match item.value {
                IncludeSpec::Mapping(mapping) => mapping.as_ref(),
                IncludeSpec::Scalar(path) => {
                    short = of_path(path, item.span.clone());
                    &short
                }
            };
            if let Some(tree) = self.included(mapping, &item.span, variables, chain) {
                import.add(&tree, &mut self.problems);
            }
        }
        root
    }

    /// The tree of what one item of `include` names.
    fn included(
        &mut self,
        mapping: &IncludeMapping,
        span: &Span,
        variables: &Rc<Variables>,
        chain: &mut Vec<PathBuf>,
    ) -> Option<Rc<Node>> {
        let paths: Vec<(PathBuf, Span)> = mapping
            .path
            .paths()
            .into_iter()
            .map(|path| (self.beside(&path), path.span))
            .collect();
        let Some((first, _)) = paths.first() else {
            if !mapping.path.failed {
                self.problems.push(
                    ShapeProblem::MissingKey {
                        what: "an item of `include`".to_owned(),
                        key: "path".to_owned(),
                        hint: "say which file: `path: ../common/nest.yaml`".to_owned(),
                        at: span.clone(),
                    }
                    .into(),
                );
            }
            return None;
        };
        let folder = match mapping.project_directory.get() {
            Some(folder) => self.beside(&folder),
            None => folder_of(first).to_owned(),
        };
        let env_files: Vec<PathBuf> = mapping
            .env_file
            .paths()
            .iter()
            .map(|path| self.beside(path))
            .collect();
        let variables = if env_files.is_empty() && self.sources.folder(span) == Some(&folder) {
            // The file that includes has been given the same ones.
            Rc::clone(variables)
        } else if env_files.is_empty() {
            self.default_variables(&folder, variables)
        } else {
            let read = |loader: &mut Self, path: &Path| loader.read_text(path, folder_of(path));
            self.variables_of(&env_files, variables, read)
        };
        let mut trees = Vec::new();
        for (path, span) in paths {
            let file = self.included_file(&path, span, &folder, chain);
            trees.push(file.and_then(|file| self.tree(&file, &variables, chain)));
        }
        put_over_each_other(trees).map(|tree| self.settled(tree))
    }

    fn included_file(
        &mut self,
        path: &Path,
        at: Span,
        folder: &Path,
        chain: &[PathBuf],
    ) -> Option<ReadFile> {
        if let Some(first) = chain.iter().position(|other| other == path) {
            let names = chain[first..].iter().map(PathBuf::as_path).chain([path]);
            let names: Vec<String> = names.map(|path| self.shown(path)).collect();
            let cycle = names.join(" -> ");
            self.problems
                .push(IncludeProblem::Cycle { cycle, at }.into());
            return None;
        }
        if chain.len() > DEEPEST {
            let limit = DEEPEST;
            self.problems
                .push(IncludeProblem::TooDeep { limit, at }.into());
            return None;
        }
        self.included += 1;
        if self.included > MOST_INCLUDED {
            // One problem says it all.
            if self.included == MOST_INCLUDED + 1 {
                let limit = MOST_INCLUDED;
                self.problems
                    .push(IncludeProblem::TooMany { limit, at }.into());
            }
            return None;
        }
        self.read_text(path, folder).unwrap_or_else(|error| {
            let problem = IncludeProblem::Unreadable {
                path: self.shown(path),
                reason: error.to_string(),
                at,
            };
            self.problems.push(problem.into());
            None
        })
    }

    /// A path as a file writes it, from the folder that paths of that file start from.
    fn beside(&self, path: &Spanned<&String>) -> PathBuf {
        let folder = self.sources.folder(&path.span).unwrap_or(Path::new("/"));
        normalized(&folder.join(path.value))
    }
}

fn of_path(path: &str, span: Span) -> IncludeMapping {
    IncludeMapping {
        path: Field {
            value: Some(PathsSpec::Scalar(path.to_owned())),
            key_span: span.clone(),
            span,
            failed: false,
        },
        ..IncludeMapping::default()
    }
}
