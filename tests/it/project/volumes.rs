//! Volumes of a scope, as the project has them.

use expect_test::expect;
use nest::model::name::VolumeName;

use crate::project::{check, project};

#[test]
fn volumes_keep_their_settings() {
    let project = project(
        "
volumes:
  plain:
  named: { name: team-cache, driver: local, driver_opts: { type: tmpfs, o: 'size=1g' }, labels: [a=1, b] }
  theirs: { external: true }
  mine: { external: false, protect: true, labels: { version: 1.10 } }
",
    );
    check(
        &project.scope.volumes.values().collect::<Vec<_>>(),
        &expect![[r#"
            [
                Volume {
                    explicit_name: None,
                    driver: "local",
                    driver_opts: {},
                    labels: {},
                    external: false,
                    per_replica: false,
                    protect: false,
                },
                Volume {
                    explicit_name: Some(
                        "team-cache",
                    ),
                    driver: "local",
                    driver_opts: {
                        "type": "tmpfs",
                        "o": "size=1g",
                    },
                    labels: {
                        "a": "1",
                        "b": "",
                    },
                    external: false,
                    per_replica: false,
                    protect: false,
                },
                Volume {
                    explicit_name: Some(
                        "theirs",
                    ),
                    driver: "local",
                    driver_opts: {},
                    labels: {},
                    external: true,
                    per_replica: false,
                    protect: false,
                },
                Volume {
                    explicit_name: None,
                    driver: "local",
                    driver_opts: {},
                    labels: {
                        "version": "1.10",
                    },
                    external: false,
                    per_replica: false,
                    protect: true,
                },
            ]
        "#]],
    );
}

#[test]
fn volumes_can_be_protected() {
    let project = project("volumes: { cache: { protect: true }, other: {} }\n");
    let volumes = &project.scope.volumes;
    assert!(volumes[&VolumeName::new("cache")].protect);
    assert!(!volumes[&VolumeName::new("other")].protect);
}
