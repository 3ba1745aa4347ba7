//! What histories have found of seeds.

use nest::resource::engine_path::EnginePath;
use nest::resource::label;

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN, UP, engine, plan_now};

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
