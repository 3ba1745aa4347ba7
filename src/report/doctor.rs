//! What an engine can and cannot run, for people and as data.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::doctor::{Examination, Finding, ModeExamination, Severity};
use crate::engine::Rung;
use crate::observed::profile::EngineProfile;
use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words::escaped;

/// The version of the JSON.
const FORMAT_VERSION: &str = "1.0";

/// How far an engine inside a container came on its ladder, rung by rung.
#[derive(Debug)]
pub struct Climb {
    /// What the user calls the environment.
    pub environment: String,
    /// The rungs that were tried, in order; all but the last were reached.
    pub rungs: Vec<Rung>,
    /// Why the last one was not reached, with what to do, if it was not.
    pub fall: Option<String>,
}

/// An examination for people.
pub fn examination(profile: &EngineProfile, examination: &Examination) -> String {
    let identity = &profile.identity;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}  {}",
        styled(BOLD, format!("engine {}", escaped(&identity.name))),
        styled(DIM, escaped(&about(profile)))
    );
    for finding in &examination.general {
        text.push_str(&line(finding));
    }
    for one in &examination.modes {
        let (mark, verdict) = match one.verdict() {
            None => (styled(ADD, "✓"), "can run"),
            Some(Severity::Warning) => (styled(CHANGE, "!"), "can run, but"),
            Some(Severity::Error) => (styled(REMOVE, "✗"), "cannot run"),
        };
        let _ = writeln!(text, "{mark} {:<8} {verdict}", one.mode.name);
        for finding in &one.findings {
            text.push_str(&line(finding));
        }
    }
    text
}

fn about(profile: &EngineProfile) -> String {
    let identity = &profile.identity;
    let mut parts = vec![
        format!("version {}", identity.version),
        format!("API {}", identity.api_version),
        identity.platform.clone(),
    ];
    if !profile.kernel.is_empty() {
        parts.push(format!("kernel {}", profile.kernel));
    }
    if let Some(version) = profile.cgroup_version {
        parts.push(format!("cgroup v{version}"));
    }
    parts.push(format!("storage driver {}", identity.driver));
    let runtimes: Vec<&str> = identity.runtimes.iter().map(String::as_str).collect();
    parts.push(format!("runtimes {}", runtimes.join(", ")));
    parts.join(", ")
}

fn line(finding: &Finding) -> String {
    format!(
        "    {}\n      fix: {}\n",
        escaped(&finding.message),
        escaped(&finding.fix)
    )
}

/// A climb for people.
pub fn climb(climb: &Climb) -> String {
    let mut text = format!(
        "{}\n",
        styled(BOLD, format!("environment {}", escaped(&climb.environment)))
    );
    for (index, rung) in climb.rungs.iter().enumerate() {
        let failed = climb.fall.is_some() && index + 1 == climb.rungs.len();
        let mark = if failed {
            styled(REMOVE, "✗")
        } else {
            styled(ADD, "✓")
        };
        let _ = writeln!(text, "{mark} {}", rung.phrase());
    }
    text
}

/// All of it as data.
pub fn json(profile: &EngineProfile, found: &Examination, climb: Option<&Climb>) -> Value {
    let identity = &profile.identity;
    let mut value = json!({
        "format_version": FORMAT_VERSION,
        "engine": {
            "name": identity.name,
            "version": identity.version,
            "api_version": identity.api_version,
            "platform": identity.platform,
            "storage_driver": identity.driver,
            "runtimes": identity.runtimes,
            "kernel": profile.kernel,
            "cgroup_version": profile.cgroup_version,
            "security": profile.security,
        },
        "findings": found.general.iter().map(finding).collect::<Vec<_>>(),
        "modes": found.modes.iter().map(mode).collect::<Vec<_>>(),
    });
    if let Some(climb) = climb {
        let reached = climb.rungs.len() - usize::from(climb.fall.is_some());
        let rungs = climb.rungs.iter().enumerate();
        let rungs =
            rungs.map(|(index, rung)| json!({ "rung": rung.phrase(), "reached": index < reached }));
        value["environment"] = json!({
            "name": climb.environment,
            "ready": climb.fall.is_none(),
            "rungs": rungs.collect::<Vec<_>>(),
            "error": climb.fall,
        });
    }
    value
}

fn mode(found: &ModeExamination) -> Value {
    json!({
        "mode": found.mode.name,
        "can_run": found.verdict() != Some(Severity::Error),
        "findings": found.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({ "severity": severity, "message": finding.message, "fix": finding.fix })
}
