//! Digests of canonical text, and of what an image contains.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest as `sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of a value's JSON. Maps must be sorted for the digest to be canonical.
    pub fn of(value: &impl Serialize) -> Self {
        Self::of_bytes(&serde_json::to_vec(value).unwrap_or_default())
    }

    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_hash(&Sha256::digest(bytes))
    }

    /// The digest that has been computed already.
    pub fn of_hash(hash: &[u8]) -> Self {
        let mut text = String::with_capacity("sha256:".len() + 2 * hash.len());
        text.push_str("sha256:");
        push_hex(&mut text, hash);
        Self(text)
    }

    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Adds bytes as hexadecimal digits.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        let digits = [byte >> 4, byte & 0xf].map(|digit| DIGITS[usize::from(digit)]);
        text.extend(digits.map(char::from));
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What makes two images the same, whichever engine or archive holds them.
///
/// Image ids will not do: graph drivers use the digest of the configuration, the containerd store that of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageContent {
    /// Digests of the uncompressed layers, lowest first.
    pub layers: Vec<String>,
    /// `Cmd` of the configuration; absent and empty are the same.
    pub command: Vec<String>,
    /// `Entrypoint` of the configuration.
    pub entrypoint: Vec<String>,
    /// `Env` of the configuration.
    pub environment: Vec<String>,
    /// `WorkingDir` of the configuration.
    pub working_folder: String,
    /// `User` of the configuration.
    pub user: String,
    /// `Labels` of the configuration.
    pub labels: BTreeMap<String, String>,
    /// Operating system and architecture, such as `linux/amd64`.
    pub platform: String,
}

impl ImageContent {
    /// The digest that is compared.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }
}
