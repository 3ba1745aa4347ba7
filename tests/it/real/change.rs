//! Edits of the file, and what becomes of the containers.

use futures_util::StreamExt as _;

use bollard::query_parameters::EventsOptionsBuilder;

use crate::real::sandbox::Sandbox;

const BUILDER: &str = "
environments:
  builder: { outer: { mode: dind, memory: 1g }, inner: { images: [alpine:3.20] } }
";

#[test]
fn swapping_inner_images_names_just_these_and_keeps_the_container() {
    let sandbox = Sandbox::new(BUILDER);
    sandbox.succeed(&["up"]);
    let container = format!("{}-builder-1", sandbox.name);
    let id = sandbox.id(&container);
    sandbox.write(&BUILDER.replace("alpine:3.20", "busybox:1.36"));
    let plan = sandbox.succeed(&["plan"]).stdout;
    let named: Vec<&str> = plan
        .lines()
        .filter(|line| line.trim_start().starts_with('#'))
        .map(str::trim)
        .collect();
    assert_eq!(
        named,
        [
            "# environment.builder/image[\"busybox:1.36\"] will be created",
            "# environment.builder/image[\"alpine:3.20\"] will be removed (no longer declared)",
        ]
    );
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(sandbox.id(&container), id);
    let images = sandbox.inside(
        "builder",
        &["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"],
    );
    assert_eq!(images, "busybox:1.36");
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn raising_memory_happens_in_place() {
    let sandbox = Sandbox::new(BUILDER);
    sandbox.succeed(&["up"]);
    let container = format!("{}-builder-1", sandbox.name);
    let id = sandbox.id(&container);
    sandbox.write(&BUILDER.replace(
        "memory: 1g",
        "memory: 3g, cpus: 1.5, restart: unless-stopped",
    ));
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 2);
    sandbox.succeed(&["up"]);
    let inspected = sandbox.inspect(&container);
    let limits = inspected
        .host_config
        .expect("a container has a host configuration");
    assert_eq!(inspected.id, Some(id));
    assert_eq!(
        (limits.memory, limits.nano_cpus),
        (Some(3 << 30), Some(1_500_000_000))
    );
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn another_outer_image_replaces_the_container_and_keeps_what_is_inside() {
    let sandbox = Sandbox::new(BUILDER);
    sandbox.succeed(&["up"]);
    let container = format!("{}-builder-1", sandbox.name);
    let id = sandbox.id(&container);
    sandbox.inside("builder", &["docker", "volume", "create", "mine"]);
    let tag = format!("{}:other", sandbox.name);
    let options = bollard::query_parameters::TagImageOptionsBuilder::default()
        .repo(&sandbox.name)
        .tag("other")
        .build();
    sandbox
        .runtime
        .block_on(sandbox.docker.tag_image("docker:dind", Some(options)))
        .expect("the image can be tagged");
    sandbox.write(&BUILDER.replace("mode: dind", &format!("mode: dind, image: \"{tag}\"")));
    let plan = sandbox.succeed(&["plan"]).stdout;
    assert!(
        plan.contains("must be replaced") && plan.contains("# forces replacement"),
        "{plan}"
    );
    let refused = sandbox.nest(&["up"]);
    assert_eq!(
        refused.code, 5,
        "a replacement needs a word: {}",
        refused.stderr
    );
    let since = std::time::SystemTime::now();
    sandbox.succeed(&["up", "--yes"]);
    assert_ne!(sandbox.id(&container), id);
    assert_eq!(
        sandbox
            .inside("builder", &["docker", "volume", "ls", "-q"])
            .lines()
            .filter(|name| *name == "mine")
            .count(),
        1
    );
    assert!(
        sandbox
            .inside("builder", &["docker", "images", "-q", "alpine:3.20"])
            .len()
            > 10
    );
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    assert_eq!(
        container_events(&sandbox, &container, since),
        ["die", "destroy", "create", "start"]
    );
    let removal = sandbox.docker.remove_image(
        &tag,
        None::<bollard::query_parameters::RemoveImageOptions>,
        None,
    );
    sandbox
        .runtime
        .block_on(removal)
        .map(drop)
        .unwrap_or_default();
}

/// The life of the containers of one name, in order: the new one must start after the old one died.
fn container_events(
    sandbox: &Sandbox,
    container: &str,
    since: std::time::SystemTime,
) -> Vec<String> {
    let seconds = |time: std::time::SystemTime| {
        time.duration_since(std::time::UNIX_EPOCH)
            .expect("it is after 1970")
            .as_secs()
            .to_string()
    };
    let filters =
        std::collections::HashMap::from([("container".to_owned(), vec![container.to_owned()])]);
    let options = EventsOptionsBuilder::default()
        .since(&seconds(since))
        .until(&seconds(
            std::time::SystemTime::now() + std::time::Duration::from_secs(1),
        ))
        .filters(&filters)
        .build();
    let events = sandbox
        .docker
        .events(Some(options))
        .filter_map(async |event| event.ok()?.action)
        .collect::<Vec<_>>();
    let life = ["create", "start", "die", "destroy"];
    let mut seen: Vec<String> = sandbox.runtime.block_on(events);
    for action in &mut seen {
        // As podman calls it.
        if action == "remove" {
            "destroy".clone_into(action);
        }
    }
    seen.retain(|action| life.contains(&action.as_str()));
    seen
}

#[test]
fn a_daemon_key_that_reloads_keeps_the_container_running_and_another_restarts_the_engine() {
    let with = |keys: &str| BUILDER.replace("memory: 1g", &format!("daemon: {{ {keys} }}"));
    let sandbox = Sandbox::new(&with("insecure-registries: [one.test]"));
    sandbox.succeed(&["up"]);
    let container = format!("{}-builder-1", sandbox.name);
    let started = |sandbox: &Sandbox| {
        sandbox
            .inspect(&container)
            .state
            .and_then(|state| state.started_at)
    };
    let (id, first_start) = (sandbox.id(&container), started(&sandbox));
    sandbox.write(&with("insecure-registries: [two.test]"));
    sandbox.succeed(&["up"]);
    assert_eq!(
        (sandbox.id(&container), started(&sandbox)),
        (id.clone(), first_start.clone())
    );
    let info = sandbox.inside(
        "builder",
        &[
            "docker",
            "info",
            "--format",
            "{{json .RegistryConfig.IndexConfigs}}",
        ],
    );
    assert!(
        info.contains("two.test") && !info.contains("one.test"),
        "{info}"
    );
    sandbox.write(&with("insecure-registries: [two.test], mtu: 1400"));
    sandbox.succeed(&["up"]);
    assert_eq!(sandbox.id(&container), id);
    assert_ne!(started(&sandbox), first_start);
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn a_stopped_environment_comes_back_with_its_scope() {
    let sandbox = Sandbox::new(BUILDER);
    sandbox.succeed(&["up"]);
    let container = format!("{}-builder-1", sandbox.name);
    let id = sandbox.id(&container);
    sandbox
        .runtime
        .block_on(sandbox.docker.stop_container(&container, None))
        .expect("it stops");
    sandbox.write(&BUILDER.replace("[alpine:3.20]", "[alpine:3.20, busybox:1.36]"));
    sandbox.succeed(&["up"]);
    assert_eq!(sandbox.id(&container), id);
    let images = sandbox.inside(
        "builder",
        &["docker", "images", "--format", "{{.Repository}}"],
    );
    assert_eq!(
        images
            .lines()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        2,
        "{images}"
    );
}

#[test]
fn anonymous_volumes_are_found_again_after_a_replacement_that_failed() {
    // No engine makes a container whose log nobody writes.
    let file = |driver: &str, label: &str| {
        format!(
            "services:\n  app: {{ image: alpine:3.20, command: sleep 1d, init: true, volumes: [/data], logging: {{ driver: {driver} }}, labels: {{ a: {label} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("json-file", "b"));
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["exec", "-T", "app", "touch", "/data/precious"]);
    sandbox.write(&file("bogus", "c"));
    let failed = sandbox.nest(&["up", "--yes"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    sandbox.write(&file("json-file", "c"));
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["exec", "-T", "app", "test", "-f", "/data/precious"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    // What a run that failed left goes too, when nothing wants it any more.
    let mounts = sandbox.inspect(&format!("{}-app-1", sandbox.name)).mounts;
    let mut volumes = mounts.into_iter().flatten().filter_map(|mount| mount.name);
    let volume = volumes.next().expect("it has a volume");
    sandbox.write(&file("bogus", "d"));
    assert_eq!(sandbox.nest(&["up", "--yes"]).code, 1);
    sandbox.succeed(&["down", "--yes", "--volumes"]);
    let inspected = sandbox
        .runtime
        .block_on(sandbox.docker.inspect_volume(&volume));
    assert!(inspected.is_err(), "{inspected:?}");
}
