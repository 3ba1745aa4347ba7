//! Images from archives.

use futures_util::TryStreamExt as _;

use crate::real::sandbox::Sandbox;

/// Writes `app.tar` with an image of the outer engine.
pub(crate) fn save(sandbox: &Sandbox, image: &str) {
    let bytes = sandbox.docker.export_image(image).try_collect::<Vec<_>>();
    let bytes = sandbox.runtime.block_on(bytes);
    let bytes = bytes.expect("the image can be saved").concat();
    std::fs::write(sandbox.folder.path().join("app.tar"), bytes)
        .expect("the folder can be written to");
}

#[test]
fn an_archive_is_loaded_under_the_declared_name_and_followed() {
    let sandbox = Sandbox::new(
        "environments: { builder: { outer: dind, inner: { images: [{ image: 'app:1', source: { archive: ./app.tar } }] } } }\n",
    );
    let missing = sandbox.nest(&["up"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("app.tar"), "{}", missing.stderr);
    save(&sandbox, "alpine:3.20");
    sandbox.succeed(&["up"]);
    let images = || {
        sandbox.inside(
            "builder",
            &["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"],
        )
    };
    assert_eq!(images(), "app:1");
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    let id = |image: &str| {
        sandbox.inside(
            "builder",
            &["docker", "image", "inspect", "--format", "{{.Id}}", image],
        )
    };
    let first = id("app:1");
    // The name that the next archive has for its image is somebody else's here.
    sandbox.inside("builder", &["docker", "tag", "app:1", "busybox:1.36"]);
    save(&sandbox, "busybox:1.36");
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2);
    assert!(
        plan.stdout
            .contains("the image that it follows has changed"),
        "{}",
        plan.stdout
    );
    sandbox.succeed(&["up"]);
    assert_ne!(id("app:1"), first);
    assert_eq!(id("busybox:1.36"), first);
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn an_image_that_a_container_of_others_runs_stays_when_it_is_no_longer_declared() {
    let yaml = |images: &str| {
        format!("environments: {{ builder: {{ outer: dind, inner: {{ images: [{images}] }} }} }}\n")
    };
    let sandbox = Sandbox::new(&yaml("{ image: 'app:1', source: { archive: ./app.tar } }"));
    save(&sandbox, "alpine:3.20");
    sandbox.succeed(&["up"]);
    // Neither running nor stopped does it let the image go.
    let docker = |arguments: &[&str]| sandbox.inside("builder", &[&["docker"], arguments].concat());
    docker(&["create", "--name", "theirs", "app:1"]);
    sandbox.write(&yaml(""));
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    let kept = "kept: somebody else's container `theirs` was made from it";
    assert!(plan.stdout.contains(kept), "{}", plan.stdout);
    sandbox.succeed(&["up"]);
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    let images = docker(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    assert_eq!(images, "app:1");
}
