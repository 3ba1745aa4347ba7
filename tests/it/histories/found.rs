//! What histories have found, each as a small test.

mod going;
mod image;
mod inner;
mod job;
mod notes;
mod part;
mod seed;

use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::plan::change::Action;
use nest::plan::saved::SavedPlan;
use nest::plan::step::Operation;
use nest::resource::container::ContainerRef;
use nest::resource::label::Labels;
use nest::resource::record::Record;
use nest::up::{Outcome, question};

use crate::apply::{bring_up, run};
use crate::histories::world::{facts, file_digests};
use crate::memory::{EngineState, Fault, FaultKind, MemoryEngine, MemoryVolume};
use crate::plan::{DOWN_WITH_VOLUMES, UP, engine, plan_now, rendered};
use crate::yaml::{try_wanted, wanted};

const BUILDER: &str = "{ name: test, environments: { builder: { outer: dind } } }";

/// Whether there is nothing left to do.
fn settled(engine: &MemoryEngine, yaml: &str) {
    let plan = plan_now(engine, yaml, UP);
    assert!(
        plan.steps.is_empty(),
        "{} {:?}",
        rendered(&plan),
        plan.steps
    );
}

#[test]
fn a_record_that_a_broken_run_left_beside_the_new_one_goes() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    let records = |engine: &MemoryEngine| {
        let project = wanted(BUILDER).project;
        let volumes = engine.with(|state| state.volumes.keys().cloned().collect::<Vec<_>>());
        let numbers = volumes
            .iter()
            .filter_map(|name| Record::number(&project, name));
        numbers.collect::<Vec<u64>>()
    };
    let newest = records(&engine);
    engine.with(|state| {
        let name = format!("nest-test-record-{}", newest[0]);
        let mut old = state.volumes[&name].clone();
        let name = "nest-test-record-1".to_owned();
        old.labels.insert("dev.nest.name".to_owned(), name.clone());
        state.volumes.insert(name, old);
    });
    assert_eq!(records(&engine).len(), 2);
    bring_up(&engine, BUILDER);
    assert_eq!(records(&engine), newest);
    settled(&engine, BUILDER);
}

#[test]
fn what_two_scopes_of_one_engine_want_does_not_depend_on_the_order_of_the_file() {
    let scope = |name: &str, image: &str| {
        format!("{name}: {{ outer: socket, inner: {{ images: [{image}] }} }}")
    };
    let archive = "{ image: \"app:1\", source: { archive: ./app.tar } }";
    let (one, two) = (scope("one", "\"app:1\""), scope("two", archive));
    let plans = [(&one, &two), (&two, &one)].map(|(first, second)| {
        let yaml = format!("{{ name: test, environments: {{ {first}, {second} }} }}");
        try_wanted(&yaml, &facts(1)).expect("it is right")
    });
    assert_eq!(plans[0].engine, plans[1].engine);
    let of = |names: [&str; 2]| {
        let [first, second] = names;
        let settings = "{ external: true, name: theirs }";
        wanted(&format!(
            "{{ name: test, volumes: {{ {first}: {settings}, {second}: {settings} }} }}"
        ))
    };
    assert_eq!(of(["aa", "bb"]).engine, of(["bb", "aa"]).engine);
}

#[test]
fn a_container_is_replaced_by_the_plan_that_brings_its_image_anew() {
    let engine = engine();
    let yaml = "{ name: test, images: [{ image: \"docker:dind\", source: { archive: ./odd.tar } }], \
                environments: { builder: { outer: dind } } }";
    bring_up(&engine, BUILDER);
    let desired = try_wanted(yaml, &facts(1)).expect("it is right");
    let observed = engine.with(|state| state.observed(&question(&desired)));
    let plan = nest::plan::plan(&desired, &observed, &UP);
    let of_builder = plan.changes.iter().find(|it| it.object == "test-builder-1");
    assert_eq!(
        of_builder.map(|change| change.action),
        Some(Action::Replace)
    );
    let at = |wanted: fn(&Operation) -> bool| {
        plan.steps
            .iter()
            .position(|step| wanted(&step.operation))
            .expect("there is one")
    };
    let load = at(|operation| matches!(operation, Operation::LoadArchive { .. }));
    let stop = at(|operation| matches!(operation, Operation::StopContainer { .. }));
    assert!(plan.steps[stop].after.contains(&load));
}

#[test]
fn an_image_that_comes_to_the_outer_engine_goes_on_to_the_inner_one_in_the_same_plan() {
    let archive = "{ image: \"app:1\", source: { archive: ./app.tar } }";
    let yaml = format!(
        "{{ name: test, images: [{archive}], environments: {{ builder: {{ outer: dind, \
         inner: {{ images: [{{ image: \"app:1\", source: outer }}] }} }} }} }}"
    );
    let desired = try_wanted(&yaml, &facts(1)).expect("it is right");
    let engine = engine();
    let observed = engine.with(|state| state.observed(&question(&desired)));
    let plan = nest::plan::plan(&desired, &observed, &UP);
    assert!(plan.is_applicable(), "{}", rendered(&plan));
    let position = |wanted: fn(&Operation) -> bool| {
        plan.steps
            .iter()
            .position(|step| wanted(&step.operation))
            .expect("there is one")
    };
    let load = position(|operation| matches!(operation, Operation::LoadArchive { .. }));
    let transfer = position(|operation| matches!(operation, Operation::TransferImages { .. }));
    assert!(plan.steps[transfer].after.contains(&load));
}

#[test]
fn an_image_leaves_its_engine_after_the_inner_one_has_taken_it() {
    let engine = engine();
    bring_up(
        &engine,
        "{ name: test, images: [\"app:1\"], environments: { builder: { outer: dind } } }",
    );
    let yaml = "{ name: test, environments: { builder: { outer: dind, inner: { images: [\"app:1\"] } } } }";
    let plan = plan_now(&engine, yaml, UP);
    let position = |wanted: fn(&Operation) -> bool| {
        plan.steps
            .iter()
            .position(|step| wanted(&step.operation))
            .expect("there is one")
    };
    let transfer = position(|operation| matches!(operation, Operation::TransferImages { .. }));
    let removal = position(|operation| matches!(operation, Operation::RemoveImage { .. }));
    assert!(
        plan.steps[removal].after.contains(&transfer),
        "{:?}",
        plan.steps
    );
}

#[test]
fn an_image_that_a_container_is_made_from_stays_when_it_is_no_longer_listed() {
    let engine = engine();
    let reference = ImageReference::new("own:dind");
    let listed = "{ name: test, images: [\"own:dind\"], environments: { builder: { outer: { mode: dind, image: \"own:dind\" } } } }";
    let unlisted = listed.replace("images: [\"own:dind\"], ", "");
    bring_up(&engine, listed);
    bring_up(&engine, &unlisted);
    assert!(engine.with(|state| state.images.contains_key(&reference)));
    settled(&engine, &unlisted);
    bring_up(&engine, BUILDER);
    assert!(
        !engine.with(|state| state.images.contains_key(&reference)),
        "nothing needs it"
    );
}

#[test]
fn the_lock_of_a_run_that_was_killed_at_its_end_goes_when_all_is_down() {
    let engine = engine();
    let (mut options, _folder) = crate::apply::lock_options("nest down");
    options.holder.process_start += 1;
    engine.with(|state| {
        let project = wanted(BUILDER).project;
        let name = nest::resource::lock::LockHolder::volume_name(&project);
        let lock = MemoryVolume::new(options.holder.labels(&project));
        state.volumes.insert(name, lock);
    });
    let outcome = run(&engine, BUILDER, DOWN_WITH_VOLUMES);
    assert!(
        matches!(outcome, Outcome::Done { changed: false }),
        "{outcome:?}"
    );
    assert_eq!(engine.with(|state| state.objects()), Vec::<String>::new());
}

#[test]
fn somebody_elses_object_makes_a_saved_plan_stale_where_the_plan_needs_its_name() {
    let engine = engine();
    let saved = SavedPlan {
        nest_version: "0".to_owned(),
        files: file_digests(&crate::histories::file::File::default()),
        question: question(&wanted(BUILDER)),
        plan: plan_now(&engine, BUILDER, UP),
        withheld: None,
    };
    let stale = |name: &str| {
        let mut state: EngineState = engine.with(|state| state.clone());
        let volume = MemoryVolume::new(Labels::new());
        state.volumes.insert(name.to_owned(), volume);
        let observed = state.observed(&saved.question);
        saved
            .check(&observed, &saved.files)
            .err()
            .map(|stale| stale.to_string())
    };
    assert_eq!(stale("elsewhere"), None);
    let told = "the plan is stale: somebody else's volume `test_builder-1-data` on the outer engine is new";
    assert_eq!(stale("test_builder-1-data").as_deref(), Some(told));
}

#[test]
fn an_archive_gives_its_image_the_declared_name_alone() {
    let engine = engine();
    let theirs = ImageReference::new("odd:0");
    engine.with(|state| state.images.insert(theirs.clone(), "theirs".to_owned()));
    let yaml = "{ name: test, images: [{ image: \"one:1\", source: { archive: ./odd.tar } }] }";
    let desired = try_wanted(yaml, &facts(1)).expect("it is right");
    let observed = engine.with(|state| state.observed(&question(&desired)));
    let plan = nest::plan::plan(&desired, &observed, &UP);
    let (failed, state) =
        crate::histories::world::apply(&engine.with(|state| state.clone()), &plan);
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!(state.images[&theirs], "theirs");
    assert_ne!(state.images[&ImageReference::new("one:1")], "theirs");
}

#[test]
fn the_record_of_an_engine_that_is_restarted_is_written_when_it_answers() {
    let engine = engine();
    let yaml = "{ name: test, environments: { builder: { outer: dind, inner: { volumes: { kept: {} } } } } }";
    bring_up(&engine, yaml);
    engine.with(|state| {
        let inner = state.data_of_mut("test-builder-1").expect("it runs");
        inner
            .volumes
            .retain(|name, _| !name.starts_with("nest-test-record"));
    });
    bring_up(
        &engine,
        &yaml.replace(
            "outer: dind",
            "outer: { mode: dind, environment: { A: b } }",
        ),
    );
}

#[test]
fn a_stopped_container_whose_network_was_pruned_is_connected_to_the_new_one() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    engine.with(|state| {
        let container = ContainerRef {
            name: "test-builder-1".to_owned(),
            id: None,
        };
        state.stop(&container).expect("it stops");
        let id = state.networks["test_default"].id.clone();
        state.remove_network(&id).expect("nothing runs there");
    });
    bring_up(&engine, BUILDER);
    settled(&engine, BUILDER);
    let state = engine.with(|state| state.containers["test-builder-1"].state);
    assert_eq!(state, ContainerState::Running);
}

#[test]
fn what_a_killed_run_had_brought_is_noted_by_the_next() {
    let yaml = "{ name: test, environments: { builder: { outer: dind, inner: { images: [\"alpine:3.20\"] } } } }";
    let whole = engine();
    bring_up(&whole, yaml);
    let transfer = whole
        .take_log()
        .iter()
        .position(|word| word == "TransferImages");
    let engine = engine();
    engine.set_faults(vec![Fault {
        at: transfer.expect("it is transferred"),
        kind: FaultKind::Breaks,
    }]);
    assert!(matches!(run(&engine, yaml, UP), Outcome::Incomplete { .. }));
    bring_up(&engine, yaml);
    let record = |engine: &MemoryEngine| {
        engine.with(|state| {
            let inner = state.data_of_mut("test-builder-1").expect("it runs");
            inner.record(&question(&wanted(yaml)))
        })
    };
    assert_eq!(record(&engine), record(&whole));
    assert_eq!(record(&whole).contents.len(), 1);
}

#[test]
fn a_container_that_was_never_started_waits_for_the_network_that_is_made_again() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    engine.with(|state| {
        let container = state
            .containers
            .get_mut("test-builder-1")
            .expect("it is there");
        container.state = ContainerState::Created;
        for id in container.endpoints.values_mut() {
            id.clear();
        }
        state.networks.clear();
    });
    let steps = plan_now(&engine, BUILDER, UP).steps;
    let place = |is_it: fn(&Operation) -> bool| {
        let found = steps.iter().position(|step| is_it(&step.operation));
        found.unwrap_or_else(|| panic!("{steps:?}"))
    };
    let network = place(|it| matches!(it, Operation::CreateNetwork(_)));
    let start = place(|it| matches!(it, Operation::StartContainer { .. }));
    let mut before = vec![start];
    while let Some(step) = before.pop().filter(|step| *step != network) {
        before.extend(&steps[step].after);
        assert!(!before.is_empty(), "it does not wait: {steps:?}");
    }
    bring_up(&engine, BUILDER);
    settled(&engine, BUILDER);
}

#[test]
fn an_engine_with_its_data_in_memory_is_filled_again_by_the_plan_that_replaces_the_one_around_it() {
    let engine = engine();
    let inner = "{ deep: { outer: { mode: dind, data: { tmpfs: true, keep: false } }, inner: { volumes: { work: {} } } } }";
    let yaml = |more: &str| {
        format!(
            "{{ name: test, environments: {{ builder: {{ outer: {{ mode: dind{more} }}, \
             inner: {{ environments: {inner} }} }} }} }}"
        )
    };
    bring_up(&engine, &yaml(""));
    let replaced = yaml(", environment: { A: b }");
    let plan = plan_now(&engine, &replaced, UP);
    let made = |change: &&nest::plan::change::Change| change.object == "work";
    let work = plan.changes.iter().find(made).map(|change| change.action);
    assert_eq!(work, Some(Action::Create), "{}", rendered(&plan));
    bring_up(&engine, &replaced);
    settled(&engine, &replaced);
}
