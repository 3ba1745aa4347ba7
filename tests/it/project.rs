//! Files that are right, and the project that they mean.

use expect_test::{Expect, expect};
use nest::model::Project;

use crate::front_end::{read, read_files, rendered};

fn project(input: &str) -> Project {
    let result = read(input);
    match result {
        Ok(read) => read.project,
        Err(_) => panic!("{}", rendered(&result)),
    }
}

#[track_caller]
fn check<T: std::fmt::Debug>(value: &T, expected: &Expect) {
    expected.assert_debug_eq(value);
}

#[test]
fn the_quick_start_is_a_project() {
    let project = project(include_str!("front_end/quickstart.yaml"));
    check(
        &project,
        &expect![[r#"
        Project {
            name: ProjectName(
                "quickstart",
            ),
            name_origin: Given,
            file: "/home/ann/ci/nest.yaml",
            registries: {
                RegistryName(
                    "hub",
                ): Registry {
                    kind: Mirror {
                        host: "docker.io",
                        upstream: "https://registry-1.docker.io",
                    },
                    image: ImageReference(
                        "registry:2",
                    ),
                    port: None,
                    volume: None,
                    environment: {},
                },
                RegistryName(
                    "local",
                ): Registry {
                    kind: Local,
                    image: ImageReference(
                        "registry:2",
                    ),
                    port: Some(
                        5000,
                    ),
                    volume: None,
                    environment: {},
                },
            },
            scope: Scope {
                images: [],
                volumes: {
                    VolumeName(
                        "cache",
                    ): Volume {
                        explicit_name: None,
                        driver: "local",
                        driver_opts: {},
                        labels: {},
                        external: false,
                        protect: false,
                    },
                },
                environments: {
                    EnvironmentName(
                        "builder",
                    ): Environment {
                        outer: Outer {
                            mode: Mode {
                                name: "dind",
                                summary: "a daemon of its own inside a privileged container: isolated images, volumes and containers",
                                image: "docker:dind",
                                command: [],
                                init: false,
                                privileged: true,
                                engine: Own(
                                    OwnEngine {
                                        socket: "/var/run/docker.sock",
                                        client_folder: "/nest",
                                        data_root: "/var/lib/docker",
                                        daemon_file: "/etc/docker/daemon.json",
                                        daemon_command: [
                                            "dockerd",
                                            "--host=unix:///var/run/docker.sock",
                                            "--host=unix:///nest/docker.sock",
                                        ],
                                        dial: [
                                            "docker",
                                            "system",
                                            "dial-stdio",
                                        ],
                                        dial_environment: [
                                            "DOCKER_CONTEXT=default",
                                            "DOCKER_TLS_VERIFY=",
                                            "DOCKER_TLS=",
                                        ],
                                        log_line: "API listen on",
                                        ready_timeout: 60s,
                                        stop_timeout: 60s,
                                    },
                                ),
                            },
                            image: ImageReference(
                                "docker:dind",
                            ),
                            command: None,
                            environment: {},
                            ports: [],
                            hostname: None,
                            data: Data {
                                place: Own,
                                keep: true,
                            },
                            daemon: {},
                            nano_cpus: None,
                            memory: Some(
                                2147483648,
                            ),
                            restart: No,
                            ready_timeout: 60s,
                        },
                        inner: Scope {
                            images: [
                                Image {
                                    reference: ImageReference(
                                        "alpine:3.20",
                                    ),
                                    source: Auto,
                                },
                                Image {
                                    reference: ImageReference(
                                        "busybox:1.36",
                                    ),
                                    source: Outer,
                                },
                            ],
                            volumes: {},
                            environments: {},
                        },
                        volumes: [
                            Mount {
                                source: Volume(
                                    VolumeName(
                                        "cache",
                                    ),
                                ),
                                target: "/cache",
                                read_only: false,
                                inner_name: Some(
                                    VolumeName(
                                        "cache",
                                    ),
                                ),
                            },
                        ],
                        registries: [
                            RegistryName(
                                "hub",
                            ),
                            RegistryName(
                                "local",
                            ),
                        ],
                        depends_on: [],
                        replicas: 1,
                        protect: false,
                    },
                    EnvironmentName(
                        "tools",
                    ): Environment {
                        outer: Outer {
                            mode: Mode {
                                name: "socket",
                                summary: "the outer engine's own socket: no isolation, and whoever has the socket is root on the host",
                                image: "docker:cli",
                                command: [
                                    "sleep",
                                    "infinity",
                                ],
                                init: true,
                                privileged: false,
                                engine: Shared {
                                    socket: "/var/run/docker.sock",
                                },
                            },
                            image: ImageReference(
                                "docker:cli",
                            ),
                            command: None,
                            environment: {},
                            ports: [],
                            hostname: None,
                            data: Data {
                                place: Own,
                                keep: true,
                            },
                            daemon: {},
                            nano_cpus: None,
                            memory: None,
                            restart: No,
                            ready_timeout: 60s,
                        },
                        inner: Scope {
                            images: [],
                            volumes: {},
                            environments: {},
                        },
                        volumes: [
                            Mount {
                                source: Volume(
                                    VolumeName(
                                        "cache",
                                    ),
                                ),
                                target: "/cache",
                                read_only: false,
                                inner_name: Some(
                                    VolumeName(
                                        "cache",
                                    ),
                                ),
                            },
                        ],
                        registries: [],
                        depends_on: [
                            EnvironmentName(
                                "builder",
                            ),
                        ],
                        replicas: 1,
                        protect: false,
                    },
                },
            },
        }
    "#]],
    );
}
