//! Problems as SARIF 2.1.0, which code scanning services and editors read.

use std::collections::BTreeSet;

use serde_sarif::sarif::{
    ArtifactLocation, Location, Message, PhysicalLocation, Region, ReportingDescriptor, Result,
    ResultLevel, Run, Sarif, Tool, ToolComponent, Version,
};
use url::Url;

use crate::report::problem::located::{LocatedProblem, Place};

/// Where the schema of the form is.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Problems as one SARIF log.
pub fn sarif(problems: &[LocatedProblem]) -> String {
    let codes: BTreeSet<&str> = problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    let rule = |code: &str| ReportingDescriptor::builder().id(code).build();
    let rules: Vec<ReportingDescriptor> = codes.into_iter().map(rule).collect();
    let driver = ToolComponent::builder()
        .name("nest")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules)
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind("unicodeCodePoints")
        .results(problems.iter().map(result).collect::<Vec<_>>())
        .build();
    let log = Sarif::builder()
        .schema(SCHEMA)
        .version(Version::V2_1_0.to_string())
        .runs(vec![run])
        .build();
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn result(problem: &LocatedProblem) -> Result {
    let mut text = problem.message.clone();
    if let Some(help) = &problem.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let level = if problem.severity == "warning" {
        ResultLevel::Warning
    } else {
        ResultLevel::Error
    };
    let locations: Vec<Location> = problem.place.iter().map(location).collect();
    let related: Vec<Location> = problem.related.iter().map(location).collect();
    Result::builder()
        .rule_id(problem.code.as_str())
        .level(level)
        .message(Message::builder().text(text).build())
        .locations(locations)
        .related_locations(related)
        .build()
}

fn location(place: &Place) -> Location {
    let region = Region::builder()
        .start_line(number(place.line))
        .start_column(number(place.column))
        .end_line(number(place.end_line))
        .end_column(number(place.end_column))
        .build();
    let artifact = ArtifactLocation::builder().uri(uri(&place.file)).build();
    let place_in_file = PhysicalLocation::builder()
        .artifact_location(artifact)
        .region(region)
        .build();
    Location::builder()
        .physical_location(place_in_file)
        .message(Message::builder().text(place.label.as_str()).build())
        .build()
}

/// A path as a reference: relative as it is, absolute with its scheme.
fn uri(file: &str) -> String {
    let absolute = file.starts_with('/');
    let path = if absolute {
        file.to_owned()
    } else {
        format!("/{file}")
    };
    match Url::from_file_path(&path) {
        Ok(url) if absolute => url.to_string(),
        Ok(url) => url.path().trim_start_matches('/').to_owned(),
        Err(()) => file.to_owned(),
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
