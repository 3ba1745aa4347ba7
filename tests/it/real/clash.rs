//! What nest did not make, nest does not touch.

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bollard::query_parameters::{CreateContainerOptionsBuilder, StartContainerOptions};

use crate::real::sandbox::Sandbox;

#[test]
fn a_container_without_labels_is_refused_and_untouched() {
    let sandbox = Sandbox::new("environments: { builder: { outer: dind } }\n");
    let container = format!("{}-builder-1", sandbox.name);
    let options = CreateContainerOptionsBuilder::default()
        .name(&container)
        .build();
    let body = ContainerCreateBody {
        image: Some("alpine:3.20".to_owned()),
        ..ContainerCreateBody::default()
    };
    sandbox
        .runtime
        .block_on(sandbox.docker.create_container(Some(options), body))
        .expect("it is created");
    let id = sandbox.id(&container);
    let before = sandbox.objects();
    for command in [
        &["plan"][..],
        &["up", "--yes"],
        &["down", "--yes", "--volumes"],
    ] {
        let ran = sandbox.nest(command);
        if command[0] != "down" {
            assert_eq!(ran.code, 1, "{command:?}: {}", ran.stderr);
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(
                said.contains(&format!("a container named `{container}` exists")),
                "{said}"
            );
        }
        assert_eq!(
            (sandbox.id(&container), sandbox.objects()),
            (id.clone(), before.clone())
        );
    }
}

#[test]
fn data_that_a_running_container_of_somebody_else_uses_is_refused() {
    let sandbox = Sandbox::new("environments: { builder: { outer: dind } }\n");
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["down"]);
    let name = format!("{}-theirs", sandbox.name);
    let mount = Mount {
        typ: Some(MountType::VOLUME),
        source: Some(format!("{}_builder-1-data", sandbox.name)),
        target: Some("/data".to_owned()),
        ..Mount::default()
    };
    let body = ContainerCreateBody {
        image: Some("alpine:3.20".to_owned()),
        cmd: Some(vec!["sleep".to_owned(), "600".to_owned()]),
        host_config: Some(HostConfig {
            mounts: Some(vec![mount]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let options = CreateContainerOptionsBuilder::default().name(&name).build();
    sandbox
        .runtime
        .block_on(sandbox.docker.create_container(Some(options), body))
        .expect("it is created");
    sandbox
        .runtime
        .block_on(
            sandbox
                .docker
                .start_container(&name, None::<StartContainerOptions>),
        )
        .expect("it starts");
    let refused = sandbox.nest(&["up"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(
        refused
            .stderr
            .contains(&format!("in use by the running container `{name}`")),
        "{}",
        refused.stderr
    );
    let before = sandbox.objects();
    let refused = sandbox.nest(&["down", "--yes", "--volumes"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    let said = format!("running container `{name}`, which is not this project's, has it mounted");
    assert!(refused.stderr.contains(&said), "{}", refused.stderr);
    assert_eq!(sandbox.objects(), before);
    sandbox
        .runtime
        .block_on(sandbox.docker.stop_container(&name, None))
        .expect("it stops");
    sandbox.succeed(&["up"]);
}
