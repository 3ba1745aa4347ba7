//! Registries that nest fills, and a company's own.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use bollard::query_parameters::{ListVolumesOptions, LogsOptionsBuilder, RemoveImageOptions};
use futures_util::TryStreamExt as _;

use crate::real::company::{Company, HOST, PASSWORD, USER, with_password};
use crate::real::leftovers::{on_the_way, tag};
use crate::real::sandbox::{Ran, Sandbox};

/// Where a registry keeps what it has.
const REPOSITORIES: &str = "/var/lib/registry/docker/registry/v2/repositories";
/// What must stand nowhere: the password, and what a file that logs in makes of it.
const NOWHERE: [&str; 2] = [PASSWORD, "Y2k6aHVudGVyMg"];

fn file(company: &Company) -> String {
    format!(
        "
registries:
  hub: {{ mirror: docker.io, host: 'https://{HOST}', ca: ./ca.pem, username: {USER}, password: {{ env: MIRROR_PASSWORD }} }}
  own: {{ host: {HOST}, ca: ./ca.pem, credentials: docker }}
environments:
  builder:
    outer: {{ mode: dind, networks: [company] }}
    registries: [hub, own]
    inner:
      images: ['{image}', '{HOST}/{image}']
      environments:
        deeper: {{ outer: dind, registries: [own], inner: {{ images: [{{ image: '{HOST}/{image}', source: registry }}] }} }}
services:
  client: {{ image: 'docker:cli', command: [sleep, infinity], init: true, user: '1000', docker_host: builder }}
",
        image = company.image
    )
}

/// nest as somebody runs it whose docker CLI logs in by a helper.
fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let folder = sandbox.folder.path();
    let helper = folder.join("docker-credential-stand-in");
    let script = format!(
        "#!/bin/sh\nread -r server\n[ \"$1 $server\" = 'get {HOST}' ] || exit 1\nprintf '{{\"Username\":\"{USER}\",\"Secret\":\"{PASSWORD}\"}}'\n"
    );
    std::fs::write(&helper, script).expect("it can be written");
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&helper, runnable).expect("it can be changed");
    let config = format!("{{\"credHelpers\": {{\"{HOST}\": \"stand-in\"}}}}");
    std::fs::write(folder.join("config.json"), config).expect("it can be written");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = sandbox.command(arguments);
    command
        .env("DOCKER_CONFIG", folder)
        .env("PATH", format!("{}:{path}", folder.display()));
    command
}

fn nest(sandbox: &Sandbox, password: &str, arguments: &[&str]) -> Ran {
    let ran = with_password(command(sandbox, arguments), password);
    for secret in NOWHERE {
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains(secret), "nest {arguments:?}: {said}");
    }
    ran
}

fn succeed(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let ran = nest(sandbox, PASSWORD, arguments);
    assert_eq!(
        ran.code, 0,
        "nest {arguments:?}: {}{}",
        ran.stdout, ran.stderr
    );
    ran.stdout.trim().to_owned()
}

fn inside(sandbox: &Sandbox, environment: &str, command: &str) -> String {
    succeed(sandbox, &["exec", "-T", environment, "sh", "-c", command])
}

#[test]
fn a_company_is_pulled_from_with_its_certificate_and_login_at_every_depth() {
    let company = Company::start();
    let sandbox = company.neighbour(&file(&company));
    succeed(&sandbox, &["up"]);
    succeed(&sandbox, &["plan", "--detailed-exitcode"]);

    // What somebody does in there logs in too: on the engine, deeper, and as its client.
    let by_name = format!("{HOST}/{}", company.image);
    let pull = |image: &str| format!("docker rmi -f {image} >/dev/null && docker pull -q {image}");
    let through_mirror = inside(&sandbox, "builder", &pull(&company.image));
    assert!(through_mirror.ends_with(&company.image), "{through_mirror}");
    for place in ["builder", "builder/deeper", "client"] {
        let pulled = inside(&sandbox, place, &pull(&by_name));
        assert!(pulled.ends_with(&by_name), "{place}: {pulled}");
    }
    let owner = "stat -c %a:%u $DOCKER_CONFIG/config.json";
    assert_eq!(inside(&sandbox, "client", owner), "600:1000");
    let owner = "stat -c %a:%u /root/.docker/config.json";
    assert_eq!(inside(&sandbox, "builder", owner), "600:0");
    assert_nowhere(&sandbox);

    // Another password is written in place, and serves from then on.
    let id = sandbox.id(&format!("{}-builder-1", sandbox.name));
    let plan = nest(&sandbox, "wrong", &["plan"]).stdout;
    assert!(
        plan.contains(
            "registry file /root/.docker/config.json : (sensitive value) -> (sensitive value)"
        ),
        "{plan}"
    );
    assert_eq!(nest(&sandbox, "wrong", &["up"]).code, 0);
    let refused = pull(&company.image);
    let arguments = ["exec", "-T", "builder", "sh", "-c", &refused];
    assert_ne!(nest(&sandbox, "wrong", &arguments).code, 0);
    succeed(&sandbox, &["up"]);
    assert_eq!(sandbox.id(&format!("{}-builder-1", sandbox.name)), id);
    inside(&sandbox, "builder", &pull(&company.image));
    succeed(&sandbox, &["plan", "--detailed-exitcode"]);

    // Who is no longer to use it has nothing left.
    let without = file(&company)
        .replace("[hub, own]", "[]")
        .replace("registries: [own], ", "")
        .replace(
            &format!("images: ['{}', '{by_name}']", company.image),
            "images: []",
        )
        .replace(
            &format!("images: [{{ image: '{by_name}', source: registry }}]"),
            "images: []",
        );
    company.write(&sandbox, &without);
    succeed(&sandbox, &["up", "--yes"]);
    assert_eq!(
        inside(&sandbox, "builder", "cat /root/.docker/config.json"),
        "{}"
    );
    succeed(&sandbox, &["plan", "--detailed-exitcode"]);
    succeed(&sandbox, &["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

/// The password is in nothing that the engine tells of the project.
fn assert_nowhere(sandbox: &Sandbox) {
    let listed = sandbox.docker.list_volumes(None::<ListVolumesOptions>);
    let volumes = sandbox.runtime.block_on(listed).expect("volumes");
    let mut told = vec![format!("{volumes:?}")];
    for name in ["builder-1", "client-1"] {
        let inspected = sandbox.inspect(&format!("{}-{name}", sandbox.name));
        told.push(format!("{inspected:?}"));
    }
    for secret in NOWHERE {
        let found = told.iter().find(|text| text.contains(secret));
        assert_eq!(found, None);
    }
}

#[test]
fn engines_of_other_modes_use_a_company_too() {
    let company = Company::start();
    for mode in ["rootless", "podman"] {
        let sandbox = company.neighbour(&format!(
            "
registries:
  own: {{ host: {HOST}, ca: ./ca.pem, username: {USER}, password: {{ env: MIRROR_PASSWORD }} }}
environments:
  builder:
    outer: {{ mode: {mode}, networks: [company] }}
    registries: [own]
    inner: {{ images: ['{HOST}/{}'] }}
",
            company.image
        ));
        succeed(&sandbox, &["up"]);
        succeed(&sandbox, &["plan", "--detailed-exitcode"]);
        succeed(&sandbox, &["down", "--volumes", "--yes"]);
        assert!(
            sandbox.objects().is_empty(),
            "{mode}: {:?}",
            sandbox.objects()
        );
    }
}

#[test]
fn a_mirror_that_nest_runs_is_told_of_what_it_mirrors_by_files() {
    let company = Company::start();
    let sandbox = company.neighbour(&format!(
        "
registries:
  hub:
    mirror: docker.io
    upstream: 'https://{HOST}'
    networks: [company]
    ca: ./ca.pem
    username: {USER}
    password: {{ env: MIRROR_PASSWORD }}
environments:
  builder:
    outer: dind
    registries: [hub]
"
    ));
    succeed(&sandbox, &["up"]);
    succeed(&sandbox, &["plan", "--detailed-exitcode"]);
    // A registry logs in with tokens only, and this one gives none: but they have spoken, with this certificate.
    let mirror = format!("{}-hub-1", sandbox.name);
    let pull = ["exec", "-T", "builder", "docker", "pull", &company.image];
    assert_ne!(nest(&sandbox, PASSWORD, &pull).code, 0);
    let options = LogsOptionsBuilder::default()
        .stderr(true)
        .stdout(true)
        .build();
    let said = sandbox.docker.logs(&mirror, Some(options));
    let said = sandbox.runtime.block_on(said.try_collect::<Vec<_>>());
    let said = format!("{:?}", said.expect("it has a log"));
    assert!(
        said.contains("Challenge established with upstream"),
        "{said}"
    );
    let told = format!("{:?}", sandbox.inspect(&mirror));
    for secret in NOWHERE {
        assert!(!told.contains(secret), "{told}");
    }
    // Another password makes another container, on the cache of the old one.
    let plan = nest(&sandbox, "wrong", &["plan"]).stdout;
    assert!(
        plan.contains("file /etc/nest/registry.yml")
            && plan.contains("Plan: 1 to add, 0 to change, 1 to destroy."),
        "{plan}"
    );
    succeed(&sandbox, &["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

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
