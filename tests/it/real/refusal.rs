//! What cannot work says so, with what to do.

use std::time::{Duration, Instant};

use crate::real::sandbox::Sandbox;

#[test]
fn without_an_engine_the_endpoint_that_was_tried_is_named() {
    let sandbox = Sandbox::new("environments: { builder: { outer: dind } }\n");
    let endpoint = format!("unix://{}/nothing.sock", sandbox.folder.path().display());
    for arguments in [&["plan"][..], &["up"], &["down"], &["status"]] {
        let output = sandbox
            .command_to(&endpoint, arguments)
            .output()
            .expect("nest starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {said}");
        assert!(
            said.contains(&endpoint) && said.contains("DOCKER_HOST") && said.contains("hint:"),
            "{said}"
        );
    }
}

#[test]
fn an_engine_that_never_listens_fails_within_its_timeout_and_names_the_rung() {
    let sandbox = Sandbox::new(
        "environments: { builder: { outer: { mode: dind, image: 'alpine:3.20', ready: 3s, \
         command: [sh, -c, 'echo here I am; sleep 600'] } } }\n",
    );
    let begun = Instant::now();
    let ran = sandbox.nest(&["up"]);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        begun.elapsed()
    );
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the tunnel to the engine opens"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("here I am"), "{}", ran.stderr);
}

#[test]
fn an_engine_that_dies_shows_its_last_words_at_once() {
    let sandbox = Sandbox::new(
        "environments: { builder: { outer: { mode: dind, daemon: { default-runtime: nonsense } } } }\n",
    );
    let begun = Instant::now();
    let ran = sandbox.nest(&["up"]);
    assert!(
        begun.elapsed() < Duration::from_secs(40),
        "it took {:?}",
        begun.elapsed()
    );
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the container runs") || ran.stderr.contains("the log says"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("nonsense"), "{}", ran.stderr);
}

#[test]
fn an_outer_image_that_is_not_there_is_refused_before_anything_is_done() {
    let sandbox = Sandbox::new(
        "environments: { builder: { outer: dind, inner: { images: [{ image: 'nowhere.test/x:1', source: outer }] } } }\n",
    );
    let ran = sandbox.nest(&["up"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("the outer engine has no image `nowhere.test/x:1`"),
        "{}",
        ran.stderr
    );
    assert!(sandbox.objects().is_empty());
}

#[test]
fn devices_that_an_engine_does_not_have_are_refused_before_anything_goes_for_them() {
    let file = |more: &str| {
        format!(
            "services: {{ app: {{ image: 'alpine:3.20', command: [sleep, '600'], init: true{more} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file(""));
    sandbox.succeed(&["up"]);
    let name = format!("{}-app-1", sandbox.name);
    let id = sandbox.id(&name);
    let mut asked = vec![(", devices: [vendor.com/card=one]", "`vendor.com/card=one`")];
    if !sandbox.is_podman() {
        asked.push((", gpus: all", "graphics processors"));
    }
    for (more, said) in asked {
        sandbox.write(&file(more));
        let ran = sandbox.nest(&["up", "--yes"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains(said) && all.contains("hint:"), "{all}");
        assert_eq!(sandbox.id(&name), id, "it is as it was");
    }
    sandbox.succeed(&["down", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
