//! Registries that nest runs and fills.

use std::collections::BTreeMap;
use std::process::Stdio;

use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use bollard::query_parameters::{ListImagesOptions, RemoveImageOptions, TagImageOptionsBuilder};
use futures_util::TryStreamExt as _;
use nest::resource::digest::Digest;

use crate::real::sandbox::{Sandbox, eventually};

/// Where a registry keeps what it has.
const REPOSITORIES: &str = "/var/lib/registry/docker/registry/v2/repositories";

#[test]
fn a_registry_is_filled_and_follows_what_it_is_filled_from() {
    let sandbox = Sandbox::new("");
    let app = format!("{}-app", sandbox.name);
    tag(&sandbox, "alpine:3.20", &app);
    sandbox.write(&format!(
        "
registries: {{ store: {{ images: ['{app}:1', busybox:1.36] }} }}
environments:
  builder:
    outer: dind
    registries: [store]
    inner: {{ images: [{{ image: 'store.nest:5000/{app}:1', source: registry }}] }}
"
    ));
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    let pull = format!(
        "docker pull -q store:5000/busybox:1.36 && docker run --rm store.nest:5000/{app}:1 echo there"
    );
    let said = sandbox.inside("builder", &["sh", "-c", &pull]);
    assert!(said.ends_with("there"), "{said}");
    // Nothing is left of the way there.
    assert_eq!(on_the_way(&sandbox, &app), BTreeMap::new());

    tag(&sandbox, "busybox:1.36", &app);
    let plan = sandbox.succeed(&["plan"]).stdout;
    assert!(
        plan.contains(&format!(
            "registry.store/image[\"{app}:1\"] will be updated in place"
        )),
        "{plan}"
    );
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);

    // What the registry loses it is given again.
    let lose = format!("/bin/rm -r {REPOSITORIES}/busybox");
    run(&sandbox, &format!("{}-store-1", sandbox.name), &lose);
    let plan = sandbox.succeed(&["plan"]).stdout;
    let comes = plan.contains("registry.store/image[\"busybox:1.36\"] will be created");
    // Podman asks no registry what it has.
    assert_eq!(comes, !sandbox.is_podman(), "{plan}");
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
    let app = format!("{app}:1");
    let remove = sandbox
        .docker
        .remove_image(&app, None::<RemoveImageOptions>, None);
    sandbox
        .runtime
        .block_on(remove)
        .expect("the user's own image stays");
}

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
fn on_the_way(sandbox: &Sandbox, app: &str) -> BTreeMap<String, String> {
    let registry = sandbox.inspect(&format!("{}-store-1", sandbox.name));
    let ports = registry.network_settings.and_then(|it| it.ports);
    let ports = ports.unwrap_or_default().remove("5000/tcp").flatten();
    let port = ports.unwrap_or_default().remove(0).host_port;
    let full = format!("127.0.0.1:{}/{app}:1", port.expect("it is published"));
    let digest = Digest::of_bytes(full.as_bytes());
    let key = &digest.as_str()["sha256:".len()..][..12];
    let names = [
        format!("localhost/nest-push/found:{key}"),
        format!("localhost/nest-push/nothing:{key}"),
        full,
    ];
    let images = sandbox.docker.list_images(None::<ListImagesOptions>);
    let images = sandbox.runtime.block_on(images).expect("images");
    let mut found = BTreeMap::new();
    for image in images {
        for name in image.repo_tags {
            if names.contains(&name) {
                found.insert(name, image.id.clone());
            }
        }
    }
    found
}

fn tag(sandbox: &Sandbox, image: &str, repository: &str) {
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

/// Runs a command in a container of the outer engine, whole.
fn run(sandbox: &Sandbox, container: &str, command: &str) {
    let config = ExecConfig {
        cmd: Some(command.split(' ').map(str::to_owned).collect()),
        attach_stdout: Some(true),
        ..ExecConfig::default()
    };
    let ran = async {
        let made = sandbox.docker.create_exec(container, config).await?;
        let started = sandbox.docker.start_exec(&made.id, None).await?;
        if let StartExecResults::Attached { output, .. } = started {
            output.try_collect::<Vec<_>>().await?;
        }
        sandbox.docker.inspect_exec(&made.id).await
    };
    let ended = sandbox.runtime.block_on(ran).expect("it runs");
    assert_eq!(ended.exit_code, Some(0), "{command}");
}
