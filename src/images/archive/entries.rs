//! The small files in an archive.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use tar::{Archive, EntryType, Header};

use crate::images::archive::compression::Compression;

/// The size of a file that is read, at most. Manifests and configurations are some kilobytes.
const FILE_LIMIT: u64 = 8 << 20;
/// The size of a file that is kept unasked, at most, since a compressed archive cannot be gone back in.
const KEPT_FILE_LIMIT: u64 = 1 << 20;
/// The size of all files that are kept unasked, at most.
const KEPT_LIMIT: usize = 8 << 20;

/// The small files in an archive, by name.
pub(crate) enum Entries {
    /// A plain archive: where each file stands.
    Plain {
        /// The archive.
        file: File,
        /// Offset and size by name.
        places: HashMap<String, (u64, u64)>,
    },
    /// A compressed archive: what was kept while going through it.
    Compressed {
        /// The archive.
        file: File,
        /// How it is compressed.
        compression: Compression,
        /// Files that may be asked for.
        kept: HashMap<String, Vec<u8>>,
    },
}

impl Entries {
    /// Goes through an archive once, over the layers of a plain one.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let compression = Compression::detect(&mut file)?;
        if compression == Compression::Plain {
            let places = places(&file)?;
            return Ok(Entries::Plain { file, places });
        }
        let mut kept = HashMap::new();
        let mut size = 0;
        go_through(compression, &file, |name, entry_size, reader| {
            if entry_size > KEPT_FILE_LIMIT || size > KEPT_LIMIT {
                return Ok(true);
            }
            let mut first = [0];
            if reader.read(&mut first)? == 0 || !matches!(first[0], b'{' | b'[') {
                return Ok(true);
            }
            let mut bytes = first.to_vec();
            reader.read_to_end(&mut bytes)?;
            size += bytes.len();
            kept.insert(name, bytes);
            Ok(true)
        })?;
        Ok(Entries::Compressed {
            file,
            compression,
            kept,
        })
    }

    /// Reads a file; none where the archive has no such file.
    pub(crate) fn read(&mut self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match self {
            Entries::Plain { file, places } => {
                let Some((offset, size)) = places.get(name) else {
                    return Ok(None);
                };
                file.seek(SeekFrom::Start(*offset))?;
                read_limited(name, *size, file).map(Some)
            }
            Entries::Compressed {
                file,
                compression,
                kept,
            } => {
                if let Some(bytes) = kept.get(name) {
                    return Ok(Some(bytes.clone()));
                }
                let mut found = None;
                go_through(*compression, file, |entry_name, size, reader| {
                    if entry_name == name {
                        found = Some(read_limited(name, size, reader)?);
                    }
                    Ok(found.is_none())
                })?;
                Ok(found)
            }
        }
    }
}

/// Writes an archive again, not compressed: with these files first, and without those of the names in `left_out`.
pub(crate) fn rewrite(
    path: &Path,
    files: &[(&str, Vec<u8>)],
    left_out: &[&str],
    target: impl Write,
) -> io::Result<()> {
    let mut file = File::open(path)?;
    let compression = Compression::detect(&mut file)?;
    let mut builder = tar::Builder::new(target);
    for (name, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes.as_slice())?;
    }
    let mut archive = Archive::new(compression.decompress(file));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let (name, kind) = (name_of(&entry), entry.header().entry_type());
        let is_link = kind.is_symlink() || kind.is_hard_link();
        let is_known = is_link || kind.is_file() || kind.is_dir();
        if !is_known || left_out.contains(&name.as_str()) {
            continue;
        }
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(entry.header().mode()?);
        header.set_size(entry.size());
        match entry.link_name()?.filter(|_| is_link) {
            Some(link) => builder.append_link(&mut header, &name, link)?,
            None => builder.append_data(&mut header, &name, &mut entry)?,
        }
    }
    builder.into_inner()?.flush()
}

fn places(file: &File) -> io::Result<HashMap<String, (u64, u64)>> {
    let mut archive = Archive::new(file);
    let mut places = HashMap::new();
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        if entry.header().entry_type().is_file() {
            places.insert(name_of(&entry), (entry.raw_file_position(), entry.size()));
        }
    }
    Ok(places)
}

/// Hands each file to `visit`, until it says that it has enough.
fn go_through(
    compression: Compression,
    file: &File,
    mut visit: impl FnMut(String, u64, &mut dyn Read) -> io::Result<bool>,
) -> io::Result<()> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    let mut archive = Archive::new(compression.decompress(file));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() {
            let (name, size) = (name_of(&entry), entry.size());
            if !visit(name, size, &mut entry)? {
                break;
            }
        }
    }
    Ok(())
}

fn name_of<R: Read>(entry: &tar::Entry<'_, R>) -> String {
    let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    match path.strip_prefix("./") {
        Some(plain) => plain.to_owned(),
        None => path,
    }
}

fn read_limited(name: &str, size: u64, reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    if size > FILE_LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("`{name}` in it is too large to be what its name says"),
        ));
    }
    let mut bytes = Vec::new();
    reader.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}
