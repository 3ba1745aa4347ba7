//! The way from a file's path to the project: the entry to everything above this room.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::env_file::parse_env_file;
use crate::document::node::NodeKind;
use crate::document::parse_document;
use crate::model::Project;
use crate::model::validate::{ValidationInput, inline_tokens, validate};
use crate::problem::{InvalidDocument, Problem, TextProblem, sort_problems};
use crate::source::{Files, SourceMap, SourceText};
use crate::spec::FileSpec;
use crate::spec::decode::decode;

/// The most bytes of a nest file.
const SIZE_LIMIT: usize = 16 * 1024 * 1024;

/// What to read, and with what.
#[derive(Debug, Clone)]
pub struct ProjectRequest {
    /// Absolute path of the nest file.
    pub file: PathBuf,
    /// The working folder: files below it are shown relative to it.
    pub working_folder: PathBuf,
    /// The project's name, where a flag or a variable gives one. It is normalised.
    pub project_name: Option<String>,
    /// The variables of the process. They win over those of the file `.env` beside the nest file.
    pub variables: BTreeMap<String, String>,
}

/// A project, and what its reader should know.
#[derive(Debug)]
pub struct ReadProject {
    /// The project.
    pub project: Project,
    /// Problems that do not keep it from being used, in the order of the file.
    pub warnings: Vec<Problem>,
    /// The files that were read: the warnings point into them.
    pub sources: SourceMap,
}

/// Reads a nest file and makes a project of it, or finds every problem in it.
pub fn read_project(
    files: &dyn Files,
    request: &ProjectRequest,
) -> Result<ReadProject, InvalidDocument> {
    let mut problems = Vec::new();
    let mut sources = SourceMap::default();
    let project = read(files, request, &mut sources, &mut problems);
    sort_problems(&mut problems);
    match project {
        Some(project) if problems.iter().all(Problem::is_warning) => Ok(ReadProject {
            project,
            warnings: problems,
            sources,
        }),
        _ => Err(InvalidDocument { sources, problems }),
    }
}

fn read(
    files: &dyn Files,
    request: &ProjectRequest,
    sources: &mut SourceMap,
    problems: &mut Vec<Problem>,
) -> Option<Project> {
    let folder = request.file.parent().unwrap_or(Path::new("/"));
    let shown_file = shown_path(&request.file, request);
    let (text, base) = match read_text(files, &request.file, request, sources, problems) {
        Ok(read) => read?,
        Err(error) => {
            problems.push(unreadable(shown_file, &error));
            return None;
        }
    };
    let mut variables = request.variables.clone();
    variables.insert("NEST_PROJECT_DIR".to_owned(), folder.display().to_string());
    let env_file = folder.join(".env");
    match read_text(files, &env_file, request, sources, problems) {
        Ok(Some((text, base))) => {
            for (name, value) in parse_env_file(&text, base, &variables, problems) {
                variables.entry(name).or_insert(value);
            }
        }
        Ok(None) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => problems.push(unreadable(shown_path(&env_file, request), &error)),
    }
    let mut aliases = Vec::new();
    let root = parse_document(&text, base, &variables, &mut aliases, problems)?;
    sources.add_aliases(aliases);
    for token in inline_tokens(&root, sources) {
        problems.push(token.into());
    }
    let found = match &root.kind {
        NodeKind::Mapping(_) => None,
        NodeKind::Broken => return None,
        NodeKind::Sequence(_) => Some("a list"),
        NodeKind::Scalar(_) => Some("plain text"),
    };
    if let Some(found) = found {
        let path = shown_file.display().to_string();
        let found = found.to_owned();
        problems.push(TextProblem::NotAMapping { path, found }.into());
        return None;
    }
    let spec: FileSpec = decode(&root, problems)?;
    let input = ValidationInput {
        file: &request.file,
        folder,
        project_name: request.project_name.as_deref(),
        variables: &variables,
        sources,
        base,
    };
    Some(validate(spec, &input, problems))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let path = path.display().to_string();
    let reason = error.to_string();
    TextProblem::UnreadableFile { path, reason }.into()
}

/// A path as the user would write it.
fn shown_path<'p>(path: &'p Path, request: &ProjectRequest) -> &'p Path {
    path.strip_prefix(&request.working_folder).unwrap_or(path)
}

/// Reads a file and adds it to the sources. Nothing if its text cannot be used; a problem then says why.
fn read_text(
    files: &dyn Files,
    path: &Path,
    request: &ProjectRequest,
    sources: &mut SourceMap,
    problems: &mut Vec<Problem>,
) -> std::io::Result<Option<(Arc<str>, usize)>> {
    let bytes = files.read(path)?;
    if bytes.len() > SIZE_LIMIT {
        let problem = TextProblem::FileTooLarge {
            path: shown_path(path, request).display().to_string(),
            size: bytes.len(),
            limit: SIZE_LIMIT,
        };
        problems.push(problem.into());
        return Ok(None);
    }
    let wrong_byte = std::str::from_utf8(&bytes)
        .err()
        .map(|error| error.valid_up_to());
    let text = String::from_utf8_lossy(&bytes);
    // A byte order mark says nothing about UTF-8; a line that starts with it would look misplaced.
    let mark = '\u{feff}';
    let shift = if text.starts_with(mark) {
        mark.len_utf8()
    } else {
        0
    };
    let text: Arc<str> = text[shift..].into();
    let base = sources.add(SourceText {
        path: shown_path(path, request).to_owned(),
        text: Arc::clone(&text),
    });
    if let Some(wrong_byte) = wrong_byte {
        let at = base + wrong_byte - shift;
        let replacement = char::REPLACEMENT_CHARACTER.len_utf8();
        problems.push(
            TextProblem::InvalidUtf8 {
                at: at..at + replacement,
            }
            .into(),
        );
        return Ok(None);
    }
    Ok(Some((text, base)))
}
