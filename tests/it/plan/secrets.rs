//! Secrets are compared, and stand in no plan, label or record.

use expect_test::expect;
use nest::apply::patience::Patience;
use nest::apply::{ApplyOptions, apply};
use nest::engine::Engine as _;
use nest::plan::change::Action;
use nest::plan::{Plan, plan};
use nest::report::json;
use nest::resource::label;
use nest::resource::secret::SecretKey;
use nest::up::question;
use tokio_util::sync::CancellationToken;

use crate::apply::bring_up;
use crate::memory::MemoryEngine;
use crate::plan::{BUILDER, UP, engine, futures, plan_now, rendered};
use crate::yaml::wanted;

const WITH_SECRETS: &str = "
name: test
registries: { hub: { mirror: docker.io, environment: { PLAIN: { env: FIRST_SECRET } } } }
environments:
  builder: { outer: { mode: dind, environment: { ALSO: { env: FIRST_SECRET } } } }
";

#[test]
fn secrets_are_made_and_compared_and_shown_nowhere() {
    let engine = engine();
    let text = rendered(&plan_now(&engine, WITH_SECRETS, UP));
    for variable in ["environment.PLAIN", "environment.ALSO"] {
        let mut lines = text.lines().filter(|line| line.contains(variable));
        assert!(
            lines.any(|line| line.contains("(sensitive value)")),
            "{text}"
        );
    }
    assert!(!text.contains("hunter"), "{text}");
    bring_up(&engine, WITH_SECRETS);
    for (name, variable) in [("test-builder-1", "ALSO"), ("test-hub-1", "PLAIN")] {
        let container = engine.with(|state| state.containers[name].clone());
        assert_eq!(container.fixed.environment[variable], "hunter2");
        assert!(!format!("{:?}", container.labels).contains("hunter"));
    }
    assert!(!plan_now(&engine, WITH_SECRETS, UP).has_changes());
    let next = WITH_SECRETS.replace("FIRST_SECRET", "NEXT_SECRET");
    let text = rendered(&plan_now(&engine, &next, UP));
    assert!(
        text.contains("environment.ALSO : (sensitive value) -> (sensitive value)"),
        "{text}"
    );
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn a_secret_of_the_engine_s_configuration_reaches_it_and_nobody_else() {
    let yaml = |variable: &str| {
        format!(
            "{{ name: test, environments: {{ builder: {{ outer: {{ mode: dind, daemon: {{ log-driver: splunk, \
             log-opts: {{ splunk-url: plain, splunk-token: {{ env: {variable} }} }}, \
             proxies: {{ http-proxy: {{ env: {variable} }} }} }} }} }} }} }}"
        )
    };
    let engine = engine();
    let plan = plan_now(&engine, &yaml("FIRST_SECRET"), UP);
    for shown in [rendered(&plan), json::plan(&plan).to_string()] {
        assert!(!shown.contains("hunter"), "{shown}");
    }
    bring_up(&engine, &yaml("FIRST_SECRET"));
    engine.with(|state| {
        let builder = &state.containers["test-builder-1"];
        let file = &builder.daemon_file;
        assert_eq!(file["log-opts"]["splunk-token"], "hunter2");
        assert_eq!(file["proxies"]["http-proxy"], "hunter2");
        assert!(!format!("{:?}", builder.labels).contains("hunter"));
        let labels = state.volumes.values().map(|volume| &volume.labels);
        assert!(!format!("{:?}", labels.collect::<Vec<_>>()).contains("hunter"));
    });
    assert!(
        plan_now(&engine, &yaml("FIRST_SECRET"), UP)
            .steps
            .is_empty()
    );
    let text = rendered(&plan_now(&engine, &yaml("NEXT_SECRET"), UP));
    assert!(
        text.contains("daemon.proxies") && text.contains("(sensitive value) -> (sensitive value)"),
        "{text}"
    );
    assert!(!text.contains("hunter"), "{text}");
}

/// A file whose secrets are all this text.
fn file(secret: &str) -> String {
    format!(
        "
name: test
volumes:
  share:
    driver_opts: {{ type: cifs, PASSWORD: '${{NOBODY:-{secret}}}' }}
    labels: {{ API_TOKEN: '${{NOBODY:-{secret}}}' }}
environments:
  builder:
    outer:
      mode: dind
      environment: {{ API_TOKEN: '${{NOBODY:-{secret}}}' }}
      daemon:
        log-driver: splunk
        log-opts: {{ splunk-token: '${{NOBODY:-{secret}}}' }}
"
    )
}

#[test]
fn a_secret_stands_in_no_plan_label_or_record() {
    let engine = engine();
    let plan = plan_now(&engine, &file("hunter2"), UP);
    for shown in [rendered(&plan), json::plan(&plan).to_string()] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    bring_up(&engine, &file("hunter2"));
    engine.with(|state| {
        for (name, volume) in &state.volumes {
            let mut labels = volume.labels.clone();
            // The user's own label is what the user asked for.
            if name == "test_share" {
                assert_eq!(labels.remove("API_TOKEN").as_deref(), Some("hunter2"));
            }
            assert!(!format!("{labels:?}").contains("hunter2"), "{labels:?}");
        }
        for container in state.containers.values() {
            let labels = format!("{:?}", container.labels);
            assert!(!labels.contains("hunter2"), "{labels}");
            let file = serde_json::to_string(&container.daemon_file).expect("it is JSON");
            assert!(file.contains("hunter2"), "the engine needs it: {file}");
        }
    });
    assert!(!plan_now(&engine, &file("hunter2"), UP).has_changes());
}

#[test]
fn another_secret_is_a_change_that_shows_neither() {
    let engine = engine();
    bring_up(&engine, &file("hunter2"));
    let plan = plan_now(&engine, &file("correct horse"), UP);
    let shown = rendered(&plan);
    for text in ["hunter2", "correct horse", "sha256:"] {
        assert!(!shown.contains(text), "{shown}");
    }
    for changed in [
        "~ environment.API_TOKEN : (sensitive value) -> (sensitive value)   # forces replacement",
        "~ daemon.log-opts       : (sensitive value) -> (sensitive value)",
        "~ driver_opts.PASSWORD : (sensitive value) -> (sensitive value)",
    ] {
        assert!(shown.contains(changed), "no {changed:?}: {shown}");
    }
}

/// A plan whose secrets are hashed under a key of these bytes, unless the engine has one.
fn plan_under(engine: &MemoryEngine, yaml: &str, key: u8) -> Plan {
    let mut desired = wanted(yaml);
    desired.secret_key = SecretKey::of_bytes(&[key; 32]);
    let observed = futures(engine.observe(&question(&desired))).expect("it answers");
    plan(&desired, &observed, &UP)
}

/// Carries out a plan that is made under a key.
fn bring_up_under(engine: &MemoryEngine, yaml: &str, key: u8) {
    let steps = plan_under(engine, yaml, key).steps;
    let options = ApplyOptions {
        parallel: 4,
        patience: Patience::new(None),
        drain: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    let report = futures(apply(engine, &steps, &options, &|_| {}));
    assert!(report.is_complete(), "{report:?}");
}

/// What the label of the volume remembers, and the records of the engine.
fn remembered(engine: &MemoryEngine) -> (String, Vec<String>) {
    engine.with(|state| {
        let labels = |name: &str| format!("{:?}", state.volumes[name].labels);
        let records = state.volumes.keys();
        let records = records.filter(|name| name.starts_with("nest-test-record-"));
        let records = records.map(|name| labels(name)).collect();
        (
            state.volumes["test_share"].labels[label::SETTINGS].clone(),
            records,
        )
    })
}

#[test]
fn secrets_are_hashed_under_the_key_of_the_projects_own_record() {
    let (one, other) = (engine(), engine());
    bring_up_under(&one, &file("hunter2"), 1);
    bring_up_under(&other, &file("hunter2"), 2);
    let (first, records) = remembered(&one);
    let (second, _) = remembered(&other);
    assert_ne!(first, second, "the same secret, two projects");
    assert!(
        records
            .iter()
            .all(|record| record.contains(&"01".repeat(32))),
        "{records:?}"
    );
    // What a later run would take for a new engine does not count.
    let later = plan_under(&one, &file("hunter2"), 3);
    assert!(!later.has_changes() && later.steps.is_empty(), "{later:?}");
    assert!(plan_under(&one, &file("other"), 3).has_changes());
}

#[test]
fn without_the_key_data_is_not_taken_for_other_data() {
    let engine = engine();
    bring_up_under(&engine, &file("hunter2"), 1);
    engine.with(|state| {
        state
            .volumes
            .retain(|name, _| !name.starts_with("nest-test-record-"));
    });
    let plan = plan_under(&engine, &file("hunter2"), 2);
    let share = plan
        .changes
        .iter()
        .find(|change| change.object == "test_share");
    assert_eq!(share.map(|change| change.action), Some(Action::NoOp));
    assert!(plan.is_applicable(), "{:?}", plan.refusals);
}

#[test]
fn a_secret_is_shown_nowhere_and_its_change_is_seen() {
    let with = |secret: &str| {
        let variable = format!(
            "outer: {{ mode: dind, environment: {{ API_TOKEN: \"${{TOKEN:-{secret}}}\" }} }}"
        );
        BUILDER.replace("outer: { mode: dind, memory: 2g }", &variable)
    };
    let engine = engine();
    let first = rendered(&plan_now(&engine, &with("hunter2"), UP));
    assert!(
        first.contains("environment.API_TOKEN") && first.contains("(sensitive value)"),
        "{first}"
    );
    assert!(!first.contains("hunter2"), "{first}");
    bring_up(&engine, &with("hunter2"));
    let container = engine.with(|state| state.containers["test-builder-1"].clone());
    assert_eq!(container.fixed.environment["API_TOKEN"], "hunter2");
    assert!(!format!("{:?}", container.labels).contains("hunter2"));
    assert!(!plan_now(&engine, &with("hunter2"), UP).has_changes());
    expect![[r#"
        nest will perform these actions:

          # environment.builder must be replaced
        -/+ container "test-builder-1"
              ~ environment.API_TOKEN : (sensitive value) -> (sensitive value)   # forces replacement
                (14 unchanged attributes hidden)

        Plan: 1 to add, 0 to change, 1 to destroy.
        Impact: 1 engine restarts: nothing runs inside; data kept.
    "#]].assert_eq(&rendered(&plan_now(&engine, &with("hunter3"), UP)));
}
