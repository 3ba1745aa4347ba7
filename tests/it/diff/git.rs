//! Files of git revisions: what was committed, wherever it is now.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use nest::files::git::{GitError, GitFiles};
use nest::source::Files as _;
use tempfile::TempDir;

/// A git repository of its own, with nothing of the user's settings.
pub(crate) struct Repository(TempDir);

impl Repository {
    pub(crate) fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("there is room"));
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// The folder, without links on the way.
    pub(crate) fn path(&self) -> PathBuf {
        let path = self.0.path().canonicalize();
        path.expect("it is there")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        let folder = path.parent().expect("it has a folder");
        std::fs::create_dir_all(folder).expect("there is room");
        std::fs::write(path, text).expect("there is room");
    }

    /// Commits everything.
    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=a commit"]);
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.0.path())
            .args(["-c", "user.name=ann", "-c", "user.email=ann@example.org"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = git.output().expect("these tests need git");
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {talk}");
    }
}

fn text(files: &GitFiles, path: &Path) -> Result<String, ErrorKind> {
    let read = files.read(path).map_err(|error| error.kind());
    read.map(|bytes| String::from_utf8(bytes).expect("it is text"))
}

#[test]
fn a_revision_has_what_was_committed() {
    let repository = Repository::new();
    repository.write("nest.yaml", "old\n");
    repository.write("below/a b é.yaml", "");
    repository.write("gone.yaml", "gone\n");
    repository.commit();
    repository.git(&["rm", "--quiet", "gone.yaml"]);
    repository.write("nest.yaml", "new\n");
    repository.write("later.yaml", "later\n");
    repository.commit();
    repository.write("nest.yaml", "not committed\n");
    let (top, below) = (repository.path(), repository.path().join("below"));
    let at = |revision: &str| GitFiles::open(&below, revision).expect("it is there");
    let nest = top.join("nest.yaml");
    assert_eq!(text(&at("HEAD~1"), &nest).as_deref(), Ok("old\n"));
    assert_eq!(text(&at("main"), &nest).as_deref(), Ok("new\n"));
    let gone = top.join("gone.yaml");
    assert_eq!(text(&at("HEAD~1"), &gone).as_deref(), Ok("gone\n"));
    assert_eq!(text(&at("HEAD"), &gone), Err(ErrorKind::NotFound));
    let later = top.join("later.yaml");
    assert_eq!(text(&at("HEAD~1"), &later), Err(ErrorKind::NotFound));
    assert_eq!(text(&at("HEAD"), &below), Err(ErrorKind::IsADirectory));
    let empty = below.join("a b é.yaml");
    assert_eq!(text(&at("HEAD"), &empty).as_deref(), Ok(""));
    let files = at("HEAD~1");
    assert_eq!(files.top(), top);
    let found = [&nest, &below, &later, &top].map(|path| {
        (
            files.exists(path),
            files.is_file(path),
            files.is_folder(path),
        )
    });
    let (file, folder, nothing) = (
        (true, true, false),
        (true, false, true),
        (false, false, false),
    );
    assert_eq!(found, [file, folder, nothing, folder]);
}

#[test]
fn what_belongs_to_no_revision_is_read_from_the_folder() {
    let repository = Repository::new();
    repository.write(".gitignore", ".env\n");
    repository.write(".env", "TOKEN=mine\n");
    repository.write("nest.yaml", "a\n");
    repository.commit();
    repository.write("untracked.yaml", "b\n");
    let files = GitFiles::open(&repository.path(), "HEAD").expect("it is there");
    let ignored = repository.path().join(".env");
    assert_eq!(text(&files, &ignored).as_deref(), Ok("TOKEN=mine\n"));
    assert!(files.exists(&ignored));
    let untracked = repository.path().join("untracked.yaml");
    assert_eq!(text(&files, &untracked), Err(ErrorKind::NotFound));
    assert!(!files.exists(&untracked));
    let elsewhere = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert!(text(&files, &elsewhere).is_ok_and(|text| text.contains("[package]")));
}

#[test]
fn links_are_followed_as_they_were_and_not_out_of_the_repository() {
    let repository = Repository::new();
    repository.write("base.yaml", "base\n");
    let link = |name: &str, target: &str| {
        std::os::unix::fs::symlink(target, repository.path().join(name)).expect("it can be made");
    };
    link("inside.yaml", "base.yaml");
    link("outside.yaml", "/etc/hostname");
    link("nowhere.yaml", "nothing.yaml");
    link("round.yaml", "round.yaml");
    repository.commit();
    repository.write("base.yaml", "later\n");
    let files = GitFiles::open(&repository.path(), "HEAD").expect("it is there");
    let of = |name: &str| text(&files, &repository.path().join(name));
    assert_eq!(of("inside.yaml").as_deref(), Ok("base\n"));
    assert_eq!(of("outside.yaml"), Err(ErrorKind::Other));
    assert_eq!(of("nowhere.yaml"), Err(ErrorKind::NotFound));
    assert_eq!(of("round.yaml"), Err(ErrorKind::NotFound));
    assert_eq!(of("a\nb"), Err(ErrorKind::Other));
    assert_eq!(of("base.yaml/below"), Err(ErrorKind::NotFound));
}

#[test]
fn a_repository_that_is_reached_through_a_link_is_the_same() {
    let repository = Repository::new();
    repository.write("a/nest.yaml", "old\n");
    repository.commit();
    repository.write("a/nest.yaml", "new\n");
    let elsewhere = tempfile::tempdir().expect("there is room");
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(repository.path(), &link).expect("it can be made");
    let files = GitFiles::open(&link.join("a"), "HEAD").expect("it is there");
    let of = |name: &str| text(&files, &link.join(name));
    assert_eq!(of("a/nest.yaml").as_deref(), Ok("old\n"));
    assert_eq!(of("gone/nest.yaml"), Err(ErrorKind::NotFound));
    assert!(files.exists(&link.join("a")) && !files.exists(&link.join("b")));
}

#[test]
fn what_is_no_revision_is_named() {
    let repository = Repository::new();
    repository.commit();
    for revision in ["nowhere", "--all", "", "HEAD^{tree}", "HEAD:nest.yaml"] {
        let opened = GitFiles::open(&repository.path(), revision);
        let named = |error: &GitError| matches!(error, GitError::NoRevision { .. });
        assert!(opened.as_ref().is_err_and(named), "{revision}: {opened:?}");
    }
    let none = tempfile::tempdir().expect("there is room");
    let opened = GitFiles::open(none.path(), "HEAD");
    assert!(matches!(opened, Err(GitError::NoRepository { .. })));
}
