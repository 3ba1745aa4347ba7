//! As whom a container runs, what it sees, and how it is stopped.

use std::fmt;
use std::time::Duration;

use crate::model::container::network::Neighbour;

/// Who runs the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user, by name or number.
    pub user: String,
    /// The group, by name or number, where the file gives one.
    pub group: Option<String>,
}

/// What a container sees of other containers and of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namespaces {
    /// Whose shared memory and semaphores it sees; nothing for what the engine does by default.
    pub ipc: Option<Ipc>,
    /// Whose processes it sees.
    pub pid: Pid,
    /// Whose control groups it sees; nothing for what the engine does by default.
    pub cgroup: Option<Cgroup>,
    /// The control group above its own, where the file gives one.
    pub cgroup_parent: Option<String>,
}

/// Whose shared memory and semaphores a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ipc {
    /// Its own, without `/dev/shm`.
    None,
    /// Its own.
    Private,
    /// Its own, which others may join.
    Shareable,
    /// The host's.
    Host,
    /// Another container's.
    Of(Neighbour),
}

/// Whose processes a container sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Pid {
    /// Its own.
    #[default]
    Private,
    /// The host's.
    Host,
    /// Another container's.
    Of(Neighbour),
}

/// Whose control groups a container sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cgroup {
    /// The host's.
    Host,
    /// Its own.
    Private,
}

/// How a container is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// How long it may take, before it is killed; nothing for the engine's default, or that of the mode.
    pub grace_period: Option<Duration>,
    /// The signal, where the file gives one: its name, or its number.
    pub signal: Option<String>,
}

/// The signals of Linux, without `SIG`, but for those of real time.
const SIGNALS: [&str; 35] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "RTMAX", "RTMIN", "SEGV", "STKFLT", "STOP", "SYS",
    "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU",
];

impl User {
    /// Reads `USER` or `USER:GROUP`.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        check_name(user)?;
        group.map_or(Ok(()), check_name)?;
        Ok(Self {
            user: user.to_owned(),
            group: group.map(str::to_owned),
        })
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.user)?;
        match &self.group {
            Some(group) => write!(f, ":{group}"),
            None => Ok(()),
        }
    }
}

/// Reads a group, by name or number.
pub(crate) fn parse_group(text: &str) -> Result<String, &'static str> {
    check_name(text)?;
    Ok(text.to_owned())
}

/// Checks the name or number of a user or a group.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("a name is missing");
    }
    if name.contains([':', ',', '/', '\0']) || name.contains(char::is_whitespace) {
        return Err("a name has a character that names cannot have");
    }
    if name.bytes().all(|byte| byte.is_ascii_digit()) && name.parse::<i32>().is_err() {
        return Err("a number is above 2147483647");
    }
    if name.starts_with('-') {
        return Err("a name begins with `-`");
    }
    Ok(())
}

/// Reads a signal as engines do: `SIGINT`, `int`, `2`, `SIGRTMIN+3`. Nothing if it is none.
pub(crate) fn parse_signal(text: &str) -> Option<String> {
    if let Ok(number) = text.parse::<u8>() {
        return (1..=64).contains(&number).then(|| number.to_string());
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let in_range = |offset: &str, most: u8| {
        let digits = offset.bytes().all(|byte| byte.is_ascii_digit());
        digits
            && offset
                .parse::<u8>()
                .is_ok_and(|offset| (1..=most).contains(&offset))
    };
    let known = SIGNALS.contains(&name)
        || name == "XFSZ"
        || name
            .strip_prefix("RTMIN+")
            .is_some_and(|offset| in_range(offset, 15))
        || name
            .strip_prefix("RTMAX-")
            .is_some_and(|offset| in_range(offset, 14));
    known.then(|| format!("SIG{name}"))
}

/// The names of signals.
pub(crate) fn signals() -> impl Iterator<Item = String> {
    SIGNALS.iter().map(|name| format!("SIG{name}"))
}

#[cfg(test)]
mod tests {
    use crate::model::container::process::{User, parse_signal};

    #[test]
    fn a_user_may_have_a_group() {
        for right in ["root", "1000", "1000:1000", "app:docker", "www-data"] {
            let user = User::parse(right).map(|user| user.to_string());
            assert_eq!(user.as_deref(), Ok(right));
        }
        for wrong in ["", ":", "a:", ":a", "a b", "a:b:c", "99999999999", "-1"] {
            assert!(User::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_signal_has_a_name_or_a_number() {
        for (text, signal) in [
            ("SIGINT", "SIGINT"),
            ("int", "SIGINT"),
            ("15", "15"),
            ("RTMIN+3", "SIGRTMIN+3"),
            ("SIGRTMAX-14", "SIGRTMAX-14"),
        ] {
            assert_eq!(parse_signal(text).as_deref(), Some(signal));
        }
        for wrong in ["", "0", "65", "SIGNONE", "RTMIN+16", "RTMIN+", "SIG"] {
            assert_eq!(parse_signal(wrong), None, "{wrong}");
        }
    }
}
