//! What killed runs leave on real engines, and that the next run of the project takes it away.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use bollard::query_parameters::{ListImagesOptions, RemoveImageOptions, TagImageOptionsBuilder};
use nest::model::name::ProjectName;
use nest::resource::push::Found;

use crate::real::sandbox::{Sandbox, eventually};

#[test]
fn a_push_that_is_killed_leaves_nothing_once_another_has_ended() {
    let file = |images: &str| format!("registries: {{ store: {{ images: [{images}] }} }}\n");
    let sandbox = Sandbox::new(&file("'busybox:1.36'"));
    sandbox.succeed(&["up"]);
    let app = format!("{}-app", sandbox.name);
    sandbox.write(&file(&format!("'busybox:1.36', '{app}:1'")));
    let id = |name: &str| {
        let image = sandbox.docker.inspect_image(name);
        let image = sandbox.runtime.block_on(image).expect("it is there");
        image.id.expect("it has one")
    };
    let mut own = BTreeMap::new();
    for image in ["docker:dind", "docker:dind-rootless"] {
        tag(&sandbox, image, &app);
        let mut nest = sandbox.command(&["up"]);
        let mut nest = nest.stderr(Stdio::null()).spawn().expect("nest starts");
        let pushed = id(image);
        let is_there = |found: &BTreeMap<String, String>| {
            let mut found = found.iter();
            found.any(|(name, id)| name.starts_with("127.0.0.1:") && *id == pushed)
        };
        eventually("it is on its way", || is_there(&on_the_way(&sandbox, &app)));
        nest.kill().expect("it runs");
        nest.wait().expect("it ends");
        let left = on_the_way(&sandbox, &app);
        assert!(is_there(&left), "it was killed too late: {left:?}");

        sandbox.succeed(&["up"]);
        sandbox.succeed(&["plan", "--detailed-exitcode"]);
        assert_eq!(on_the_way(&sandbox, &app), own);
        // What somebody has under the name stays his.
        let name = left.into_keys().find(|it| it.starts_with("127.0.0.1:"));
        let name = name.expect("it is there");
        tag(&sandbox, "busybox:1.36", name.trim_end_matches(":1"));
        own = on_the_way(&sandbox, &app);
    }
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert_eq!(own.len(), 1);
    for name in own.into_keys().chain([format!("{app}:1")]) {
        let removed = sandbox
            .docker
            .remove_image(&name, None::<RemoveImageOptions>, None);
        sandbox.runtime.block_on(removed).expect("it stays");
    }
}

/// The names that images have on the outer engine only while this one is pushed, with the images' ids.
pub(super) fn on_the_way(sandbox: &Sandbox, app: &str) -> BTreeMap<String, String> {
    let registry = sandbox.inspect(&format!("{}-store-1", sandbox.name));
    let ports = registry.network_settings.and_then(|it| it.ports);
    let ports = ports.unwrap_or_default().remove("5000/tcp").flatten();
    let port = ports.unwrap_or_default().remove(0).host_port;
    let full = format!("127.0.0.1:{}/{app}:1", port.expect("it is published"));
    let project = ProjectName::new(sandbox.name.clone());
    let kept = [Found::Image, Found::Nothing].map(|found| {
        let (repository, tag) = found.kept_as(&project, &full);
        format!("{repository}:{tag}")
    });
    named(sandbox, |name| {
        name == full || kept.iter().any(|it| it == name)
    })
}

/// The names of images on the outer engine that are such, with the images' ids.
fn named(sandbox: &Sandbox, is_such: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let images = sandbox.docker.list_images(None::<ListImagesOptions>);
    let images = sandbox.runtime.block_on(images).expect("images");
    let mut found = BTreeMap::new();
    for image in images {
        for name in image.repo_tags {
            if is_such(&name) {
                found.insert(name, image.id.clone());
            }
        }
    }
    found
}

pub(super) fn tag(sandbox: &Sandbox, image: &str, repository: &str) {
    let options = TagImageOptionsBuilder::default()
        .repo(repository)
        .tag("1")
        .build();
    let tagged = sandbox.docker.tag_image(image, Some(options));
    sandbox
        .runtime
        .block_on(tagged)
        .expect("the engine has the image");
}

/// Has a push of `image` killed while it is on its way, and tells the names that it has left.
fn killed(sandbox: &Sandbox, image: &str, app: &str) -> BTreeMap<String, String> {
    tag(sandbox, image, app);
    let mut nest = sandbox.command(&["up"]);
    let mut nest = nest.stderr(Stdio::null()).spawn().expect("nest starts");
    let taken = |name: &String| name.starts_with("127.0.0.1:");
    eventually("it is on its way", || {
        on_the_way(sandbox, app).keys().any(taken)
    });
    nest.kill().expect("it runs");
    nest.wait().expect("it ends");
    on_the_way(sandbox, app)
}

#[test]
fn what_a_killed_push_leaves_goes_even_if_nothing_is_pushed_any_more() {
    let file = |images: &str| format!("registries: {{ store: {{ images: [{images}] }} }}\n");
    let sandbox = Sandbox::new(&file("'busybox:1.36'"));
    let app = format!("{}-app", sandbox.name);
    sandbox.succeed(&["up"]);
    let without: [&[&str]; 2] = [&["up"], &["down", "--volumes", "--yes"]];
    for then in without {
        sandbox.write(&file(&format!("'busybox:1.36', '{app}:1'")));
        let left = killed(&sandbox, "docker:dind", &app);
        assert_eq!(left.len(), 2, "it was killed too late: {left:?}");
        sandbox.write(&file("'busybox:1.36'"));
        sandbox.succeed(then);
        let left = named(&sandbox, |name| left.contains_key(name));
        assert_eq!(left, BTreeMap::new(), "after {then:?}");
    }
    let own = format!("{app}:1");
    let removed = (sandbox.docker).remove_image(&own, None::<RemoveImageOptions>, None);
    sandbox.runtime.block_on(removed).expect("it stays");
}

#[test]
fn a_data_root_that_a_killed_run_copied_into_is_made_anew() {
    let file = |name: &str, seed: &str| {
        format!(
            "{name}environments: {{ box: {{ outer: {{ mode: dind, daemon: {{ features: {{ leftovers: true }} }}, \
             data: {{ seed: {seed} }} }}, inner: {{ images: ['alpine:3.20'] }} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("", "copy"));
    // The first makes the seed, the next starts from it.
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    let data = format!("{}_box-1-data", sandbox.name);
    let copier = format!("container nest-seed-copy-{data}");
    let made = || {
        let found = sandbox.docker.inspect_volume(&data);
        let found = sandbox.runtime.block_on(found).ok()?;
        Some(found.created_at)
    };
    let then: [&[&str]; 2] = [&["up"], &["down", "--yes"]];
    for then in then {
        let is_copied = || {
            let objects = sandbox.objects();
            (objects.iter()).any(|it| it.replace("container /", "container ") == copier)
        };
        // On a busy machine it may be killed when all is copied.
        let killed = (0..5).any(|_| {
            sandbox.succeed(&["down", "--volumes", "--yes"]);
            let mut nest = sandbox.command(&["up"]);
            let mut nest = nest.stderr(Stdio::null()).spawn().expect("nest starts");
            eventually("the seed is copied", || {
                let has_ended = nest.try_wait().is_ok_and(|status| status.is_some());
                is_copied() || has_ended
            });
            nest.kill().expect("it runs");
            nest.wait().expect("it ends");
            is_copied()
        });
        assert!(killed, "it was killed too late");
        let before = made();
        assert!(before.is_some(), "its data root is there");
        // Volumes tell when they were made to the second.
        std::thread::sleep(Duration::from_millis(1100));
        sandbox.succeed(then);
        let seeds = sandbox.seeds();
        let mut left = sandbox.objects();
        left.retain(|it| it.contains("nest-seed") && !seeds.iter().any(|seed| it.ends_with(seed)));
        assert!(left.is_empty(), "{left:?}");
        if then == ["up"] {
            assert_ne!(made(), before, "what was copied is not relied on");
            let held = sandbox.inside("box", &["ls", "-A", "/var/lib/docker"]);
            assert!(!held.contains(".nest-seed"), "{held}");
            sandbox.succeed(&["plan", "--detailed-exitcode"]);
            sandbox.succeed(&["down", "--volumes", "--yes"]);
        } else {
            assert_eq!(made(), None, "nobody's data is in it");
        }
    }
}
