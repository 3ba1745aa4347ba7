//! Registries that nest runs and fills.

use std::collections::BTreeMap;

use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use bollard::query_parameters::RemoveImageOptions;
use futures_util::TryStreamExt as _;

use crate::real::leftovers::{on_the_way, tag};
use crate::real::sandbox::Sandbox;

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
