//! All files of a project as one tree: read, interpolated, included, and put over each other.

mod compose;
mod extend;
mod fill_in;
mod import;
mod include;
mod policy;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::document::budget::{Budget, VALUE_LIMIT};
use crate::document::env_file::parse_env_file;
use crate::document::merge::{merge, without_resets};
use crate::document::node::{Node, NodeKind};
use crate::document::parse_document;
use crate::document::variables::Variables;
use crate::model::ProjectRequest;
use crate::model::load::extend::Extension;
use crate::model::validate::{hide_passwords, inline_tokens, may_hold_tokens};
use crate::problem::{Problem, TextProblem};
use crate::source::{Files, MOST_BYTES, SourceMap, SourceText, secret_values};

/// The files of a project as one.
pub(super) struct LoadedFiles {
    /// The tree.
    pub(super) root: Rc<Node>,
    /// The variables that its values were filled in with.
    pub(super) variables: Rc<Variables>,
    /// The number of the first file's first byte.
    pub(super) base: usize,
}

/// Reads files; what was found in them stays in `sources`, `problems` and `paths`.
pub(super) struct Loader<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) request: &'a ProjectRequest,
    pub(super) sources: SourceMap,
    pub(super) problems: Vec<Problem>,
    /// Every file that was read.
    pub(super) paths: Vec<PathBuf>,
    budget: Budget,
    /// How many bytes have been read.
    bytes: usize,
    /// How many files have been included.
    included: usize,
    /// Whether variables in values are filled in.
    interpolates: bool,
    /// Whether a file may have a value tagged `!reset`.
    may_reset: bool,
}

/// A file whose text can be used.
struct ReadFile {
    path: PathBuf,
    text: Arc<str>,
    /// The number of its first byte.
    base: usize,
    /// Whether it is a Compose file.
    is_compose: bool,
}

impl<'a> Loader<'a> {
    pub(super) fn new(files: &'a dyn Files, request: &'a ProjectRequest) -> Self {
        Self {
            files,
            request,
            sources: SourceMap::default(),
            problems: Vec::new(),
            paths: Vec::new(),
            budget: Budget::default(),
            bytes: 0,
            included: 0,
            interpolates: true,
            may_reset: false,
        }
    }

    /// Leaves the variables in values as they are written.
    pub(super) fn without_interpolation(files: &'a dyn Files, request: &'a ProjectRequest) -> Self {
        Self {
            interpolates: false,
            ..Self::new(files, request)
        }
    }

    /// Reads the files that were asked for. Without a tree, a problem says why.
    pub(super) fn load(&mut self) -> Option<LoadedFiles> {
        let request = self.request;
        let folder = request.folder();
        let files: Vec<Option<ReadFile>> = request
            .files
            .iter()
            .map(|path| match self.read_given(path) {
                Ok(file) => file,
                Err(error) => {
                    let problem = self.unreadable(path, &error);
                    self.problems.push(problem);
                    None
                }
            })
            .collect();
        let mut known = request.variables.clone();
        known.insert("NEST_PROJECT_DIR".to_owned(), folder.display().to_string());
        self.sources.add_variables(&known);
        let known = Rc::new(Variables::from(known));
        let variables = if request.env_files.is_empty() {
            self.default_variables(folder, &known)
        } else {
            self.variables_of(&request.env_files, &known, Self::read_given)
        };
        let base = files.first().and_then(Option::as_ref)?.base;
        let trees: Vec<Option<Rc<Node>>> = files
            .into_iter()
            .map(|file| self.tree(&file?, &variables, &mut Vec::new()))
            .collect();
        let root = put_over_each_other(trees)?;
        Some(LoadedFiles {
            root: self.settled(root),
            variables,
            base,
        })
    }

    /// The tree of one file, with everything that it extends and includes. `chain` are the files that include it.
    fn tree(
        &mut self,
        file: &ReadFile,
        variables: &Rc<Variables>,
        chain: &mut Vec<PathBuf>,
    ) -> Option<Rc<Node>> {
        let root = self.parsed(file, variables)?;
        chain.push(file.path.clone());
        let mut whole = root;
        if file.text.contains("extends") {
            whole = Extension::new(self, variables, file.is_compose).scope(&whole);
        }
        whole = self.with_included(whole, file.is_compose, variables, chain);
        if !file.is_compose && file.text.contains("compose") {
            whole = self.with_compose(&whole, variables, chain);
        }
        chain.pop();
        Some(whole)
    }

    /// The tree of one file as it is written.
    fn parsed(&mut self, file: &ReadFile, variables: &Variables) -> Option<Rc<Node>> {
        self.may_reset |= file.text.contains("!reset");
        let mut aliases = Vec::new();
        let problems = &mut self.problems;
        let variables_used = self.interpolates.then_some(variables);
        let root = parse_document(
            &file.text,
            file.base,
            variables_used,
            &mut self.budget,
            &mut aliases,
            problems,
        );
        self.sources.add_aliases(aliases);
        let root = root?;
        hide_passwords(&root, &mut self.sources);
        if may_hold_tokens(&file.text) {
            let tokens = inline_tokens(&root, &mut self.sources);
            self.problems.extend(tokens.into_iter().map(Problem::from));
        }
        let found = match &root.kind {
            NodeKind::Mapping(_) => None,
            NodeKind::Broken => return None,
            NodeKind::Sequence(_) => Some("a list"),
            NodeKind::Scalar(_) => Some("plain text"),
        };
        if let Some(found) = found {
            let path = self.shown(&file.path);
            let found = found.to_owned();
            self.problems
                .push(TextProblem::NotAMapping { path, found }.into());
            return None;
        }
        Some(root)
    }

    /// A tree as it is when nothing more goes over it or under it.
    fn settled(&self, tree: Rc<Node>) -> Rc<Node> {
        if self.may_reset {
            without_resets(&tree)
        } else {
            tree
        }
    }

    /// Variables, and those of the file `.env` in a folder, if there is one.
    fn default_variables(&mut self, folder: &Path, known: &Rc<Variables>) -> Rc<Variables> {
        let path = folder.join(".env");
        match self.read_text(&path, folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Rc::clone(known),
            file => self.with_variables(&[path], known, [file]),
        }
    }

    /// Variables, and those of files; a later file wins over an earlier one.
    fn variables_of(
        &mut self,
        paths: &[PathBuf],
        known: &Rc<Variables>,
        read: impl Fn(&mut Self, &Path) -> std::io::Result<Option<ReadFile>>,
    ) -> Rc<Variables> {
        let files: Vec<_> = paths.iter().map(|path| read(self, path)).collect();
        self.with_variables(paths, known, files)
    }

    fn with_variables(
        &mut self,
        paths: &[PathBuf],
        known: &Rc<Variables>,
        files: impl IntoIterator<Item = std::io::Result<Option<ReadFile>>>,
    ) -> Rc<Variables> {
        let mut variables = Variables::beneath(Rc::clone(known));
        for (path, file) in paths.iter().zip(files) {
            let file = match file {
                Ok(Some(file)) => file,
                Ok(None) => continue,
                Err(error) => {
                    let problem = self.unreadable(path, &error);
                    self.problems.push(problem);
                    continue;
                }
            };
            for value in secret_values(&file.text) {
                let at = file.base + value.start..file.base + value.end;
                self.sources.redact(&at);
            }
            let (budget, problems) = (&mut self.budget, &mut self.problems);
            if !parse_env_file(&file.text, file.base, &mut variables, budget, problems)
                && self.budget.must_tell()
            {
                let (limit, at) = (VALUE_LIMIT, file.base..file.base);
                self.problems
                    .push(TextProblem::TooManyValues { limit, at }.into());
            }
        }
        self.sources.add_variables(variables.own());
        Rc::new(variables)
    }

    fn shown(&self, path: &Path) -> String {
        self.request.shown(path).display().to_string()
    }

    fn unreadable(&self, path: &Path, error: &std::io::Error) -> Problem {
        let path = self.shown(path);
        let reason = error.to_string();
        TextProblem::UnreadableFile { path, reason }.into()
    }

    /// Reads a file that the user names, and adds it to the sources.
    fn read_given(&mut self, path: &Path) -> std::io::Result<Option<ReadFile>> {
        let bytes = self.files.read_given(path)?;
        Ok(self.text(path, folder_of(path), &bytes, Shown::Yes))
    }

    /// Reads a file that another one names, and adds it to the sources. What it holds is shown only where its name says
    /// that it is YAML: it may be any file, a private one among them.
    fn read_named(&mut self, path: &Path, folder: &Path) -> std::io::Result<Option<ReadFile>> {
        let bytes = self.files.read(path)?;
        let ending = path.extension().and_then(OsStr::to_str);
        let shown = match ending {
            Some("yaml" | "yml") => Shown::Yes,
            _ => Shown::No,
        };
        Ok(self.text(path, folder, &bytes, shown))
    }

    /// Reads a file and adds it to the sources; relative paths in it start from `folder`. Nothing if its text cannot be
    /// used; a problem then says why.
    fn read_text(&mut self, path: &Path, folder: &Path) -> std::io::Result<Option<ReadFile>> {
        let bytes = self.files.read(path)?;
        Ok(self.text(path, folder, &bytes, Shown::Yes))
    }

    fn text(&mut self, path: &Path, folder: &Path, bytes: &[u8], shown: Shown) -> Option<ReadFile> {
        self.paths.push(path.to_owned());
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MOST_BYTES {
            let problem = TextProblem::FileTooLarge {
                path: self.shown(path),
                limit: MOST_BYTES,
            };
            self.problems.push(problem.into());
            return None;
        }
        let (text, wrong_byte) = match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::from(text), None),
            Err(error) => (String::from_utf8_lossy(bytes), Some(error.valid_up_to())),
        };
        // A byte order mark says nothing about UTF-8; a line that starts with it would look misplaced.
        let mark = '\u{feff}';
        let shift = if text.starts_with(mark) {
            mark.len_utf8()
        } else {
            0
        };
        let text: Arc<str> = text[shift..].into();
        let base = self.sources.add(SourceText {
            path: self.request.shown(path).to_owned(),
            folder: folder.to_owned(),
            text: Arc::clone(&text),
        });
        if shown == Shown::No {
            self.sources.redact(&(base..base + text.len()));
        }
        if let Some(wrong_byte) = wrong_byte {
            let at = base + wrong_byte - shift;
            let replacement = char::REPLACEMENT_CHARACTER.len_utf8();
            let at = at..at + replacement;
            self.problems.push(TextProblem::InvalidUtf8 { at }.into());
            return None;
        }
        let path = path.to_owned();
        Some(ReadFile {
            path,
            text,
            base,
            is_compose: false,
        })
    }
}

/// Whether problems show the lines that they are about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
}

/// Each tree over the ones before it. Nothing if one is missing: what the others say would mean something else.
fn put_over_each_other(trees: Vec<Option<Rc<Node>>>) -> Option<Rc<Node>> {
    let trees: Vec<Rc<Node>> = trees.into_iter().collect::<Option<_>>()?;
    trees.into_iter().reduce(|base, over| merge(base, &over))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}
