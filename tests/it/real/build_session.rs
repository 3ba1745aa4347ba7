//! Builds with secrets, SSH agents and several names, on a real engine: what they can use, and that nothing of it is left.

use std::fs;
use std::process::Command;

use crate::real::sandbox::Sandbox;

const FILE: &str = r#"
secrets:
  token: { environment: BUILD_TEST_TOKEN }
  settings: { file: ./settings }
services:
  app:
    build:
      context: ./app
      secrets: [token, { source: settings, target: npmrc }]
      ssh: [default]
      cache_to: [type=inline]
      tags: ["NAME:one", "NAME:two"]
    command: sleep infinity
    stop_grace_period: 0s
"#;

/// The "agent" is the engine's own socket: who gets through to it knows the engine.
const DOCKERFILE: &str = r#"FROM docker:cli
RUN --mount=type=secret,id=token --mount=type=secret,id=npmrc \
    wc -c < /run/secrets/token > /token; sha256sum < /run/secrets/npmrc > /npmrc; cat /run/secrets/token
RUN --mount=type=ssh docker --host "unix://$SSH_AUTH_SOCK" info --format '{{.ID}}' > /agent
RUN ls /run/secrets > /left 2>&1 || true
"#;
const TOKEN: &str = "hunter2-of-the-build";
const SETTINGS: &[u8] = b"//registry.example/:_authToken=\xff\x00binary";

struct Project {
    sandbox: Sandbox,
    file: String,
}

impl Project {
    fn new() -> Self {
        let sandbox = Sandbox::new("");
        let file = FILE.replace("NAME", &sandbox.name);
        sandbox.write(&file);
        let folder = sandbox.folder.path();
        fs::create_dir(folder.join("app")).expect("it can be made");
        fs::write(folder.join("app/Dockerfile"), DOCKERFILE).expect("it can be written");
        fs::write(folder.join("settings"), SETTINGS).expect("it can be written");
        Self { sandbox, file }
    }

    /// nest with the secret and the agent, which must end with this code and tell nobody.
    fn nest(&self, code: i32, arguments: &[&str]) -> String {
        let mut command = self.sandbox.command(arguments);
        let agent = self.sandbox.endpoint().trim_start_matches("unix://");
        command
            .env("BUILD_TEST_TOKEN", TOKEN)
            .env("SSH_AUTH_SOCK", agent);
        let output = command.output().expect("nest starts");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(
            output.status.code(),
            Some(code),
            "nest {arguments:?}: {said}"
        );
        assert!(!said.contains(TOKEN), "nest {arguments:?}: {said}");
        said
    }

    fn image(&self, tag: &str) -> bollard::models::ImageInspect {
        let name = format!("{}:{tag}", self.sandbox.name);
        let found = self.sandbox.docker.inspect_image(&name);
        self.sandbox.runtime.block_on(found).expect("it is there")
    }
}

#[test]
fn a_build_can_use_secrets_and_an_agent_and_nothing_of_them_is_left() {
    let project = Project::new();
    let Project { sandbox, file } = &project;
    project.nest(0, &["up"]);
    project.nest(0, &["plan", "--detailed-exitcode"]);
    let said = |line: &str| {
        let said = project.nest(0, &["exec", "-T", "app", "sh", "-c", line]);
        said.trim().to_owned()
    };
    assert_eq!(said("cat /token"), TOKEN.len().to_string());
    let settings = sandbox.folder.path().join("settings");
    let digest = Command::new("sha256sum").arg(settings).output();
    let digest = digest.expect("it runs").stdout;
    let digest = String::from_utf8_lossy(&digest)[..64].to_owned();
    assert_eq!(said("cut -c1-64 /npmrc"), digest);
    let info = sandbox.runtime.block_on(sandbox.docker.info());
    assert_eq!(Some(said("cat /agent")), info.expect("it answers").id);
    assert!(!said("cat /left").contains("token"));

    // Neither labels nor the history of the image know of them, nor what nest keeps on the engine.
    let image = project.image("one");
    let history = sandbox
        .docker
        .image_history(image.id.as_deref().expect("an id"));
    let history = sandbox.runtime.block_on(history).expect("it has one");
    let volumes = sandbox
        .docker
        .list_volumes(None::<bollard::query_parameters::ListVolumesOptions>);
    let volumes = sandbox.runtime.block_on(volumes).expect("it lists volumes");
    let kept = format!("{image:?}{history:?}{volumes:?}");
    assert!(
        !kept.contains(TOKEN) && !kept.contains("_authToken"),
        "{kept}"
    );
    // Every name has what the first has.
    let layers = |tag: &str| project.image(tag).root_fs.and_then(|it| it.layers);
    assert!(layers("one").is_some_and(|layers| !layers.is_empty()));
    assert_eq!(layers("one"), layers("two"));

    // A plan in a file has none of them either, and is applied with them.
    fs::write(sandbox.folder.path().join("app/more"), "").expect("it can be written");
    project.nest(2, &["plan", "--detailed-exitcode", "--out", "saved"]);
    let saved = fs::read(sandbox.folder.path().join("saved")).expect("it is there");
    let saved = String::from_utf8_lossy(&saved);
    assert!(
        !saved.contains(TOKEN) && !saved.contains("_authToken"),
        "{saved}"
    );
    project.nest(0, &["apply", "--yes", "saved"]);
    project.nest(0, &["plan", "--detailed-exitcode"]);

    // A name that is not declared any more goes.
    let fewer = format!(", \"{}:two\"", sandbox.name);
    sandbox.write(&file.replace(&fewer, ""));
    project.nest(0, &["up", "--yes"]);
    let gone = format!("{}:two", sandbox.name);
    assert!(
        sandbox
            .runtime
            .block_on(sandbox.docker.inspect_image(&gone))
            .is_err()
    );
    assert!(project.image("one").id.is_some());
    project.nest(0, &["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn without_an_agent_the_plan_says_so() {
    let project = Project::new();
    let mut command = project.sandbox.command(&["plan"]);
    command
        .env("BUILD_TEST_TOKEN", TOKEN)
        .env_remove("SSH_AUTH_SOCK");
    let output = command.output().expect("nest starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("it wants the SSH agent `default`, and `SSH_AUTH_SOCK` names none"),
        "{said}"
    );
}
