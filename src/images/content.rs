//! What makes two images the same, read alike from an engine's answer and from an archive.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::resource::digest::ImageContent;

/// The part of an image's configuration that containers inherit. Null, absent and empty are the same.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageConfiguration {
    /// The command.
    pub cmd: Option<Vec<String>>,
    /// What the command is given to.
    pub entrypoint: Option<Vec<String>>,
    /// Environment variables.
    pub env: Option<Vec<String>>,
    /// The working folder.
    pub working_dir: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The labels.
    pub labels: Option<BTreeMap<String, String>>,
}

/// The platform that an image is for.
#[derive(Debug, Clone, Copy)]
pub struct ImagePlatform<'a> {
    /// The operating system; empty is Linux.
    pub os: &'a str,
    /// The architecture.
    pub architecture: &'a str,
    /// The variant of the architecture, or empty.
    pub variant: &'a str,
}

impl ImagePlatform<'_> {
    /// The platform as text, such as `linux/amd64`. The only variant of `arm64` is left out, as some engines do.
    pub fn text(&self) -> String {
        let os = if self.os.is_empty() { "linux" } else { self.os };
        match (self.architecture, self.variant) {
            (architecture, "") | (architecture @ "arm64", "v8") => format!("{os}/{architecture}"),
            (architecture, variant) => format!("{os}/{architecture}/{variant}"),
        }
    }
}

impl ImageConfiguration {
    /// What an image with this configuration contains.
    pub fn into_content(self, layers: Vec<String>, platform: ImagePlatform<'_>) -> ImageContent {
        ImageContent {
            layers,
            command: self.cmd.unwrap_or_default(),
            entrypoint: self.entrypoint.unwrap_or_default(),
            environment: self.env.unwrap_or_default(),
            working_folder: self.working_dir.unwrap_or_default(),
            user: self.user.unwrap_or_default(),
            labels: self.labels.unwrap_or_default(),
            platform: platform.text(),
        }
    }
}
