//! Images and where they come from.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::build::Build;
use crate::model::platform::Platform;

/// An image that a scope's engine should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The name it has in that engine.
    pub reference: ImageReference,
    /// Where it comes from.
    pub source: ImageSource,
    /// What its programs run on, where the file says it.
    pub platform: Option<Platform>,
    /// When the engine pulls it.
    pub pull: Pull,
    /// More names that it has in that engine.
    pub aliases: Vec<ImageReference>,
}

impl Image {
    /// The image of a reference, from wherever it is found first.
    pub(crate) fn of_reference(reference: ImageReference) -> Self {
        Self {
            reference,
            source: ImageSource::Auto,
            platform: None,
            pull: Pull::Missing,
            aliases: Vec::new(),
        }
    }
}

/// When an engine pulls an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// When it does not have the image.
    Missing,
    /// Whenever the registry has another one.
    Always,
    /// Never.
    Never,
}

impl Pull {
    /// The words of the file for each.
    pub(crate) const WORDS: [(&str, Self); 3] = [
        ("missing", Self::Missing),
        ("always", Self::Always),
        ("never", Self::Never),
    ];
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// The outer engine's store if it has the image, else pulled by the engine itself.
    Auto,
    /// The outer engine's store.
    Outer,
    /// The engine pulls it itself.
    Registry,
    /// A file in docker-archive or OCI layout, plain, gzip or zstd.
    Archive(PathBuf),
    /// It is built.
    Build(Box<Build>),
}

/// An image's name in the form that `docker images` prints: the default registry and `library/` left out, the tag
/// filled in (`alpine` is `alpine:latest`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageReference(String);

impl ImageReference {
    /// Wraps text that is already in the familiar form.
    pub fn new(familiar: impl Into<String>) -> Self {
        Self(familiar.into())
    }

    /// Reads a reference as a file writes it and brings it into the familiar form.
    ///
    /// The grammar is the one of <https://github.com/distribution/reference>.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        if let Some(digest) = digest {
            check_digest(digest)?;
        }
        let after_slash = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name[after_slash..].find(':') {
            Some(colon) => (
                &name[..after_slash + colon],
                Some(&name[after_slash + colon + 1..]),
            ),
            None => (name, None),
        };
        if let Some(tag) = tag {
            check_tag(tag)?;
        }
        let (host, path) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                check_host(first)?;
                (first, rest)
            }
            _ => ("docker.io", name),
        };
        check_path(path)?;
        if name.len() > 255 {
            return Err("it is longer than 255 characters".to_owned());
        }
        let mut familiar = match host {
            "docker.io" | "index.docker.io" => match path.strip_prefix("library/") {
                Some(official) if !official.contains('/') => official.to_owned(),
                _ => path.to_owned(),
            },
            _ => format!("{host}/{path}"),
        };
        match (tag, digest) {
            (Some(tag), _) => familiar.extend([":", tag]),
            (None, None) => familiar.push_str(":latest"),
            (None, Some(_)) => {}
        }
        if let Some(digest) = digest {
            familiar.extend(["@", digest]);
        }
        Ok(Self(familiar))
    }

    /// The registry and repository, without tag and digest.
    pub fn repository(&self) -> &str {
        let (name, _) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let after_slash = name.rfind('/').map_or(0, |slash| slash + 1);
        let tag = name[after_slash..].find(':');
        tag.map_or(name, |colon| &name[..after_slash + colon])
    }

    /// The repository without the registry.
    pub(crate) fn path(&self) -> &str {
        let repository = self.repository();
        let host = format!("{}/", self.host());
        repository.strip_prefix(&host).unwrap_or(repository)
    }

    /// The tag, if it has one.
    pub(crate) fn tag(&self) -> Option<&str> {
        let (name, _) = self.0.split_once('@').unwrap_or((&self.0, ""));
        name.get(self.repository().len() + 1..)
    }

    /// The digest, if it has one.
    pub(crate) fn digest(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, digest)| digest)
    }

    /// The host that it is pulled from.
    pub(crate) fn host(&self) -> &str {
        match self.0.split_once('/') {
            Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first,
            _ => "docker.io",
        }
    }

    /// The reference with the default registry and `library/` written out, as containerd names images.
    pub(crate) fn with_host(&self) -> String {
        let is_short = self.host() == "docker.io";
        match self.repository().contains('/') {
            true if is_short => format!("docker.io/{self}"),
            false if is_short => format!("docker.io/library/{self}"),
            _ => self.0.clone(),
        }
    }

    /// Whether it names its content, and so always stands for the same.
    pub(crate) fn has_digest(&self) -> bool {
        self.0.contains('@')
    }

    /// The name without its tag, and the tag: what an image is named by. A digest is no name that can be given.
    pub(crate) fn name_and_tag(&self) -> Option<(&str, &str)> {
        let tag = self.tag().filter(|_| !self.has_digest())?;
        Some((self.repository(), tag))
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a registry's host as image references write it, with a port or without.
pub(crate) fn check_host(host: &str) -> Result<(), String> {
    let (name, port) = match host.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    let label_is_good = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !name.split('.').all(label_is_good) {
        return Err(format!("`{name}` is no host name"));
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("the host's port is no number up to 65535".to_owned());
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("the name is missing".to_owned());
    }
    if let Some(wrong) = path
        .chars()
        .find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(*c)))
    {
        return Err(if wrong.is_ascii_uppercase() {
            "names of images are lower-case".to_owned()
        } else {
            format!(
                "a name cannot have the character `{}`",
                wrong.escape_debug()
            )
        });
    }
    let separator = |byte: &u8| b"._-".contains(byte);
    for part in path.split('/') {
        let bytes = part.as_bytes();
        if bytes.is_empty() {
            return Err("a part between two `/` is empty".to_owned());
        }
        if bytes.first().is_some_and(separator) || bytes.last().is_some_and(separator) {
            return Err(format!("`{part}` starts or ends with `.`, `_` or `-`"));
        }
        if part.contains("..") || part.contains("___") || part.contains("._") || part.contains("_.")
        {
            return Err(format!("`{part}` has separators in a row"));
        }
    }
    if path.len() == 64 && path.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("64 hexadecimal digits are an image's id, not its name".to_owned());
    }
    Ok(())
}

fn check_tag(tag: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if tag.is_empty() {
        return Err("the tag after `:` is missing".to_owned());
    }
    if tag.len() > 128 || tag.starts_with(['.', '-']) || !tag.bytes().all(good) {
        return Err(format!("`{tag}` is no tag"));
    }
    Ok(())
}

fn check_digest(digest: &str) -> Result<(), String> {
    let length = match digest.split_once(':') {
        Some(("sha256", _)) => 64,
        Some(("sha384", _)) => 96,
        Some(("sha512", _)) => 128,
        _ => return Err("the digest after `@` does not start with `sha256:`".to_owned()),
    };
    let hex = &digest[7..];
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if hex.len() != length || !hex.bytes().all(lower_hex) {
        return Err(format!(
            "the digest has not {length} lower-case hexadecimal digits"
        ));
    }
    Ok(())
}
