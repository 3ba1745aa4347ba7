//! Images that are built: always on the outermost engine, which others then get them from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::desired::facts::Facts;
use crate::desired::{DesiredEngine, DesiredImage, DesiredImageSource};
use crate::model::build::{Build, BuildContext, Dockerfile};
use crate::model::image::{ImageReference, ImageSource};
use crate::model::platform::Platform;
use crate::model::value::{revealed, secret_names};
use crate::model::{Project, Scope};
use crate::resource::build::{BuildFile, BuildHow, BuildSettings, BuildSource};
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
}

/// A build of a project, with the name of its image and what that is to run on.
type Built<'a> = (&'a ImageReference, &'a Build, Option<&'a Platform>);

/// The folders that the builds of a project are sent, with their Dockerfiles.
pub fn contexts(project: &Project) -> BTreeSet<BuildSource> {
    let builds = builds(&project.scope).into_iter();
    let sources = builds.map(|(_, build, _)| source(build));
    sources
        .filter(|source| matches!(source, BuildSource::Folder { .. }))
        .collect()
}

/// Adds the images that are built in any scope to the outer engine.
pub(super) fn add_all(engine: &mut DesiredEngine, project: &Project, facts: &Facts) {
    for (reference, build, platform) in builds(&project.scope) {
        let source = match desired(build, platform, facts) {
            Ok(build) => DesiredImageSource::Build(Box::new(build)),
            Err(reason) => DesiredImageSource::Unbuildable(reason),
        };
        let address = Address::new(None, Kind::Image, reference.as_str());
        engine.want_image(reference, DesiredImage { address, source });
    }
}

fn builds(scope: &Scope) -> Vec<Built<'_>> {
    let images = scope.images.iter().filter_map(|image| match &image.source {
        ImageSource::Build(build) => Some((&image.reference, &**build, image.platform.as_ref())),
        _ => None,
    });
    let services = scope.services.values().filter_map(|service| {
        let container = &service.container;
        let build = service.build.as_ref()?;
        Some((&container.image, build, container.platform.as_ref()))
    });
    let outer = scope.environments.values().filter_map(|environment| {
        let container = &environment.outer.container;
        let build = environment.outer.build.as_ref()?;
        Some((&container.image, build, container.platform.as_ref()))
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

fn desired(
    build: &Build,
    platform: Option<&Platform>,
    facts: &Facts,
) -> Result<DesiredBuild, String> {
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
    let platform = build.platforms.first().or(platform);
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
    };
    Ok(DesiredBuild {
        source,
        settings,
        how,
    })
}
