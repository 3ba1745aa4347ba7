//! What a container may do on its host.

use std::collections::BTreeSet;

/// What a container may do on its host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    /// Whether it may do all that the host's root may.
    pub privileged: bool,
    /// Capabilities besides the engine's defaults, without `CAP_`.
    pub cap_add: BTreeSet<String>,
    /// Capabilities that are taken from it, without `CAP_`.
    pub cap_drop: BTreeSet<String>,
    /// Profiles and options, each `NAME` or `NAME=VALUE`.
    pub options: Vec<String>,
    /// Whether it may not write to its own file system.
    pub read_only: bool,
    /// Whether it stays in the host's user namespace.
    pub host_users: bool,
}

/// The capabilities of Linux, and `ALL`.
pub(crate) const CAPABILITIES: [&str; 42] = [
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// The security options of engines: name, and what its value is; nothing where it may be left out.
const OPTIONS: [(&str, OptionValue); 8] = [
    ("apparmor", OptionValue::Any),
    ("label", OptionValue::Any),
    ("mask", OptionValue::Any),
    ("no-new-privileges", OptionValue::Switch),
    ("seccomp", OptionValue::Any),
    ("systempaths", OptionValue::Only("unconfined")),
    ("unmask", OptionValue::Any),
    ("writable-cgroups", OptionValue::Switch),
];

/// What the value of a security option is.
enum OptionValue {
    /// `true` or `false`; alone it means `true`.
    Switch,
    /// This word.
    Only(&'static str),
    /// A text that the engine reads.
    Any,
}

/// A capability as engines have it: upper case, without `CAP_`. It may be none that is known.
pub(crate) fn normalized_capability(text: &str) -> String {
    let upper = text.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

/// The names of security options.
pub(crate) fn security_options() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|(name, _)| *name)
}

/// Reads a security option, `NAME`, `NAME=VALUE` or `NAME:VALUE`. Nothing if its name is not known.
pub(crate) fn parse_security_option(text: &str) -> Result<Option<String>, String> {
    let (name, value) = match text.split_once(['=', ':']) {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let Some((_, kind)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
        return Ok(None);
    };
    match (kind, value) {
        (OptionValue::Switch, None) => Ok(Some(format!("{name}=true"))),
        (OptionValue::Switch, Some("true" | "false")) => {
            Ok(Some(format!("{name}={}", value.unwrap_or_default())))
        }
        (OptionValue::Switch, Some(_)) => Err(format!("`{name}` takes `true` or `false`")),
        (OptionValue::Only(word), value) if value != Some(word) => {
            Err(format!("`{name}` takes `{word}` only"))
        }
        (_, None | Some("")) => Err(format!("`{name}` has no value")),
        (_, Some(value)) => Ok(Some(format!("{name}={value}"))),
    }
}

/// The kernel settings that belong to a container alone, by name; one that ends in `.` is all below it.
const SYSCTLS: [&str; 11] = [
    "fs.mqueue.",
    "kernel.domainname",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "net.",
];

/// What is wrong with the name of a kernel setting, if anything.
pub(crate) fn sysctl_fault(name: &str) -> Option<&'static str> {
    if name.contains('/') {
        return Some("the parts of its name have `.` between them");
    }
    let own = SYSCTLS.iter().any(|known| match known.strip_suffix('.') {
        Some(_) => name.len() > known.len() && name.starts_with(known),
        None => name == *known,
    });
    (!own).then_some("it is the host's: containers have no such setting of their own")
}

#[cfg(test)]
mod tests {
    use crate::model::container::security::{
        CAPABILITIES, normalized_capability, parse_security_option, sysctl_fault,
    };

    #[test]
    fn capabilities_are_in_order_and_read_in_any_case() {
        assert!(CAPABILITIES.is_sorted());
        for text in ["cap_sys_ptrace", "SYS_PTRACE", "sys_ptrace"] {
            assert_eq!(normalized_capability(text), "SYS_PTRACE");
        }
    }

    #[test]
    fn security_options_have_values() {
        for (text, written) in [
            ("no-new-privileges", "no-new-privileges=true"),
            ("no-new-privileges:true", "no-new-privileges=true"),
            ("label=disable", "label=disable"),
            ("label:user:USER", "label=user:USER"),
            ("seccomp:unconfined", "seccomp=unconfined"),
            ("systempaths=unconfined", "systempaths=unconfined"),
        ] {
            let option = parse_security_option(text);
            assert_eq!(option, Ok(Some(written.to_owned())));
        }
        for wrong in [
            "seccomp",
            "apparmor=",
            "no-new-privileges=1",
            "systempaths=x",
        ] {
            assert!(parse_security_option(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_security_option("secomp=unconfined"), Ok(None));
    }

    #[test]
    fn only_settings_of_the_container_are_its_own() {
        for right in ["net.core.somaxconn", "kernel.shmmax", "fs.mqueue.msg_max"] {
            assert_eq!(sysctl_fault(right), None);
        }
        for wrong in ["vm.swappiness", "net.", "net/ipv4/ip_forward", ""] {
            assert!(sysctl_fault(wrong).is_some(), "{wrong}");
        }
    }
}
