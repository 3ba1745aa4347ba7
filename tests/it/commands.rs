//! Commands that need no engine, as the process that a shell starts.

use std::path::Path;
use std::process::{Command, Output};

/// nest in a folder, with nothing of the surroundings.
fn nest(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nest"));
    command.current_dir(folder).args(arguments);
    command.env_remove("NEST_FILE").env_remove("NEST_ENV_FILE");
    command.output().expect("it runs")
}

#[track_caller]
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = nest(folder, arguments);
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "nest {arguments:?}: {talk}");
    String::from_utf8(output.stdout).expect("it is text")
}

#[test]
fn the_version_is_that_of_the_package() {
    let folder = tempfile::tempdir().expect("there is room");
    let number = env!("CARGO_PKG_VERSION");
    let version = printed(folder.path(), &["version"]);
    assert_eq!(version, format!("nest {number}\n"));
    assert_eq!(printed(folder.path(), &["--version"]), version);
    let short = printed(folder.path(), &["version", "--short"]);
    assert_eq!(short, format!("{number}\n"));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let folder = tempfile::tempdir().expect("there is room");
    let page = printed(folder.path(), &["man"]);
    assert!(page.contains(".TH nest 1"), "{page}");
    assert!(page.contains("nest\\-plan(1)"), "{page}");
    let page = printed(folder.path(), &["man", "plan"]);
    assert!(page.contains(".TH nest-plan 1"), "{page}");
    assert!(page.contains("detailed\\-exitcode"), "{page}");
    printed(folder.path(), &["man", "--dir", "."]);
    for name in ["nest.1", "nest-plan.1", "nest-config.1", "nest-man.1"] {
        assert!(folder.path().join(name).is_file(), "{name} is missing");
    }
    let unknown = nest(folder.path(), &["man", "plam"]);
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn paths_of_include_are_filled_in_where_other_values_stay_as_they_are_written() {
    let folder = tempfile::tempdir().expect("there is room");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("there is room");
    };
    write(".env", "WHERE=common\nIMAGE=alpine:3.20\n");
    write(
        "nest.yaml",
        "include: ['${WHERE}.yaml']\nimages: ['${IMAGE}']\n",
    );
    write("common.yaml", "volumes: { cache: { name: '${NAME}' } }\n");
    let text = printed(folder.path(), &["config", "--no-interpolate"]);
    assert_eq!(
        text,
        "images:\n- ${IMAGE}\nvolumes:\n  cache:\n    name: ${NAME}\n"
    );
    write(
        "nest.yaml",
        "services: { web: { extends: { file: '${WHERE}.yaml', service: base }, user: '${WHERE}' } }\n",
    );
    write("common.yaml", "services: { base: { image: '${IMAGE}' } }\n");
    let text = printed(folder.path(), &["config", "--no-interpolate"]);
    assert_eq!(
        text,
        "services:\n  web:\n    image: ${IMAGE}\n    user: ${WHERE}\n"
    );
    write("nest.yaml", "include: ['${NOWHERE:?say where}.yaml']\n");
    let output = nest(folder.path(), &["config", "--no-interpolate"]);
    assert_eq!(output.status.code(), Some(3));
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(talk.contains("nest::required_variable"), "{talk}");
}

#[test]
fn a_plan_of_destruction_replaces_nothing() {
    let folder = tempfile::tempdir().expect("there is room");
    let arguments = ["plan", "--destroy", "--replace", "service.web"];
    let refused = nest(folder.path(), &arguments);
    let talk = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{talk}");
    assert!(talk.contains("cannot be used with"), "{talk}");
}

#[test]
fn a_secret_is_one_by_the_name_of_its_variable_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = "environments: { box: { outer: { mode: dind, environment: { A: '${MY_TOKEN}', B: 'x${OTHER:-${my_password}}', \
                C: '${TOKEN_NAME}', D: '$$MY_TOKEN' }, daemon: { mtu: '${MTU_KEY}' } } } }\n";
    std::fs::write(folder.path().join("nest.yaml"), file).expect("it is written");
    let output = Command::new(env!("CARGO_BIN_EXE_nest"))
        .current_dir(folder.path())
        .env_clear()
        .envs([("MY_TOKEN", "hunter2"), ("my_password", "hunter3")])
        .envs([("TOKEN_NAME", "shown"), ("MTU_KEY", "1400")])
        .arg("config")
        .output()
        .expect("nest starts");
    let text = String::from_utf8(output.stdout).expect("it is text");
    assert!(!text.contains("hunter"), "{text}");
    assert_eq!(text.matches("(sensitive value)").count(), 2, "{text}");
    for shown in ["C: shown", "D: $$MY_TOKEN", "mtu: 1400"] {
        assert!(text.contains(shown), "no `{shown}` in {text}");
    }
}

#[test]
fn what_cannot_be_written_is_an_error_and_what_nobody_reads_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |output: std::process::Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nest"));
        command.arg("schema").current_dir(folder.path());
        command.stdout(output).stderr(std::process::Stdio::piped());
        command.spawn().expect("nest starts")
    };
    let full = std::fs::File::create("/dev/full").expect("Linux has it");
    let ended = run(full.into()).wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(
        said.contains("cannot write to standard output: No space left"),
        "{said}"
    );
    let mut unread = run(std::process::Stdio::piped());
    drop(unread.stdout.take());
    let ended = unread.wait_with_output().expect("it ends");
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), Vec::new()));
}

#[test]
fn variables_are_options_and_empty_ones_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("nest.yaml");
    std::fs::write(path, "environments: { box: { outer: dind } }\n").expect("it is written");
    let validate = |variable: (&str, &str)| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nest"));
        command
            .current_dir(folder.path())
            .env_clear()
            .envs([variable]);
        let output = command.arg("validate").output().expect("nest starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for variable in [("NEST_FILE", ""), ("NEST_QUIET", ""), ("NEST_QUIET", "0")] {
        let (code, said) = validate(variable);
        assert_eq!(code, Some(0), "{variable:?}: {said}");
        assert!(said.contains("is valid"), "{variable:?}: {said}");
    }
    for quiet in ["1", "yes", "true"] {
        assert_eq!(validate(("NEST_QUIET", quiet)), (Some(0), String::new()));
    }
    assert_eq!(validate(("NEST_QUIET", "perhaps")).0, Some(1));
}
