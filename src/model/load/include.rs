//! Files that a file includes: each is read for itself, with its own folder and variables, then what it declares joins.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::document::node::{Node, NodeKind};
use crate::document::variables::Variables;
use crate::model::load::import::Import;
use crate::model::load::{Loader, ReadFile, folder_of, put_over_each_other};
use crate::problem::{ComposeProblem, IncludeProblem, Problem, ShapeProblem};
use crate::source::{Span, normalized};
use crate::spec::decode::{Field, Spanned, decode_value};
use crate::spec::include::IncludeSpec;

/// The most files that all files together include, extend or name as Compose files.
const MOST_INCLUDED: usize = 256;
/// How many files can include each other in a row.
const DEEPEST: usize = 16;

/// Files that another file names: they are put over each other, and read with folder and variables of their own.
pub(super) struct Named<'s> {
    /// The key that names them.
    pub(super) key: &'static str,
    /// Where they are named.
    pub(super) span: Span,
    /// The files.
    pub(super) paths: Vec<Spanned<&'s String>>,
    /// Whether a path was there but wrong.
    pub(super) has_wrong_path: bool,
    /// Files that set variables.
    pub(super) env_files: Vec<Spanned<&'s String>>,
    /// The folder that their relative paths start from, where it is not that of the first.
    pub(super) folder: Option<Spanned<&'s String>>,
}

impl<'s> Named<'s> {
    /// One file by its path.
    pub(super) fn path(key: &'static str, path: &'s String, span: Span) -> Self {
        Self {
            key,
            paths: vec![Spanned {
                value: path,
                span: span.clone(),
            }],
            span,
            has_wrong_path: false,
            env_files: Vec::new(),
            folder: None,
        }
    }
}

impl Loader<'_> {
    /// A tree without its `include`, and with what the files that it names declare.
    pub(super) fn with_included(
        &mut self,
        root: Rc<Node>,
        is_compose: bool,
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
        let Some(mut include) = entries.shift_remove("include") else {
            return root;
        };
        self.fill_in(&mut include, variables);
        let mut import = Import::into(entries);
        let list: Option<Vec<Field<IncludeSpec>>> =
            decode_value("include", &include, &self.sources, &mut self.problems);
        for item in list.iter().flatten().filter_map(Field::get) {
            // What a Compose file includes is a Compose file.
            let key = if is_compose { "compose" } else { "include" };
            let named = match item.value {
                IncludeSpec::Scalar(path) => Named::path(key, path, item.span),
                IncludeSpec::Mapping(mapping) => Named {
                    key,
                    span: item.span,
                    paths: mapping.path.paths(),
                    has_wrong_path: mapping.path.failed,
                    env_files: mapping.env_file.paths(),
                    folder: mapping.project_directory.get(),
                },
            };
            if let Some(tree) = self.named_tree(&named, variables, chain) {
                import.add(&tree, &mut self.problems);
            }
        }
        root
    }

    /// The tree of the files that one item names.
    pub(super) fn named_tree(
        &mut self,
        named: &Named<'_>,
        variables: &Rc<Variables>,
        chain: &mut Vec<PathBuf>,
    ) -> Option<Rc<Node>> {
        let paths = named.paths.iter();
        let paths: Vec<(PathBuf, &Span)> =
            paths.map(|path| (self.beside(path), &path.span)).collect();
        let Some((first, _)) = paths.first() else {
            if !named.has_wrong_path {
                self.problems.push(
                    ShapeProblem::MissingKey {
                        what: format!("an item of `{}`", named.key),
                        key: "path".to_owned(),
                        hint: "say which file: `path: FILE`".to_owned(),
                        at: named.span.clone(),
                    }
                    .into(),
                );
            }
            return None;
        };
        let folder = match &named.folder {
            Some(folder) => self.beside(folder),
            None => folder_of(first).to_owned(),
        };
        let env_files = named.env_files.iter();
        let env_files: Vec<PathBuf> = env_files.map(|path| self.beside(path)).collect();
        let variables = if env_files.is_empty() && self.sources.folder(&named.span) == Some(&folder)
        {
            // The file that names it has been given the same ones.
            Rc::clone(variables)
        } else if env_files.is_empty() {
            self.default_variables(&folder, variables)
        } else {
            let read = |loader: &mut Self, path: &Path| loader.read_text(path, folder_of(path));
            self.variables_of(&env_files, variables, read)
        };
        let mut trees = Vec::new();
        for (path, span) in paths {
            let file = self.named_file(&path, (named.key, span), &folder, chain);
            trees.push(file.and_then(|file| self.tree(&file, &variables, chain)));
        }
        put_over_each_other(trees).map(|tree| self.settled(tree))
    }

    fn named_file(
        &mut self,
        path: &Path,
        (key, at): (&'static str, &Span),
        folder: &Path,
        chain: &[PathBuf],
    ) -> Option<ReadFile> {
        let at = at.clone();
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
        if !self.may_read_another(&at) {
            return None;
        }
        let is_compose = key == "compose";
        match self.read_named(path, folder) {
            Ok(file) => file.map(|file| self.of_kind(file, is_compose)),
            Err(error) => {
                let path = self.shown(path);
                let reason = error.to_string();
                let problem: Problem = if is_compose {
                    ComposeProblem::Unreadable { path, reason, at }.into()
                } else {
                    IncludeProblem::Unreadable { path, reason, at }.into()
                };
                self.problems.push(problem);
                None
            }
        }
    }

    /// Whether one more file may be read because another one names it. If not, a problem says so.
    pub(super) fn may_read_another(&mut self, at: &Span) -> bool {
        self.included += 1;
        // One problem says it all.
        if self.included == MOST_INCLUDED + 1 {
            let limit = MOST_INCLUDED;
            let at = at.clone();
            self.problems
                .push(IncludeProblem::TooMany { limit, at }.into());
        }
        self.included <= MOST_INCLUDED
    }

    /// A file that is read as a Compose file, or as a nest file.
    pub(super) fn of_kind(&mut self, file: ReadFile, is_compose: bool) -> ReadFile {
        if is_compose {
            self.sources.mark_compose(file.base);
        }
        ReadFile { is_compose, ..file }
    }

    /// A path as a file writes it, from the folder that paths of that file start from.
    pub(super) fn beside(&self, path: &Spanned<&String>) -> PathBuf {
        let folder = self.sources.folder(&path.span).unwrap_or(Path::new("/"));
        normalized(&folder.join(path.value))
    }
}
