//! Names: validated text that identifies a thing of the file.

use std::fmt;

use sha2::{Digest, Sha256};

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps text that has been validated, or was written by nest itself.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// The project's name: lower-case letters, digits, `-` and `_`, as Compose has it.
    ProjectName
);
name_type!(
    /// The name of an environment or a service in its scope: they have one name space.
    MemberName
);
name_type!(
    /// The name of an environment in its scope.
    EnvironmentName
);
name_type!(
    /// The name of a service in its scope.
    ServiceName
);
name_type!(
    /// The name of a registry of the project.
    RegistryName
);
name_type!(
    /// The name of a volume in its scope, as the file writes it.
    VolumeName
);

name_type!(
    /// The name of an outer engine.
    EngineName
);
name_type!(
    /// The name of a network in its scope, as the file writes it.
    NetworkName
);

impl NetworkName {
    /// The network of a scope that is there undeclared, and that its containers are on where nothing else is said.
    pub const DEFAULT: &'static str = "default";
}
name_type!(
    /// The name of a secret in its scope, as the file writes it.
    SecretName
);
name_type!(
    /// The name of a config in its scope, as the file writes it.
    ConfigName
);

/// The longest name.
pub(crate) const LONGEST: usize = 63;

impl ProjectName {
    /// Makes a name of a folder's, as Compose does: lower-case, what does not fit left out.
    pub(crate) fn of_folder(folder: &str) -> Self {
        let kept =
            |character: &char| character.is_ascii_alphanumeric() || "-_".contains(*character);
        let name: String = folder.to_lowercase().chars().filter(kept).collect();
        Self::shortened(&name, folder)
    }

    /// Makes a name of what a person or a pipeline gave: lower-case, `-` in place of what does not fit.
    pub(crate) fn of_text(text: &str) -> Self {
        let fitting = |character: char| {
            if character.is_ascii_alphanumeric() || "-_".contains(character) {
                character
            } else {
                '-'
            }
        };
        let name: String = text.to_lowercase().chars().map(fitting).collect();
        Self::shortened(&name, text)
    }

    /// Cuts a long name and adds a hash of the whole, so that two that start alike stay apart.
    fn shortened(name: &str, origin: &str) -> Self {
        let name = name.trim_matches(['-', '_']);
        if name.len() <= LONGEST {
            return Self(name.to_owned());
        }
        let digest = Sha256::digest(origin.as_bytes());
        let number = digest
            .iter()
            .take(4)
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let hash = format!("{number:08x}");
        let kept = name[..LONGEST - hash.len() - 1].trim_end_matches(['-', '_']);
        Self(format!("{kept}-{hash}"))
    }
}

/// What is wrong with a name, if anything; `allowed` are its characters besides letters and digits.
pub(crate) fn name_fault(name: &str, upper_case: bool, allowed: &str) -> Option<String> {
    let letter = |c: char| {
        c.is_ascii_digit() || c.is_ascii_lowercase() || (upper_case && c.is_ascii_uppercase())
    };
    match name.chars().count() {
        0 => return Some("it is empty".to_owned()),
        1 => return Some("one character is too short: engines refuse it".to_owned()),
        length if length > LONGEST => return Some(format!("{length} characters are too many")),
        _ => {}
    }
    if let Some(wrong) = name.chars().find(|c| !letter(*c) && !allowed.contains(*c)) {
        return Some(format!("`{}` cannot be in it", wrong.escape_debug()));
    }
    if !name.starts_with(letter) {
        return Some("it does not start with a letter or a digit".to_owned());
    }
    None
}
