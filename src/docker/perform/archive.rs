//! Archives that are unpacked in containers.

use std::io;

use bollard::query_parameters::UploadToContainerOptionsBuilder;
use bytes::Bytes;
use tar::{Builder, EntryType, Header};

use crate::docker::client::Client;
use crate::resource::container::ContainerRef;

/// An archive in memory. Paths in it have no slash at their start.
pub(super) struct Archive(Builder<Vec<u8>>);

impl Archive {
    pub(super) fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// Adds the folders that a path is in, as everyone may enter them, with a user and a group.
    pub(super) fn folders(&mut self, path: &str, (user, group): (u32, u32)) -> io::Result<()> {
        let mut folders = path.split('/').collect::<Vec<_>>();
        folders.pop();
        let mut prefix = String::new();
        for folder in folders {
            prefix.push_str(folder);
            prefix.push('/');
            let mut header = header(EntryType::Directory, (user, group, 0o755), 0);
            self.0.append_data(&mut header, &prefix, io::empty())?;
        }
        Ok(())
    }

    /// Adds a file of a user, a group and permissions.
    pub(super) fn file(
        &mut self,
        path: &str,
        content: &[u8],
        owner: (u32, u32, u32),
    ) -> io::Result<()> {
        let mut header = header(EntryType::Regular, owner, content.len() as u64);
        self.0.append_data(&mut header, path, content)
    }

    /// Adds a folder of a user, a group and permissions.
    pub(super) fn folder(&mut self, path: &str, owner: (u32, u32, u32)) -> io::Result<()> {
        let mut header = header(EntryType::Directory, owner, 0);
        self.0.append_data(&mut header, path, io::empty())
    }

    /// Adds another name for what is at `target`.
    pub(super) fn link(&mut self, path: &str, target: &str) -> io::Result<()> {
        let mut header = header(EntryType::Symlink, (0, 0, 0o777), 0);
        self.0.append_link(&mut header, path, target)
    }

    /// The whole of it.
    pub(super) fn end(self) -> io::Result<Vec<u8>> {
        self.0.into_inner()
    }
}

/// Unpacks an archive in a folder of a container.
pub(super) async fn upload(
    client: &Client,
    container: &ContainerRef,
    folder: &str,
    archive: Vec<u8>,
) -> Result<(), bollard::errors::Error> {
    let options = UploadToContainerOptionsBuilder::default()
        .path(folder)
        .build();
    client
        .patient()
        .upload_to_container(
            container.handle(),
            Some(options),
            bollard::body_full(Bytes::from(archive)),
        )
        .await
}

fn header(kind: EntryType, (uid, gid, mode): (u32, u32, u32), size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(u64::from(uid));
    header.set_gid(u64::from(gid));
    header.set_size(size);
    header
}
