//! `nest ls`

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::cli::args::{ListArguments, ListFormat};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project;
use crate::observed::holdings::HeldProject;
use crate::report::words;

/// Lists the projects that the engine holds something of.
pub(crate) async fn run(
    arguments: &ListArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let engine = project::connect_to(&project::endpoint_here(options)?, options).await?;
    let mut projects = engine.holdings().await?.projects;
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

fn as_json((name, project): (&String, &HeldProject), now: SystemTime) -> Value {
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

fn table(projects: &BTreeMap<String, HeldProject>, now: SystemTime) -> String {
    let head = ["NAME", "STATUS", "AGE", "EXPIRES", "DISK", "FILE"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    for (name, project) in projects {
        let status = match (project.running, project.containers) {
            (_, 0) => "no containers".to_owned(),
            (0, _) => "stopped".to_owned(),
            (running, all) if running == all => format!("running ({all})"),
            (running, all) => format!("running ({running} of {all})"),
        };
        let unknown = || "?".to_owned();
        let files: Vec<&str> = project.files.iter().map(String::as_str).collect();
        rows.push(vec![
            words::escaped(name),
            status,
            project.age(now).map_or_else(unknown, words::age_in_words),
            expiry(project, now),
            project.disk.map_or_else(unknown, words::bytes),
            words::escaped(&files.join(", ")),
        ]);
    }
    words::columns(&rows)
}

/// When it expires.
fn expiry(project: &HeldProject, now: SystemTime) -> String {
    let Some(expires) = project.expires else {
        return "never".to_owned();
    };
    match (expires.duration_since(now), now.duration_since(expires)) {
        (Ok(left), _) if !left.is_zero() => format!("in {}", words::age_in_words(left)),
        (_, since) => format!("{} ago", words::age_in_words(since.unwrap_or_default())),
    }
}
