//! When images inside are pulled, and the names that they have there.

use futures_util::TryStreamExt as _;

use crate::real::sandbox::Sandbox;

const FILE: &str = "
registries: { store: {} }
environments:
  builder:
    outer: dind
    registries: [store]
    inner:
      images:
        - 'alpine:3.20'
        - { image: 'store.nest:5000/own:1', source: registry, pull: always, as: ['base:1', tool] }
        - { image: 'busybox:1.36', pull: never }
";

fn docker(sandbox: &Sandbox, arguments: &[&str]) -> String {
    sandbox.inside("builder", &[&["docker"], arguments].concat())
}

fn id(sandbox: &Sandbox, image: &str) -> String {
    let format = ["image", "inspect", "--format", "{{.Id}}", image];
    docker(sandbox, &format)
}

fn is_settled(sandbox: &Sandbox) {
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
}

#[test]
fn a_pulled_image_follows_its_registry_and_its_names_follow_it() {
    let lines = FILE.lines();
    let before: Vec<&str> = lines.filter(|line| !line.contains("own:1")).collect();
    let sandbox = Sandbox::new(&before.join("\n"));
    sandbox.succeed(&["up"]);
    // Somebody fills the registry, by its other name.
    let push = |image: &str| {
        let name = "store:5000/own:1";
        docker(&sandbox, &["tag", image, name]);
        docker(&sandbox, &["push", "-q", name]);
        docker(&sandbox, &["rmi", name]);
    };
    push("alpine:3.20");
    sandbox.write(FILE);
    sandbox.succeed(&["up"]);
    is_settled(&sandbox);
    let image = "store.nest:5000/own:1";
    let first = id(&sandbox, image);
    assert_eq!(id(&sandbox, "base:1"), first);
    assert_eq!(id(&sandbox, "tool"), first);

    push("busybox:1.36");
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}{}", plan.stdout, plan.stderr);
    let followed = "the image that it follows has changed";
    assert!(plan.stdout.contains(followed), "{}", plan.stdout);
    sandbox.succeed(&["up"]);
    is_settled(&sandbox);
    let second = id(&sandbox, image);
    assert_ne!(second, first);
    assert_eq!(id(&sandbox, "base:1"), second);

    // Names that are given to something else come back, and go when they are no longer listed.
    docker(&sandbox, &["tag", &first, "base:1"]);
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 2);
    sandbox.succeed(&["up"]);
    is_settled(&sandbox);
    assert_eq!(id(&sandbox, "base:1"), second);
    sandbox.write(&FILE.replace(", tool]", "]"));
    sandbox.succeed(&["up", "--yes"]);
    is_settled(&sandbox);
    let names = docker(
        &sandbox,
        &["images", "--format", "{{.Repository}}:{{.Tag}}"],
    );
    assert!(!names.contains("tool"), "{names}");
    assert!(names.contains("base:1"), "{names}");
}

#[test]
fn an_image_that_is_never_pulled_and_is_nowhere_is_refused_before_anything_is_done() {
    let sandbox = Sandbox::new(
        "environments:\n  builder:\n    outer: dind\n    inner: { images: [{ image: 'nowhere:1', pull: never }] }\n",
    );
    let up = sandbox.nest(&["up"]);
    assert_eq!(up.code, 1, "{}{}", up.stdout, up.stderr);
    let told = format!("{}{}", up.stdout, up.stderr);
    let refused = "the engine has no image `nowhere:1`, which is never pulled";
    assert!(
        told.contains(refused) && told.contains("nest.yaml:"),
        "{told}"
    );
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn an_image_for_another_platform_is_built_taken_out_of_an_archive_and_told_apart() {
    let image = |platform: &str| {
        format!("image: 'strange:1', platform: {platform}, source: {{ build: ./strange }}")
    };
    let file = |platform: &str, inner: &str| {
        format!(
            "images: [{{ {} }}]\nenvironments:\n  builder:\n    outer: dind\n    inner: {{ images: [{{ {inner} }}] }}\n",
            image(platform)
        )
    };
    let arm = "linux/arm64";
    let taken = |platform: &str| format!("image: 'strange:1', source: outer, platform: {platform}");
    let sandbox = Sandbox::new(&file(arm, &taken(arm)));
    let folder = sandbox.folder.path().join("strange");
    std::fs::create_dir(&folder).expect("it can be made");
    for (name, text) in [
        ("Dockerfile", "FROM scratch\nCOPY text /text\n"),
        ("text", "strange"),
    ] {
        std::fs::write(folder.join(name), text).expect("it can be written");
    }
    sandbox.succeed(&["up"]);
    is_settled(&sandbox);
    let architecture = |image: &str| {
        docker(
            &sandbox,
            &["image", "inspect", "--format", "{{.Architecture}}", image],
        )
    };
    assert_eq!(architecture("strange:1"), "arm64");

    // Out of an archive it comes for the same, and for no other.
    let saved = sandbox.runtime.block_on(
        sandbox
            .docker
            .export_image("strange:1")
            .try_collect::<Vec<_>>(),
    );
    let saved = saved.expect("it can be saved").concat();
    std::fs::write(sandbox.folder.path().join("strange.tar"), saved).expect("it can be written");
    let kept = |platform: &str| {
        format!("image: 'kept:1', source: {{ archive: ./strange.tar }}, platform: {platform}")
    };
    sandbox.write(&file(arm, &kept(arm)));
    sandbox.succeed(&["up", "--yes"]);
    is_settled(&sandbox);
    assert_eq!(architecture("kept:1"), "arm64");
    let said = |inner: &str, words: &str| {
        sandbox.write(&file(arm, inner));
        let plan = sandbox.nest(&["plan"]);
        let told = format!("{}{}", plan.stdout, plan.stderr);
        assert!(told.contains(words), "no `{words}` in {told}");
        assert_eq!(plan.code, 1, "{told}");
    };
    said(
        &kept("linux/amd64"),
        "its archive has `kept:1` for linux/arm64, and not for linux/amd64",
    );
    // What is built for another one is another image.
    sandbox.write(&file("linux/s390x", &taken("linux/s390x")));
    sandbox.succeed(&["up", "--yes"]);
    is_settled(&sandbox);
    assert_eq!(architecture("strange:1"), "s390x");
    sandbox.write("environments: { builder: { outer: dind, inner: { images: [{ image: 'alpine:3.20', source: outer, platform: linux/arm64 }] } } }\n");
    let plan = sandbox.nest(&["plan"]);
    let told = format!("{}{}", plan.stdout, plan.stderr);
    let words = "the outer engine has `alpine:3.20` for linux/amd64, and not for linux/arm64";
    assert!(plan.code == 1 && told.contains(words), "{told}");
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
