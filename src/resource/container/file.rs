//! Files that a container is given: secrets, configs, credentials, and links.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::resource::secret::SecretKey;

/// A file that a container is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerFile {
    /// A file with a content of its own.
    Regular {
        /// What it says.
        content: FileContent,
        /// The number of the user who owns it.
        uid: u32,
        /// The number of the group that owns it.
        gid: u32,
        /// Its permissions.
        mode: u32,
    },
    /// A file that only the user can read whom the container runs as.
    Private(FileContent),
    /// Another name for what is at this path.
    Link(String),
}

/// What a file says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileContent {
    /// The bytes themselves: nobody is shown them, and no label holds them.
    Bytes(Vec<u8>),
    /// A hash of them.
    Hash(String),
}

/// Never the bytes.
impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} of them)", bytes.len()),
            Self::Hash(hash) => write!(f, "Hash({hash})"),
        }
    }
}

impl ContainerFile {
    /// The file with a hash in place of what it says.
    #[must_use]
    pub fn without_content(&self, key: &SecretKey) -> Self {
        let mut file = self.clone();
        if let Some(content) = file.content_mut()
            && let FileContent::Bytes(bytes) = content
        {
            *content = FileContent::Hash(key.hash(bytes));
        }
        file
    }

    /// The file with nothing in it any more. No engine takes files out of a container.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let nothing = |text: &[u8]| FileContent::Bytes(text.to_vec());
        match self.clone() {
            Self::Regular { uid, gid, mode, .. } => Self::Regular {
                content: nothing(b""),
                uid,
                gid,
                mode,
            },
            // It is one that logs in.
            Self::Private(_) => Self::Private(nothing(b"{}\n")),
            link @ Self::Link(_) => link,
        }
    }

    fn content_mut(&mut self) -> Option<&mut FileContent> {
        match self {
            Self::Regular { content, .. } | Self::Private(content) => Some(content),
            Self::Link(_) => None,
        }
    }
}
