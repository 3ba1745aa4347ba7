//! Images that registries should have.

use std::collections::BTreeMap;

use expect_test::expect;
use nest::engine::Engine as _;
use nest::model::image::ImageReference;
use nest::plan::Plan;
use nest::plan::change::{Action, Reason};
use nest::plan::step::Operation;
use nest::report::status::Found;
use nest::resource::label::RECORD;
use nest::resource::record::Record;
use nest::up::question;

use crate::apply::{bring_up, run};
use crate::histories::world;
use crate::memory::{EngineState, Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN, UP, engine, futures, plan_now, rendered};
use crate::yaml::{try_wanted, wanted};

const FILE: &str = "
name: test
registries:
  store: { images: [alpine:3.20, 'quay.io/org/tool:1'] }
environments:
  builder:
    outer: dind
    registries: [store]
    inner: { images: ['store.nest:5000/alpine:3.20'] }
";

fn pushes(plan: &Plan) -> Vec<String> {
    let operations = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::PushImage {
            reference, place, ..
        } => Some(format!(
            "{reference} -> {}/{}:{}",
            place.registry, place.repository, place.tag
        )),
        _ => None,
    });
    operations.collect()
}

#[test]
fn the_tree_says_which_registry_an_image_is_pushed_to() {
    let engine = engine();
    let desired = wanted(FILE);
    let observed = futures(engine.observe(&question(&desired)));
    let found = Found {
        plan: &plan_now(&engine, FILE, UP),
        observed: &observed.expect("an engine in memory always answers"),
        sizes: &BTreeMap::new(),
    };
    let tree = anstream::adapter::strip_str(&found.tree()).to_string();
    assert!(
        tree.contains("✗ image alpine:3.20 in registry.store  missing\n"),
        "{tree}"
    );
}

#[test]
fn what_a_registry_misses_is_pushed_when_it_is_there() {
    let engine = engine();
    let plan = plan_now(&engine, FILE, UP);
    let text = rendered(&plan);
    assert!(
        text.contains("# registry.store/image[\"alpine:3.20\"] will be created"),
        "{text}"
    );
    assert_eq!(
        pushes(&plan),
        [
            "alpine:3.20 -> test-store-1/alpine:3.20",
            "quay.io/org/tool:1 -> test-store-1/org/tool:1",
        ]
    );
    let step = |is_it: &dyn Fn(&Operation) -> bool| {
        let mut steps = plan.steps.iter();
        steps
            .position(|step| is_it(&step.operation))
            .expect("a step")
    };
    let ready = step(
        &|it| matches!(it, Operation::WaitForContainer { container, .. } if container.name == "test-store-1"),
    );
    let named = |reference: &str| ImageReference::new(reference);
    let pulled = step(
        &|it| matches!(it, Operation::PullImage { reference, .. } if *reference == named("quay.io/org/tool:1")),
    );
    let pushed = step(
        &|it| matches!(it, Operation::PushImage { reference, .. } if *reference == named("quay.io/org/tool:1")),
    );
    for before in [ready, pulled] {
        assert!(plan.steps[pushed].after.contains(&before));
    }
    // An engine that uses the registry pulls when it has all that it should have.
    let inner = step(
        &|it| matches!(it, Operation::PullImage { reference, .. } if reference.as_str().starts_with("store.nest")),
    );
    assert!(plan.steps[inner].after.contains(&pushed));
    bring_up(&engine, FILE);
    assert!(!plan_now(&engine, FILE, UP).has_changes());
}

#[test]
fn what_is_stale_or_gone_is_pushed_again() {
    let engine = engine();
    bring_up(&engine, FILE);
    engine.with(|state| {
        let image = ImageReference::new("alpine:3.20");
        state.images.insert(image, "another".to_owned());
    });
    let plan = plan_now(&engine, FILE, UP);
    assert_eq!(pushes(&plan), ["alpine:3.20 -> test-store-1/alpine:3.20"]);
    let mut changes = plan.changes.iter();
    let change = changes
        .find(|change| change.action != Action::NoOp)
        .expect("a change");
    assert_eq!(change.reason, Some(Reason::SourceChanged));
    bring_up(&engine, FILE);
    assert!(!plan_now(&engine, FILE, UP).has_changes());
    engine.with(|state| state.pushed.remove("test-store-1/org/tool:1"));
    let plan = plan_now(&engine, FILE, UP);
    assert_eq!(
        pushes(&plan),
        ["quay.io/org/tool:1 -> test-store-1/org/tool:1"]
    );
    bring_up(&engine, FILE);
    assert!(!plan_now(&engine, FILE, UP).has_changes());
}

#[test]
fn what_somebody_else_pushed_over_it_is_drift_and_pushed_again() {
    let engine = engine();
    bring_up(&engine, FILE);
    let name = "test-store-1/alpine:3.20";
    engine.with(|state| state.pushed.insert(name.to_owned(), "his".to_owned()));
    let plan = plan_now(&engine, FILE, UP);
    assert_eq!(pushes(&plan), ["alpine:3.20 -> test-store-1/alpine:3.20"]);
    expect![[r#"
        Changed outside nest since it was last applied:

          # registry.store/image["alpine:3.20"] has changed
          ~ image "alpine:3.20"
              ~ digest : alpine:3.20 as built -> his

        nest will perform these actions:

          # registry.store/image["alpine:3.20"] will be updated in place (somebody else pushed another image by its name)
          ~ image "alpine:3.20"
              ~ digest : his -> alpine:3.20 as built

        Plan: 0 to add, 1 to change, 0 to destroy.
    "#]].assert_eq(&rendered(&plan));
    bring_up(&engine, FILE);
    let ours = engine.with(|state| state.pushed[name].clone());
    assert_eq!(ours, "alpine:3.20 as built");
    assert!(!plan_now(&engine, FILE, UP).has_changes());

    // A plan from before does not hold.
    let before = plan_now(&engine, FILE, UP);
    engine.with(|state| state.pushed.insert(name.to_owned(), "his".to_owned()));
    let now = plan_now(&engine, FILE, UP);
    assert_eq!(
        before.fingerprint.differences(&now.fingerprint),
        [
            "what the registry has as `registry.store/image[\"alpine:3.20\"]` on the outer engine has changed"
        ]
    );

    // What an older nest pushed is not known by its digest, and taken as it is.
    engine.with(|state| {
        let record = state
            .volumes
            .iter_mut()
            .find(|(_, volume)| volume.labels.contains_key(RECORD));
        let text = record
            .expect("a record")
            .1
            .labels
            .get_mut(RECORD)
            .expect("a record");
        let mut record: Record = serde_json::from_str(text).expect("a record");
        assert_eq!(record.pushed_digests.len(), 2);
        record.pushed_digests.clear();
        *text = serde_json::to_string(&record).expect("a record");
    });
    assert!(!plan_now(&engine, FILE, UP).has_changes());
}

#[test]
fn one_that_is_no_longer_listed_stays_in_the_registry() {
    let engine = engine();
    bring_up(&engine, FILE);
    let less = FILE.replace("alpine:3.20, 'quay", "'quay");
    assert!(!plan_now(&engine, &less, UP).has_changes());
    assert!(pushes(&plan_now(&engine, &less, DOWN)).is_empty());
}

#[test]
fn a_registry_of_somebody_else_is_pushed_to_with_a_login() {
    let yaml = "
name: test
registries:
  ours:
    host: registry.example.com
    username: ci
    password: { env: FIRST_SECRET }
    images: ['registry.example.com/team/app:1', busybox:1.36]
";
    let engine = engine();
    let image = ImageReference::new("registry.example.com/team/app:1");
    engine.with(|state| drop(state.images.insert(image, "app".to_owned())));
    let plan = plan_now(&engine, yaml, UP);
    assert_eq!(
        pushes(&plan),
        [
            "busybox:1.36 -> registry.example.com/busybox:1.36",
            "registry.example.com/team/app:1 -> registry.example.com/team/app:1",
        ]
    );
    for step in &plan.steps {
        if let Operation::PushImage { login, .. } = &step.operation {
            assert!(login.is_some());
        }
    }
    bring_up(&engine, yaml);
    assert!(!plan_now(&engine, yaml, UP).has_changes());
}

#[test]
fn an_image_whose_source_is_a_registry_is_pulled_by_the_engine_itself() {
    let yaml = "
name: test
environments:
  builder:
    outer: dind
    inner: { images: [{ image: alpine:3.20, source: registry }, busybox:1.36] }
";
    let plan = plan_now(&engine(), yaml, UP);
    let pulled = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::PullImage { reference, .. } => Some(reference.to_string()),
        _ => None,
    });
    assert_eq!(pulled.collect::<Vec<_>>(), ["alpine:3.20"]);
    assert!(try_wanted(yaml, &nest::desired::facts::Facts::default()).is_ok());
}

/// The names of images that a push gives, and what they are names of.
fn meanwhile(state: &EngineState) -> Vec<(String, String)> {
    let images = state.images.iter();
    let names = images.map(|(name, content)| (name.to_string(), content.clone()));
    names
        .filter(|(name, _)| name.starts_with("localhost/nest-push/") || name.starts_with("test-"))
        .collect()
}

/// An engine on which a push of `alpine:3.20` was killed.
fn with_killed_push(engine: &MemoryEngine) -> MemoryEngine {
    let state = engine.with(|state| state.clone());
    let plan = plan_now(engine, FILE, UP);
    let at = plan.steps.iter().position(|step| {
        matches!(&step.operation, Operation::PushImage { reference, .. } if reference.as_str() == "alpine:3.20")
    });
    // Steps run one at a time in the order in which they can: the push is the last of its kind.
    let kills = (at.expect("it is pushed")..plan.steps.len()).find_map(|at| {
        let kind = FaultKind::KilledBefore;
        let run = world::run(&state, &wanted(FILE), &UP, (&[Fault { at, kind }], 0));
        (meanwhile(&run.state).len() >= 2).then_some(run.state)
    });
    MemoryEngine::with_state(kills.expect("a push is killed"))
}

#[test]
fn what_a_killed_push_leaves_goes_with_the_next_run_whatever_that_is_about() {
    let left = with_killed_push(&engine());
    assert_eq!(left.with(|state| meanwhile(state)).len(), 2);
    let without = FILE.replace("images: [alpine:3.20, 'quay.io/org/tool:1']", "");
    for (file, options) in [(FILE, UP), (without.as_str(), UP), (FILE, DOWN)] {
        let engine = MemoryEngine::with_state(left.with(|state| state.clone()));
        let other = FILE.replace("name: test", "name: other");
        let foreign = plan_now(&engine, &other, DOWN);
        assert!(foreign.steps.is_empty(), "another project leaves it alone");
        run(&engine, file, options.clone());
        assert_eq!(engine.with(|state| meanwhile(state)), []);
        assert!(plan_now(&engine, file, options).steps.is_empty());
    }
}

#[test]
fn what_somebody_has_under_the_name_of_a_killed_push_stays_his() {
    let name = ImageReference::new("test-store-1/alpine:3.20");
    // Before it, and since.
    let engine = engine();
    engine.with(|state| state.images.insert(name.clone(), "his".to_owned()));
    let left = with_killed_push(&engine);
    assert_eq!(
        left.with(|state| state.images[&name].clone()),
        "alpine:3.20 as built"
    );
    run(&left, FILE, DOWN);
    let his = [(name.to_string(), "his".to_owned())];
    assert_eq!(left.with(|state| meanwhile(state)), his);
    let left = with_killed_push(&crate::plan::engine());
    left.with(|state| state.images.insert(name.clone(), "his".to_owned()));
    run(&left, FILE, DOWN);
    assert_eq!(left.with(|state| meanwhile(state)), his);
}
