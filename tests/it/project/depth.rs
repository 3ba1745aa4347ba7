//! Scopes in scopes, profiles, and paths on the way, as the project has them.

use std::fmt::Write as _;

use expect_test::expect;
use nest::model::environment::Environment;
use nest::model::mount::MountSource;
use nest::model::name::EnvironmentName;
use nest::model::{Project, Scope};

use crate::front_end::read_with_profiles;
use crate::project::project;

/// What each environment mounts, one line each.
fn mounts(scope: &Scope, above: &str, shown: &mut String) {
    for (name, environment) in &scope.environments {
        let path = format!("{above}{name}");
        for mount in &environment.volumes {
            let source = match &mount.source {
                MountSource::Bind { path, .. } => path.clone(),
                other => format!("{other:?}"),
            };
            let _ = writeln!(shown, "{path} {source} -> {}", mount.target);
        }
        mounts(&environment.inner, &format!("{path}/"), shown);
    }
}

fn shown(project: &Project) -> String {
    let mut text = String::new();
    mounts(&project.scope, "", &mut text);
    text
}

#[test]
fn a_path_beside_the_file_is_found_at_each_depth() {
    let project = project(
        "\
environments:
  builder:
    outer: dind
    volumes: [./src:/workspace, .:/all]
    inner:
      environments:
        deeper:
          outer: { mode: dind, data: ../data }
          volumes: [./src/app:/app, ../lib:/lib, /opt:/opt]
          inner: { environments: { deepest: { outer: dind, volumes: [../lib:same, ../lib/x:/x] } } }
  tools:
    outer: socket
    inner: { environments: { beside: { outer: dind, volumes: [../lib:/lib] } } }
",
    );
    expect![[r#"
        builder /home/ann/ci/src -> /workspace
        builder /home/ann/ci -> /all
        builder /home/ann/data -> /home/ann/data
        builder /home/ann/lib -> /home/ann/lib
        builder/deeper /workspace/app -> /app
        builder/deeper /home/ann/lib -> /lib
        builder/deeper /opt -> /opt
        builder/deeper/deepest /lib -> /lib
        builder/deeper/deepest /lib/x -> /x
        tools/beside /home/ann/lib -> /lib
    "#]]
    .assert_eq(&shown(&project));
}

#[test]
fn what_belongs_to_other_profiles_is_left_out() {
    let names = |profiles: &[&str]| -> Vec<String> {
        let read = read_with_profiles(
            profiles,
            "\
environments:
  always: { outer: dind, depends_on: { extra: { required: false } } }
  extra: { outer: { mode: socket, user: root }, profiles: [debug, ci], volumes: ['/a:/b'] }
  other: { outer: dind, profiles: [other] }
",
        )
        .expect("it is valid");
        if profiles.is_empty() {
            assert!(read.warnings.is_empty(), "{:?}", read.warnings);
        }
        let environments = &read.project.scope.environments;
        let always: &Environment = &environments[&EnvironmentName::new("always")];
        let waits = always.depends_on.len();
        let extra = environments.contains_key(&EnvironmentName::new("extra"));
        assert_eq!(waits, usize::from(extra));
        environments.keys().map(ToString::to_string).collect()
    };
    assert_eq!(names(&[]), ["always"]);
    assert_eq!(names(&["ci"]), ["always", "extra"]);
    assert_eq!(names(&["other", "debug"]), ["always", "extra", "other"]);
    assert_eq!(names(&["*"]), ["always", "extra", "other"]);
}
