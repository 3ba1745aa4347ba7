//! Images that are built: what an engine is asked to build, and what the image's labels remember of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::image::ImageReference;
use crate::resource::container::file::FileContent;
use crate::resource::container::process::ProcessLimit;
use crate::resource::label::Labels;
use crate::resource::secret::SecretKey;

/// What an engine is asked to build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageBuild {
    /// The name that the image gets.
    pub reference: ImageReference,
    /// What the build can use, and what it does.
    pub source: BuildSource,
    /// What the image is made of besides.
    pub settings: BuildSettings,
    /// The labels that nest puts on the image.
    pub labels: Labels,
    /// How it is built, which makes no difference to what comes out.
    pub how: BuildHow,
}

/// What a build can use, and what it does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildSource {
    /// A folder of this machine, which nest reads and sends.
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the build does.
        dockerfile: BuildFile,
    },
    /// A repository or an archive that the engine fetches itself.
    Address {
        /// Where it is.
        address: String,
        /// The Dockerfile, seen from there.
        dockerfile: String,
    },
}

/// Where it is said what a build does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildFile {
    /// In a file, seen from the context, or by its absolute path.
    File(PathBuf),
    /// In this text.
    Inline(String),
}

/// What makes an image another one. Two builds of the same settings need not both run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildSettings {
    /// The digest of what the build can use and does, or the address that the engine fetches it from.
    pub context: String,
    /// Variables of the build.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The names of those that nobody is shown.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_args: BTreeSet<String>,
    /// The stage to build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The user's own labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The names of those that nobody is shown.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_labels: BTreeSet<String>,
    /// The network of the build's commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// What the image's programs run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The size of `/dev/shm` in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shm_size: Option<i64>,
    /// Host names with addresses, as `NAME:ADDRESS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra_hosts: Vec<String>,
    /// Limits of processes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ulimits: BTreeMap<String, ProcessLimit>,
}

/// How long a line of a secret is at least that nobody is shown.
const SHORTEST_LINE: usize = 4;

/// How an image is built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildHow {
    /// Whether nothing of earlier builds is reused.
    pub no_cache: bool,
    /// Whether newer images are looked for to build upon.
    pub pull: bool,
    /// Images whose layers the build can reuse.
    pub cache_from: Vec<String>,
    /// Whether the image says of itself what later builds can reuse.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inline_cache: bool,
    /// Secrets that the build's commands can read, by id. Builders leave them out of the image, and reuse what was built
    /// with another one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, FileContent>,
    /// The sockets of SSH agents that the build's commands can ask, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<String, PathBuf>,
}

impl BuildSettings {
    /// The settings as they are remembered and compared: a hash in place of each secret.
    #[must_use]
    pub fn without_secrets(&self, key: &SecretKey) -> Self {
        let mut settings = self.clone();
        key.hide(&mut settings.args, &settings.secret_args);
        key.hide(&mut settings.labels, &settings.secret_labels);
        settings
    }
}

impl ImageBuild {
    /// What nobody is shown, the longest first: one may hold another. Builds tell line by line, so that the lines of a secret
    /// count as well, but for short ones, which stand everywhere.
    pub fn secrets(&self) -> Vec<&str> {
        let settings = &self.settings;
        let args = settings.secret_args.iter();
        let args = args.filter_map(|name| settings.args.get(name));
        let labels = settings.secret_labels.iter();
        let labels = labels.filter_map(|name| settings.labels.get(name));
        let contents = self.how.secrets.values().flat_map(texts);
        let whole = args.chain(labels).map(String::as_str).chain(contents);
        let whole: Vec<&str> = whole.filter(|secret| !secret.is_empty()).collect();
        let lines = whole
            .iter()
            .flat_map(|secret| secret.lines().map(str::trim));
        let lines = lines.filter(|line| line.len() >= SHORTEST_LINE);
        let mut secrets: Vec<&str> = whole.iter().copied().chain(lines).collect();
        secrets.sort_unstable_by_key(|secret| (std::cmp::Reverse(secret.len()), *secret));
        secrets.dedup();
        secrets
    }
}

/// The texts in the content of a secret: all of it, or, of what is no text, the parts that are.
fn texts(content: &FileContent) -> Vec<&str> {
    let FileContent::Bytes(bytes) = content else {
        return Vec::new();
    };
    if let Ok(text) = str::from_utf8(bytes) {
        return vec![text.trim()];
    }
    let parts = bytes.utf8_chunks().map(|part| part.valid().trim());
    parts.filter(|part| part.len() >= SHORTEST_LINE).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::model::image::ImageReference;
    use crate::resource::build::{BuildFile, BuildHow, BuildSettings, BuildSource, ImageBuild};
    use crate::resource::container::file::FileContent;
    use crate::resource::label::Labels;

    #[test]
    fn the_lines_of_a_secret_are_secret_but_for_short_ones() {
        let settings = BuildSettings {
            args: [("TOKEN", "hunter2"), ("PLAIN", "plain")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            secret_args: ["TOKEN".to_owned()].into(),
            ..BuildSettings::default()
        };
        let key = FileContent::Bytes(b"{\n  \"auth\": \"c2VjcmV0\"\n}\n".to_vec());
        let binary = FileContent::Bytes(b"\xffa\xff_authToken\0\xff".to_vec());
        let how = BuildHow {
            secrets: [("key".to_owned(), key), ("other".to_owned(), binary)].into(),
            ..BuildHow::default()
        };
        let build = ImageBuild {
            reference: ImageReference::new("app:1"),
            source: BuildSource::Folder {
                path: PathBuf::from("/app"),
                dockerfile: BuildFile::File("Dockerfile".into()),
            },
            settings,
            labels: Labels::new(),
            how,
        };
        let whole = "{\n  \"auth\": \"c2VjcmV0\"\n}";
        let secrets = [whole, "\"auth\": \"c2VjcmV0\"", "_authToken\0", "hunter2"];
        assert_eq!(build.secrets(), secrets);
    }
}
