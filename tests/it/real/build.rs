//! Images that are built, on a real engine: what is sent, what comes out, what a change does, and what is left.

use std::fs;

use bollard::query_parameters::ListImagesOptionsBuilder;

use crate::real::sandbox::Sandbox;

const APP: &str = r#"
services:
  app:
    build:
      context: ./app
      args: { VERSION: one, TOKEN: { env: BUILD_TEST_TOKEN } }
      labels: { team: ci }
      target: last
      extra_hosts: [there=10.9.8.7]
      shm_size: 32m
    command: sleep infinity
    stop_grace_period: 0s
"#;

const DOCKERFILE: &str = r#"FROM alpine:3.20 AS first
ARG VERSION
ARG TOKEN
RUN echo "version $VERSION, $(echo -n "$TOKEN" | wc -c) characters" > /said
RUN grep there /etc/hosts | cut -f1 > /there
FROM first AS last
COPY . /app
FROM last AS never
RUN exit 9
"#;

fn write(sandbox: &Sandbox, path: &str, text: &str) {
    let path = sandbox.folder.path().join(path);
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
    fs::write(path, text).expect("it can be written");
}

/// Runs nest with the secret that the build takes, which must end with this code.
fn nest(sandbox: &Sandbox, code: i32, arguments: &[&str]) -> String {
    let mut command = sandbox.command(arguments);
    command.env("BUILD_TEST_TOKEN", "hunter2");
    let output = command.output().expect("nest starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, talked) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(
        output.status.code(),
        Some(code),
        "nest {arguments:?}: {said}{talked}"
    );
    assert!(!said.contains("hunter2") && !talked.contains("hunter2"));
    format!("{said}{talked}")
}

/// The ids of the images that carry the project's label, those without a name too.
fn images(sandbox: &Sandbox) -> Vec<String> {
    let label = format!("dev.nest.project={}", sandbox.name);
    let filters = std::collections::HashMap::from([("label", vec![label])]);
    let options = ListImagesOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = sandbox.docker.list_images(Some(options));
    let listed = sandbox.runtime.block_on(listed).expect("it lists images");
    listed.into_iter().map(|image| image.id).collect()
}

#[test]
fn a_service_is_built_from_its_folder_and_follows_it() {
    let sandbox = Sandbox::new(APP);
    write(&sandbox, "app/Dockerfile", DOCKERFILE);
    write(&sandbox, "app/.dockerignore", "**/*.log\n!keep.log\n");
    write(&sandbox, "app/content", "first");
    write(&sandbox, "app/deep/other.log", "ignored");
    write(&sandbox, "app/keep.log", "kept");
    let told = nest(&sandbox, 0, &["up"]);
    assert!(told.contains("built"), "{told}");
    nest(&sandbox, 0, &["plan", "--detailed-exitcode"]);
    let name = format!("{}-app-1", sandbox.name);
    let said = |line: &str| {
        let arguments = ["exec", "-T", "app", "sh", "-c", line];
        nest(&sandbox, 0, &arguments).trim().to_owned()
    };
    assert_eq!(
        said("cat /said /there"),
        "version one, 7 characters\n10.9.8.7"
    );
    assert_eq!(
        said("cd /app; find . -type f | sort"),
        "./.dockerignore\n./Dockerfile\n./content\n./keep.log"
    );
    let found = sandbox.inspect(&name);
    let labels = found.config.and_then(|config| config.labels);
    assert_eq!(labels.expect("labels")["team"], "ci");
    let first = images(&sandbox);
    assert_eq!(first.len(), 1, "{first:?}");

    // What is left out makes no difference, and neither does a time.
    write(&sandbox, "app/deep/other.log", "changed");
    write(&sandbox, "app/content", "first");
    nest(&sandbox, 0, &["plan", "--detailed-exitcode"]);

    write(&sandbox, "app/content", "second");
    let plan = nest(&sandbox, 2, &["plan", "--detailed-exitcode"]);
    assert!(plan.contains("~ context"), "{plan}");
    assert!(plan.contains("must be replaced"), "{plan}");
    let id = sandbox.id(&name);
    nest(&sandbox, 0, &["up", "--yes"]);
    assert_ne!(sandbox.id(&name), id);
    assert_eq!(said("cat /app/content"), "second");
    nest(&sandbox, 0, &["plan", "--detailed-exitcode"]);
    let second = images(&sandbox);
    assert_eq!(second.len(), 1, "the old one is gone: {second:?}");
    assert_ne!(first, second);

    // A build that fails leaves all as it was, and says why.
    sandbox.write(&APP.replace("target: last", "target: never"));
    let failed = nest(&sandbox, 1, &["up", "--yes"]);
    assert!(failed.contains("last lines of the build"), "{failed}");
    assert!(failed.contains("RUN exit 9"), "{failed}");
    assert_eq!(said("cat /app/content"), "second");
    sandbox.write(APP);
    nest(&sandbox, 0, &["up", "--yes"]);

    nest(&sandbox, 0, &["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
    assert!(images(&sandbox).is_empty(), "{:?}", images(&sandbox));
}

const INSIDE: &str = r#"
environments:
  box:
    outer:
      mode: dind
      build: { dockerfile_inline: "FROM docker:dind\nRUN echo own > /own\n" }
    inner:
      images: [{ image: "tool:1", source: { build: ./tool } }]
      services:
        app:
          build: { context: ./tool, dockerfile: ../app.dockerfile }
          command: sleep infinity
          stop_grace_period: 0s
"#;

#[test]
fn what_is_inside_is_built_outside() {
    let sandbox = Sandbox::new(INSIDE);
    write(
        &sandbox,
        "tool/Dockerfile",
        "FROM alpine:3.20\nCOPY content /content\n",
    );
    write(&sandbox, "tool/content", "first");
    write(
        &sandbox,
        "app.dockerfile",
        "FROM alpine:3.20\nCOPY content /own\n",
    );
    nest(&sandbox, 0, &["up"]);
    nest(&sandbox, 0, &["plan", "--detailed-exitcode"]);
    assert_eq!(sandbox.inside("box", &["cat", "/own"]), "own");
    let tool = ["docker", "run", "--rm", "tool:1", "cat", "/content"];
    assert_eq!(sandbox.inside("box", &tool), "first");
    assert_eq!(sandbox.inside("box/app", &["cat", "/own"]), "first");
    write(&sandbox, "tool/content", "second");
    nest(&sandbox, 0, &["up", "--yes"]);
    nest(&sandbox, 0, &["plan", "--detailed-exitcode"]);
    assert_eq!(sandbox.inside("box", &tool), "second");
    assert_eq!(sandbox.inside("box/app", &["cat", "/own"]), "second");
    nest(&sandbox, 0, &["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
    assert!(images(&sandbox).is_empty(), "{:?}", images(&sandbox));
}
