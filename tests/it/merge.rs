//! Several files as one project: put over each other, included, and with variables from files.

use expect_test::expect;
use nest::model::Project;
use nest::model::container::Restart;
use nest::model::environment::Environment;
use nest::model::name::{EnvironmentName, MemberName, VolumeName};
use nest::model::port::Port;
use nest::model::setting::Setting;
use nest::model::value::TextValue;

use crate::front_end::{read_several, rendered};

const BASE: &str = "/home/ann/ci/nest.yaml";
const OVER: &str = "/home/ann/ci/nest.override.yaml";

#[track_caller]
fn project(table: &[(&'static str, &str)], files: &[&str], env_files: &[&str]) -> Project {
    let result = read_several(table, files, env_files);
    match result {
        Ok(read) => read.project,
        Err(ref invalid) => panic!("{invalid}: {}", rendered(&result)),
    }
}

#[track_caller]
fn over(base: &str, over: &str) -> Project {
    project(&[(BASE, base), (OVER, over)], &[BASE, OVER], &[])
}

/// The environment `builder` of two files, each written as the environment's settings.
#[track_caller]
fn builder(base: &str, above: &str) -> Environment {
    let file = |settings: &str| {
        format!(
            "volumes: {{ cache: {{}}, store: {{}} }}\nenvironments: {{ other: {{ outer: dind }}, builder: {settings} }}\n"
        )
    };
    let project = over(&file(base), &file(above));
    project.scope.environments[&EnvironmentName::new("builder")].clone()
}

#[test]
fn a_value_is_replaced_and_the_rest_stays() {
    let environment = builder(
        "{ outer: { mode: dind, memory: 1g, hostname: a }, replicas: 2 }",
        "{ outer: { memory: 2g, restart: always } }",
    );
    let outer = environment.outer;
    assert_eq!(outer.container.limits.memory, Some(2 << 30));
    assert_eq!(outer.container.hostname.as_deref(), Some("a"));
    assert_eq!(outer.container.restart, Restart::Always);
    assert_eq!(environment.replicas, 2);
}

#[test]
fn a_word_and_a_mapping_are_merged() {
    let environment = builder("{ outer: dind }", "{ outer: { memory: 2g } }");
    assert_eq!(
        (
            environment.outer.mode.name,
            environment.outer.container.limits.memory
        ),
        ("dind", Some(2 << 30))
    );
    let environment = builder(
        "{ outer: { mode: socket, hostname: a } }",
        "{ outer: dind }",
    );
    assert_eq!(environment.outer.mode.name, "dind");
    assert_eq!(environment.outer.container.hostname.as_deref(), Some("a"));
}

#[test]
fn variables_are_merged_by_name_in_either_form() {
    let table = [
        ("[A=1, B=2]", "[B=3, C=4]"),
        ("{ A: 1, B: 2 }", "[B=3, C=4]"),
        ("[A=1, B=2]", "{ B: 3, C: 4 }"),
        ("{ A: 1, B: 2 }", "{ B: 3, C: 4 }"),
    ];
    for (base, above) in table {
        let environment = builder(
            &format!("{{ outer: {{ mode: dind, environment: {base} }} }}"),
            &format!("{{ outer: {{ environment: {above} }} }}"),
        );
        let pairs: Vec<String> = environment
            .outer
            .container
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(pairs, ["A=1", "B=3", "C=4"], "{base} {above}");
    }
}

#[test]
fn a_command_is_replaced_whole() {
    let environment = builder(
        "{ outer: { mode: dind, command: [--debug, --icc=false] } }",
        "{ outer: { command: [--debug] } }",
    );
    assert_eq!(
        environment.outer.container.command,
        Some(vec!["--debug".to_owned()])
    );
}

#[test]
fn ports_are_joined_without_repetition() {
    let environment = builder(
        "{ outer: { mode: dind, ports: ['80', '8080:81'] } }",
        "{ outer: { ports: ['8080:81', '9090:82'] } }",
    );
    let ports: Vec<String> = environment
        .outer
        .container
        .ports
        .iter()
        .map(Port::to_string)
        .collect();
    assert_eq!(ports, ["80/tcp", "8080:81/tcp", "9090:82/tcp"]);
}

#[test]
fn mounts_are_merged_by_their_path_in_the_container() {
    let environment = builder(
        "{ outer: dind, volumes: [cache:/x, './src:/y'] }",
        "{ volumes: [store:/x, { type: tmpfs, target: /z }] }",
    );
    let shown = format!("{:#?}", environment.volumes);
    let sources = |text: &str| shown.matches(text).count();
    assert_eq!(environment.volumes.len(), 3);
    assert_eq!(
        (sources("\"store\""), sources("\"cache\"")),
        (2, 0),
        "{shown}"
    );
}

#[test]
fn dependencies_are_merged_in_either_form() {
    for (base, above) in [
        ("[other]", "[other]"),
        ("[other]", "{ other: { condition: service_healthy } }"),
        ("{ other: { condition: service_healthy } }", "[other]"),
    ] {
        let environment = builder(
            &format!("{{ outer: dind, depends_on: {base} }}"),
            &format!("{{ depends_on: {above} }}"),
        );
        let names: Vec<_> = environment.depends_on.keys().collect();
        assert_eq!(names, [&MemberName::new("other")]);
    }
}

#[test]
fn images_are_joined_by_their_name() {
    let environment = builder(
        "{ outer: dind, inner: { images: ['a:1', 'b:1'] } }",
        "{ inner: { images: [{ image: 'b:1', source: outer }, 'c:1'] } }",
    );
    let images = environment.inner.images.iter();
    let shown: Vec<String> = images
        .map(|image| format!("{} {:?}", image.reference, image.source))
        .collect();
    assert_eq!(shown, ["a:1 Auto", "b:1 Outer", "c:1 Auto"]);
}

#[test]
fn other_lists_are_joined_and_other_mappings_merged() {
    let environment = builder(
        "{ outer: { mode: dind, daemon: { dns: [10.0.0.1], log-opts: { a: '1' } } } }",
        "{ outer: { daemon: { dns: [10.0.0.2], log-opts: { b: '2' } } } }",
    );
    assert_eq!(
        Setting::Mapping(environment.outer.daemon)
            .reveal()
            .to_string(),
        r#"{"dns":["10.0.0.1","10.0.0.2"],"log-opts":{"a":"1","b":"2"}}"#
    );
}

#[test]
fn override_replaces_and_reset_takes_away() {
    let environment = builder(
        "{ outer: { mode: dind, environment: { A: 1 }, ports: [80], hostname: a, memory: 1g }, replicas: 2 }",
        "{ outer: { environment: !override { B: 2 }, ports: !reset [], hostname: !reset }, replicas: !reset null }",
    );
    let outer = environment.outer;
    assert_eq!(outer.container.environment.len(), 1);
    assert_eq!(outer.container.environment["B"], "2");
    assert!(outer.container.ports.is_empty());
    assert_eq!(
        (outer.container.hostname, outer.container.limits.memory),
        (None, Some(1 << 30))
    );
    assert_eq!(environment.replicas, 1);
}

#[test]
fn reset_in_a_file_alone_is_as_if_nothing_were_there() {
    let project = project(
        &[(BASE, "volumes: { cache: !reset {}, store: {} }\n")],
        &[BASE],
        &[],
    );
    assert_eq!(project.scope.volumes.len(), 1);
}

#[test]
fn a_whole_environment_can_be_taken_away() {
    let project = over(
        "environments: { aa: { outer: dind }, bb: { outer: dind } }\n",
        "environments: { aa: !reset }\n",
    );
    assert_eq!(project.scope.environments.len(), 1);
}

#[test]
fn a_key_without_a_value_changes_nothing() {
    let environment = builder(
        "{ outer: { mode: dind, environment: { A: 1 } } }",
        "{ outer: }",
    );
    assert_eq!(environment.outer.container.environment["A"], "1");
}

#[test]
fn the_name_and_the_folder_are_those_of_the_project() {
    let project = project(
        &[
            (BASE, "environments: {}\n"),
            ("/home/ann/other/more.yaml", "name: other\n"),
        ],
        &[BASE, "/home/ann/other/more.yaml"],
        &[],
    );
    assert_eq!(project.name.as_str(), "other");
    assert_eq!(project.file.to_str(), Some(BASE));
}

#[test]
fn a_path_starts_from_the_folder_of_the_file_that_writes_it() {
    let project = project(
        &[
            (BASE, "include: [../common/nest.yaml]\n"),
            (
                "/home/ann/common/nest.yaml",
                "environments: { builder: { outer: dind, volumes: ['./src:/x'] } }\n",
            ),
            (
                "/home/ann/mine/nest.yaml",
                "environments: { builder: { volumes: ['./lib:/y'] } }\n",
            ),
        ],
        &[BASE, "/home/ann/mine/nest.yaml"],
        &[],
    );
    let shown = format!("{:?}", project.scope.environments);
    assert!(shown.contains("/home/ann/common/src"), "{shown}");
    assert!(shown.contains("/home/ann/mine/lib"), "{shown}");
}

#[test]
fn what_is_included_joins_and_can_be_overridden() {
    let included = "name: theirs\nvolumes: { cache: { driver: local } }\nimages: ['a:1']\nenvironments: { aa: { outer: dind } }\n";
    let project = project(
        &[
            (
                BASE,
                "include: [{ path: [inc/one.yaml, inc/two.yaml] }]\nvolumes: { cache: { driver: local } }\nimages: ['a:1', 'b:1']\n",
            ),
            ("/home/ann/ci/inc/one.yaml", included),
            (
                "/home/ann/ci/inc/two.yaml",
                "environments: { aa: { replicas: 2 } }\n",
            ),
            (OVER, "environments: { aa: { outer: { memory: 1g } } }\n"),
        ],
        &[BASE, OVER],
        &[],
    );
    let environment = &project.scope.environments[&EnvironmentName::new("aa")];
    assert_eq!(environment.outer.container.limits.memory, Some(1 << 30));
    assert_eq!(environment.replicas, 2);
    assert_eq!(project.scope.images.len(), 2);
    assert_eq!(project.name.as_str(), "ci");
    assert!(
        project
            .scope
            .volumes
            .contains_key(&VolumeName::new("cache"))
    );
}

#[test]
fn an_included_file_has_variables_and_a_folder_of_its_own() {
    let included = "environments:\n  $NAME:\n    outer: { mode: dind, hostname: '${HOST}', environment: { S: $SET } }\n    volumes: ['./src:/x']\n";
    let including =
        "include: [{ path: inc/nest.yaml, project_directory: /data, env_file: inc/vars }]\n";
    let text = included.replace("$NAME", "aa");
    let project = project(
        &[
            (BASE, including),
            ("/home/ann/ci/.env", "HOST=outside\n"),
            ("/home/ann/ci/inc/nest.yaml", &text),
            ("/home/ann/ci/inc/vars", "HOST=inside\nONLY=1\nSET=no\n"),
        ],
        &[BASE],
        &[],
    );
    let environment = &project.scope.environments[&EnvironmentName::new("aa")];
    // What the including file has been given wins.
    assert_eq!(
        environment.outer.container.hostname.as_deref(),
        Some("outside")
    );
    assert_eq!(environment.outer.container.environment["S"], "yes");
    assert!(format!("{:?}", environment.volumes).contains("\"/data/src\""));
}

#[test]
fn files_of_variables_replace_the_one_beside() {
    let text = "environments: { aa: { outer: { mode: dind, environment: { A: \"${A-}\", B: \"${B-}\", C: \"${C-}\", S: $SET } } } }\n";
    let project = project(
        &[
            (BASE, text),
            ("/home/ann/ci/.env", "C=beside\n"),
            ("/home/ann/one.env", "A=1\nB=1\nSET=no\n"),
            ("/home/ann/two.env", "B=2$A\n"),
        ],
        &[BASE],
        &["/home/ann/one.env", "/home/ann/two.env"],
    );
    let environment = &project.scope.environments[&EnvironmentName::new("aa")]
        .outer
        .container
        .environment;
    let values: Vec<&str> = environment.values().map(TextValue::shown).collect();
    assert_eq!(values, ["1", "21", "", "yes"]);
}

#[test]
fn every_file_that_was_read_is_known() {
    let read = read_several(
        &[
            (BASE, "include: [inc.yaml]\n"),
            ("/home/ann/ci/inc.yaml", "volumes: {}\n"),
            ("/home/ann/ci/.env", ""),
        ],
        &[BASE],
        &[],
    )
    .expect("it is right");
    let paths: Vec<_> = read
        .paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    expect!["/home/ann/ci/nest.yaml /home/ann/ci/.env /home/ann/ci/inc.yaml"]
        .assert_eq(&paths.join(" "));
}
