//! Files of a container, in and out, as tar archives.

use std::io;

use bollard::query_parameters::{
    ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder,
    UploadToContainerOptionsBuilder,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use crate::docker::Docker;
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

/// Bit of Go's file modes, as the engine tells them, for a folder (<https://pkg.go.dev/io/fs#FileMode>).
const FOLDER: u32 = 1 << 31;
/// Bit of Go's file modes for a symbolic link.
const LINK: u32 = 1 << 27;

/// A file of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInContainer {
    /// Its name, without the folder.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Where a link leads.
    pub link_target: String,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A regular file, or something special.
    File,
}

impl Docker {
    /// Looks at a file in a container of the engine at `path`, which need not run; none where there is no such file. A
    /// link is not followed.
    pub async fn file(
        &self,
        path: &EnginePath,
        container: &str,
        file: &str,
    ) -> Result<Option<FileInContainer>, EngineError> {
        let client = self.client(path).await?;
        let options = ContainerArchiveInfoOptionsBuilder::default()
            .path(file)
            .build();
        let phrase = format!("look at `{file}` in container `{container}`");
        let found = client
            .bollard
            .get_container_archive_info(container, Some(options));
        let found = found
            .await
            .map_err(|error| client.attempt(&phrase).failed(error));
        match found {
            Ok(found) => Ok(Some(FileInContainer {
                kind: match found.file_mode {
                    mode if mode & FOLDER != 0 => FileKind::Folder,
                    mode if mode & LINK != 0 => FileKind::Link,
                    _ => FileKind::File,
                },
                name: found.name,
                link_target: found.link_target,
            })),
            Err(EngineError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The archive of a file or a folder in a container: its entries begin with the file's own name.
    pub async fn archive(
        &self,
        path: &EnginePath,
        container: &str,
        file: &str,
    ) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + Unpin + use<>, EngineError> {
        let client = self.client(path).await?;
        let options = DownloadFromContainerOptionsBuilder::default()
            .path(file)
            .build();
        let pieces = client
            .patient()
            .download_from_container(container, Some(options));
        Ok(Box::pin(
            pieces.map(|piece| piece.map_err(io::Error::other)),
        ))
    }

    /// Unpacks an archive in a folder of a container, which must be there. A file does not take the place of a folder, nor
    /// a folder that of a file.
    pub async fn unpack(
        &self,
        path: &EnginePath,
        container: &str,
        folder: &str,
        archive: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), EngineError> {
        let client = self.client(path).await?;
        let options = UploadToContainerOptionsBuilder::default()
            .path(folder)
            .no_overwrite_dir_non_dir("true")
            .build();
        let phrase = format!("copy files to `{folder}` in container `{container}`");
        client
            .patient()
            .upload_to_container(container, Some(options), bollard::body_try_stream(archive))
            .await
            .map_err(|error| client.attempt(&phrase).failed(error))
    }
}
