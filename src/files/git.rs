//! Files as they are in a revision of a git repository, read by the program `git` and never checked out.
//!
//! What lies outside the repository, and what git ignores and the revision does not have, belongs to no revision: it is
//! read from this machine's folders.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::files::LocalFiles;
use crate::source::{Files, MOST_BYTES};

/// A revision of a repository.
#[derive(Debug, Clone)]
pub struct GitFiles {
    /// The repository's folder.
    top: PathBuf,
    /// The revision as the user names it.
    revision: String,
    /// The id of its commit.
    commit: String,
}

/// Why a revision cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program is not there.
    #[error("cannot run `git`")]
    NoProgram(#[source] io::Error),
    /// The folder is in no repository, or in one that git does not read.
    #[error("`{}` is in no git repository that can be read: {reason}", folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// What git says.
        reason: String,
    },
    /// There is no such revision.
    #[error("the git repository has no revision `{revision}`")]
    NoRevision {
        /// The revision as the user names it.
        revision: String,
    },
}

/// What a revision has under a path.
enum Object {
    File(Vec<u8>),
    Folder,
    /// A link that leads out of the repository.
    LinkOutside,
    Missing,
}

impl GitFiles {
    /// Finds the repository of a folder, and a revision there.
    pub fn open(folder: &Path, revision: &str) -> Result<Self, GitError> {
        let mut show = git(folder);
        let shown = show.args(["rev-parse", "--show-toplevel"]).output();
        let shown = shown.map_err(GitError::NoProgram)?;
        if !shown.status.success() {
            let reason = String::from_utf8_lossy(&shown.stderr);
            return Err(GitError::NoRepository {
                folder: folder.to_owned(),
                reason: reason.trim().trim_start_matches("fatal: ").to_owned(),
            });
        }
        let top = shown.stdout.strip_suffix(b"\n").unwrap_or(&shown.stdout);
        let top = PathBuf::from(OsStr::from_bytes(top));
        let mut verify = git(&top);
        verify.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
        verify.arg(format!("{revision}^{{commit}}"));
        let verified = verify.output().map_err(GitError::NoProgram)?;
        if !verified.status.success() {
            let revision = revision.to_owned();
            return Err(GitError::NoRevision { revision });
        }
        Ok(Self {
            top,
            revision: revision.to_owned(),
            commit: String::from_utf8_lossy(&verified.stdout).trim().to_owned(),
        })
    }

    /// The repository's folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Whether there is a file of this path.
    pub fn is_file(&self, path: &Path) -> bool {
        matches!(self.object(path), Ok(Some(Object::File(_))))
    }

    /// Whether there is a folder of this path.
    pub fn is_folder(&self, path: &Path) -> bool {
        matches!(self.object(path), Ok(Some(Object::Folder)))
    }

    /// What the revision has under a path; nothing for a path outside the repository.
    fn object(&self, path: &Path) -> io::Result<Option<Object>> {
        let Some(relative) = self.relative(path) else {
            return Ok(None);
        };
        let relative = relative.as_os_str().as_bytes();
        if relative.contains(&b'\n') {
            return Err(io::Error::other("git cannot be asked for such a name"));
        }
        let mut child = git(&self.top)
            .args(["cat-file", "--batch", "--follow-symlinks"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(&[self.commit.as_bytes(), b":", relative, b"\n"].concat())?;
        }
        let object = match child.stdout.take() {
            Some(output) => answered(BufReader::new(output)),
            None => Err(ErrorKind::BrokenPipe.into()),
        };
        // A large file is not read to its end.
        let _ = child.kill();
        child.wait()?;
        object.map(Some)
    }

    /// The path from the repository's folder; nothing for a path outside it. Links on the way to the repository are
    /// followed, those in it are git's.
    fn relative(&self, path: &Path) -> Option<PathBuf> {
        if let Ok(relative) = path.strip_prefix(&self.top) {
            return Some(relative.to_owned());
        }
        let (folder, real) = path
            .ancestors()
            .find_map(|folder| Some((folder, folder.canonicalize().ok()?)))?;
        let whole = real.join(path.strip_prefix(folder).ok()?);
        Some(whole.strip_prefix(&self.top).ok()?.to_owned())
    }

    /// Whether git leaves the path alone.
    fn is_ignored(&self, path: &Path) -> bool {
        let mut check = git(&self.top);
        check.args(["check-ignore", "--quiet", "--"]).arg(path);
        let status = check.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Files for GitFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.object(path)? {
            None => LocalFiles.read(path),
            Some(Object::File(bytes)) => Ok(bytes),
            Some(Object::Folder) => Err(ErrorKind::IsADirectory.into()),
            Some(Object::LinkOutside) => Err(io::Error::other(
                "it is a link that leads out of the git repository",
            )),
            Some(Object::Missing) if self.is_ignored(path) => LocalFiles.read(path),
            Some(Object::Missing) => Err(io::Error::new(
                ErrorKind::NotFound,
                format!("revision `{}` does not have it", self.revision),
            )),
        }
    }

    fn read_given(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.relative(path).is_some() {
            self.read(path)
        } else {
            LocalFiles.read_given(path)
        }
    }

    fn exists(&self, path: &Path) -> bool {
        match self.object(path) {
            Ok(None) => LocalFiles.exists(path),
            Ok(Some(Object::Missing)) => self.is_ignored(path) && LocalFiles.exists(path),
            Ok(Some(_)) | Err(_) => true,
        }
    }
}

/// git in a folder, whose repository it finds by itself even in a hook of another. It takes no locks and asks nothing.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    git.env("GIT_TERMINAL_PROMPT", "0")
        .arg("-C")
        .arg(folder)
        .arg("--no-optional-locks")
        .stdin(Stdio::null());
    git
}

/// Reads what `git cat-file --batch` answers: a line that says what it is, then that.
fn answered(mut output: impl io::BufRead) -> io::Result<Object> {
    let mut line = Vec::new();
    output
        .by_ref()
        .take(64 * 1024)
        .read_until(b'\n', &mut line)?;
    let line = String::from_utf8_lossy(&line);
    let words: Vec<&str> = line.trim_end().rsplitn(3, ' ').collect();
    match words.as_slice() {
        ["missing", ..] | [_, "dangling" | "loop" | "notdir"] => Ok(Object::Missing),
        [_, "blob", _] => {
            let size = words[0].parse().unwrap_or(usize::MAX);
            let mut bytes = Vec::new();
            let limit = size.min(MOST_BYTES + 1);
            output.take(limit as u64).read_to_end(&mut bytes)?;
            if bytes.len() < limit {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            Ok(Object::File(bytes))
        }
        [_, "tree" | "commit", _] => Ok(Object::Folder),
        [_, "symlink"] => Ok(Object::LinkOutside),
        _ => Err(io::Error::other("git does not answer")),
    }
}
