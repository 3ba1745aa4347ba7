//! When images inside are pulled, and the names that they have there.

use crate::real::sandbox::Sandbox;

const FILE: &str = "
registries: { store: { images: ['alpine:3.20'] } }
environments:
  builder:
    outer: dind
    registries: [store]
    inner:
      images:
        - { image: 'store.nest:5000/alpine:3.20', source: registry, pull: always, as: ['base:1', tool] }
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
    let sandbox = Sandbox::new(FILE);
    sandbox.succeed(&["up"]);
    is_settled(&sandbox);
    let image = "store.nest:5000/alpine:3.20";
    let first = id(&sandbox, image);
    assert_eq!(id(&sandbox, "base:1"), first);
    assert_eq!(id(&sandbox, "tool"), first);

    // Somebody pushes another image, by the registry's other name.
    let other = "store:5000/alpine:3.20";
    docker(&sandbox, &["tag", "busybox:1.36", other]);
    docker(&sandbox, &["push", "-q", other]);
    docker(&sandbox, &["rmi", other]);
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
