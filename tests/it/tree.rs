//! The files of the package, as text.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the package.
pub(crate) struct TextFile {
    /// Its path in the package, with `/`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// The folder of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the package whose names end in `ending`, sorted by path.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<TextFile> {
    let mut paths = Vec::new();
    collect(&package().join(folder), &mut paths);
    paths.sort();
    let file = |path: PathBuf| TextFile {
        text: read(&path),
        path: relative(&path),
    };
    paths
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(file)
        .collect()
}

/// One file of the package.
pub(crate) fn file(path: &str) -> TextFile {
    TextFile {
        path: path.to_owned(),
        text: read(&package().join(path)),
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(package()).unwrap_or(path);
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
