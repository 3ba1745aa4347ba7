//! Variables in values.

use expect_test::expect;
use nest::model::name::EnvironmentName;

use crate::front_end::read_files;
use crate::project::builder;

#[test]
fn variables_are_filled_in_as_compose_does() {
    // `SET` is `yes`, `EMPTY` is empty, `UNSET` is not set.
    let table = [
        ("${SET}", "yes"),
        ("$SET", "yes"),
        ("${SET}x$SET-", "yesxyes-"),
        ("${EMPTY}", ""),
        ("${SET:-d}", "yes"),
        ("${EMPTY:-d}", "d"),
        ("${UNSET:-d}", "d"),
        ("${SET-d}", "yes"),
        ("${EMPTY-d}", ""),
        ("${UNSET-d}", "d"),
        ("${UNSET:-}", ""),
        ("${SET:+a}", "a"),
        ("${EMPTY:+a}", ""),
        ("${UNSET:+a}", ""),
        ("${SET+a}", "a"),
        ("${EMPTY+a}", "a"),
        ("${UNSET+a}", ""),
        ("${SET:?m}", "yes"),
        ("${EMPTY?m}", ""),
        ("${UNSET:-${EMPTY:-${SET}}}", "yes"),
        ("${UNSET:-{\\\"a\\\":1}}", "{\"a\":1}"),
        ("${SET:+${SET}-${COUNT}}", "yes-2"),
        ("$$SET", "$SET"),
        ("$${SET}", "${SET}"),
        ("$$$SET", "$yes"),
        ("a: b # ${SET}", "a: b # yes"),
    ];
    for (written, expected) in table {
        let environment = builder(&format!(
            "{{ outer: {{ mode: dind, environment: {{ V: \"{written}\" }} }} }}"
        ));
        assert_eq!(
            environment.outer.container.environment["V"], expected,
            "{written}"
        );
    }
}

#[test]
fn what_a_variable_holds_is_typed_by_the_key_that_takes_it() {
    let environment = builder(
        "{ outer: { mode: dind, hostname: '${COUNT}', memory: '${COUNT}g' }, replicas: $COUNT }",
    );
    assert_eq!(environment.replicas, 2);
    assert_eq!(environment.outer.container.hostname.as_deref(), Some("2"));
    assert_eq!(environment.outer.container.limits.memory, Some(2 << 30));
    assert_eq!(
        builder("{ outer: dind, replicas: \"${COUNT}\" }").replicas,
        2
    );
}

#[test]
fn variables_come_from_the_process_then_from_the_file_beside() {
    let env_file = b"# comment\nexport TAG=28-dind # version\nSET=no\nQUOTED=\"a \\\"b\\\" $SET\"\nRAW='$SET'\n\nLATER=${TAG}-x\n";
    let input = b"environments:\n  builder:\n    outer:\n      mode: dind\n      image: docker:$TAG\n      environment: { A: $SET, B: $QUOTED, C: $RAW, D: $LATER }\n";
    let files = vec![
        ("/home/ann/ci/nest.yaml", input.to_vec()),
        ("/home/ann/ci/.env", env_file.to_vec()),
    ];
    let read = read_files(files, None).expect("it is right");
    let outer = &read.project.scope.environments[&EnvironmentName::new("builder")].outer;
    let shown = format!(
        "{} {:?}\n",
        outer.container.image, outer.container.environment
    );
    expect![[r#"
        docker:28-dind {"A": "yes", "B": "a \"b\" yes", "C": "$SET", "D": "28-dind-x"}
    "#]]
    .assert_eq(&shown);
}
