//! Watching, decided in memory: whatever is saved, fails and happens, and whenever, it comes to the last valid file.

mod course;
mod notice;

use std::time::Duration;

use expect_test::expect;
use nest::plan::PlanOptions;
use nest::plan::plan;
use nest::report::board::{Stand, board};
use nest::up::question;
use nest::watch::consent::is_safe;
use nest::watch::{Cause, Ended, Key, Policy, Reading, Task, Watch};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::histories::generated::{drift, edit, file};
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::watch::course::{Act, Course, When};
use crate::yaml::wanted;

const HEALING: Policy = Policy {
    yes: true,
    heal: true,
};

fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A machine that has read a valid file and run.
fn settled(policy: Policy) -> Watch {
    let mut watch = Watch::new(policy, at(0));
    assert_eq!(watch.next(at(0)), Task::Read);
    watch.read(at(0), Reading::Valid);
    assert_eq!(watch.next(at(0)), Task::Run(Cause::Files));
    watch.ran(at(1), Ended::InStep);
    assert_eq!(watch.next(at(1)), Task::Rest(None));
    watch
}

#[test]
fn a_burst_of_saves_is_read_once_and_no_later_than_two_seconds_after_it_began() {
    let mut watch = settled(Policy::default());
    for save in 0..1000 {
        watch.noise(at(10_000 + save));
        assert!(matches!(watch.next(at(10_000 + save)), Task::Rest(Some(_))));
    }
    assert_eq!(watch.next(at(10_999)), Task::Rest(Some(at(11_099))));
    assert_eq!(watch.next(at(11_099)), Task::Read);
    watch.read(at(11_100), Reading::Same);
    assert_eq!(watch.next(at(11_100)), Task::Rest(None));
    for save in 0..40 {
        watch.noise(at(20_000 + 50 * save));
    }
    assert_eq!(watch.next(at(21_999)), Task::Rest(Some(at(22_000))));
    assert_eq!(watch.next(at(22_000)), Task::Read);
}

#[test]
fn a_file_that_is_away_for_a_moment_is_waited_for() {
    let mut watch = settled(Policy::default());
    watch.noise(at(1000));
    assert_eq!(watch.next(at(1100)), Task::Read);
    watch.read(at(1100), Reading::Absent);
    assert!(!watch.is_gone(at(1100)));
    assert_eq!(watch.next(at(1100)), Task::Rest(Some(at(1600))));
    assert_eq!(watch.next(at(1600)), Task::Read);
    watch.read(at(1600), Reading::Absent);
    assert!(watch.is_gone(at(1600)));
    assert_eq!(watch.next(at(1600)), Task::Rest(None));
    watch.noise(at(9000));
    assert_eq!(watch.next(at(9100)), Task::Read);
    watch.read(at(9100), Reading::Valid);
    assert!(!watch.is_gone(at(9100)));
    assert_eq!(watch.next(at(9100)), Task::Run(Cause::Files));
}

#[test]
fn what_is_saved_during_a_run_is_read_after_it() {
    let mut watch = settled(Policy::default());
    watch.noise(at(1000));
    assert_eq!(watch.next(at(1100)), Task::Read);
    watch.read(at(1100), Reading::Valid);
    assert_eq!(watch.next(at(1100)), Task::Run(Cause::Files));
    watch.noise(at(1200));
    watch.moved(at(1300));
    watch.ran(at(5000), Ended::Done);
    assert_eq!(watch.next(at(5000)), Task::Read);
    watch.read(at(5000), Reading::Same);
    assert_eq!(watch.next(at(5000)), Task::Run(Cause::World));
    watch.ran(at(5001), Ended::InStep);
    assert_eq!(watch.next(at(5001)), Task::Rest(None));
}

#[test]
fn files_are_read_beside_a_run_and_what_they_want_is_done_once_after_it() {
    let mut watch = settled(Policy::default());
    watch.noise(at(1000));
    assert_eq!(watch.next(at(1100)), Task::Read);
    watch.read(at(1100), Reading::Valid);
    assert_eq!(watch.next(at(1100)), Task::Run(Cause::Files));
    watch.noise(at(1200));
    assert_eq!(watch.beside(at(1200)), Task::Rest(Some(at(1300))));
    assert_eq!(watch.beside(at(1300)), Task::Read);
    watch.read(at(1300), Reading::Invalid);
    assert_eq!(watch.beside(at(1300)), Task::Rest(None));
    watch.noise(at(1400));
    assert_eq!(watch.beside(at(1500)), Task::Read);
    watch.read(at(1500), Reading::Valid);
    assert_eq!(watch.beside(at(1500)), Task::Rest(None));
    watch.ran(at(5000), Ended::Done);
    assert_eq!(watch.next(at(5000)), Task::Run(Cause::Files));
    watch.ran(at(5001), Ended::InStep);
    assert_eq!(watch.next(at(5001)), Task::Rest(None));
}

#[test]
fn an_engine_that_does_not_answer_is_asked_again_ever_more_rarely() {
    let mut watch = settled(Policy::default());
    watch.moved(at(1000));
    let mut now = at(1150);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        assert!(matches!(watch.next(now), Task::Run(_)));
        watch.ran(now, Ended::Unanswered);
        let Task::Rest(Some(again)) = watch.next(now) else {
            panic!("it is tried again");
        };
        pauses.push(again.saturating_sub(now).as_secs());
        now = again;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
}

/// Whether what leads from one file to another needs no word.
fn safe(before: &str, after: &str) -> bool {
    let engine = crate::plan::engine();
    crate::apply::bring_up(&engine, before);
    let desired = wanted(after);
    let observed = engine.with(|state| state.observed(&question(&desired)));
    let plan = plan(&desired, &observed, &PlanOptions::whole(None));
    assert!(plan.has_changes(), "{before} {after}");
    is_safe(&plan)
}

#[test]
fn what_runs_is_not_stopped_without_a_word() {
    let file = |inner: &str| {
        format!("name: test\nenvironments:\n  builder: {{ outer: {{ mode: dind, {inner} }}\n")
    };
    let small = file("memory: 1g }, inner: { images: [alpine:3.20] }");
    let safe_ones = [
        "memory: 2g }, inner: { images: [alpine:3.20] }",
        "memory: 1g }, inner: { images: [alpine:3.20, busybox:1.36] }",
        "memory: 1g }, inner: { images: [busybox:1.36] }",
        "memory: 1g, daemon: { debug: true } }, inner: { images: [alpine:3.20] }",
    ];
    for other in safe_ones {
        assert!(safe(&small, &file(other)), "{other}");
    }
    let stopping = [
        "memory: 1g, environment: { A: b } }, inner: { images: [alpine:3.20] }",
        "memory: 1g, daemon: { mtu: 1400 } }, inner: { images: [alpine:3.20] }",
    ];
    for other in stopping {
        assert!(!safe(&small, &file(other)), "{other}");
    }
    let with_service = format!("{small}services: {{ web: {{ image: alpine:3.20 }} }}\n");
    assert!(safe(&small, &with_service));
    assert!(!safe(&with_service, &small));
}

#[test]
fn the_board_shows_each_environment_with_what_is_to_become_of_it() {
    let before = "name: test\nenvironments:\n  aa: { outer: dind, inner: { images: [alpine:3.20] } }\n  bb: { outer: socket }\n  cc: { outer: socket }\n";
    let after = before.replace("3.20] }", "3.20, busybox:1.36] }").replace(
        "bb: { outer: socket }",
        "bb: { outer: { mode: socket, environment: { A: b } } }",
    );
    let engine = crate::plan::engine();
    crate::apply::bring_up(&engine, before);
    let desired = wanted(&after);
    let observed = engine.with(|state| state.observed(&question(&desired)));
    let plan = plan(&desired, &observed, &PlanOptions::whole(None));
    let stand = |changes| Stand {
        phrase: "as it is",
        changes,
        trouble: Some("something\u{1b} is wrong"),
    };
    let stripped = |lines: Vec<String>| {
        let lines = lines.iter();
        let bare = lines.map(|line| anstream::adapter::strip_str(line).to_string() + "\n");
        bare.collect::<String>()
    };
    expect![[r"
        test  as it is
        ├─ ~ environment test-aa-1  1 change inside
        ├─ ± environment test-bb-1  to be replaced
        └─ ✓ environment test-cc-1
        ✗ something\u{1b} is wrong
    "]]
    .assert_eq(&stripped(board(&desired, &stand(&plan.changes))));
    let many = "name: test\nenvironments: { aa: { outer: socket, replicas: 40 } }\n";
    let lines = board(&wanted(many), &stand(&[]));
    assert_eq!(lines.len(), 18, "{lines:#?}");
    assert!(lines[16].contains("… and 25 more"), "{lines:#?}");
}

const TWO: &str =
    "name: test\nenvironments: { builder: { outer: dind }, tools: { outer: socket } }\n";

#[test]
fn others_changes_are_left_without_a_word_and_put_back_by_a_key_or_when_healing() {
    for (policy, key, is_back) in [
        (Policy::default(), None, false),
        (Policy::default(), Some(Key::Look), false),
        (Policy::default(), Some(Key::Apply), true),
        (HEALING, None, true),
    ] {
        let mut course = Course::begin(policy, crate::plan::engine(), TWO);
        course.go(&[]);
        course.go(&[When::after(5000, Act::stop("test-tools-1"))]);
        assert_eq!(course.runs_with("test-tools-1"), policy.heal);
        assert_eq!(course.watch.waits_for_word(), !policy.heal);
        course.go(&key
            .map(|key| When::after(10, Act::Press(key)))
            .into_iter()
            .collect::<Vec<_>>());
        assert_eq!(
            course.runs_with("test-tools-1"),
            is_back,
            "{policy:?} {key:?}"
        );
    }
}

#[test]
fn what_does_not_help_is_tried_ever_more_rarely_and_not_for_ever_in_a_row() {
    let mut course = Course::begin(HEALING, crate::plan::engine(), TWO);
    course.go(&[]);
    let before = course.runs;
    // It ends each time that it is started.
    let ends: Vec<When> = (0..240)
        .map(|_| When::after(500, Act::stop("test-tools-1")))
        .collect();
    course.go(&ends);
    let starts = course.applied.iter().filter(|at| **at > before).count();
    assert!((4..=12).contains(&starts), "{starts} times in two minutes");
    assert!(course.runs_with("test-tools-1"), "it is started in the end");
}

#[test]
fn it_comes_to_the_last_valid_file_whatever_happens_meanwhile() {
    let act = prop_oneof![
        4 => edit().prop_map(|edit| Act::Edit(Box::new(edit))),
        1 => Just(Act::Spoil),
        1 => Just(Act::Vanish),
        1 => Just(Act::Touch),
        3 => (drift(), any::<bool>()).prop_map(|(drift, told)| Act::Drift { drift, told }),
        2 => ((0..20_usize), any::<bool>()).prop_map(|(at, breaks)| Act::Fault(Fault {
            at,
            kind: if breaks { FaultKind::Breaks } else { FaultKind::Fails },
        })),
    ];
    let gap = prop_oneof![0..30_u64, 50..400_u64, 1000..5000_u64];
    let when = (gap, any::<bool>(), act).prop_map(|(gap, during_a_run, act)| When {
        gap,
        during_a_run,
        act,
    });
    let story = (file(), vec(when, 1..25));
    let config = Config {
        cases: 192,
        failure_persistence: None,
        ..Config::default()
    };
    let refused = std::cell::Cell::new(0_u32);
    let in_runs = std::cell::Cell::new(0_usize);
    TestRunner::new(config)
        .run(&story, |(file, acts)| {
            let engine = crate::plan::engine();
            engine.dawdle(acts.len() as u64);
            let Some(mut course) = Course::of_file(HEALING, engine, file) else {
                return Ok(());
            };
            course.go(&acts);
            // What was missed is made up for when the engine tells again; what failed before does not fail now.
            course.go(&[When::after(10, Act::Well)]);
            in_runs.set(in_runs.get() + course.readings_in_runs);
            let is_refused = course.check().map_err(TestCaseError::fail)?;
            refused.set(refused.get() + u32::from(is_refused));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(in_runs.get() > 20, "{in_runs:?} readings beside runs");
    assert!(refused.get() < 100, "{refused:?} ended in a refusal");
}

impl Act {
    /// Somebody stops a container, and the engine tells it.
    fn stop(name: &str) -> Self {
        Act::Stop(name.to_owned())
    }
}

impl When {
    fn after(gap: u64, act: Act) -> Self {
        Self {
            gap,
            during_a_run: false,
            act,
        }
    }
}

/// The engine that a course is about.
type Engine = MemoryEngine;
