//! What histories have found of seeds.

use nest::resource::engine_path::EnginePath;
use nest::resource::label;

use crate::apply::{bring_up, run};
use crate::histories::drift::{Drift, Stranger};
use crate::histories::found::settled;
use crate::histories::oracle::half_seeds;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP, engine, plan_now};

fn file(name: &str, seed: &str) -> String {
    format!(
        "{{ name: {name}, environments: {{ box: {{ outer: {{ mode: dind, data: {{ keep: false{seed} }} }}, \
         inner: {{ images: ['alpine:3.20'] }} }} }} }}"
    )
}

/// Whether a plan for the file that was made before `disturb` acts is stale after it, as it must be where another would
/// be made.
fn is_stale(
    engine: &MemoryEngine,
    file: &str,
    options: nest::plan::PlanOptions,
    disturb: impl FnOnce(),
) {
    let before = plan_now(engine, file, options.clone());
    disturb();
    let after = plan_now(engine, file, options);
    assert_ne!(before.steps, after.steps, "another plan would be made");
    let desired = crate::yaml::wanted(file);
    let observed = engine.with(|state| state.observed(&nest::up::question(&desired)));
    let now = nest::plan::fingerprint::Fingerprint::of(&observed, &before.project, &before.names);
    assert_ne!(before.fingerprint.differences(&now), Vec::<String>::new());
}

#[test]
fn a_seed_that_comes_makes_a_plan_stale_that_found_none() {
    let engine = engine();
    is_stale(&engine, &file("test", ""), UP, || {
        bring_up(&engine, &file("other", ", seed: copy"));
    });
}

#[test]
fn a_mark_of_another_seed_makes_a_plan_stale_that_found_it_without_one() {
    let engine = engine();
    let lose_seeds = || {
        engine.with(|state| {
            let is_mark =
                |it: &crate::memory::MemoryVolume| it.labels.contains_key(label::SEED_VOLUME);
            state.volumes.retain(|_, volume| is_mark(volume));
        });
    };
    bring_up(&engine, &file("test", ", seed: copy"));
    run(&engine, &file("test", ", seed: copy"), DOWN_WITH_VOLUMES);
    lose_seeds();
    is_stale(&engine, &file("test", ", seed: copy"), UP, || {
        bring_up(&engine, &file("other", ", seed: copy"));
        run(&engine, &file("other", ", seed: copy"), DOWN_WITH_VOLUMES);
    });
}

#[test]
fn a_mark_that_goes_makes_a_plan_stale_of_who_made_the_seed() {
    let engine = engine();
    bring_up(&engine, &file("test", ", seed: copy"));
    is_stale(&engine, &file("test", ", seed: copy"), DOWN, || {
        engine.with(|state| {
            let is_mark =
                |it: &crate::memory::MemoryVolume| it.labels.contains_key(label::SEED_VOLUME);
            state.volumes.retain(|_, volume| !is_mark(volume));
        });
    });
}

#[test]
fn what_came_with_a_data_root_is_the_projects_however_the_run_ended() {
    let with = file("test", "");
    let without = with.replace("'alpine:3.20'", "");
    let begin = || {
        let engine = engine();
        bring_up(&engine, &file("other", ", seed: copy"));
        engine
    };
    let steps = plan_now(&begin(), &with, UP).steps.len();
    for kind in [FaultKind::Fails, FaultKind::FailsFromHere] {
        for at in 0..steps {
            let engine = begin();
            engine.set_faults(vec![Fault { at, kind }]);
            let _ = run(&engine, &with, UP);
            engine.set_faults(Vec::new());
            bring_up(&engine, &with);
            settled(&engine, &with);
            bring_up(&engine, &without);
            settled(&engine, &without);
            let inside = EnginePath::outer().inside("test-box-1");
            let images = engine.with(|state| state.inside(&inside).map(|it| it.images.len()));
            assert_eq!(images, Some(0), "{kind:?} at {at}");
        }
    }
}

#[test]
fn a_data_root_that_was_not_filled_is_made_anew_or_goes() {
    let kept = |seed: &str| file("test", seed).replace("keep: false", "keep: true");
    let with = kept("");
    let elsewhere = with.replace("box", "other");
    let none = kept(", seed: none");
    let begin = || {
        let engine = engine();
        bring_up(&engine, &file("other", ", seed: copy"));
        engine
    };
    let steps = plan_now(&begin(), &with, UP).steps.len();
    let mut half = 0;
    for at in 0..steps {
        for (then, options) in [
            (&with, UP),
            (&none, UP),
            (&elsewhere, UP),
            (&with, DOWN),
            (&with, DOWN_WITH_VOLUMES),
        ] {
            let engine = begin();
            let kind = FaultKind::FailsFromHere;
            engine.set_faults(vec![Fault { at, kind }]);
            let _ = run(&engine, &with, UP);
            engine.set_faults(Vec::new());
            let left = engine.with(|state| half_seeds(state));
            half += usize::from(left.iter().any(|it| it.starts_with("what is copied")));
            let listed = plan_now(&engine, then, options.clone());
            let data = listed.changes.iter();
            let data = data.filter(|it| it.object == "test_box-1-data");
            let is_half = left.iter().any(|it| it.ends_with("test_box-1-data"));
            assert!(!is_half || data.count() == 1 || *then == elsewhere, "{at}");
            let _ = run(&engine, then, options.clone());
            let left = engine.with(|state| half_seeds(state));
            assert_eq!(left, Vec::<String>::new(), "at {at}, {options:?}");
            assert!(plan_now(&engine, then, options).steps.is_empty(), "{at}");
            let images = engine.with(|state| {
                let inside = EnginePath::outer().inside("test-box-1");
                state.inside(&inside).map(|it| it.images.len())
            });
            let wanted = (*then == with || *then == none).then_some(1);
            assert!(images.is_none() || images == wanted, "{at}: {images:?}");
        }
    }
    assert!(half >= 5, "{half} of {steps}");
}

#[test]
fn a_data_root_that_is_half_copied_is_known_for_one_until_it_is_gone() {
    let file = file("test", ", seed: copy").replace("keep: false, ", "");
    let is_half = |engine: &MemoryEngine| !engine.with(|state| half_seeds(state)).is_empty();
    let seeded = || {
        let engine = engine();
        bring_up(&engine, &self::file("other", ", seed: copy"));
        // A container of a committed image has the labels of what that was made from.
        bring_up(&engine, &file);
        engine.with(|state| Drift::Stranger(0, Stranger::Copy(1)).act(state));
        let copied = engine.with(|state| state.containers["debugging"].labels.clone());
        assert_eq!(
            copied.get(label::NAME).map(String::as_str),
            Some("test-box-1")
        );
        run(&engine, &file, DOWN_WITH_VOLUMES);
        engine
    };
    let steps = plan_now(&seeded(), &file, UP).steps.len();
    let mut half_copied = 0;
    let ends = [FaultKind::Fails, FaultKind::FailsFromHere];
    let ends = ends
        .into_iter()
        .flat_map(|kind| (0..steps).map(move |at| (kind, at)));
    for (kind, at) in ends {
        let begin = || {
            let engine = seeded();
            engine.set_faults(vec![Fault { at, kind }]);
            run(&engine, &file, UP);
            engine
        };
        if !is_half(&begin()) {
            continue;
        }
        half_copied += 1;
        for options in [UP, DOWN, DOWN_WITH_VOLUMES] {
            let steps = plan_now(&begin(), &file, options.clone()).steps.len();
            for at in 0..steps {
                let engine = begin();
                let kind = FaultKind::FailsFromHere;
                engine.set_faults(vec![Fault { at, kind }]);
                run(&engine, &file, options.clone());
                engine.set_faults(Vec::new());
                bring_up(&engine, &file);
                settled(&engine, &file);
                assert!(!is_half(&engine), "{options:?}, ended at {at}");
            }
        }
    }
    assert!(half_copied > 3, "{half_copied} of {steps}");
}
