//! Platforms: what an image's programs run on.

use std::fmt;

/// Names of processors that have several, with the one that engines use.
const PROCESSORS: &[(&str, &str, &str)] = &[
    ("x86_64", "amd64", ""),
    ("x86-64", "amd64", ""),
    ("aarch64", "arm64", ""),
    ("armhf", "arm", "v7"),
    ("armel", "arm", "v6"),
    ("i386", "386", ""),
];

/// Operating systems that images are made for.
const SYSTEMS: &[&str] = &["linux", "windows", "darwin", "freebsd", "wasip1"];

/// Processors that images are made for.
const ARCHITECTURES: &[&str] = &[
    "amd64", "arm64", "arm", "386", "ppc64le", "ppc64", "s390x", "riscv64", "mips64le", "mips64",
    "mipsle", "mips", "loong64", "wasm",
];

/// What an image's programs run on, in the words of engines: `linux/amd64`, `linux/arm/v7`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    /// The operating system.
    system: String,
    /// The processor.
    architecture: String,
    /// The processor's variant, or empty.
    variant: String,
}

impl Platform {
    /// Reads a platform as the docker CLI does: `linux/amd64`, `arm64`, `linux/arm/v7`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split('/').collect();
        let (system, architecture, variant) = match parts.as_slice() {
            // A processor alone is one of Linux's.
            [one] if !SYSTEMS.contains(one) => ("linux", *one, ""),
            [_] => return Err("it names no processor".to_owned()),
            [system, architecture] => (*system, *architecture, ""),
            [system, architecture, variant] => (*system, *architecture, *variant),
            _ => return Err("it has more than three parts".to_owned()),
        };
        let system = if system == "macos" { "darwin" } else { system };
        let (architecture, own_variant) = PROCESSORS
            .iter()
            .find(|(name, ..)| *name == architecture)
            .map_or((architecture, ""), |(_, processor, variant)| {
                (*processor, *variant)
            });
        let variant = if variant.is_empty() {
            own_variant
        } else {
            variant
        };
        let variant = match (architecture, variant) {
            // These are what the processor's name alone means.
            ("arm64", "8" | "v8") | ("amd64", "v1") => "",
            ("arm", "" | "7") => "v7",
            ("arm", "5") => "v5",
            ("arm", "6") => "v6",
            ("arm", "8") => "v8",
            (_, other) => other,
        };
        if !SYSTEMS.contains(&system) {
            return Err(format!("no images are made for the system `{system}`"));
        }
        if !ARCHITECTURES.contains(&architecture) {
            return Err(format!(
                "no images are made for the processor `{architecture}`"
            ));
        }
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !variant.bytes().all(good) || text.ends_with('/') {
            return Err("the part after the processor is no variant of one".to_owned());
        }
        Ok(Self {
            system: system.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.to_owned(),
        })
    }

    /// Words that a person may have meant.
    pub(crate) fn known() -> impl Iterator<Item = String> {
        ARCHITECTURES
            .iter()
            .map(|architecture| format!("linux/{architecture}"))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.system, self.architecture)?;
        if !self.variant.is_empty() {
            write!(f, "/{}", self.variant)?;
        }
        Ok(())
    }
}
