//! `nest diff`, as the process that a shell starts.

use std::path::Path;
use std::process::Command;

use nest::report::json;
use serde_json::Value;

use crate::diff::git::Repository;

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn nest(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nest"));
    command.current_dir(folder).args(arguments);
    command.env("DOCKER_HOST", "unix:///there/is/none.sock");
    for name in ["NEST_FILE", "NEST_ENV_FILE", "NEST_PROJECT_NAME", "TAG"] {
        command.env_remove(name);
    }
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

const INCLUDING: &str = "
name: test
include: [images.yaml]
environments: { builder: { outer: dind, volumes: ['./src:/src'], inner: { images: ['${IMAGE}'] } } }
";

/// A repository whose project changed in all of its files.
fn repository() -> Repository {
    let repository = Repository::new();
    repository.write("ci/nest.yaml", INCLUDING);
    repository.write("ci/src/a", "");
    repository.write("ci/images.yaml", "volumes: { old: {} }\n");
    repository.write("ci/nest.override.yaml", "volumes: { over: {} }\n");
    repository.write("ci/.env", "IMAGE=alpine:3.19\n");
    repository.commit();
    repository.write("ci/images.yaml", "volumes: { new: {} }\n");
    repository.write("ci/nest.override.yaml", "volumes: { under: {} }\n");
    repository.write("ci/.env", "IMAGE=alpine:3.20\n");
    repository
}

/// The addresses of what changes.
fn changed(ran: &Ran) -> Vec<String> {
    let plan: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let validator = jsonschema::draft202012::new(&json::schema()).expect("the schema is one");
    validator.validate(&plan).expect("the schema says so");
    let changes = plan["resource_changes"].as_array().expect("a list");
    let changes = changes
        .iter()
        .filter(|change| change["change"]["actions"] != serde_json::json!(["no-op"]));
    changes
        .map(|change| change["address"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_revision_is_read_with_all_that_belongs_to_it() {
    let repository = repository();
    let folder = repository.path().join("ci");
    let expected = [
        "volume.new",
        "volume.under",
        "environment.builder/image[\"alpine:3.20\"]",
        "environment.builder/image[\"alpine:3.19\"]",
    ];
    let top = repository.path();
    for (here, arguments) in [
        (&folder, &["diff", "git:HEAD", "."][..]),
        (&folder, &["diff", "git:HEAD"]),
        (&folder, &["diff", "git:HEAD:ci", "."]),
        (&folder, &["diff", "git:HEAD:./"]),
        (&folder.join("src"), &["diff", "git:HEAD"]),
        (&top, &["diff", "git:main:ci", "ci"]),
    ] {
        let ran = nest(here, &[arguments, &["--format", "json"]].concat());
        assert_eq!(changed(&ran), expected, "{arguments:?}");
        assert_eq!(ran.code, Some(0), "{arguments:?}");
    }
    // What is asked for by its name has nothing over it.
    let ran = nest(
        &top,
        &[
            "diff",
            "git:HEAD:ci/nest.yaml",
            "ci/nest.yaml",
            "--format",
            "json",
        ],
    );
    assert_eq!(changed(&ran).len(), 3, "{}", ran.stdout);
    let ran = nest(
        &top,
        &["-f", "ci/nest.yaml", "diff", "git:HEAD", "--format=json"],
    );
    assert_eq!(changed(&ran).len(), 3, "{}", ran.stdout);
}

#[test]
fn parts_that_are_not_acted_on_are_told_and_the_rest_is_compared() {
    let repository = Repository::new();
    let yaml = "name: test\nvolumes: { old: {} }\nenvironments: { builder: { outer: { mode: rootless, pull_policy: daily } } }\n";
    repository.write("nest.yaml", yaml);
    repository.commit();
    repository.write("nest.yaml", &yaml.replace("old", "new"));
    let folder = repository.path();
    let ran = nest(&folder, &["diff", "git:HEAD", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(changed(&ran), ["volume.new"], "{}", ran.stdout);
    assert!(
        ran.stderr.contains("git:HEAD:nest.yaml") && ran.stderr.contains("nest::not_supported_yet"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_exit_code_tells_whether_they_differ() {
    let repository = repository();
    let folder = repository.path().join("ci");
    let code = |arguments: &[&str]| nest(&folder, arguments).code;
    assert_eq!(code(&["diff", "git:HEAD"]), Some(0));
    assert_eq!(code(&["diff", "git:HEAD", "--detailed-exitcode"]), Some(2));
    let same = ["diff", "git:HEAD", "git:main", "--detailed-exitcode"];
    assert_eq!(code(&same), Some(0));
    assert_eq!(code(&["diff", ".", "--detailed-exitcode"]), Some(0));
    // A volume that is only no longer declared stays, and is a difference all the same.
    repository.commit();
    repository.write("ci/images.yaml", "{}\n");
    assert_eq!(code(&["diff", "git:HEAD", "--detailed-exitcode"]), Some(2));
}

#[test]
fn problems_are_shown_at_their_place_in_their_revision() {
    let repository = Repository::new();
    repository.write("nest.yaml", "name: test\nvolumez: {}\n");
    repository.commit();
    repository.write("nest.yaml", "name: test\nimagez: {}\n");
    let ran = nest(&repository.path(), &["diff", "git:HEAD"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("git:HEAD:nest.yaml:2:1"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("[nest.yaml:2:1"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    repository.write("nest.yaml", "name: test\nvolumes: {}\n");
    let ran = nest(&repository.path(), &["diff", ".", "git:HEAD"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    repository.commit();
    repository.write("nest.yaml", "include: [more.yaml]\n");
    repository.commit();
    repository.write("more.yaml", "volumes: {}\n");
    let ran = nest(&repository.path(), &["diff", "git:HEAD", "git:HEAD~1"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    let reason = "revision `HEAD` does not have it";
    assert!(ran.stderr.contains(reason), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_found_is_named() {
    let repository = Repository::new();
    repository.write("a/nest.yaml", "name: test\n");
    repository.commit();
    let top = repository.path();
    let check = |arguments: &[&str], code: i32, said: &str| {
        let ran = nest(&top, arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    };
    check(&["diff", "a", "git:nowhere"], 1, "no revision `nowhere`");
    check(
        &["diff", "a", "git:HEAD"],
        3,
        "no `nest.yaml` or `nest.yml` in `git:HEAD`",
    );
    check(&["diff", "a", "git:HEAD:b.yaml"], 3, "cannot read");
    check(&["diff", "a", "b.yaml"], 3, "cannot read");
    check(
        &["diff", "a", "."],
        3,
        "no `nest.yaml` or `nest.yml` in `.`",
    );
    check(
        &["diff", "a"],
        3,
        "no `nest.yaml` or `nest.yml` in this folder",
    );
    let elsewhere = tempfile::tempdir().expect("there is room");
    let ran = nest(elsewhere.path(), &["diff", "git:HEAD", "git:HEAD"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("is in no git repository"),
        "{}",
        ran.stderr
    );
}

#[test]
fn two_folders_may_hold_one_project() {
    let folder = tempfile::tempdir().expect("there is room");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("there is room");
        std::fs::write(path, text).expect("there is room");
    };
    let text = "environments: { builder: { outer: dind, volumes: ['./src:/src'] } }\n";
    for name in ["old", "new"] {
        write(&format!("{name}/nest.yaml"), text);
        write(&format!("{name}/src/a"), "");
    }
    let diff = || nest(folder.path(), &["diff", "old", "new", "--format", "json"]);
    assert_eq!(changed(&diff()), Vec::<String>::new());
    write("new/nest.yaml", &text.replace("./src:/src", "./src:/other"));
    assert_eq!(changed(&diff()), ["environment.builder"]);
    // A name that is given is one that is meant.
    write("old/nest.yaml", &format!("name: first\n{text}"));
    write("new/nest.yaml", &format!("name: second\n{text}"));
    let ran = nest(folder.path(), &["diff", "old", "new"]);
    assert!(
        ran.stdout.contains("4 to add, 0 to change, 0 to destroy"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .contains("`second` is another project than `first`"),
        "{}",
        ran.stdout
    );
    let ran = nest(
        folder.path(),
        &["diff", "old", "new", "-p", "third", "--format=json"],
    );
    assert_eq!(changed(&ran), Vec::<String>::new());
}

#[test]
fn secrets_are_shown_in_no_format() {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, secret) in [("old.yaml", "hunter2"), ("new.yaml", "hunter3")] {
        let environment = format!("environment: {{ API_TOKEN: '${{TOKEN:-{secret}}}' }}");
        let text = format!(
            "name: test\nenvironments: {{ builder: {{ outer: {{ mode: dind, {environment} }} }} }}\n"
        );
        std::fs::write(folder.path().join(name), text).expect("there is room");
    }
    for format in ["human", "json", "markdown"] {
        let ran = nest(
            folder.path(),
            &["diff", "old.yaml", "new.yaml", "--format", format],
        );
        assert!(ran.stdout.contains("API_TOKEN"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("hunter"), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn another_archive_is_another_image_and_none_is_opened() {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, archive) in [("old.yaml", "a.tar"), ("new.yaml", "b.tar")] {
        let image = format!("{{ image: 'app:1', source: {{ archive: {archive} }} }}");
        let text = format!(
            "name: test\nenvironments: {{ ci: {{ outer: dind, inner: {{ images: [{image}] }} }} }}\n"
        );
        std::fs::write(folder.path().join(name), text).expect("there is room");
    }
    let diff = |new: &str| {
        nest(
            folder.path(),
            &["diff", "old.yaml", new, "--format", "json"],
        )
    };
    assert_eq!(
        changed(&diff("new.yaml")),
        ["environment.ci/image[\"app:1\"]"]
    );
    assert_eq!(changed(&diff("old.yaml")), Vec::<String>::new());
}
