//! Secrets are compared, and stand in no plan, label or record.

use nest::report::json;

use crate::apply::bring_up;
use crate::plan::{UP, engine, plan_now, rendered};

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
