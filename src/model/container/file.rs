//! Files that a container is given: memory, secrets and configs; and where its output goes.

use std::fmt;

use indexmap::IndexMap;

use crate::model::value::TextValue;

/// Memory that is mounted in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmpfs {
    /// Absolute path in the container.
    pub target: String,
    /// Options of the mount, such as `size=64m`.
    pub options: Vec<String>,
}

/// A secret or a config that a container can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<Name> {
    /// Its name in the scope.
    pub source: Name,
    /// Its absolute path in the container.
    pub target: String,
    /// The number of the user who owns it, where the file gives one.
    pub uid: Option<u32>,
    /// The number of the group that owns it, where the file gives one.
    pub gid: Option<u32>,
    /// Its permissions.
    pub mode: u32,
}

/// Where the output of a container goes, where the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logging {
    /// The log driver, where the file gives one.
    pub driver: Option<String>,
    /// Options of the driver.
    pub options: IndexMap<String, TextValue>,
}

/// Options of mounted memory that stand alone.
const FLAGS: [&str; 26] = [
    "async",
    "atime",
    "defaults",
    "dev",
    "diratime",
    "dirsync",
    "exec",
    "mand",
    "noatime",
    "nodev",
    "nodiratime",
    "noexec",
    "nomand",
    "norelatime",
    "nostrictatime",
    "nosuid",
    "private",
    "relatime",
    "ro",
    "rprivate",
    "rw",
    "shared",
    "slave",
    "strictatime",
    "suid",
    "sync",
];
/// Options of mounted memory that have a value.
const SETTINGS: [&str; 6] = ["gid", "mode", "nr_blocks", "nr_inodes", "size", "uid"];

impl Tmpfs {
    /// Reads `PATH` or `PATH:OPTION,OPTION=VALUE`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (target, options) = text.split_once(':').unwrap_or((text, ""));
        if !target.starts_with('/') {
            return Err("the path does not begin with `/`".to_owned());
        }
        if target.trim_end_matches('/').is_empty() {
            return Err("memory cannot be mounted over everything".to_owned());
        }
        let options: Vec<&str> = options
            .split(',')
            .filter(|option| !option.is_empty())
            .collect();
        for option in &options {
            match option.split_once('=') {
                Some((name, value)) if SETTINGS.contains(&name) => {
                    if value.is_empty() {
                        return Err(format!("the option `{name}` has no value"));
                    }
                }
                Some((name, _)) => return Err(format!("there is no option `{name}`")),
                None if FLAGS.contains(option) => {}
                None if SETTINGS.contains(option) => {
                    return Err(format!("the option `{option}` has no value"));
                }
                None => return Err(format!("there is no option `{option}`")),
            }
        }
        Ok(Self {
            target: target.to_owned(),
            options: options.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl fmt::Display for Tmpfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.target)?;
        if self.options.is_empty() {
            return Ok(());
        }
        write!(f, ":{}", self.options.join(","))
    }
}

/// Reads the permissions of a file, in octal digits.
pub(crate) fn parse_mode(text: &str) -> Result<u32, &'static str> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    match u32::from_str_radix(digits, 8) {
        Ok(mode) if mode <= 0o7777 && !digits.starts_with('+') => Ok(mode),
        Ok(_) => Err("it has more bits than permissions have"),
        Err(_) => Err("it is not written in octal digits, 0 to 7"),
    }
}

/// Reads the number of a user or a group.
pub(crate) fn parse_owner(text: &str) -> Result<u32, &'static str> {
    match text.parse::<i32>() {
        Ok(number) if number >= 0 => Ok(number.unsigned_abs()),
        _ => Err("it is no number from 0 to 2147483647"),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::container::file::{Tmpfs, parse_mode};

    #[test]
    fn memory_has_options_of_mounts() {
        for right in ["/run", "/run:size=64m,mode=1777", "/run:ro,noexec"] {
            let tmpfs = Tmpfs::parse(right).map(|tmpfs| tmpfs.to_string());
            assert_eq!(tmpfs.as_deref(), Ok(right));
        }
        for wrong in [
            "",
            "run",
            "/",
            "/run:sizes=1",
            "/run:size",
            "/run:size=",
            "/run:x",
        ] {
            assert!(Tmpfs::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn permissions_are_octal() {
        for (text, mode) in [
            ("0440", 0o440),
            ("440", 0o440),
            ("0o400", 0o400),
            ("1777", 0o1777),
        ] {
            assert_eq!(parse_mode(text), Ok(mode));
        }
        for wrong in ["", "9", "rw", "77777", "-1"] {
            assert!(parse_mode(wrong).is_err(), "{wrong}");
        }
    }
}
