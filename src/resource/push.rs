//! Where an image is pushed to, and the names that it has on its engine meanwhile.
//!
//! An engine pushes an image by the name that it has in the registry, so that it has to have that name for the while. What
//! the name stood for before is kept under another one, of nest's own, until it is put back: a push that is killed leaves
//! both, and the next run of the project knows by the second what the first is.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::name::ProjectName;
use crate::resource::digest::Digest;
use crate::resource::login::RegistryLogin;

/// How the name begins of what a push found under the name that it takes.
const FOUND: &str = "localhost/nest-push/found";
/// How that name begins where it found nothing: it is then one of the pushed image itself.
const FOUND_NOTHING: &str = "localhost/nest-push/nothing";
/// How many digits of a digest stand for a project, and for a name.
const KEY_LENGTH: usize = 12;

/// What was under the name that a push takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// An image, which gets the name back.
    Image,
    /// Nothing.
    Nothing,
}

impl Found {
    /// nest's own repository and tag for what a push of the project found under a name.
    pub fn kept_as(self, project: &ProjectName, name: &str) -> (&'static str, String) {
        let repository = match self {
            Self::Image => FOUND,
            Self::Nothing => FOUND_NOTHING,
        };
        (
            repository,
            format!("{}-{}", key(project.as_str()), key(name)),
        )
    }
}

/// What a killed push of a project left on an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftPush {
    /// nest's own name for what the push found.
    pub kept: String,
    /// What that is.
    pub found: Found,
    /// The name that the push took, if it still has it.
    pub taken: Option<String>,
}

/// What killed pushes of a project left, by all names of images on the engine with these images' ids.
pub fn left_pushes(project: &ProjectName, names: &BTreeMap<String, String>) -> Vec<LeftPush> {
    let own = format!("{}-", key(project.as_str()));
    let left = names.iter().filter_map(|(kept, id)| {
        let (repository, tag) = kept.rsplit_once(':')?;
        let found = match repository {
            FOUND => Found::Image,
            FOUND_NOTHING => Found::Nothing,
            _ => return None,
        };
        let name = tag.strip_prefix(&own)?;
        let mut taken = names.iter().filter(|(taken, of)| {
            // What somebody gave the name to since keeps it.
            key(taken) == name && (found == Found::Image || *of == id)
        });
        Some(LeftPush {
            kept: kept.clone(),
            found,
            taken: taken.next().map(|(taken, _)| taken.clone()),
        })
    });
    left.collect()
}

fn key(text: &str) -> String {
    let digest = Digest::of_bytes(text.as_bytes());
    let digits = digest.as_str().trim_start_matches("sha256:");
    digits.chars().take(KEY_LENGTH).collect()
}

/// A name in a registry, and how to get there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushPlace {
    /// The registry.
    pub registry: PushRegistry,
    /// The repository, without a host.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// What logs in. It stands in no file.
    #[serde(skip)]
    pub login: Option<RegistryLogin>,
}

/// A registry that images are pushed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PushRegistry {
    /// The one in this container, which publishes its port on 127.0.0.1.
    Container(String),
    /// The one of this host.
    Host(String),
}

impl fmt::Display for PushRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) | Self::Host(name) => f.write_str(name),
        }
    }
}
