//! Images on their ways into an engine.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use futures_util::TryStreamExt as _;
use nest::engine::{EngineError, Progress};
use nest::images::archive::{ArchiveError, ArchiveFacts};
use nest::model::image::ImageReference;
use nest::plan::step::Operation;
use nest::resource::digest::Digest;
use nest::resource::engine_path::EnginePath;
use serde_json::json;

use crate::docker::sandbox::{Sandbox, awake, by_name, chain, run, wait_for_engine};

const IMAGES: [&str; 2] = ["alpine:3.20", "busybox:1.36"];

fn references(names: &[&str]) -> Vec<ImageReference> {
    names.iter().copied().map(ImageReference::new).collect()
}

/// What `docker save` writes.
async fn save(images: &[&str], path: &Path) {
    let host = std::env::var("DOCKER_HOST").expect("`DOCKER_HOST` is set");
    let socket = host.trim_start_matches("unix://");
    let engine = bollard::Docker::connect_with_unix(socket, 120, bollard::API_DEFAULT_VERSION)
        .expect("the engine's socket is there");
    let mut file = File::create(path).expect("a file");
    let mut pieces = engine.export_images(images);
    while let Some(piece) = pieces.try_next().await.expect("the images are saved") {
        file.write_all(&piece).expect("the disk has room");
    }
}

/// The archive with only the files that are part of an OCI layout, and without names where so wanted.
fn as_oci_layout(path: &Path, nameless: bool) -> PathBuf {
    let target = path.with_extension("oci.tar");
    let mut archive = tar::Archive::new(File::open(path).expect("a file"));
    let mut builder = tar::Builder::new(File::create(&target).expect("a file"));
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a path").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a file");
        if name == "index.json" && nameless {
            let mut index: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            for manifest in index["manifests"].as_array_mut().expect("a list") {
                manifest
                    .as_object_mut()
                    .expect("a map")
                    .remove("annotations");
            }
            bytes = index.to_string().into_bytes();
        }
        let is_layout = name == "index.json" || name == "oci-layout" || name.starts_with("blobs/");
        if is_layout && entry.header().entry_type().is_file() {
            let mut header = entry.header().clone();
            header.set_size(bytes.len() as u64);
            builder
                .append_data(&mut header, &name, bytes.as_slice())
                .expect("the disk has room");
        }
    }
    builder.finish().expect("the disk has room");
    target
}

fn gzipped(path: &Path) -> PathBuf {
    let target = path.with_extension("tar.gz");
    let mut encoder = GzEncoder::new(
        File::create(&target).expect("a file"),
        flate2::Compression::fast(),
    );
    std::io::copy(&mut File::open(path).expect("a file"), &mut encoder).expect("room");
    encoder.finish().expect("room");
    target
}

fn zstandard(path: &Path) -> PathBuf {
    let target = path.with_extension("tar.zst");
    let bytes = std::fs::read(path).expect("a file");
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let compressed = ruzstd::encoding::compress_to_vec(bytes.as_slice(), level);
    std::fs::write(&target, compressed).expect("room");
    target
}

async fn load(sandbox: &Sandbox, path: &EnginePath, archive: &Path, name: &str, content: &Digest) {
    let operation = Operation::LoadArchive {
        path: archive.to_owned(),
        reference: ImageReference::new(name),
        content: content.clone(),
    };
    sandbox.perform(path, operation).await;
}

/// Checks that the engine in a container has no image of these names.
async fn has_none(sandbox: &Sandbox, container: &str, names: &[&str]) {
    let observed = sandbox.observe(names).await;
    let engine = awake(&observed.containers[container]);
    assert!(engine.images.is_empty(), "{:?}", engine.images);
}

#[tokio::test]
async fn images_go_from_one_engine_to_another_and_out_of_it_again() {
    run("transfer", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("builder");
        let inner = sandbox.start_dind(&outer, &name).await;
        let transfer = |names: &[&str]| Operation::TransferImages {
            from: outer.clone(),
            references: references(names),
            engines: 1,
        };
        let told = sandbox.perform(&inner, transfer(&IMAGES)).await;
        let Some(Progress::Bytes(bytes)) = told.last() else {
            panic!("{told:?}");
        };
        assert!(*bytes > 3_000_000, "{told:?}");
        let observed = sandbox.observe(&IMAGES).await;
        let engine = awake(&observed.containers[&name]);
        assert_eq!(observed.images.len(), 2);
        for (reference, image) in &observed.images {
            assert_eq!(
                image.content, engine.images[reference].content,
                "{reference}"
            );
        }
        let contents: Vec<_> = observed
            .images
            .values()
            .map(|image| &image.content)
            .collect();
        assert_ne!(contents[0], contents[1]);

        let remove = Operation::RemoveImage {
            reference: ImageReference::new(IMAGES[0]),
        };
        sandbox.perform(&inner, remove.clone()).await;
        sandbox.perform(&inner, remove).await;
        let observed = sandbox.observe(&IMAGES).await;
        assert_eq!(awake(&observed.containers[&name]).images.len(), 1);

        let error = sandbox
            .try_perform(&inner, transfer(&["no.such/image:1"]))
            .await
            .expect_err("there is no such image");
        assert!(
            matches!(error, EngineError::Refused { status: 404, .. }),
            "{}",
            chain(&error)
        );
        let pull = Operation::PullImage {
            reference: ImageReference::new("127.0.0.1:1/none:1"),
            login: None,
            platform: None,
        };
        let error = sandbox
            .try_perform(&inner, pull)
            .await
            .expect_err("nothing serves it");
        assert!(
            matches!(error, EngineError::Refused { .. }),
            "{}",
            chain(&error)
        );
    })
    .await;
}

#[tokio::test]
async fn archives_of_every_form_are_read_and_loaded_alike() {
    run("archives", async |sandbox| {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = folder.path().join("both.tar");
        save(&IMAGES, &saved).await;
        let observed = sandbox.observe(&IMAGES).await;
        let platform = observed.identity.platform.clone();
        let busybox = &observed.images[&ImageReference::new(IMAGES[1])].content;

        let name = sandbox.name("builder");
        let inner = sandbox.start_dind(&EnginePath::outer(), &name).await;
        let nameless = as_oci_layout(&saved, true);
        let named = as_oci_layout(&gzipped(&saved).with_file_name("both.tar"), false);
        let forms = [
            ("saved:1", saved.clone()),
            ("gzip:1", gzipped(&saved)),
            ("zstd:1", zstandard(&saved)),
            ("layout:1", named.clone()),
            ("layout-gzip:1", gzipped(&named)),
            ("layout-zstd:1", zstandard(&named)),
        ];
        for (wanted, archive) in forms {
            let facts = ArchiveFacts::read(&archive, &platform).expect("an archive");
            for image in &facts.images {
                let [reference] = image.names.as_slice() else {
                    panic!("{wanted}: {:?}", image.names);
                };
                assert_eq!(
                    image.content, observed.images[reference].content,
                    "{wanted}"
                );
            }
            assert_eq!(facts.images.len(), 2, "{wanted}");
            load(sandbox, &inner, &archive, wanted, busybox).await;
            let observed = sandbox.observe(&[wanted]).await;
            let engine = awake(&observed.containers[&name]);
            assert_eq!(
                engine.images[&ImageReference::new(wanted)].content,
                *busybox,
                "{wanted}"
            );
        }
        let nameless = if nameless == named {
            as_oci_layout(&saved, true)
        } else {
            nameless
        };
        let facts = ArchiveFacts::read(&nameless, &platform).expect("an archive");
        assert!(facts.images.iter().all(|image| image.names.is_empty()));
        load(sandbox, &inner, &nameless, "named:1", busybox).await;
        has_none(sandbox, &name, &IMAGES).await;

        let missing = Operation::LoadArchive {
            path: saved,
            reference: ImageReference::new("x:1"),
            content: Digest::of_bytes(b"another"),
        };
        let error = sandbox
            .try_perform(&inner, missing)
            .await
            .expect_err("it is not in there");
        assert!(chain(&error).contains("plan again"), "{}", chain(&error));
    })
    .await;
}

#[tokio::test]
async fn a_containerd_store_takes_images_from_other_stores_and_archives() {
    run("containerd", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("snapshots");
        for volume in ["data", "client"] {
            let volume = sandbox.volume(&format!("{name}-{volume}"));
            sandbox.perform(&outer, volume).await;
        }
        let create = Operation::CreateContainer(Box::new(sandbox.dind(&name)));
        sandbox.perform(&outer, create).await;
        let features = json!({"containerd-snapshotter": true});
        let write = Operation::WriteDaemonFile {
            container: by_name(&name),
            path: "/etc/docker/daemon.json".to_owned(),
            owner: 0,
            settings: BTreeMap::from([("features".to_owned(), features)]),
        };
        sandbox.perform(&outer, write).await;
        let start = Operation::StartContainer {
            container: by_name(&name),
        };
        sandbox.perform(&outer, start).await;
        sandbox.perform(&outer, wait_for_engine(&name)).await;

        let inner = outer.inside(&name);
        let transfer = Operation::TransferImages {
            from: outer.clone(),
            references: references(&IMAGES),
            engines: 1,
        };
        sandbox.perform(&inner, transfer).await;
        let observed = sandbox.observe(&IMAGES).await;
        let engine = awake(&observed.containers[&name]);
        for (reference, image) in &observed.images {
            let there = &engine.images[reference];
            assert_eq!(image.content, there.content, "{reference}");
            assert_ne!(
                image.id, there.id,
                "the stores tell images apart in different ways"
            );
        }

        let remove = Operation::RemoveImage {
            reference: ImageReference::new(IMAGES[1]),
        };
        sandbox.perform(&inner, remove).await;
        let folder = tempfile::tempdir().expect("a folder");
        let saved = folder.path().join("both.tar");
        save(&IMAGES, &saved).await;
        let busybox = &observed.images[&ImageReference::new(IMAGES[1])].content;
        load(sandbox, &inner, &saved, "saved:1", busybox).await;
        let layout = as_oci_layout(&saved, false);
        load(sandbox, &inner, &layout, "layout:1", busybox).await;
        load(sandbox, &inner, &gzipped(&layout), "layout-gzip:1", busybox).await;
        has_none(sandbox, &name, &IMAGES[1..]).await;
    })
    .await;
}

/// An archive of files.
fn archive_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, text.as_bytes())
            .expect("memory");
    }
    builder.into_inner().expect("memory")
}

#[test]
fn an_archive_tells_its_images_for_every_platform_that_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("several.tar");
    let mut files = Vec::new();
    let mut add = |name: &str, text: &str| files.push((name.to_owned(), text.to_owned()));
    let platform = |os: &str, architecture: &str| {
        format!(r#""platform": {{"os": "{os}", "architecture": "{architecture}"}}"#)
    };
    // The last is left out, as engines do with what they do not have; the one before it says how the first was made.
    let mut listed = Vec::new();
    for (os, architecture, name) in [
        ("linux", "amd64", "aa"),
        ("linux", "arm64", "bb"),
        ("unknown", "unknown", "cc"),
        ("linux", "s390x", "dd"),
    ] {
        let platform = platform(os, architecture);
        listed.push(format!(r#"{{"digest": "sha256:{name}", {platform}}}"#));
        if name != "dd" {
            let manifest =
                format!(r#"{{"config": {{"digest": "sha256:{name}{name}"}}, "layers": []}}"#);
            add(&format!("blobs/sha256/{name}"), &manifest);
            let config =
                format!(r#"{{"os": "{os}", "architecture": "{architecture}", "rootfs": {{}}}}"#);
            add(&format!("blobs/sha256/{name}{name}"), &config);
        }
    }
    add(
        "blobs/sha256/ee",
        &format!(r#"{{"manifests": [{}]}}"#, listed.join(", ")),
    );
    let names = r#""annotations": {"io.containerd.image.name": "docker.io/library/app:1"}"#;
    let kind = r#""mediaType": "application/vnd.oci.image.index.v1+json""#;
    add(
        "index.json",
        &format!(r#"{{"manifests": [{{{kind}, "digest": "sha256:ee", {names}}}]}}"#),
    );
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    std::fs::write(&path, archive_of(&files)).expect("room");
    for (own, other) in [
        ("linux/amd64", "linux/arm64"),
        ("linux/arm64", "linux/amd64"),
    ] {
        let facts = ArchiveFacts::read(&path, own).expect("an archive");
        let told = facts.images.iter().map(|it| {
            assert_eq!(it.names, [ImageReference::new("app:1")]);
            (it.platform.as_str(), it.is_second)
        });
        assert_eq!(told.collect::<Vec<_>>(), [(own, false), (other, true)]);
    }
}

#[test]
fn what_is_no_archive_of_images_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = |bytes: &[u8]| {
        let path = folder.path().join("x.tar");
        std::fs::write(&path, bytes).expect("room");
        ArchiveFacts::read(&path, "linux/amd64").map_err(|error| match error {
            ArchiveError::NotImages { reason, .. } => reason,
            ArchiveError::Unreadable { source, .. } => source.to_string(),
        })
    };
    assert!(read(&archive_of(&[("x", "y")])).is_err_and(|reason| reason.contains("neither")));
    let manifest = r#"[{"Config": "c.json", "RepoTags": null, "Layers": []}]"#;
    let missing = read(&archive_of(&[("manifest.json", manifest)]));
    assert_eq!(missing, Err("`c.json` is missing".to_owned()));
    let broken = read(&archive_of(&[("manifest.json", "[")]));
    assert!(broken.is_err_and(|reason| reason.contains("cannot be understood")));
    let loops = r#"{"manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:aa"}]}"#;
    let deep = read(&archive_of(&[
        ("index.json", loops),
        ("blobs/sha256/aa", loops),
    ]));
    assert_eq!(deep, Err("its indexes are nested too deeply".to_owned()));
    let outside = r#"{"manifests": [{"digest": "../../etc/passwd"}]}"#;
    let outside = read(&archive_of(&[("index.json", outside)]));
    assert!(outside.is_err_and(|reason| reason.contains("is no digest")));
    assert!(read(b"text").is_err());
}
