//! Images that are built: always on the outermost engine, which others then get them from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::desired::facts::Facts;
use crate::desired::{DesiredEngine, DesiredImage, DesiredImageSource, files};
use crate::model::build::{Build, BuildContext, Dockerfile};
use crate::model::container::file::Grant;
use crate::model::image::{ImageReference, ImageSource, Pull};
use crate::model::name::SecretName;
use crate::model::platform::Platform;
use crate::model::value::{revealed, secret_names};
use crate::model::{Project, Scope};
use crate::resource::build::{BuildFile, BuildHow, BuildSettings, BuildSource};
use crate::resource::container::file::FileContent;
use crate::resource::container::process::ProcessLimit;
use crate::resource::{Address, Kind};

/// How an image is built.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredBuild {
    /// What the build can use, and what it does.
    pub source: BuildSource,
    /// What the image is made of besides.
    pub settings: BuildSettings,
    /// How it is built.
    pub how: BuildHow,
    /// The image that this is another name of: it is built before.
    pub first: Option<ImageReference>,
}

/// A build of a project, with the name of its image and what that is to run on.
#[derive(Clone, Copy)]
struct Built<'a> {
    reference: &'a ImageReference,
    build: &'a Build,
    platform: Option<&'a Platform>,
    /// The scope that declares the secrets of the build.
    scope: &'a Scope,
}

/// The folders that the builds of a project are sent, with their Dockerfiles.
pub fn contexts(project: &Project) -> BTreeSet<BuildSource> {
    let builds = builds(&project.scope).into_iter();
    let sources = builds.map(|built| source(built.build));
    sources
        .filter(|source| matches!(source, BuildSource::Folder { .. }))
        .collect()
}

/// Adds the images that are built in any scope to the outer engine. An image of several names is built under each, after
/// the first from what that has left.
pub(super) fn add_all(engine: &mut DesiredEngine, project: &Project, facts: &Facts) {
    for built in builds(&project.scope) {
        let first = desired(&built, facts);
        for tag in &built.build.tags {
            let again = first.clone().map(|mut again| {
                (again.how.no_cache, again.how.pull) = (false, false);
                again.first = Some(built.reference.clone());
                again
            });
            want(engine, tag, again);
        }
        want(engine, built.reference, first);
    }
}

fn want(
    engine: &mut DesiredEngine,
    reference: &ImageReference,
    build: Result<DesiredBuild, String>,
) {
    let source = match build {
        Ok(build) => DesiredImageSource::Build(Box::new(build)),
        Err(reason) => DesiredImageSource::Unbuildable(reason),
    };
    let address = Address::new(None, Kind::Image, reference.as_str());
    let pull = Pull::Missing;
    let image = DesiredImage {
        address,
        source,
        pull,
        platform: None,
    };
    engine.want_image(reference, image);
}

fn builds(scope: &Scope) -> Vec<Built<'_>> {
    let here = |reference, build, platform| Built {
        reference,
        build,
        platform,
        scope,
    };
    let images = scope.images.iter().filter_map(|image| match &image.source {
        ImageSource::Build(build) => {
            Some(here(&image.reference, &**build, image.platform.as_ref()))
        }
        _ => None,
    });
    let services = scope.services.values().filter_map(|service| {
        let container = &service.container;
        let build = service.build.as_ref()?;
        Some(here(&container.image, build, container.platform.as_ref()))
    });
    let outer = scope.environments.values().filter_map(|environment| {
        let container = &environment.outer.container;
        let build = environment.outer.build.as_ref()?;
        Some(here(&container.image, build, container.platform.as_ref()))
    });
    let inner = scope.environments.values();
    let inner = inner.flat_map(|environment| builds(&environment.inner));
    images.chain(services).chain(outer).chain(inner).collect()
}

fn source(build: &Build) -> BuildSource {
    match (&build.context, &build.dockerfile) {
        (BuildContext::Folder(path), dockerfile) => BuildSource::Folder {
            path: path.clone(),
            dockerfile: match dockerfile {
                Dockerfile::File(file) => BuildFile::File(PathBuf::from(file)),
                Dockerfile::Inline(text) => BuildFile::Inline(text.clone()),
            },
        },
        (BuildContext::Address(address), Dockerfile::File(file)) => BuildSource::Address {
            address: address.clone(),
            dockerfile: file.clone(),
        },
        // Refused where the file is checked.
        (BuildContext::Address(address), Dockerfile::Inline(_)) => BuildSource::Address {
            address: address.clone(),
            dockerfile: String::new(),
        },
    }
}

fn desired(image: &Built<'_>, facts: &Facts) -> Result<DesiredBuild, String> {
    let build = image.build;
    let source = source(build);
    let context = match &source {
        BuildSource::Address {
            address,
            dockerfile,
        } => format!("{address} {dockerfile}"),
        BuildSource::Folder { path, .. } => match facts.contexts.get(&source) {
            Some(Ok(digest)) => digest.to_string(),
            Some(Err(reason)) => return Err(reason.clone()),
            None => return Err(format!("`{}` has not been read", path.display())),
        },
    };
    let platform = build.platforms.first().or(image.platform);
    let extra_hosts = build.extra_hosts.iter().flat_map(|(name, addresses)| {
        let addresses = addresses.iter();
        addresses.map(move |address| format!("{name}:{address}"))
    });
    let ulimits = build.ulimits.iter().map(|(name, limit)| {
        let (soft, hard) = (limit.soft.number(), limit.hard.number());
        (name.clone(), ProcessLimit { soft, hard })
    });
    let settings = BuildSettings {
        context,
        args: revealed(&build.args),
        secret_args: secret_names(&build.args),
        target: build.target.clone(),
        labels: revealed(&build.labels),
        secret_labels: secret_names(&build.labels),
        network: build.network.clone(),
        platform: platform.map(ToString::to_string),
        shm_size: build.shm_size,
        extra_hosts: extra_hosts.collect(),
        ulimits: ulimits.collect::<BTreeMap<_, _>>(),
    };
    let how = BuildHow {
        no_cache: build.no_cache,
        pull: build.pull,
        cache_from: build.cache_from.clone(),
        // No other place for it is carried out.
        inline_cache: !build.cache_to.is_empty(),
        secrets: secrets(image, facts)?,
        agents: agents(build, facts)?,
    };
    Ok(DesiredBuild {
        source,
        settings,
        how,
        first: None,
    })
}

/// What the build's commands can read, by the ids that they ask for.
fn secrets(built: &Built<'_>, facts: &Facts) -> Result<BTreeMap<String, FileContent>, String> {
    let secret = |grant: &Grant<SecretName>| {
        let name = &grant.source;
        let material = built.scope.secrets.get(name);
        let material = material.ok_or_else(|| format!("the secret `{name}` is not declared"))?;
        let bytes = files::content(facts, material);
        let bytes = bytes.map_err(|reason| format!("the secret `{name}`: {reason}"))?;
        let id = grant.target.trim_start_matches("/run/secrets/");
        Ok((id.to_owned(), FileContent::Bytes(bytes)))
    };
    built.build.secrets.iter().map(secret).collect()
}

fn agents(build: &Build, facts: &Facts) -> Result<BTreeMap<String, PathBuf>, String> {
    let agent = |(id, socket): (&String, &Option<PathBuf>)| {
        let socket = socket.as_ref().or(facts.ssh_agent.as_ref());
        let socket = socket.ok_or_else(|| {
            format!("it wants the SSH agent `{id}`, and `SSH_AUTH_SOCK` names none")
        })?;
        Ok((id.clone(), socket.clone()))
    };
    build.ssh.iter().map(agent).collect()
}
