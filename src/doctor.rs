//! What an engine can and cannot run, mode by mode, by what it says of itself. Pure: nothing is tried.

use crate::mode::{MODES, Mode, ModeEngine};
use crate::observed::EngineMake;
use crate::observed::profile::EngineProfile;

/// What was found about an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// What holds whatever the mode.
    pub general: Vec<Finding>,
    /// What holds of each mode, in the order in which they are documented.
    pub modes: Vec<ModeExamination>,
}

/// What was found about a mode on an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeExamination {
    /// The mode.
    pub mode: &'static Mode,
    /// What is in its way.
    pub findings: Vec<Finding>,
}

/// Something that is in the way, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it is in the way.
    pub severity: Severity,
    /// What it is, as a phrase.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// How much something is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, with a drawback.
    Warning,
    /// It does not work.
    Error,
}

impl ModeExamination {
    /// The worst of what was found; none where nothing is in the way.
    pub fn verdict(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Examines an engine.
pub fn examine(profile: &EngineProfile) -> Examination {
    let of_mode = |mode: &&'static Mode| ModeExamination {
        mode,
        findings: [of_platform, of_runtime, of_rights, of_socket, of_kernel]
            .iter()
            .flat_map(|check| check(mode, profile))
            .collect(),
    };
    Examination {
        general: general(profile),
        modes: MODES.iter().map(of_mode).collect(),
    }
}

fn error(message: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding {
        severity: Severity::Error,
        message: message.into(),
        fix: fix.into(),
    }
}

fn warning(message: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding {
        severity: Severity::Warning,
        ..error(message, fix)
    }
}

fn general(profile: &EngineProfile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if profile.identity.driver == "vfs" {
        findings.push(warning(
            "it copies every layer (storage driver `vfs`), which is slow and takes much disk",
            "move its data root to a file system that overlays can be on, such as ext4 or xfs",
        ));
    }
    for key in &profile.unlimited {
        findings.push(warning(
            format!("it cannot limit what a container uses: `{key}` has no effect"),
            "enable the controller on its host: a rootless engine needs cgroup v2 and delegation of its controllers",
        ));
    }
    findings
}

/// Whether the engine runs containers of Linux, which all modes are.
fn of_platform(_: &'static Mode, profile: &EngineProfile) -> Vec<Finding> {
    let platform = &profile.identity.platform;
    if platform.starts_with("linux/") {
        return Vec::new();
    }
    vec![error(
        format!("it runs containers of {platform}"),
        "name an engine that runs Linux containers with `--host`, `--context` or `DOCKER_HOST`",
    )]
}

/// Whether the engine has the runtime of the mode.
fn of_runtime(mode: &'static Mode, profile: &EngineProfile) -> Vec<Finding> {
    let runtimes = &profile.identity.runtimes;
    if let Some(runtime) = mode
        .runtime
        .filter(|_| profile.identity.make == EngineMake::Podman)
    {
        let message =
            format!("podman starts every container with its own runtime, not with `{runtime}`");
        let fix =
            "choose mode `dind`, `rootless` or `podman`, or use Docker Engine as the outer engine";
        return vec![error(message, fix)];
    }
    let missing = mode.runtime.filter(|runtime| !runtimes.contains(*runtime));
    let finding = missing.map(|runtime| {
        error(
            format!("the engine has no runtime `{runtime}`"),
            mode.without_runtime,
        )
    });
    finding.into_iter().collect()
}

/// Whether the engine can give the mode its privileges.
fn of_rights(mode: &'static Mode, profile: &EngineProfile) -> Vec<Finding> {
    if !mode.privileged {
        return Vec::new();
    }
    if profile.security.contains("userns") {
        return vec![error(
            "the engine gives its containers users of their own (`userns-remap`), who cannot be privileged",
            "take `userns-remap` out of the engine's configuration",
        )];
    }
    if profile.security.contains("rootless") {
        return vec![warning(
            "the engine is rootless: what is privileged in it has the rights of its user only",
            "use an engine that runs as root, where the engine inside does not come up",
        )];
    }
    Vec::new()
}

/// Whether the engine's socket is where the mode mounts it from.
fn of_socket(mode: &'static Mode, profile: &EngineProfile) -> Vec<Finding> {
    let ModeEngine::Shared { socket } = mode.engine else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if profile.security.contains("rootless") {
        findings.push(error(
            format!("the engine is rootless, and does not listen at `{socket}` on its host"),
            "choose a mode with an engine of its own",
        ));
    }
    if profile.security.contains("selinux") {
        findings.push(warning(
            "SELinux keeps containers from the socket",
            "say `security_opt: [label=disable]` in `outer`",
        ));
    }
    findings
}

/// Whether the host's kernel has what an engine without root's rights needs.
fn of_kernel(mode: &'static Mode, profile: &EngineProfile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if mode.own_engine().is_none_or(|own| own.user == 0) {
        return findings;
    }
    if profile.cgroup_version == Some(1) {
        findings.push(warning(
            "the host has cgroup v1: the engine inside cannot limit what its containers use",
            "start the host with cgroup v2 (`systemd.unified_cgroup_hierarchy=1`); limits of `outer` hold in any case",
        ));
    }
    if !profile.has_kernel(5, 11) {
        findings.push(warning(
            format!(
                "kernel {} does not overlay layers for users",
                profile.kernel
            ),
            "use a kernel from 5.11 on, or have `/dev/fuse` on the host (`modprobe fuse`)",
        ));
    }
    findings
}
