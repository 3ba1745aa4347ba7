//! How runs end, as they are told.

use expect_test::expect;
use nest::up::Outcome;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::apply::bring_up;
use crate::plan::{BUILDER, DOWN, UP, engine};
use crate::stream::{SMALL, lines, messages, of, told, told_until};

#[test]
fn the_outcome_counts_what_was_told_wherever_it_fails() {
    for failing in 0..40 {
        let engine = engine();
        engine.fail_after(failing);
        let (text, outcome) = told(&engine, BUILDER, &UP);
        let lines = lines(&text);
        let count = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
        let last = lines.last().expect("it ends");
        assert_eq!(last["type"], "outcome");
        let tally = serde_json::json!({
            "done": count("apply_complete"),
            "failed": count("apply_errored"),
            "skipped": count("apply_skipped"),
        });
        assert_eq!(last["steps"], tally);
        assert_eq!(
            count("apply_start"),
            count("apply_complete") + count("apply_errored")
        );
        if matches!(outcome, Outcome::Done { .. }) {
            let summaries: Vec<&Value> = lines
                .iter()
                .filter(|line| line["type"] == "change_summary")
                .map(|line| &line["changes"])
                .collect();
            let [planned, applied] = summaries.as_slice() else {
                panic!("{summaries:?}");
            };
            for key in ["add", "change", "remove"] {
                assert_eq!(planned[key], applied[key], "{text}");
            }
            return;
        }
    }
    panic!("it always fails");
}

#[test]
fn taking_down_doing_nothing_and_what_cannot_be_done_are_told() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    let (text, _) = told(&engine, BUILDER, &UP);
    expect![[r#"
        info version: nest 0.1.0
        info change_summary: Plan: 0 to add, 0 to change, 0 to destroy
        info change_summary: 0 added, 0 changed, 0 destroyed
        info outcome: 0 steps done, 0 failed, 0 skipped
    "#]]
    .assert_eq(&messages(&lines(&text)));
    let protected = BUILDER.replace("outer: {", "protect: true\n    outer: {");
    let (text, _) = told(&engine, &protected, &DOWN);
    expect![[r#"
        info version: nest 0.1.0
        info planned_change: network.default: will be destroyed
        info planned_change: volume.builder-1-socket: will be destroyed
        info planned_change: environment.builder: will be destroyed
        info planned_change: volume test_builder-1-data kept: `--volumes` removes it
        info planned_change: volume test_cache kept: `--volumes` removes it
        error diagnostic: `test-builder-1` is protected and would be destroyed
        info change_summary: Plan: 0 to add, 0 to change, 3 to destroy
        info change_summary: 0 added, 0 changed, 0 destroyed
        error outcome: 0 steps done, 0 failed, 0 skipped
    "#]]
    .assert_eq(&messages(&lines(&text)));
    engine.with(|state| state.volumes.remove("test_builder-1-socket"));
    let (text, _) = told(&engine, BUILDER, &DOWN);
    expect![[r#"
        info version: nest 0.1.0
        info resource_drift: volume.builder-1-socket: is gone, outside nest
        info planned_change: network.default: will be destroyed
        info planned_change: environment.builder: will be destroyed
        info planned_change: volume test_builder-1-data kept: `--volumes` removes it
        info planned_change: volume test_cache kept: `--volumes` removes it
        info change_summary: Plan: 0 to add, 0 to change, 2 to destroy
        info apply_start: bookkeeping: creating volume nest-test-record-3
        info apply_complete: bookkeeping: creating volume nest-test-record-3: done
        info apply_start: bookkeeping: removing volume nest-test-record-2
        info apply_complete: bookkeeping: removing volume nest-test-record-2: done
        info apply_start: environment.builder: stopping test-builder-1
        info apply_complete: environment.builder: stopping test-builder-1: done
        info apply_start: environment.builder: removing container test-builder-1
        info apply_complete: environment.builder: removing container test-builder-1: done
        info apply_start: network.default: removing network test_default
        info apply_complete: network.default: removing network test_default: done
        info apply_start: bookkeeping: removing volume nest-test-record-3
        info apply_complete: bookkeeping: removing volume nest-test-record-3: done
        info change_summary: 0 added, 0 changed, 2 destroyed
        info outcome: 6 steps done, 0 failed, 0 skipped
    "#]]
    .assert_eq(&messages(&lines(&text)));
}

#[test]
fn a_run_that_is_cancelled_says_what_was_not_done_and_blames_nothing() {
    let drain = CancellationToken::new();
    drain.cancel();
    let (text, _) = told_until(&engine(), SMALL, &UP, drain);
    let lines = lines(&text);
    let last = lines.last().expect("it ends");
    assert_eq!(last["result"], "interrupted");
    let skipped: Vec<&Value> = of(&lines, "apply_skipped").collect();
    assert!(skipped.len() > 5 && of(&lines, "apply_start").count() == 0);
    let nothing = serde_json::json!([]);
    assert!(skipped.iter().all(|line| line["because_of"] == nothing));
}
