//! What nest did not make, nest does not touch.

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::CreateContainerOptionsBuilder;

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
