//! A container that is made of a service for one command: what a plan makes of it.

use expect_test::expect;
use nest::desired::one_off::OneOff;
use nest::plan::change::Action;
use nest::plan::step::Operation;
use nest::plan::{Plan, PlanOptions, plan};
use nest::resource::engine_path::EnginePath;
use nest::resource::label;
use nest::up::question;

use crate::apply::{bring_up, run};
use crate::memory::MemoryEngine;
use crate::plan::{DOWN_WITH_VOLUMES, UP, engine, futures, plan_now};
use crate::yaml::wanted;

const PROJECT: &str = "
name: test
volumes: { out: {} }
services:
  db: { image: docker:cli, command: [sleep, infinity] }
  other: { image: docker:cli, command: [sleep, infinity] }
  tests:
    image: docker:cli
    command: [make, test]
    environment: { CI: 'true' }
    depends_on: [db]
    ports: ['8080:80']
    restart: always
    networks: { default: { aliases: [checks] } }
    volumes: [out:/out]
";

fn one_off() -> OneOff {
    OneOff {
        suffix: "0a1b2c3d".to_owned(),
        command: vec!["make".to_owned(), "one".to_owned()],
        environment: [("CASE".to_owned(), "known to nobody".to_owned())].into(),
        working_folder: Some("/src".to_owned()),
        user: None,
        has_terminal: false,
        has_ports: false,
    }
}

/// The plan of `nest run tests`.
fn planned(engine: &MemoryEngine) -> Plan {
    let mut desired = wanted(PROJECT);
    let place = (&EnginePath::outer(), "test-tests-1");
    let name = desired.add_one_off(place, &one_off());
    assert_eq!(name.as_deref(), Some("test-tests-run-0a1b2c3d"));
    let observed = futures(nest::engine::Engine::observe(engine, &question(&desired)));
    let options = PlanOptions {
        targets: vec!["service.tests-run-0a1b2c3d".parse().expect("an address")],
        ..UP
    };
    plan(&desired, &observed.expect("it answers"), &options)
}

#[test]
fn it_is_made_with_what_it_needs_and_not_started() {
    let engine = engine();
    let plan = planned(&engine);
    let changes = plan.changes.iter();
    let made: Vec<&str> = changes
        .filter(|change| change.action == Action::Create)
        .map(|change| change.address.as_str())
        .collect();
    expect![[r#"
        network.default
        volume.out
        service.db
        service.tests-run-0a1b2c3d"#]]
    .assert_eq(&made.join("\n"));
    let (at, spec) = plan
        .steps
        .iter()
        .enumerate()
        .find_map(|(at, step)| match &step.operation {
            Operation::CreateContainer(spec) if spec.name.contains("-run-") => Some((at, spec)),
            _ => None,
        })
        .expect("it is made");
    assert!(spec.labels.contains_key(label::ONE_OFF));
    assert!(!spec.labels[label::SETTINGS].contains("known to nobody"));
    assert_eq!(spec.fixed.command, ["make", "one"]);
    assert_eq!(spec.fixed.ports, []);
    assert_eq!(spec.live.restart.name, "no");
    assert!(
        spec.live.networks["test_default"].is_empty(),
        "no names of the service's"
    );
    let waits = &plan.steps[at].after;
    let needs_db = |step: &usize| matches!(&plan.steps[*step].operation, Operation::StartContainer { container } if container.name == "test-db-1");
    assert!(waits.iter().any(needs_db), "{waits:?}");
    let starts = |name: &str| {
        let is_it = |operation: &Operation| matches!(operation, Operation::StartContainer { container } if container.name.contains(name));
        plan.steps
            .iter()
            .filter(|step| is_it(&step.operation))
            .count()
    };
    assert_eq!((starts("-run-"), starts("-db-")), (0, 1));
}

#[test]
fn no_plan_speaks_of_it_until_all_is_taken_down() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    // What a run that was killed leaves: the container.
    let plan = planned(&engine);
    let create = plan
        .steps
        .iter()
        .map(|step| &step.operation)
        .find(|it| matches!(it, Operation::CreateContainer(_)))
        .expect("only it is made");
    futures(nest::engine::Engine::perform(
        &engine,
        &EnginePath::outer(),
        create,
        &|_| {},
    ))
    .expect("it is made");
    let after = plan_now(&engine, PROJECT, UP);
    assert!(after.steps.is_empty(), "{:?}", after.steps);
    let again = planned(&engine);
    assert!(again.steps.is_empty(), "a second wave: {:?}", again.steps);
    run(&engine, PROJECT, DOWN_WITH_VOLUMES);
    assert_eq!(engine.with(|state| state.objects()), Vec::<String>::new());
}
