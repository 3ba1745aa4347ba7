//! Images pinned to their digests.

use bollard::query_parameters::{
    CreateImageOptionsBuilder, PushImageOptionsBuilder, RemoveImageOptions, TagImageOptionsBuilder,
};
use futures_util::TryStreamExt as _;

use crate::real::sandbox::{Sandbox, eventually};

#[test]
fn images_are_pinned_to_the_digests_that_the_engine_or_their_registry_knows() {
    let sandbox = Sandbox::new("");
    let port = 41_000 + std::process::id() % 4_000;
    let registry = format!("registries: {{ local: {{ port: {port} }} }}\n");
    sandbox.write(&registry);
    sandbox.succeed(&["up"]);
    let repository = format!("127.0.0.1:{port}/mine");
    push(&sandbox, &repository);
    let environments = format!(
        "environments:\n  builder: {{ outer: dind, inner: {{ images: [alpine:3.20] }} }}\n  tools: {{ outer: {{ mode: socket, image: \"{repository}:1\" }} }}\n"
    );
    sandbox.write(&format!("{registry}{environments}"));

    // The engine does not have the image: its registry is asked.
    let asked = sandbox.succeed(&["config", "--lock-image-digests"]);
    let pinned = format!("{repository}:1@sha256:");
    if sandbox.is_podman() {
        // It asks no registry: what it does not have is told, and left as it is.
        let told = format!("`{repository}:1` is left as it is");
        assert!(asked.stderr.contains(&told), "{asked:?}");
        assert!(!asked.stdout.contains(&pinned), "{asked:?}");
        sandbox.succeed(&["down", "--volumes", "--yes"]);
        return;
    }
    assert!(asked.stdout.contains(&pinned), "{asked:?}");
    for image in ["docker:dind", "alpine:3.20", "registry:2"] {
        let is_pinned = asked.stdout.contains(&format!("{image}@sha256:"));
        let is_told = asked
            .stderr
            .contains(&format!("`{image}` is left as it is"));
        assert!(is_pinned != is_told, "{image}: {asked:?}");
    }

    // It has it now, from the same registry.
    let pull = CreateImageOptionsBuilder::default()
        .from_image(&format!("{repository}:1"))
        .build();
    let pull = sandbox.docker.create_image(Some(pull), None, None);
    let pulled = sandbox.runtime.block_on(pull.try_collect::<Vec<_>>());
    pulled.expect("it can be pulled");
    let known = sandbox.succeed(&["config", "--lock-image-digests"]);
    assert_eq!(known.stdout, asked.stdout);

    let lock = sandbox.folder.path().join("lock.yaml");
    std::fs::write(&lock, &known.stdout).expect("it can be written");
    let both = ["-f", "nest.yaml", "-f", "lock.yaml", "config", "--images"];
    let images = sandbox.succeed(&both).stdout;
    assert!(images.contains(&pinned), "{images}");
    assert!(!images.contains(&format!("{repository}:1\n")), "{images}");
    // What is pinned has nothing left to pin.
    let both = [
        "-f",
        "nest.yaml",
        "-f",
        "lock.yaml",
        "config",
        "--lock-image-digests",
    ];
    assert!(!sandbox.succeed(&both).stdout.contains(&repository));

    forget(&sandbox, &format!("{repository}:1"));
    sandbox.write(&registry);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn what_somebody_else_pushes_over_it_is_seen_and_pushed_over_again() {
    let sandbox = Sandbox::new("");
    if sandbox.is_podman() {
        // It asks no registry.
        return;
    }
    let port = 45_500 + std::process::id() % 4_000;
    sandbox.write(&format!(
        "registries: {{ local: {{ port: {port}, images: [busybox:1.36] }} }}\n"
    ));
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    let saved = ["plan", "--replace", "registry.local", "--out", "saved"];
    sandbox.succeed(&saved);
    push_as(&sandbox, &format!("127.0.0.1:{port}/busybox"), "1.36");
    let plan = sandbox.succeed(&["plan"]).stdout;
    for said in [
        "Changed outside nest",
        "# registry.local/image[\"busybox:1.36\"] has changed",
        "will be updated in place (somebody else pushed another image by its name)",
    ] {
        assert!(plan.contains(said), "no `{said}` in {plan}");
    }
    let stale = sandbox.nest(&["apply", "saved"]);
    assert_eq!(stale.code, 1, "{stale:?}");
    let said = "what the registry has as `registry.local/image[\"busybox:1.36\"]`";
    assert!(stale.stderr.contains(said), "{stale:?}");
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn pinning_needs_an_engine() {
    let sandbox = Sandbox::new("environments: { sandbox: { outer: dind } }\n");
    let endpoint = format!("unix://{}", sandbox.folder.path().join("none").display());
    let mut command = sandbox.command_to(&endpoint, &["config", "--lock-image-digests"]);
    let status = command.output().expect("nest starts").status;
    assert_eq!(status.code(), Some(4));
}

/// Puts an image into a registry, and takes its name from the engine again.
fn push(sandbox: &Sandbox, repository: &str) {
    push_as(sandbox, repository, "1");
}

fn push_as(sandbox: &Sandbox, repository: &str, tag: &str) {
    let options = TagImageOptionsBuilder::default()
        .repo(repository)
        .tag(tag)
        .build();
    let tagged = sandbox.docker.tag_image("alpine:3.20", Some(options));
    let tagged = sandbox.runtime.block_on(tagged);
    tagged.expect("the image can be tagged");
    eventually("the registry takes the image", || {
        let options = PushImageOptionsBuilder::default().tag(tag).build();
        let push = sandbox.docker.push_image(repository, Some(options), None);
        let lines = sandbox.runtime.block_on(push.try_collect::<Vec<_>>());
        lines.is_ok_and(|lines| lines.iter().all(|line| line.error_detail.is_none()))
    });
    forget(sandbox, &format!("{repository}:{tag}"));
}

fn forget(sandbox: &Sandbox, reference: &str) {
    let removal = sandbox
        .docker
        .remove_image(reference, None::<RemoveImageOptions>, None);
    let removed = sandbox.runtime.block_on(removal);
    removed.expect("the name can be removed");
}
