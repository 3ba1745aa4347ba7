//! What is inside stays inside, except in mode `socket`.

use crate::real::sandbox::Sandbox;

const TWO_MODES: &str = "
environments:
  builder: { outer: dind, inner: { images: [alpine:3.20] } }
  tools: { outer: socket }
";

#[test]
fn inner_containers_and_images_of_dind_do_not_appear_outside() {
    let sandbox = Sandbox::new(TWO_MODES);
    sandbox.succeed(&["up"]);
    let name = format!("{}-inside", sandbox.name);
    sandbox.inside(
        "builder",
        &[
            "docker",
            "run",
            "-d",
            "--name",
            &name,
            "alpine:3.20",
            "sleep",
            "600",
        ],
    );
    sandbox.inside("builder", &["docker", "tag", "alpine:3.20", &name]);
    assert_eq!(
        sandbox.inside("builder", &["docker", "ps", "--format", "{{.Names}}"]),
        name
    );
    assert!(!sandbox.objects().contains(&format!("container /{name}")));
    let image = sandbox
        .runtime
        .block_on(sandbox.docker.inspect_image(&name));
    assert!(
        image.is_err(),
        "an image made inside is on the outer engine"
    );
    let images = sandbox.inside(
        "builder",
        &["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"],
    );
    assert!(
        !images.contains("docker:dind"),
        "the outer engine's images are inside: {images}"
    );
}

#[test]
fn what_a_socket_environment_starts_is_a_sibling() {
    let sandbox = Sandbox::new(TWO_MODES);
    sandbox.succeed(&["up"]);
    let name = format!("{}-sibling", sandbox.name);
    sandbox.inside(
        "tools",
        &[
            "docker",
            "run",
            "-d",
            "--name",
            &name,
            "alpine:3.20",
            "sleep",
            "600",
        ],
    );
    assert!(sandbox.objects().contains(&format!("container /{name}")));
    let listed = sandbox.inside("tools", &["docker", "ps", "--format", "{{.Names}}"]);
    assert!(
        listed.contains(&format!("{}-builder-1", sandbox.name)),
        "{listed}"
    );
}
