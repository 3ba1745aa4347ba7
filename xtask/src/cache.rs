//! What is expensive to make is kept between runs, outside `target`.
//!
//! Entries appear whole or not at all: each is made beside its place and renamed into it, under a
//! file lock, so that concurrent runs make it once and a killed run leaves nothing that looks whole.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder `$NEST_ENGINE_CACHE`, by default `nest-xtask` in the user's cache folder.
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Finds the folder and creates it.
    pub(crate) fn open() -> Result<Self> {
        let folder = variable("NEST_ENGINE_CACHE")
            .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("nest-xtask")))
            .or_else(|| Some(variable("HOME")?.join(".cache/nest-xtask")))
            .context("no folder for the cache: set `NEST_ENGINE_CACHE` to one, or set `HOME`")?;
        let folder = std::path::absolute(folder)?;
        fs::create_dir_all(folder.join("locks"))
            .with_context(|| format!("cannot create `{}`", folder.display()))?;
        Ok(Self { folder })
    }

    /// The path of an entry, which need not exist.
    pub(crate) fn path(&self, entry: &str) -> PathBuf {
        self.folder.join(entry)
    }

    /// Waits for the lock of this name; it is free again when the file is dropped.
    pub(crate) fn lock(&self, name: &str) -> Result<File> {
        let file = self.lock_file(name)?;
        file.lock()
            .with_context(|| format!("cannot lock `{name}` in the cache"))?;
        Ok(file)
    }

    /// Takes the lock of this name if nobody holds it.
    pub(crate) fn try_lock(&self, name: &str) -> Result<Option<File>> {
        let file = self.lock_file(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The path of an entry, made by `build` at the path that it is given if there is none yet.
    pub(crate) fn entry(
        &self,
        entry: &str,
        build: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let path = self.path(entry);
        if path.exists() {
            return Ok(path);
        }
        let _lock = self.lock(&entry.replace('/', "-"))?;
        if !path.exists() {
            let part = self.path(&format!("{entry}.part"));
            remove(&part)?;
            fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
            build(&part)?;
            fs::rename(&part, &path)
                .with_context(|| format!("cannot put `{}` in its place", path.display()))?;
        }
        Ok(path)
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        let path = self.path(&format!("locks/{name}"));
        File::create(&path).with_context(|| format!("cannot open the lock `{}`", path.display()))
    }
}

/// Removes a file or a folder with all that is in it, if it exists.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
