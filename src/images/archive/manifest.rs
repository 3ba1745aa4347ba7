//! Which images an archive holds, in the two forms that there are.

use std::collections::BTreeMap;
use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::images::archive::ArchivedImage;
use crate::images::archive::entries::Entries;
use crate::images::content::{ImageConfiguration, ImagePlatform};
use crate::model::image::ImageReference;

/// The file that makes a docker-archive.
const DOCKER_MANIFEST: &str = "manifest.json";
/// The file that names the images of an OCI layout.
const OCI_INDEX: &str = "index.json";
/// The file that makes an archive an OCI layout.
const OCI_LAYOUT: &str = "oci-layout";
/// The files that say what an archive holds, those of old engines included.
pub(crate) const NAMING: [&str; 4] = [DOCKER_MANIFEST, OCI_INDEX, OCI_LAYOUT, "repositories"];
/// Where containerd writes the whole name of an image.
const CONTAINERD_NAME: &str = "io.containerd.image.name";
/// Where other tools write it.
const OCI_NAME: &str = "org.opencontainers.image.ref.name";
/// How deep indexes may stand in indexes.
const INDEX_DEPTH: usize = 4;
/// How many images an archive may hold.
const IMAGE_LIMIT: usize = 1000;

/// Why the images were not found.
pub(crate) enum FindError {
    Io(io::Error),
    Wrong(String),
}

impl From<io::Error> for FindError {
    fn from(error: io::Error) -> Self {
        FindError::Io(error)
    }
}

/// Finds the images of an archive. What `docker save` writes is both forms; the older counts then.
pub(crate) fn find(entries: &mut Entries, platform: &str) -> Result<Vec<ArchivedImage>, FindError> {
    let Some(bytes) = entries.read(DOCKER_MANIFEST)? else {
        return layout(entries, platform)?.ok_or_else(|| {
            FindError::Wrong(format!(
                "it has neither `{DOCKER_MANIFEST}` nor `{OCI_INDEX}`; `docker save` and `skopeo copy` write such archives"
            ))
        });
    };
    let manifests: Vec<DockerManifest> = parse(DOCKER_MANIFEST, &bytes)?;
    // The layout says the same again; one that cannot be read is not sent.
    let described = match layout(entries, platform) {
        Err(FindError::Io(error)) => return Err(FindError::Io(error)),
        Err(FindError::Wrong(_)) | Ok(None) => Vec::new(),
        Ok(Some(described)) => described,
    };
    let images = manifests.into_iter().take(IMAGE_LIMIT).map(|manifest| {
        let tags = manifest.repo_tags.unwrap_or_default();
        let names = tags.iter().map(|tag| familiar(tag)).collect();
        let mut image = image(entries, names, manifest.config, manifest.layers)?;
        let same = described
            .iter()
            .find(|other| other.config_path == image.config_path);
        image.descriptor = same.and_then(|same| same.descriptor.clone());
        Ok(image)
    });
    images.collect()
}

/// The images of an OCI layout; none where the archive is none.
fn layout(entries: &mut Entries, platform: &str) -> Result<Option<Vec<ArchivedImage>>, FindError> {
    let Some(bytes) = entries.read(OCI_INDEX)? else {
        return Ok(None);
    };
    let index: OciIndex<Value> = parse(OCI_INDEX, &bytes)?;
    let mut images = Vec::new();
    for value in index.manifests.into_iter().take(IMAGE_LIMIT) {
        let descriptor: OciDescriptor =
            serde_json::from_value(value.clone()).map_err(|error| unclear(OCI_INDEX, &error))?;
        let Some(manifest) = choose(entries, &descriptor, platform, INDEX_DEPTH)? else {
            continue;
        };
        let first = described(entries, descriptor.names(), &manifest, value)?;
        let seconds = seconds(entries, &descriptor, &first)?;
        images.push(first);
        images.extend(seconds);
    }
    Ok(Some(images))
}

/// The image of a manifest.
fn described(
    entries: &mut Entries,
    names: Vec<ImageReference>,
    manifest: &OciManifest,
    descriptor: Value,
) -> Result<ArchivedImage, FindError> {
    let layers = manifest.layers.iter().map(OciDescriptor::path);
    let layers = layers.collect::<Result<_, _>>()?;
    let mut image = image(entries, names, manifest.config.path()?, layers)?;
    image.descriptor = Some(descriptor);
    Ok(image)
}

/// The same image for other platforms. What an archive leaves out of them is not in it.
fn seconds(
    entries: &mut Entries,
    descriptor: &OciDescriptor,
    first: &ArchivedImage,
) -> Result<Vec<ArchivedImage>, FindError> {
    let mut seconds = Vec::new();
    if !descriptor.is_index() {
        return Ok(seconds);
    }
    let path = descriptor.path()?;
    let Some(bytes) = entries.read(&path)? else {
        return Ok(seconds);
    };
    for value in parse::<OciIndex<Value>>(&path, &bytes)?.manifests {
        let inner: OciDescriptor =
            serde_json::from_value(value.clone()).map_err(|error| unclear(&path, &error))?;
        // What says how an image was made stands beside it, and is for no platform.
        let is_image = inner.platform.as_ref().is_some_and(|it| it.os != "unknown");
        let file = inner.path()?;
        let Some(bytes) = entries
            .read(&file)?
            .filter(|_| is_image && !inner.is_index())
        else {
            continue;
        };
        let manifest: OciManifest = parse(&file, &bytes)?;
        if entries.read(&manifest.config.path()?)?.is_none() {
            continue;
        }
        let mut second = described(entries, first.names.clone(), &manifest, value)?;
        second.is_second = true;
        if second.config_path != first.config_path {
            seconds.push(second);
        }
    }
    Ok(seconds)
}

/// The files that say what an archive holds, so that it holds one image and that under one name.
pub(crate) fn renamed(
    image: &ArchivedImage,
    reference: &ImageReference,
) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let manifest = DockerManifest {
        config: image.config_path.clone(),
        repo_tags: Some(vec![reference.to_string()]),
        layers: image.layer_paths.clone(),
    };
    let mut files = vec![(DOCKER_MANIFEST, serde_json::to_vec(&[manifest])?)];
    if let Some(descriptor) = &image.descriptor {
        let mut descriptor = descriptor.clone();
        // Engines take the first for the whole name, other tools the second.
        descriptor["annotations"] = json!({
            CONTAINERD_NAME: reference.with_host(),
            OCI_NAME: reference.as_str(),
        });
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [descriptor],
        });
        files.push((OCI_INDEX, serde_json::to_vec(&index)?));
        files.push((OCI_LAYOUT, br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()));
    }
    Ok(files)
}

/// An image in a docker-archive.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerManifest {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct OciIndex<D> {
    #[serde(default = "Vec::new")]
    manifests: Vec<D>,
}

#[derive(Deserialize)]
struct OciManifest {
    config: OciDescriptor,
    #[serde(default)]
    layers: Vec<OciDescriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OciDescriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    platform: Option<OciPlatform>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OciPlatform {
    os: String,
    architecture: String,
    variant: String,
}

impl OciDescriptor {
    /// The file of the layout that holds what is described.
    fn path(&self) -> Result<String, FindError> {
        let parts = self.digest.split_once(':');
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match parts {
            Some((algorithm, hex)) if plain(algorithm) && plain(hex) => {
                Ok(format!("blobs/{algorithm}/{hex}"))
            }
            _ => Err(FindError::Wrong(format!(
                "`{}` in it is no digest",
                self.digest
            ))),
        }
    }

    /// containerd and `docker save` write the whole name; others write it where these write the tag.
    fn names(&self) -> Vec<ImageReference> {
        let annotation = |key: &str| self.annotations.as_ref()?.get(key).cloned();
        annotation(CONTAINERD_NAME)
            .or_else(|| annotation(OCI_NAME).filter(|name| name.contains([':', '/'])))
            .map(|name| familiar(&name))
            .into_iter()
            .collect()
    }

    fn is_index(&self) -> bool {
        self.media_type.contains("image.index") || self.media_type.contains("manifest.list")
    }

    fn is_for(&self, platform: &str) -> bool {
        self.platform.as_ref().is_some_and(|own| {
            let own = ImagePlatform {
                os: &own.os,
                architecture: &own.architecture,
                variant: &own.variant,
            };
            own.text() == platform
        })
    }
}

/// The manifest that a descriptor leads to, for a platform where there are several; none where there is none for it.
fn choose(
    entries: &mut Entries,
    descriptor: &OciDescriptor,
    platform: &str,
    depth: usize,
) -> Result<Option<OciManifest>, FindError> {
    let path = descriptor.path()?;
    let Some(bytes) = entries.read(&path)? else {
        return Ok(None);
    };
    if !descriptor.is_index() {
        return parse(&path, &bytes).map(Some);
    }
    if depth == 0 {
        return Err(FindError::Wrong(
            "its indexes are nested too deeply".to_owned(),
        ));
    }
    let mut inner = parse::<OciIndex<OciDescriptor>>(&path, &bytes)?.manifests;
    let chosen = match inner.iter().position(|one| one.is_for(platform)) {
        Some(index) => inner.swap_remove(index),
        None if inner.len() == 1 => inner.swap_remove(0),
        None => return Ok(None),
    };
    choose(entries, &chosen, platform, depth - 1)
}

/// The configuration of an image, which both forms share.
#[derive(Deserialize)]
struct ConfigFile {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
    config: Option<ImageConfiguration>,
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

fn image(
    entries: &mut Entries,
    names: Vec<ImageReference>,
    config_path: String,
    layer_paths: Vec<String>,
) -> Result<ArchivedImage, FindError> {
    let Some(bytes) = entries.read(&config_path)? else {
        return Err(FindError::Wrong(format!("`{config_path}` is missing")));
    };
    let file: ConfigFile = parse(&config_path, &bytes)?;
    let platform = ImagePlatform {
        os: &file.os,
        architecture: &file.architecture,
        variant: &file.variant,
    };
    let configuration = file.config.unwrap_or_default();
    Ok(ArchivedImage {
        names,
        platform: platform.text(),
        is_second: false,
        content: configuration
            .into_content(file.rootfs.diff_ids, platform)
            .digest(),
        config_path,
        layer_paths,
        descriptor: None,
    })
}

fn parse<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, FindError> {
    serde_json::from_slice(bytes).map_err(|error| unclear(name, &error))
}

fn unclear(name: &str, error: &serde_json::Error) -> FindError {
    FindError::Wrong(format!("`{name}` in it cannot be understood: {error}"))
}

/// A name as `docker images` prints it.
fn familiar(name: &str) -> ImageReference {
    let short = name
        .strip_prefix("docker.io/")
        .or_else(|| name.strip_prefix("index.docker.io/"))
        .map_or(name, |short| {
            short.strip_prefix("library/").unwrap_or(short)
        });
    let last = short.rsplit('/').next().unwrap_or(short);
    if last.contains([':', '@']) {
        ImageReference::new(short)
    } else {
        ImageReference::new(format!("{short}:latest"))
    }
}
