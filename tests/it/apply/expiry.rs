//! When a project expires: kept in its record until it is said anew.

use nest::plan::{Expiry, PlanOptions};
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::memory::MemoryEngine;
use crate::plan::{DOWN, UP, engine};

const PROJECT: &str = "
name: test
volumes: { cache: {} }
environments:
  builder: { outer: dind, volumes: [cache:/cache], inner: { images: ['alpine:3.20'] } }
";

fn expiring(expiry: Expiry) -> PlanOptions {
    PlanOptions { expiry, ..UP }
}

fn expires(engine: &MemoryEngine) -> Option<u64> {
    engine.with(|state| {
        let project = nest::model::name::ProjectName::new("test");
        let question = nest::observed::Question::about(&project);
        state.record(&question).expires
    })
}

#[test]
fn a_later_up_keeps_renews_or_takes_away_the_time() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    assert_eq!(expires(&engine), None);
    let changed = |options: PlanOptions, yaml: &str| match run(&engine, yaml, options) {
        Outcome::Done { changed } => changed,
        other => panic!("{other:?}"),
    };
    assert!(changed(expiring(Expiry::At(1000)), PROJECT));
    assert_eq!(expires(&engine), Some(1000));
    // One volume instead of the old one, and nothing else.
    let log = engine.take_log();
    let log = &log[log.len() - 2..];
    assert_eq!(log, ["CreateVolume", "RemoveVolume"]);
    assert!(!changed(expiring(Expiry::At(1000)), PROJECT));
    assert!(!changed(UP, PROJECT));
    let more = format!("{PROJECT}  more: {{ outer: socket }}\n");
    assert!(changed(UP, &more));
    assert_eq!(expires(&engine), Some(1000));
    let part = PlanOptions {
        targets: vec!["environment.builder".parse().expect("an address")],
        ..expiring(Expiry::At(2000))
    };
    assert!(changed(part, PROJECT));
    assert_eq!(expires(&engine), Some(2000));
    assert!(changed(expiring(Expiry::Never), PROJECT));
    assert_eq!(expires(&engine), None);
    assert!(!changed(UP, PROJECT));
}

#[test]
fn a_run_that_breaks_off_has_said_when_the_project_expires() {
    let engine = engine();
    engine.fail_after(3);
    let outcome = run(&engine, PROJECT, expiring(Expiry::At(1000)));
    assert!(matches!(outcome, Outcome::Incomplete { .. }), "{outcome:?}");
    assert_eq!(expires(&engine), Some(1000));
    engine.fail_after(usize::MAX);
    run(&engine, PROJECT, DOWN);
    assert_eq!(expires(&engine), None, "what is taken down expires no more");
}
