//! What a command tells programs while it applies: every line follows the schema, and together they tell all.

mod outcome;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, SystemTime};

use expect_test::{expect, expect_file};
use jsonschema::Validator;
use nest::apply::event::Event;
use nest::apply::patience::Patience;
use nest::apply::{ApplyOptions, Waited};
use nest::engine::Progress;
use nest::plan::PlanOptions;
use nest::report::failure::incomplete;
use nest::report::stream::{Stream, schema};
use nest::up::{Approval, Outcome, up};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::apply::lock_options;
use crate::book::policy::{jq, jq_program};
use crate::memory::MemoryEngine;
use crate::plan::{BUILDER, UP, engine, plan_now};
use crate::yaml::wanted;

pub(crate) fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema is one")
}

/// The lines as values, each of which follows the schema.
#[track_caller]
pub(crate) fn lines(text: &str) -> Vec<Value> {
    let validator = validator();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    for line in &lines {
        if let Err(error) = validator.validate(line) {
            panic!("{error}: {line:#}");
        }
    }
    lines
}

/// The lines of a type.
pub(crate) fn of<'a>(lines: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["type"] == kind)
}

#[test]
fn the_committed_schema_of_events_is_the_generated_one() {
    let text = format!("{:#}\n", schema());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/nest-events.schema.json");
    expect_file![path].assert_eq(&text);
    jsonschema::draft202012::meta::validate(&schema()).expect("the schema is one");
    let validator = validator();
    let other = serde_json::json!({ "@level": "info", "@message": "", "@module": "nest.ui", "@timestamp": "", "type": "no_type" });
    assert!(!validator.is_valid(&other));
}

/// The moment at which tests happen.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
}

/// Runs waves on an engine in memory at one moment, and tells them.
fn told(engine: &MemoryEngine, yaml: &str, options: &PlanOptions) -> (String, Outcome) {
    told_until(engine, yaml, options, CancellationToken::new())
}

fn told_until(
    engine: &MemoryEngine,
    yaml: &str,
    options: &PlanOptions,
    drain: CancellationToken,
) -> (String, Outcome) {
    let now = now();
    let (stream, first) = Stream::begin(now);
    let (stream, text) = (RefCell::new(stream), RefCell::new(first));
    let add = |lines: String| text.borrow_mut().push_str(&lines);
    let mut approve = |plan: &nest::plan::Plan, _: usize| {
        add(stream.borrow_mut().plan(plan, now));
        Approval::Go
    };
    let emit = |event: Event<'_>| add(stream.borrow_mut().event(&event, now));
    let apply_options = ApplyOptions {
        parallel: 1,
        patience: Patience::new(None),
        drain,
        abort: CancellationToken::new(),
    };
    let (lock_options, _folder) = lock_options("nest up");
    let desired = wanted(yaml);
    let how = (&apply_options, &lock_options);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let outcome = runtime
        .block_on(up(engine, &desired, options, how, &mut approve, &emit))
        .expect("an engine in memory always answers");
    let code = u8::from(!matches!(outcome, Outcome::Done { .. }));
    add(stream.borrow_mut().outcome(&outcome, code, now));
    (text.into_inner(), outcome)
}

/// The lines, short and without times.
fn messages(lines: &[Value]) -> String {
    let short = |line: &Value| {
        let message = line["@message"].as_str().unwrap_or_default();
        let (message, _) = message.split_once(" after ").unwrap_or((message, ""));
        let level = line["@level"].as_str().unwrap_or_default();
        let kind = line["type"].as_str().unwrap_or_default();
        format!("{level} {kind}: {message}\n")
    };
    lines.iter().map(short).collect()
}

const SMALL: &str = "
name: test
environments: { ci: { outer: dind, inner: { images: [alpine:3.20] } } }
";

#[test]
fn a_run_is_told_from_its_version_to_its_outcome() {
    let (text, _) = told(&engine(), SMALL, &UP);
    let lines = lines(&text);
    expect![[r#"
        info version: nest 0.1.0
        info planned_change: network.default: will be created
        info planned_change: volume.ci-1-data: will be created
        info planned_change: volume.ci-1-socket: will be created
        info planned_change: environment.ci: will be created
        info planned_change: environment.ci/image["alpine:3.20"]: will be created
        info change_summary: Plan: 5 to add, 0 to change, 0 to destroy
        info apply_start: bookkeeping: creating volume nest-test-record-1
        info apply_complete: bookkeeping: creating volume nest-test-record-1: done
        info apply_start: network.default: creating network test_default
        info apply_complete: network.default: creating network test_default: done
        info apply_start: volume.ci-1-data: creating volume test_ci-1-data
        info apply_complete: volume.ci-1-data: creating volume test_ci-1-data: done
        info apply_start: volume.ci-1-socket: creating volume test_ci-1-socket
        info apply_complete: volume.ci-1-socket: creating volume test_ci-1-socket: done
        info apply_start: environment.ci: creating container test-ci-1
        info apply_complete: environment.ci: creating container test-ci-1: done
        info apply_start: environment.ci: writing the engine's configuration
        info apply_complete: environment.ci: writing the engine's configuration: done
        info apply_start: environment.ci: starting test-ci-1
        info apply_complete: environment.ci: starting test-ci-1: done
        info apply_start: environment.ci: waiting for the engine
        info apply_complete: environment.ci: waiting for the engine: done
        info apply_start: bookkeeping: creating volume nest-test-record-1
        info apply_complete: bookkeeping: creating volume nest-test-record-1: done
        info apply_start: environment.ci/image["alpine:3.20"]: transferring alpine:3.20
        info apply_complete: environment.ci/image["alpine:3.20"]: transferring alpine:3.20: done
        info apply_start: bookkeeping: creating volume nest-test-record-2
        info apply_complete: bookkeeping: creating volume nest-test-record-2: done
        info apply_start: bookkeeping: removing volume nest-test-record-1
        info apply_complete: bookkeeping: removing volume nest-test-record-1: done
        info apply_start: bookkeeping: creating volume nest-test-record-2
        info apply_complete: bookkeeping: creating volume nest-test-record-2: done
        info apply_start: bookkeeping: removing volume nest-test-record-1
        info apply_complete: bookkeeping: removing volume nest-test-record-1: done
        info change_summary: 5 added, 0 changed, 0 destroyed
        info outcome: 14 steps done, 0 failed, 0 skipped
    "#]]
    .assert_eq(&messages(&lines));
    let mut complete = of(&lines, "apply_complete");
    let transfer = complete.find(|line| line["hook"]["operation"] == "transfer_images");
    let mut hook = transfer.expect("it was transferred")["hook"].clone();
    hook["elapsed_seconds"] = 0.into();
    hook["waited"]["seconds"] = 0.into();
    hook["waited"]["queued_seconds"] = 0.into();
    expect![[r#"
        {
          "wave": 0,
          "step": 9,
          "operation": "transfer_images",
          "resources": [
            {
              "addr": "environment.ci/image[\"alpine:3.20\"]",
              "resource_type": "image",
              "resource_name": "alpine:3.20",
              "engine": "test-ci-1"
            }
          ],
          "action": "create",
          "waited": {
            "seconds": 0,
            "queued_seconds": 0,
            "for_step": 8
          },
          "elapsed_seconds": 0,
          "bytes": 0
        }
    "#]]
    .assert_eq(&format!("{hook:#}\n"));
}

#[test]
fn a_failure_is_told_with_what_was_not_done_because_of_it() {
    let engine = engine();
    engine.fail_after(4);
    let (text, outcome) = told(&engine, SMALL, &UP);
    let lines = lines(&text);
    expect![[r#"
        info change_summary: Plan: 5 to add, 0 to change, 0 to destroy
        info apply_start: bookkeeping: creating volume nest-test-record-1
        info apply_complete: bookkeeping: creating volume nest-test-record-1: done
        info apply_start: network.default: creating network test_default
        info apply_complete: network.default: creating network test_default: done
        info apply_start: volume.ci-1-data: creating volume test_ci-1-data
        info apply_complete: volume.ci-1-data: creating volume test_ci-1-data: done
        info apply_start: volume.ci-1-socket: creating volume test_ci-1-socket
        info apply_complete: volume.ci-1-socket: creating volume test_ci-1-socket: done
        info apply_start: environment.ci: creating container test-ci-1
        error apply_errored: environment.ci: creating container test-ci-1: failed
        error diagnostic: the outer engine refused to CreateContainer: the test wants it so
        warn apply_skipped: environment.ci: writing the engine's configuration: not done
        warn apply_skipped: environment.ci: starting test-ci-1: not done
        warn apply_skipped: environment.ci: waiting for the engine: not done
        warn apply_skipped: bookkeeping: creating volume nest-test-record-1: not done
        warn apply_skipped: environment.ci/image["alpine:3.20"]: transferring alpine:3.20: not done
        warn apply_skipped: bookkeeping: creating volume nest-test-record-2: not done
        warn apply_skipped: bookkeeping: removing volume nest-test-record-1: not done
        warn apply_skipped: bookkeeping: creating volume nest-test-record-2: not done
        warn apply_skipped: bookkeeping: removing volume nest-test-record-1: not done
        info change_summary: 3 added, 0 changed, 0 destroyed
        error outcome: 4 steps done, 1 failed, 9 skipped
    "#]]
    .assert_eq(&messages(&lines[6..]));
    let failed: BTreeSet<u64> = of(&lines, "apply_errored")
        .filter_map(|line| line["hook"]["step"].as_u64())
        .collect();
    for skipped in of(&lines, "apply_skipped") {
        let because = skipped["because_of"].as_array().expect("a list");
        assert!(!because.is_empty(), "{skipped}");
        let known = |step: &Value| step.as_u64().is_some_and(|step| failed.contains(&step));
        assert!(because.iter().all(known), "{skipped}");
    }
    let Outcome::Incomplete { steps, report } = outcome else {
        panic!("{outcome:?}");
    };
    let text = anstream::adapter::strip_str(&incomplete(&steps, &report)).to_string();
    let (text, time) = text.rsplit_once(", in ").expect("it took its time");
    assert!(
        time.ends_with("s. Run `nest up` to go on from here.\n"),
        "{time}"
    );
    expect![[r#"
        environment.ci
        error: the outer engine refused to CreateContainer: the test wants it so

        not started because of it:
          environment.ci: writing the engine's configuration
          environment.ci: starting test-ci-1
          environment.ci: waiting for the engine
          environment.ci/image["alpine:3.20"]: transferring alpine:3.20

        Incomplete: 4 steps done, 1 failed, 9 not started"#]]
    .assert_eq(text);
}

#[test]
fn waiting_for_somebody_else_and_bytes_are_told() {
    let (mut stream, _) = Stream::begin(now());
    let (lock, _folder) = lock_options("nest down");
    let holder = &lock.holder;
    let waiting = lines(&stream.event(&Event::Waiting { holder }, now()));
    assert_eq!(waiting[0]["type"], "lock_wait");
    let holder = waiting[0]["holder"].as_str();
    assert!(holder.is_some_and(|holder| holder.contains("`nest down` of ann@")));
    let plan = plan_now(&engine(), SMALL, UP);
    stream.plan(&plan, now());
    let (index, step) = (0, &plan.steps[0]);
    let waited = &Waited::default();
    let started = Event::Started {
        index,
        step,
        waited,
    };
    stream.event(&started, now());
    let told: Vec<usize> = [0, 100, 900, 1100, 1200]
        .into_iter()
        .map(|milliseconds| {
            let progress = &Progress::Bytes(milliseconds);
            let event = Event::Progress {
                index,
                step,
                progress,
            };
            let later = now() + Duration::from_millis(milliseconds);
            lines(&stream.event(&event, later)).len()
        })
        .collect();
    assert_eq!(told, [0, 0, 0, 1, 0], "at most one line a second");
    let progress = &Progress::Warning("it is slow".to_owned());
    let warning = lines(&stream.event(
        &Event::Progress {
            index,
            step,
            progress,
        },
        now(),
    ));
    assert_eq!(warning[0]["diagnostic"]["severity"], "warning");
}

#[test]
fn secrets_are_in_no_line() {
    let with = BUILDER.replace(
        "memory: 2g",
        "environment: { API_TOKEN: '${TOKEN:-hunter2}' }, daemon: { mtu: 1400 }",
    );
    let engine = engine();
    let (text, _) = told(&engine, &with, &UP);
    assert!(!text.contains("hunter"), "{text}");
    let (text, _) = told(&engine, &with.replace("hunter2", "hunter3"), &UP);
    assert!(text.contains("environment.builder"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn the_program_for_jq_in_the_book_finds_what_took_longest() {
    let program = jq_program("book/src/plans.md", "apply_complete");
    let (text, _) = told(&engine(), SMALL, &UP);
    let found: Vec<Value> = lines(&text)
        .iter()
        .flat_map(|line| jq(&program, line))
        .collect();
    let complete = text.matches("\"type\":\"apply_complete\"").count();
    assert_eq!(found.len(), complete, "{found:?}");
    let texts = found.iter().filter_map(Value::as_str);
    assert_eq!(
        texts
            .filter(|line| line.contains("start_container"))
            .count(),
        1
    );
}
