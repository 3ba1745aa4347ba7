//! The project as a file: what `nest config` prints.

mod container;
mod generated;
mod locked;
mod secrets;

use expect_test::expect;
use nest::model::Project;
use proptest::prelude::*;

use crate::config::generated::file;
use crate::front_end::{read, read_several, rendered};
use crate::project::project;

fn printed(project: &Project) -> String {
    serde_yaml::to_string(&project.written()).expect("it is YAML")
}

/// What a file prints must mean the same.
fn check_round_trip(input: &str) -> Result<(), String> {
    let result = read(input);
    let Ok(first) = &result else {
        return Err(format!(
            "the file is wrong:\n{input}\n{}",
            rendered(&result)
        ));
    };
    let first = &first.project;
    let text = printed(first);
    let result = read(text.as_str());
    let Ok(second) = &result else {
        return Err(format!(
            "what is printed is wrong:\n{text}\n{}",
            rendered(&result)
        ));
    };
    let second = &second.project;
    if (&first.name, &first.registries, &first.scope)
        != (&second.name, &second.registries, &second.scope)
    {
        return Err(format!("{first:#?}\nbut\n{second:#?}"));
    }
    if printed(second) != text {
        return Err(format!("{text}\nbut\n{}", printed(second)));
    }
    Ok(())
}

#[test]
fn the_quick_start_is_printed_with_every_default() {
    let project = project(include_str!("front_end/quickstart.yaml"));
    expect![[r#"
        name: quickstart
        registries:
          hub:
            mirror: docker.io
            upstream: https://registry-1.docker.io
            image: registry:2
          local:
            image: registry:2
            port: 5000
        volumes:
          cache:
            external: false
            driver: local
            protect: false
        environments:
          builder:
            outer:
              mode: dind
              listen: socket
              data:
                keep: true
              image: docker:dind
              memory: '2147483648'
              restart: no
              ready:
                timeout: 60s
            inner:
              images:
              - image: alpine:3.20
                source: auto
              - image: busybox:1.36
                source: outer
            volumes:
            - type: volume
              source: cache
              target: /cache
              read_only: false
              inner: cache
            registries:
            - hub
            - local
            replicas: 1
            protect: false
          tools:
            outer:
              mode: socket
              image: docker:cli
              restart: no
              ready:
                timeout: 60s
            volumes:
            - type: volume
              source: cache
              target: /cache
              read_only: false
              inner: cache
            depends_on:
              builder:
                condition: service_healthy
            replicas: 1
            protect: false
    "#]]
    .assert_eq(&printed(&project));
    check_round_trip(include_str!("front_end/quickstart.yaml")).expect("it means the same");
}

#[test]
fn a_secret_from_outside_is_not_printed() {
    let text = printed(&project(
        "\
registries: { hub: { mirror: docker.io, environment: { REGISTRY_PROXY_PASSWORD: $SET } } }
environments:
  builder:
    outer:
      mode: dind
      environment: { API_TOKEN: \"${SET}\", PLAIN: $SET, POSTGRES_PASSWORD: test, HOME_KEY: }
  other: { outer: { mode: dind, environment: [DB_PASSWORD=$SET, A=$SET] } }
",
    ));
    assert_eq!(text.matches("(sensitive value)").count(), 3, "{text}");
    assert!(text.contains("POSTGRES_PASSWORD: test"), "{text}");
    assert!(
        text.contains("PLAIN: yes") || text.contains("PLAIN: 'yes'"),
        "{text}"
    );
}

#[test]
fn a_dollar_sign_stays_one() {
    check_round_trip(
        "environments: { builder: { outer: { mode: dind, environment: { A: 5$$, B: '$${SET}' }, command: ['$$x'], daemon: { labels: ['a=$$b'] } } } }\n",
    )
    .expect("it means the same");
}

#[test]
fn containers_that_share_with_others_are_printed() {
    check_round_trip(
        "\
environments:
  one: { outer: { mode: dind, network_mode: host, ipc: 'service:two', pid: host } }
  two: { outer: { mode: dind, network_mode: 'service:one', pid: 'service:one', userns_mode: host } }
  three: { outer: { mode: socket, network_mode: bridge, privileged: true } }
",
    )
    .expect("it means the same");
}

#[test]
fn the_variables_of_files_are_printed_with_the_others() {
    let table = [
        (
            "/home/ann/ci/nest.yaml",
            "environments: { one: { outer: { mode: dind, env_file: [a.env, { path: raw.env, format: raw }, { path: none.env, required: false }], environment: { A: own } } } }\n",
        ),
        (
            "/home/ann/ci/a.env",
            "A=file\nB='quoted'\nC=${A}$SET\nAPI_TOKEN=hunter2\n",
        ),
        ("/home/ann/ci/raw.env", "# raw\nR='a b' $SET\nSET\n"),
    ];
    let result = read_several(&table, &["/home/ann/ci/nest.yaml"], &[]);
    let read = result.expect("the files are right");
    let text = printed(&read.project);
    for line in ["A: own", "B: quoted", "C: fileyes", "$$SET", "SET: yes"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
    let paths = read.paths.iter();
    let names: Vec<_> = paths.filter_map(|path| path.file_name()).collect();
    assert!(names.contains(&"raw.env".as_ref()) && names.contains(&"none.env".as_ref()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_is_printed_means_the_same(input in file()) {
        check_round_trip(&input).map_err(TestCaseError::fail)?;
    }
}
