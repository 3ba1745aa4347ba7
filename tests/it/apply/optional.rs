//! `depends_on` with `required: false`: what waits is started without what does not come up.

use nest::apply::ApplyReport;
use nest::observed::ContainerState;
use nest::plan::step::{Operation, Step};
use nest::up::Outcome;

use crate::apply::run;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{UP, engine};

/// `app` waits for `cache`, `builder` for `app`; `needy` needs what `app` does without.
fn project(required: bool) -> String {
    format!(
        "
name: test
services:
  cache: {{ image: redis, healthcheck: {{ test: [CMD, redis-cli, ping] }} }}
  app:
    image: app:1
    depends_on: {{ cache: {{ condition: service_healthy, required: {required} }} }}
  needy: {{ image: app:1, depends_on: {{ cache: {{ condition: service_healthy }} }} }}
environments:
  builder: {{ outer: dind, depends_on: {{ app: {{ condition: service_started }} }} }}
"
    )
}

/// What becomes of the project when the first operation fails that is like this.
fn failing(yaml: &str, is_it: fn(&Operation) -> bool) -> (MemoryEngine, Vec<Step>, ApplyReport) {
    let whole = engine();
    run(&whole, yaml, UP);
    let asked = whole.take_asked();
    let at = asked.iter().position(|asked| is_it(&asked.operation));
    let engine = engine();
    engine.set_faults(vec![Fault {
        at: at.expect("it is asked for"),
        kind: FaultKind::Fails,
    }]);
    match run(&engine, yaml, UP) {
        Outcome::Incomplete { steps, report } => (engine, steps, report),
        other => panic!("it fails: {other:?}"),
    }
}

fn runs(engine: &MemoryEngine, name: &str) -> bool {
    engine.with(|state| {
        let found = state.containers.get(name);
        found.is_some_and(|found| found.state == ContainerState::Running)
    })
}

fn waits_for_cache(operation: &Operation) -> bool {
    matches!(operation, Operation::WaitForService { container, .. } if container.name == "test-cache-1")
}

fn pulls_cache(operation: &Operation) -> bool {
    matches!(operation, Operation::PullImage { reference, .. } if reference.to_string().contains("redis"))
}

#[test]
fn what_does_without_is_started_and_told_about_it_and_what_needs_is_not() {
    for is_it in [waits_for_cache, pulls_cache] {
        let (engine, steps, report) = failing(&project(false), is_it);
        let of = |name: &str| runs(&engine, name);
        assert_eq!(
            ["test-app-1", "test-builder-1", "test-needy-1"].map(of),
            [true, true, false],
            "{report:?}"
        );
        let warned = report.done.iter().filter(|done| !done.warnings.is_empty());
        let warned: Vec<_> = warned
            .map(|done| (steps[done.step].operation.word(), done.warnings.clone()))
            .collect();
        let warning = "`service.cache` did not come up and is not required: going on without it";
        assert_eq!(warned, [("start_container", vec![warning.to_owned()])]);
        let skipped = report.skipped.iter();
        let mut skipped = skipped.flat_map(|skipped| &steps[skipped.step].addresses);
        assert!(!skipped.any(|address| address.as_str() == "service.app"));
    }
}

#[test]
fn what_is_required_stops_all_that_waits_for_it() {
    let (engine, _, report) = failing(&project(true), waits_for_cache);
    let of = |name: &str| runs(&engine, name);
    assert_eq!(
        ["test-app-1", "test-builder-1", "test-needy-1"].map(of),
        [false, false, false],
        "{report:?}"
    );
    assert!(report.done.iter().all(|done| done.warnings.is_empty()));
}

#[test]
fn what_does_without_waits_all_the_same() {
    let engine = engine();
    run(&engine, &project(false), UP);
    let asked = engine.take_asked();
    let place = |is_it: &dyn Fn(&Operation) -> bool| {
        let found = asked.iter().position(|asked| is_it(&asked.operation));
        found.expect("it is asked for")
    };
    let ready = place(&waits_for_cache);
    let started = place(
        &|it| matches!(it, Operation::StartContainer { container } if container.name == "test-app-1"),
    );
    assert!(asked[started].after.contains(&ready), "{asked:?}");
}
