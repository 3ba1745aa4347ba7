//! Names: validated text that identifies a thing of the file.

use std::fmt;

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
    /// The name of an environment in its scope.
    EnvironmentName
);
name_type!(
    /// The name of a registry of the project.
    RegistryName
);
name_type!(
    /// The name of a volume in its scope, as the file writes it.
    VolumeName
);
