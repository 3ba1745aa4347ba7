//! One layer of an image: a tar that comes out the same, byte for byte, from the same content.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tar::{Builder, EntryType, Header};

use crate::digest;

/// All files are this old, so that building again changes nothing: 1 January 2025.
const MODIFIED: u64 = 1_735_689_600;

/// The content of a layer. It belongs to root, except the folders of other users.
#[derive(Default)]
pub(crate) struct Layer {
    entries: BTreeMap<String, Entry>,
}

/// A layer written to a file.
pub(crate) struct LayerFile {
    /// Where the tar is.
    pub(crate) path: PathBuf,
    /// The digest of the tar, without the `sha256:` in front.
    pub(crate) diff_id: String,
}

struct Entry {
    mode: u32,
    /// The user and the group that it belongs to, by their number.
    owner: u64,
    /// The capabilities that whoever runs it has, as bits.
    capabilities: u32,
    content: Content,
}

enum Content {
    Folder,
    Copy(PathBuf),
    Bytes(Vec<u8>),
    Link(String),
}

impl Layer {
    /// Adds a file.
    pub(crate) fn file(&mut self, path: &str, mode: u32, content: impl Into<Vec<u8>>) {
        self.insert(path, mode, Content::Bytes(content.into()));
    }

    /// Adds a folder.
    pub(crate) fn folder(&mut self, path: &str, mode: u32) {
        self.insert(path, mode, Content::Folder);
    }

    /// Adds a folder that belongs to a user and the group of the same number.
    pub(crate) fn folder_of(&mut self, owner: u64, path: &str, mode: u32) {
        self.folder(path, mode);
        if let Some(entry) = self.entries.get_mut(path) {
            entry.owner = owner;
        }
    }

    /// Gives whoever runs a program a capability, by its number, in place of root's identity.
    pub(crate) fn give_capability(&mut self, path: &str, capability: u32) {
        if let Some(entry) = self.entries.get_mut(path) {
            entry.mode &= 0o777;
            entry.capabilities |= 1 << capability;
        }
    }

    /// Adds a symbolic link.
    pub(crate) fn link(&mut self, path: &str, target: &str) {
        self.insert(path, 0o777, Content::Link(target.to_owned()));
    }

    /// Copies what is at a path of a root file system; folders come with their mode only.
    pub(crate) fn copy(&mut self, root: &Path, path: &str) -> Result<()> {
        // An engine that unpacks a layer invents the mode of a folder that the layer leaves out.
        if let Some((folder, _)) = path.rsplit_once('/')
            && !self.entries.contains_key(folder)
        {
            self.copy(root, folder)?;
        }
        let source = root.join(path);
        let metadata = fs::symlink_metadata(&source)
            .with_context(|| format!("cannot read `{}`", source.display()))?;
        let content = if metadata.is_symlink() {
            Content::Link(fs::read_link(&source)?.to_string_lossy().into_owned())
        } else if metadata.is_dir() {
            Content::Folder
        } else {
            Content::Copy(source)
        };
        self.insert(path, metadata.permissions().mode() & 0o7777, content);
        Ok(())
    }

    /// Copies a folder of a root file system with all that is in it.
    pub(crate) fn copy_tree(&mut self, root: &Path, path: &str) -> Result<()> {
        self.copy(root, path)?;
        for child in fs::read_dir(root.join(path))? {
            let child = child?;
            let name = format!("{path}/{}", child.file_name().to_string_lossy());
            if child.file_type()?.is_dir() {
                self.copy_tree(root, &name)?;
            } else {
                self.copy(root, &name)?;
            }
        }
        Ok(())
    }

    /// Writes the tar.
    pub(crate) fn write(&self, path: PathBuf) -> Result<LayerFile> {
        let mut tar = Builder::new(BufWriter::new(File::create(&path)?));
        for (name, entry) in &self.entries {
            entry
                .append(name, &mut tar)
                .with_context(|| format!("cannot add `{name}` to a layer"))?;
        }
        tar.into_inner()?.flush()?;
        let diff_id = digest::of_file(&path)?;
        Ok(LayerFile { path, diff_id })
    }

    fn insert(&mut self, path: &str, mode: u32, content: Content) {
        if let Some((folder, _)) = path.rsplit_once('/')
            && !self.entries.contains_key(folder)
        {
            self.folder(folder, 0o755);
        }
        let entry = Entry {
            mode,
            owner: 0,
            capabilities: 0,
            content,
        };
        self.entries.insert(path.to_owned(), entry);
    }
}

impl Entry {
    fn append(&self, name: &str, tar: &mut Builder<impl Write>) -> Result<()> {
        let mut header = Header::new_gnu();
        header.set_mode(self.mode);
        header.set_mtime(MODIFIED);
        header.set_uid(self.owner);
        header.set_gid(self.owner);
        header.set_size(0);
        if self.capabilities != 0 {
            let attribute = file_capabilities(self.capabilities);
            let attribute = ("SCHILY.xattr.security.capability", attribute.as_slice());
            tar.append_pax_extensions([attribute])?;
        }
        match &self.content {
            Content::Folder => {
                header.set_entry_type(EntryType::Directory);
                tar.append_data(&mut header, format!("{name}/"), std::io::empty())?;
            }
            Content::Link(target) => {
                header.set_entry_type(EntryType::Symlink);
                tar.append_link(&mut header, name, target)?;
            }
            Content::Bytes(bytes) => {
                header.set_entry_type(EntryType::Regular);
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, name, bytes.as_slice())?;
            }
            Content::Copy(source) => {
                let file = File::open(source)?;
                header.set_entry_type(EntryType::Regular);
                header.set_size(file.metadata()?.len());
                tar.append_data(&mut header, name, file)?;
            }
        }
        Ok(())
    }
}

/// Capabilities as the kernel keeps them with a file, in force when it is run
/// (<https://man7.org/linux/man-pages/man7/capabilities.7.html>).
fn file_capabilities(permitted: u32) -> Vec<u8> {
    const REVISION_2: u32 = 0x0200_0000;
    const EFFECTIVE: u32 = 1;
    let words = [REVISION_2 | EFFECTIVE, permitted, 0, 0, 0];
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}
