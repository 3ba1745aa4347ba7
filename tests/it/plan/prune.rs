//! What goes across projects: decided from what an engine in memory holds, and carried out there.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nest::apply::lock::this_process;
use nest::apply::patience::Patience;
use nest::apply::{ApplyOptions, apply};
use nest::desired::Desired;
use nest::model::name::ProjectName;
use nest::observed::ContainerState;
use nest::observed::holdings::{Holdings, ListedContainer};
use nest::plan::prune::{Due, Prune, PruneOptions, Stays, prune};
use nest::plan::{Expiry, KeptBecause, PlanOptions};
use nest::resource::container::ContainerMountSource;
use nest::resource::engine_path::EnginePath;
use nest::resource::label;
use nest::resource::lock::LockHolder;
use nest::up::Outcome;
use tokio_util::sync::CancellationToken;

use crate::apply::run;
use crate::memory::{MemoryEngine, MemoryVolume};
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP, engine, futures, plan_now, rendered};

fn file(name: &str) -> String {
    format!(
        "name: {name}
environments:
  box:
    outer: {{ mode: dind, data: {{ seed: copy }} }}
    inner: {{ images: [alpine:3.20, busybox:1.36] }}
"
    )
}

/// What the engine holds, all of it made then.
fn holdings(engine: &MemoryEngine, made: SystemTime) -> Holdings {
    engine.with(|state| {
        let mut holdings = Holdings::default();
        for (name, container) in &state.containers {
            let listed = ListedContainer {
                name,
                id: &container.id,
                labels: &container.labels,
                image_id: &format!("sha256:{}", crate::memory::image_id(&container.image)),
                runs: container.state == ContainerState::Running,
                made: Some(made),
            };
            let mounts = container.fixed.mounts.iter();
            let volumes = mounts.filter_map(|mount| match &mount.source {
                ContainerMountSource::Volume(name) => Some(name.as_str()),
                _ => None,
            });
            holdings.add_container(listed, volumes);
        }
        for (name, volume) in &state.volumes {
            holdings.add_volume(name, &volume.labels, Some(made));
        }
        for (name, network) in &state.networks {
            holdings.add_network(name, &network.labels);
        }
        holdings
    })
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn options(now: u64) -> PruneOptions {
    PruneOptions {
        now: at(now),
        older_than: None,
        ended: BTreeSet::new(),
        only: None,
    }
}

fn decided(engine: &MemoryEngine, options: &PruneOptions) -> Prune {
    prune(&holdings(engine, at(0)), options)
}

fn names(prune: &Prune) -> Vec<&str> {
    prune.projects.keys().map(ProjectName::as_str).collect()
}

fn up_until(engine: &MemoryEngine, name: &str, expiry: Expiry) {
    let options = PlanOptions { expiry, ..UP };
    let outcome = run(engine, &file(name), options);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

fn hold_lock(engine: &MemoryEngine, project: &str) -> LockHolder {
    let holder = this_process("nest up", "ann");
    let name = ProjectName::new(project);
    let labels = holder.labels(&name);
    let volume = MemoryVolume::new(labels);
    engine.with(|state| state.volumes.insert(LockHolder::volume_name(&name), volume));
    holder
}

#[test]
fn expired_projects_go_and_old_ones_where_it_is_asked_for() {
    let engine = engine();
    up_until(&engine, "short", Expiry::At(100));
    up_until(&engine, "long", Expiry::At(1000));
    up_until(&engine, "lasting", Expiry::Never);
    assert_eq!(names(&decided(&engine, &options(99))), [""; 0]);
    let found = decided(&engine, &options(100));
    let due: Vec<_> = found.projects.values().collect();
    assert_eq!(names(&found), ["short"]);
    assert_eq!(due, [&Due::Expired(at(100))]);
    let old = PruneOptions {
        older_than: Some(Duration::from_secs(200)),
        ..options(150)
    };
    assert_eq!(names(&decided(&engine, &old)), ["short"]);
    let old = PruneOptions {
        now: at(201),
        ..old
    };
    let found = decided(&engine, &old);
    assert_eq!(names(&found), ["lasting", "long", "short"]);
    let lasting = &found.projects[&ProjectName::new("lasting")];
    assert_eq!(*lasting, Due::Old(Duration::from_secs(201)));
}

#[test]
fn what_only_carries_the_labels_of_a_project_does_not_count() {
    let engine = engine();
    up_until(&engine, "short", Expiry::At(100));
    // A container that was made from an image committed of nest's, and a name that nest gives to no project.
    engine.with(|state| {
        let mut copy = state.containers["short-box-1"].clone();
        copy.fixed.mounts.clear();
        state.containers.insert("mine".to_owned(), copy);
        let labels = [
            (label::PROJECT, "../etc"),
            (label::NAME, "nest-../etc-record-1"),
            (label::RECORD, "{\"expires\":1}"),
        ];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let volume = MemoryVolume::new(labels.into_iter().collect());
        let name = "nest-../etc-record-1".to_owned();
        state.volumes.insert(name, volume);
    });
    let held = holdings(&engine, at(0));
    assert_eq!(held.projects["short"].containers, 1);
    assert_eq!(names(&decided(&engine, &options(100))), ["short"]);
}

#[test]
fn a_project_whose_lock_is_held_stays_and_a_lock_that_was_left_goes() {
    let engine = engine();
    up_until(&engine, "short", Expiry::At(100));
    let holder = hold_lock(&engine, "short");
    let found = decided(&engine, &options(100));
    assert_eq!(names(&found), [""; 0]);
    let stays = &found.staying[&ProjectName::new("short")];
    assert_eq!(*stays, Stays::Locked(holder));
    assert!(found.locks.is_empty() && !found.rest.has_changes());
    let ended = PruneOptions {
        ended: BTreeSet::from(["short".to_owned()]),
        ..options(100)
    };
    assert_eq!(names(&decided(&engine, &ended)), ["short"]);
    let early = PruneOptions {
        now: at(99),
        ..ended
    };
    let found = decided(&engine, &early);
    assert_eq!(found.locks, BTreeSet::from([ProjectName::new("short")]));
    let shown = rendered(&found.rest);
    let left = "# lock.short will be removed (a run for project `short` ended early and left it)";
    assert!(shown.contains(left), "{shown}");
}

/// Carries out the steps of one round.
fn carry_out(engine: &MemoryEngine, found: &Prune) -> bool {
    let options = ApplyOptions {
        parallel: 4,
        patience: Patience::new(None),
        drain: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    let steps = &found.rest.steps;
    futures(apply(engine, steps, &options, &|_| {})).is_complete()
}

fn seeds(engine: &MemoryEngine) -> usize {
    engine.with(|state| {
        let volumes = state.volumes.values();
        let is_seed = |volume: &&MemoryVolume| volume.labels.contains_key(label::SEED);
        volumes.filter(is_seed).count()
    })
}

#[test]
fn a_seed_goes_once_no_environment_runs_its_engine_and_its_mark_first() {
    let engine = engine();
    up_until(&engine, "one", Expiry::Kept);
    assert_eq!(seeds(&engine), 2, "a seed and its mark");
    let found = decided(&engine, &options(100));
    assert!(found.rest.steps.is_empty());
    let because: Vec<_> = found.rest.kept.iter().map(|kept| &kept.because).collect();
    assert_eq!(because, [&KeptBecause::Wanted("one".to_owned())]);

    // Where the only project that has such environments goes, so does the seed.
    let due = PruneOptions {
        older_than: Some(Duration::ZERO),
        ..options(100)
    };
    assert_eq!(decided(&engine, &due).rest.steps.len(), 1);

    run(&engine, &file("one"), DOWN);
    hold_lock(&engine, "another");
    let found = decided(&engine, &options(100));
    assert!(found.rest.steps.is_empty());
    let because = &found.rest.kept[0].because;
    assert!(matches!(because, KeptBecause::Locked(_)), "{because:?}");
    engine.with(|state| state.volumes.remove("nest-another-lock"));

    let found = decided(&engine, &options(100));
    assert_eq!(found.rest.changes.len(), 1);
    assert!(carry_out(&engine, &found));
    assert_eq!(seeds(&engine), 1, "nobody starts from it any more");
    // Somebody had begun to, before the mark was gone.
    hold_lock(&engine, "another");
    assert!(decided(&engine, &options(100)).rest.steps.is_empty());
    engine.with(|state| state.volumes.remove("nest-another-lock"));
    assert!(carry_out(&engine, &decided(&engine, &options(100))));
    assert_eq!(seeds(&engine), 0);
    assert!(!decided(&engine, &options(100)).rest.has_changes());
}

#[test]
fn what_was_not_shown_is_not_taken_away() {
    let engine = engine();
    up_until(&engine, "one", Expiry::Kept);
    run(&engine, &file("one"), DOWN);
    let none = PruneOptions {
        only: Some(BTreeSet::from(["something".to_owned()])),
        ..options(100)
    };
    let found = decided(&engine, &none);
    assert!(!found.rest.has_changes() && found.rest.kept.is_empty());
}

#[test]
fn after_a_failure_at_any_step_the_next_run_takes_the_rest() {
    let whole = engine();
    up_until(&whole, "one", Expiry::At(1));
    for failing in 0.. {
        // What breaks off: the making of a seed, its copying, or taking all of it away.
        let engine = engine();
        engine.fail_after(failing);
        let options_up = PlanOptions {
            expiry: Expiry::At(1),
            ..UP
        };
        let brought = run(&engine, &file("one"), options_up);
        engine.fail_after(usize::MAX);
        for _ in 0..2 {
            let found = decided(&engine, &options(100));
            for project in found.projects.keys() {
                let desired = Desired::of_nothing(project.clone());
                assert_eq!(desired.project.as_str(), "one");
                let outcome = run(&engine, "name: one\n", DOWN_WITH_VOLUMES);
                assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
            }
            for round in 0..3 {
                engine.fail_after(round % 2);
                carry_out(&engine, &decided(&engine, &options(100)));
                engine.fail_after(usize::MAX);
            }
        }
        for _ in 0..3 {
            carry_out(&engine, &decided(&engine, &options(100)));
        }
        let left = engine.with(|state| state.objects());
        assert_eq!(left, Vec::<String>::new(), "after {failing} operations");
        if matches!(brought, Outcome::Done { .. }) {
            break;
        }
    }
    assert!(plan_now(&whole, &file("one"), UP).steps.is_empty());
}

#[test]
fn the_part_of_a_project_that_an_engine_inside_holds_is_not_taken_down_there() {
    let engine = engine();
    up_until(&engine, "whole", Expiry::Kept);
    // An environment's scope on the same engine is the project's own all the same.
    let socket = "name: socket
environments:
  tools: { outer: socket, inner: { services: { db: { image: 'db:1' } }, volumes: { kept: {} } } }
";
    let outcome = run(&engine, socket, UP);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    let old = PruneOptions {
        older_than: Some(Duration::ZERO),
        ..options(100)
    };
    assert_eq!(names(&decided(&engine, &old)), ["socket", "whole"]);
    let inside = engine.with(|state| {
        let path = EnginePath::outer().inside("whole-box-1");
        state.inside(&path).expect("it runs").clone()
    });
    let found = decided(&MemoryEngine::with_state(inside), &old);
    assert_eq!(names(&found), [""; 0]);
    assert_eq!(found.staying[&ProjectName::new("whole")], Stays::Part);
}
