//! What a build is sent: a folder of this machine as a tar archive, what `.dockerignore` says left out.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use crate::images::ignore::{Ignore, leads_out};
use crate::resource::build::BuildFile;
use crate::resource::digest::Digest;

/// The name under which a Dockerfile is sent that is in no file of the context.
const OWN_NAME: &str = ".nest.dockerfile";
/// Where it is said what is left out.
const IGNORE_FILE: &str = ".dockerignore";

/// A folder as a build is sent it.
#[derive(Debug, Clone)]
pub struct Context {
    /// What is sent of the folder, by its place there, sorted.
    entries: Vec<(PathBuf, PathBuf)>,
    /// The name of the Dockerfile in what is sent.
    pub dockerfile: String,
    /// What it says, where it is no file of the context.
    own_dockerfile: Option<Vec<u8>>,
}

impl Context {
    /// Looks at what is in a folder. Files are read later.
    pub fn read(folder: &Path, dockerfile: &BuildFile) -> io::Result<Self> {
        if !told(folder, folder.metadata())?.is_dir() {
            let reason = format!("`{}` is no folder", folder.display());
            return Err(io::Error::other(reason));
        }
        let (name, own_dockerfile, beside) = match dockerfile {
            BuildFile::Inline(text) => (OWN_NAME.into(), Some(text.clone().into_bytes()), None),
            BuildFile::File(path) => {
                let whole = folder.join(path);
                let inside = whole.strip_prefix(folder).ok().map(Path::to_owned);
                let content = told(&whole, fs::read(&whole))?;
                let beside = Some(with_ending(&whole));
                match inside.filter(|path| !leads_out(path)) {
                    Some(path) => (path, None, beside),
                    None => (OWN_NAME.into(), Some(content), beside),
                }
            }
        };
        let ignore = match beside.filter(|path| path.exists()) {
            Some(path) => read_ignore(&path)?,
            None => read_ignore(&folder.join(IGNORE_FILE))?,
        };
        let mut context = Self {
            entries: Vec::new(),
            dockerfile: name.to_string_lossy().into_owned(),
            own_dockerfile,
        };
        context.collect(folder, Path::new(""), &ignore, &name)?;
        Ok(context)
    }

    fn collect(
        &mut self,
        folder: &Path,
        place: &Path,
        ignore: &Ignore,
        dockerfile: &Path,
    ) -> io::Result<()> {
        let listed = told(folder, fs::read_dir(folder))?;
        let mut paths: Vec<PathBuf> = listed
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        paths.sort();
        for path in paths {
            let place = place.join(path.file_name().unwrap_or_default());
            let is_folder = told(&path, path.symlink_metadata())?.is_dir();
            let leads_to_dockerfile = dockerfile.starts_with(&place);
            let is_out = ignore.keeps_out(&place) && !leads_to_dockerfile;
            if !is_out {
                self.entries.push((place.clone(), path.clone()));
            }
            if is_folder && (!is_out || ignore.lets_some_in()) {
                self.collect(&path, &place, ignore, dockerfile)?;
            }
        }
        Ok(())
    }

    /// What it contains, times and owners apart.
    pub fn digest(&self) -> io::Result<Digest> {
        let mut builder = Builder::new(io::sink());
        self.write_entries(&mut builder)
    }

    /// Writes all of it, unless it is not what was expected: then it has no end, and no engine takes it for whole.
    pub fn write(&self, into: impl Write, expected: &str) -> io::Result<()> {
        let mut builder = Builder::new(Gate {
            into,
            is_shut: false,
        });
        let written = self.write_entries(&mut builder);
        if !matches!(&written, Ok(digest) if digest.as_str() == expected) {
            builder.get_mut().is_shut = true;
            written?;
            return Err(io::Error::other(
                "it has changed since the plan was made: plan again",
            ));
        }
        builder.into_inner()?.into.flush()
    }

    fn write_entries(&self, builder: &mut Builder<impl Write>) -> io::Result<Digest> {
        let mut hasher = Sha256::new();
        note(&mut hasher, self.dockerfile.as_bytes());
        if let Some(content) = &self.own_dockerfile {
            note(&mut hasher, content);
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            builder.append_data(&mut header, &self.dockerfile, content.as_slice())?;
        }
        for (place, path) in &self.entries {
            let metadata = told(path, path.symlink_metadata())?;
            let added = add(builder, &mut hasher, (place, path), &metadata);
            told(path, added)?;
        }
        Ok(Digest::of_hash(&hasher.finalize()))
    }
}

fn add(
    builder: &mut Builder<impl Write>,
    hasher: &mut Sha256,
    (place, path): (&Path, &Path),
    metadata: &Metadata,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_metadata(metadata);
    header.set_uid(0);
    header.set_gid(0);
    let kind = metadata.file_type();
    // Sockets, pipes and devices are nothing that an image can have.
    if !kind.is_dir() && !kind.is_symlink() && !kind.is_file() {
        return Ok(());
    }
    note(hasher, place.as_os_str().as_bytes());
    if kind.is_symlink() {
        let target = fs::read_link(path)?;
        hasher.update(b"l");
        note(hasher, target.as_os_str().as_bytes());
        header.set_size(0);
        return builder.append_link(&mut header, place, target);
    }
    hasher.update((metadata.mode() & 0o7777).to_be_bytes());
    if kind.is_dir() {
        hasher.update(b"d");
        return builder.append_data(&mut header, place, io::empty());
    }
    hasher.update(b"f");
    let size = metadata.size();
    hasher.update(size.to_be_bytes());
    header.set_size(size);
    let content = Heard {
        file: File::open(path)?,
        hasher,
        left: size,
    };
    builder.append_data(&mut header, place, content)
}

/// Lets what is written through until it is shut.
struct Gate<W> {
    into: W,
    is_shut: bool,
}

impl<W: Write> Write for Gate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_shut {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.into.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

/// A file of which as much is read as it had, whatever becomes of it meanwhile, and hashed as it is read.
struct Heard<'h> {
    file: File,
    hasher: &'h mut Sha256,
    left: u64,
}

impl Read for Heard<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let read = self.file.read(&mut buffer[..most])?;
        if read == 0 && self.left > 0 {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        self.hasher.update(&buffer[..read]);
        self.left -= read as u64;
        Ok(read)
    }
}

/// Hashes bytes so that no two lists of them come to the same.
fn note(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

/// What is left out of builds of a Dockerfile, where that has a file of its own.
fn with_ending(dockerfile: &Path) -> PathBuf {
    let mut name = dockerfile.as_os_str().to_owned();
    name.push(IGNORE_FILE);
    PathBuf::from(name)
}

fn read_ignore(path: &Path) -> io::Result<Ignore> {
    match fs::read_to_string(path) {
        Ok(text) => told(path, Ignore::parse(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ignore::default()),
        Err(error) => told(path, Err(error)),
    }
}

/// An error that says which file it is about.
fn told<T>(path: &Path, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("`{}`: {error}", path.display())))
}
