//! `nest ls`

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::cli::args::{ListArguments, ListFormat};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project;
use crate::docker::FoundProject;
use crate::report::words;

/// Lists the projects that the engine holds something of.
pub(crate) async fn run(
    arguments: &ListArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let engine = project::connect_to(&project::endpoint_here(options)?, options).await?;
    let mut projects = engine.projects().await?;
    let now = SystemTime::now();
    if let Some(least) = arguments.older_than {
        projects.retain(|_, project| project.age(now).is_some_and(|age| age > least));
    }
    if arguments.expired {
        projects.retain(|_, project| project.has_expired(now));
    }
    let text = match arguments.format {
        _ if options.global.quiet => projects.keys().map(|name| escaped_line(name)).collect(),
        ListFormat::Json => {
            let listed = projects.iter().map(|project| as_json(project, now));
            let listed: Vec<Value> = listed.collect();
            format!("{:#}\n", Value::Array(listed))
        }
        ListFormat::Human => table(&projects, now),
    };
    output.data(&text);
    Ok(ExitStatus::Success)
}

fn escaped_line(text: &str) -> String {
    format!("{}\n", words::escaped(text))
}

fn as_json((name, project): (&String, &FoundProject), now: SystemTime) -> Value {
    json!({
        "name": name,
        "files": project.files,
        "containers": project.containers,
        "running": project.running,
        "volumes": project.volumes,
        "networks": project.networks,
        "created_at": project.since.and_then(words::moment),
        "expires_at": project.expires.and_then(words::moment),
        "expired": project.has_expired(now),
        "disk_bytes": project.disk,
    })
}

fn table(projects: &BTreeMap<String, FoundProject>, now: SystemTime) -> String {
    let head = ["NAME", "STATUS", "AGE", "EXPIRES", "DISK", "FILE"].map(str::to_owned);
    let mut rows = vec![head];
    for (name, project) in projects {
        let status = match (project.running, project.containers) {
            (_, 0) => "no containers".to_owned(),
            (0, _) => "stopped".to_owned(),
            (running, all) if running == all => format!("running ({all})"),
            (running, all) => format!("running ({running} of {all})"),
        };
        let unknown = || "?".to_owned();
        let files: Vec<&str> = project.files.iter().map(String::as_str).collect();
        rows.push([
            words::escaped(name),
            status,
            project.age(now).map_or_else(unknown, rounded),
            expiry(project, now),
            project.disk.map_or_else(unknown, words::bytes),
            words::escaped(&files.join(", ")),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths = [0, 1, 2, 3, 4].map(|column| width(column).unwrap_or_default());
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| {
            let width = width + 3;
            format!("{cell:width$}")
        });
        let line: String = cells.chain([row[5].clone()]).collect();
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

/// When it expires.
fn expiry(project: &FoundProject, now: SystemTime) -> String {
    let Some(expires) = project.expires else {
        return "never".to_owned();
    };
    match (expires.duration_since(now), now.duration_since(expires)) {
        (Ok(left), _) if !left.is_zero() => format!("in {}", rounded(left)),
        (_, since) => format!("{} ago", rounded(since.unwrap_or_default())),
    }
}

/// How long, in the largest unit only.
fn rounded(age: Duration) -> String {
    let seconds = age.as_secs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86400 => (seconds / 3600, "hour"),
        _ => (seconds / 86400, "day"),
    };
    words::count(number, unit)
}
