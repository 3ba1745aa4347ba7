//! The labels that nest puts on every object it makes.

use std::collections::BTreeMap;

use crate::resource::Address;

/// How the labels begin that nest makes.
pub const PREFIX: &str = "dev.nest.";
/// The project that an object belongs to.
pub const PROJECT: &str = "dev.nest.project";
/// The object's address when it was made.
pub const ADDRESS: &str = "dev.nest.address";
/// The object's own name. A copy of the labels on another object, as a committed image hands them on, shows by it.
pub const NAME: &str = "dev.nest.name";
/// The nest file that the object was made from.
pub const FILE: &str = "dev.nest.file";
/// The version of nest that made the object.
pub const VERSION: &str = "dev.nest.version";
/// Canonical JSON of the settings that only a replacement changes.
pub const SETTINGS: &str = "dev.nest.settings";
/// Digest of [`SETTINGS`].
pub const DIGEST: &str = "dev.nest.digest";
/// Marks what nest keeps for itself, and holds what it remembers of an engine as JSON.
pub const RECORD: &str = "dev.nest.record";

/// Marks the volume that is a project's lock, and says as JSON who holds it.
pub const LOCK: &str = "dev.nest.lock";

/// Marks a volume that holds nothing of its own: it goes with what uses it.
pub const EPHEMERAL: &str = "dev.nest.ephemeral";

/// Marks a container that one command had made to run in it: it is that command's to start and to remove.
pub const ONE_OFF: &str = "dev.nest.one-off";

/// Marks what belongs to a seed, and says which.
pub const SEED: &str = "dev.nest.seed";

/// The project whose run makes or made a seed. A seed that is whole is everybody's.
pub const SEED_MAKER: &str = "dev.nest.seed.maker";

/// The volume that a mark makes count as a seed.
pub const SEED_VOLUME: &str = "dev.nest.seed.volume";

/// What a seed is, as JSON.
pub const SEED_CONTENT: &str = "dev.nest.seed.content";

/// The labels of an object, sorted.
pub type Labels = BTreeMap<String, String>;

/// Whose an object is, as its labels and its real name tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// An object that this project made.
    Project(Address),
    /// Anything else: never changed, never removed.
    Someone,
}

/// Tells whether the object of this real name was made by `project`.
pub fn owner(labels: &Labels, project: &str, real_name: &str) -> Owner {
    match labels.get(ADDRESS) {
        Some(address) if is_of(labels, project, real_name) => {
            Owner::Project(Address::from_label(address))
        }
        _ => Owner::Someone,
    }
}

/// Whether the object of this real name was made by `project`.
pub fn is_of(labels: &Labels, project: &str, real_name: &str) -> bool {
    let is = |key: &str, value: &str| labels.get(key).is_some_and(|label| label == value);
    is(PROJECT, project) && is(NAME, real_name) && labels.contains_key(ADDRESS)
}
