//! Files and folders of this machine, to tar archives and from them, as `docker cp` has it.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use tar::{Archive, Builder, Entry, EntryType, Header};

/// How files are packed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackOptions {
    /// Whether each keeps its owner and group, by number. They are root's else.
    pub keep_owners: bool,
    /// Whether a link that is packed itself is followed. Those below a folder never are.
    pub follow: bool,
}

/// Packs a file, or a folder with all that is in it, under another name.
pub fn pack(path: &Path, name: &Path, options: PackOptions, into: impl Write) -> io::Result<()> {
    let mut builder = Builder::new(into);
    let metadata = if options.follow {
        path.metadata()
    } else {
        path.symlink_metadata()
    };
    add(&mut builder, path, name, &metadata?, options)?;
    builder.into_inner()?.flush()
}

fn add(
    builder: &mut Builder<impl Write>,
    path: &Path,
    name: &Path,
    metadata: &Metadata,
    options: PackOptions,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_metadata(metadata);
    if !options.keep_owners {
        header.set_uid(0);
        header.set_gid(0);
    }
    let kind = metadata.file_type();
    if kind.is_dir() {
        builder.append_data(&mut header, name, io::empty())?;
        let mut entries: Vec<PathBuf> = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        entries.sort();
        for entry in entries {
            let metadata = entry.symlink_metadata()?;
            let name = name.join(entry.file_name().unwrap_or_default());
            add(builder, &entry, &name, &metadata, options)?;
        }
        Ok(())
    } else if kind.is_symlink() {
        header.set_size(0);
        builder.append_link(&mut header, name, fs::read_link(path)?)
    } else if kind.is_file() {
        let file = File::open(path)?;
        // One that grows while it is read must not spoil what follows.
        let size = metadata.size();
        header.set_size(size);
        builder.append_data(&mut header, name, file.take(size).chain(Zeros).take(size))
    } else {
        Err(io::Error::other(format!(
            "`{}` is neither a file nor a folder nor a link",
            path.display()
        )))
    }
}

/// What stands for the rest of a file that has become shorter.
struct Zeros;

impl Read for Zeros {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(0);
        Ok(buffer.len())
    }
}

/// Unpacks an archive whose entries all begin with one name, so that what has this name comes to be `target`.
///
/// What is there already is written over, but a folder does not take the place of a file nor a file that of a folder.
/// Nothing is written outside `target`, whatever the entries say, also by way of links. Special files are left out; their
/// names are handed over.
pub fn unpack(archive: impl Read, target: &Path) -> io::Result<Vec<PathBuf>> {
    let mut left_out = Vec::new();
    let mut folders = Vec::new();
    let mut archive = Archive::new(archive);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let inside = below(&entry.path()?)?;
        let path = place(target, &inside)?;
        match entry.header().entry_type() {
            EntryType::Directory => {
                make_folder(&path, inside.as_os_str().is_empty())?;
                // Last, since a folder may forbid to be written to.
                folders.push((path, entry.header().mode()?));
            }
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                write(&mut entry, &path)?;
            }
            EntryType::Symlink => {
                let link = entry.link_name()?.unwrap_or_default();
                make_room(&path)?;
                std::os::unix::fs::symlink(link, &path)?;
            }
            EntryType::Link => {
                let link = entry.link_name()?.unwrap_or_default();
                let first = place(target, &below(&link)?)?;
                make_room(&path)?;
                fs::hard_link(first, &path)?;
            }
            _ => left_out.push(inside),
        }
    }
    for (folder, mode) in folders.into_iter().rev() {
        set_mode(&folder, mode)?;
    }
    Ok(left_out)
}

/// The path without the archive's own name.
fn below(path: &Path) -> io::Result<PathBuf> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => {
                let path = path.display();
                return Err(io::Error::other(format!("the archive names `{path}`")));
            }
        }
    }
    Ok(parts.into_iter().skip(1).collect())
}

/// Where an entry is put, all folders on the way being folders.
fn place(target: &Path, inside: &Path) -> io::Result<PathBuf> {
    let mut path = target.to_owned();
    let parts: Vec<&OsStr> = inside.iter().collect();
    for part in &parts {
        match path.symlink_metadata() {
            Ok(found) if found.is_dir() => {}
            // The target itself may be a link to a folder: the user named it.
            Ok(_) if path == target && path.is_dir() => {}
            Ok(_) => {
                let path = path.display();
                return Err(io::Error::other(format!("`{path}` is no folder")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&path)?,
            Err(error) => return Err(error),
        }
        path.push(part);
    }
    Ok(path)
}

/// Makes a folder where there is none. A link to one will do for the target, which the user named, and nowhere else.
fn make_folder(path: &Path, is_target: bool) -> io::Result<()> {
    let is_there = || match path.symlink_metadata() {
        Ok(found) => found.is_dir() || is_target && path.is_dir(),
        Err(_) => false,
    };
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_there() => Ok(()),
        made => made,
    }
}

fn write(entry: &mut Entry<'_, impl Read>, path: &Path) -> io::Result<()> {
    make_room(path)?;
    let mode = entry.header().mode()?;
    let mut file = File::create_new(path)?;
    io::copy(entry, &mut file)?;
    set_mode(path, mode)?;
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(entry.header().mtime()?);
    file.set_modified(time)
}

/// Removes a file or a link that is in the way.
fn make_room(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => {
            let path = path.display();
            Err(io::Error::other(format!("`{path}` is a folder")))
        }
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Sets what may be done with a file: nobody gets the owner's rights by it.
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o777))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tar::{Builder, EntryType, Header};
    use tempfile::tempdir;

    use crate::files::tree::{PackOptions, pack, unpack};

    #[test]
    fn a_folder_comes_out_as_it_went_in() {
        let folder = tempdir().expect("a folder");
        let from = folder.path().join("from");
        fs::create_dir_all(from.join("deep/empty")).expect("folders");
        fs::write(from.join("deep/file"), "text").expect("a file");
        std::os::unix::fs::symlink("deep/file", from.join("link")).expect("a link");
        let mut archive = Vec::new();
        pack(
            &from,
            Path::new("other"),
            PackOptions::default(),
            &mut archive,
        )
        .expect("packed");
        let to = folder.path().join("to");
        assert!(
            unpack(archive.as_slice(), &to)
                .expect("unpacked")
                .is_empty()
        );
        assert_eq!(fs::read_to_string(to.join("link")).expect("read"), "text");
        assert!(to.join("deep/empty").is_dir());
        // Again, over what is there.
        unpack(archive.as_slice(), &to).expect("unpacked over itself");
    }

    fn archive(entries: &[(EntryType, &str, &str)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (kind, name, link) in entries {
            let mut header = Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            header.set_size(0);
            let bytes = name.as_bytes();
            header.as_gnu_mut().expect("GNU").name[..bytes.len()].copy_from_slice(bytes);
            if !link.is_empty() {
                header.set_link_name_literal(link).expect("a link");
            }
            header.set_cksum();
            builder.append(&header, std::io::empty()).expect("added");
        }
        builder.into_inner().expect("an archive")
    }

    #[test]
    fn nothing_is_written_elsewhere() {
        let folder = tempdir().expect("a folder");
        let to = folder.path().join("to");
        let outside = folder.path().join("outside");
        fs::create_dir(&outside).expect("a folder");
        let link = outside.to_str().expect("text");
        for entries in [
            &[(EntryType::Regular, "a/../../outside/x", "")][..],
            &[
                (EntryType::Directory, "a", ""),
                (EntryType::Symlink, "a/way", link),
                (EntryType::Regular, "a/way/x", ""),
            ],
            &[
                (EntryType::Directory, "a", ""),
                (EntryType::Link, "a/x", "../../outside"),
            ],
            &[
                (EntryType::Directory, "a", ""),
                (EntryType::Symlink, "a/way", link),
                (EntryType::Directory, "a/way", ""),
            ],
        ] {
            unpack(archive(entries).as_slice(), &to).expect_err("it is refused");
            let _gone = fs::remove_dir_all(&to);
        }
        assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 0);
        let special = archive(&[
            (EntryType::Directory, "a", ""),
            (EntryType::Fifo, "a/f", ""),
        ]);
        let left_out = unpack(special.as_slice(), &to).expect("the rest is unpacked");
        assert_eq!(left_out, [Path::new("f")]);
    }
}
