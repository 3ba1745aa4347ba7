//! What an engine says of itself and of its host.

use std::collections::BTreeSet;

use crate::observed::EngineIdentity;

/// An engine and its host, as far as the engine tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineProfile {
    /// Which engine this is and what it can do.
    pub identity: EngineIdentity,
    /// The version of the host's kernel, such as `6.12.0`; empty where it is not told.
    pub kernel: String,
    /// The version of control groups, 1 or 2; none where it is not told.
    pub cgroup_version: Option<u32>,
    /// What keeps its containers apart besides namespaces, by name: `apparmor`, `seccomp`, `selinux`, and `rootless` or
    /// `userns` for an engine or containers without root's rights.
    pub security: BTreeSet<String>,
    /// What it cannot limit, by the key of the file that would.
    pub unlimited: BTreeSet<&'static str>,
}

impl EngineProfile {
    /// Whether the kernel is at least of a version; not known counts as yes.
    pub fn has_kernel(&self, major: u32, minor: u32) -> bool {
        let mut numbers = self.kernel.split(|letter: char| !letter.is_ascii_digit());
        let mut number = || numbers.next().and_then(|text| text.parse::<u32>().ok());
        match (number(), number()) {
            (Some(own_major), Some(own_minor)) => (own_major, own_minor) >= (major, minor),
            _ => true,
        }
    }
}
