//! `nest config`

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cli::args::{ConfigArguments, ConfigFormat};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::pinned;
use crate::cli::project::{self, Warnings};
use crate::files::LocalFiles;
use crate::model::{Project, Scope, read_merged};
use crate::resource::digest::Digest;

/// Prints what the files mean together.
pub(crate) async fn run(
    arguments: &ConfigArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    if arguments.no_interpolate {
        let request = project::request(options)?;
        let merged = read_merged(&LocalFiles, &request)
            .map_err(|invalid| CommandError::Invalid(Box::new(invalid)))?;
        output.data(&formatted(&merged, arguments.format));
        return Ok(ExitStatus::Success);
    }
    let read = project::read(options, output, Warnings::Brief)?;
    let (project, sources) = (read.project, read.sources);
    let text = if arguments.images {
        lines(images(&project))
    } else if arguments.environments {
        let mut names = Vec::new();
        add_environments(&project.scope, "", &mut names);
        lines(names)
    } else if arguments.hash {
        lines(hashes(&project))
    } else if arguments.lock_image_digests {
        let locked = pinned::locked((&project, &sources), options, output).await?;
        formatted(&locked, arguments.format)
    } else {
        formatted(&project.written(), arguments.format)
    };
    output.data(&text);
    Ok(ExitStatus::Success)
}

fn formatted(value: &Value, format: ConfigFormat) -> String {
    match format {
        ConfigFormat::Json => format!("{value:#}\n"),
        // What came from a file can be written to one.
        ConfigFormat::Yaml => serde_yaml::to_string(value).unwrap_or_default(),
    }
}

fn lines(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().map(|item| item + "\n").collect()
}

/// Every image that an engine is asked for, sorted.
fn images(project: &Project) -> BTreeSet<String> {
    let mut images = BTreeSet::new();
    for registry in project.registries.values() {
        images.extend(
            registry
                .container()
                .map(|container| container.image.to_string()),
        );
        images.extend(
            registry
                .images
                .iter()
                .map(|image| image.reference.to_string()),
        );
    }
    add_images(&project.scope, &mut images);
    images
}

fn add_images(scope: &Scope, images: &mut BTreeSet<String>) {
    images.extend(scope.images.iter().map(|image| image.reference.to_string()));
    for environment in scope.environments.values() {
        images.insert(environment.outer.container.image.to_string());
        add_images(&environment.inner, images);
    }
}

/// The environments, one engine deeper behind a `/`.
fn add_environments(scope: &Scope, above: &str, names: &mut Vec<String>) {
    for (name, environment) in &scope.environments {
        let name = format!("{above}{name}");
        names.push(name.clone());
        add_environments(&environment.inner, &format!("{name}/"), names);
    }
}

/// A digest of everything that the file says about each registry and environment, secrets left out.
fn hashes(project: &Project) -> Vec<String> {
    let line = |kind: &str, name: &str, written: Value| {
        let digest = Digest::of(&written);
        format!("{kind}.{name} {}", digest.as_str())
    };
    let registries = project.registries.iter();
    let registries =
        registries.map(|(name, registry)| line("registry", name.as_str(), registry.written()));
    let environments = project.scope.environments.iter();
    let environments = environments
        .map(|(name, environment)| line("environment", name.as_str(), environment.written()));
    registries.chain(environments).collect()
}
