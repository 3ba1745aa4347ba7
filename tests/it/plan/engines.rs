//! A project on several outer engines.

mod refused;

use expect_test::expect;
use nest::desired::Desired;
use nest::engine::Engine as _;
use nest::model::name::{EngineName, ProjectName};
use nest::observed::Question;
use nest::plan::{PlanOptions, plan};
use nest::resource::engine_path::EnginePath;
use nest::resource::record::Record;
use nest::up::{Outcome, question};

use crate::apply::{bring_up, run};
use crate::memory::{EngineState, MemoryEngine};
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP, engine, futures, plan_now, rendered};
use crate::yaml::wanted;

const TWO: &str = "
name: test
engines: { arm: { host: \"tcp://arm.example:2376\" }, big: { context: big } }
volumes: { cache: {}, spare: {} }
networks: { lab: {} }
registries: { local: {} }
environments:
  here: { outer: dind, registries: [local], inner: { images: [alpine:3.20] } }
  there:
    outer: { mode: dind, networks: [default, lab] }
    engine: arm
    registries: [local]
    volumes: [cache:/cache]
    inner: { images: [busybox:1.36] }
services:
  job: { image: alpine:3.20, docker_host: there, command: sleep 1d }
";

/// The same without what lives on the other engine.
const ONE: &str = "
name: test
volumes: { spare: {} }
registries: { local: {} }
environments:
  here: { outer: dind, registries: [local], inner: { images: [alpine:3.20] } }
";

fn arm() -> EngineName {
    EngineName::new("arm")
}

/// Two engines in memory, of which nest connects to the one.
fn engines() -> MemoryEngine {
    let engine = engine();
    engine.with(|state| {
        let mut other = EngineState::new("arm machine");
        other.images.clone_from(&state.images);
        state.others.insert(arm(), other);
    });
    engine
}

fn on_arm<T>(engine: &MemoryEngine, act: impl FnOnce(&mut EngineState) -> T) -> T {
    engine.with(|state| act(state.others.get_mut(&arm()).expect("the engine")))
}

fn objects(engine: &MemoryEngine) -> [Vec<String>; 2] {
    [
        engine.with(|state| state.objects()),
        on_arm(engine, |state| state.objects()),
    ]
}

fn records(engine: &MemoryEngine) -> [Record; 2] {
    [engine.with(record), on_arm(engine, record)]
}

fn record(state: &mut EngineState) -> Record {
    state.record(&Question::about(&ProjectName::new("test")))
}

fn changes(engine: &MemoryEngine, yaml: &str, options: PlanOptions) -> Vec<String> {
    let plan = plan_now(engine, yaml, options);
    assert!(plan.is_applicable(), "{}", rendered(&plan));
    let changes = plan.changes.iter();
    let changes = changes.filter(|change| change.action != nest::plan::change::Action::NoOp);
    let words = changes.map(|change| {
        let (address, engine) = (&change.address, change.engine.as_text());
        format!("{:?} {address} [{engine}]", change.action)
    });
    words.collect()
}

fn forgetting(options: PlanOptions) -> PlanOptions {
    PlanOptions {
        forget: vec![arm()],
        ..options
    }
}

/// What there is to do where there is no file.
fn take_down_by_name(engine: &MemoryEngine) -> nest::plan::Plan {
    let file = wanted("name: test\n");
    let nothing = Desired {
        engine: nest::desired::DesiredEngine::default(),
        ..file
    };
    let observed = futures(engine.observe(&question(&nothing))).expect("it answers");
    plan(&nothing, &observed, &DOWN_WITH_VOLUMES)
}

#[test]
fn what_lives_where() {
    let found = changes(&engines(), TWO, UP);
    expect![[r#"
        Create network.default []
        Create volume.here-1-data []
        Create volume.here-1-socket []
        Create volume.local-data []
        Create volume.spare []
        Create environment.here []
        Create environment.here/image["alpine:3.20"] [test-here-1]
        Create registry.local []
        Create engine.arm/network.default [engine:arm]
        Create engine.arm/network.lab [engine:arm]
        Create engine.arm/volume.cache [engine:arm]
        Create engine.arm/volume.local-data [engine:arm]
        Create engine.arm/volume.there-1-data [engine:arm]
        Create engine.arm/volume.there-1-socket [engine:arm]
        Create service.job [engine:arm]
        Create engine.arm/registry.local [engine:arm]
        Create environment.there [engine:arm]
        Create environment.there/volume.cache [engine:arm/test-there-1]
        Create environment.there/image["busybox:1.36"] [engine:arm/test-there-1]"#]]
    .assert_eq(&found.join("\n"));
}

#[test]
fn the_engine_is_named_in_the_plan() {
    let engine = engines();
    bring_up(&engine, TWO);
    on_arm(&engine, |state| {
        drop(state.containers.remove("test-there-1"));
    });
    expect![[r#"
        Changed outside nest since it was last applied:

          # environment.there is gone
          - container "test-there-1" on engine arm

        nest will perform these actions:

          # environment.there will be created
          + container "test-there-1" on engine arm
              + image                      : docker:dind
              + mode                       : dind
              + socket                     : /var/run/docker.sock
              + command                    : [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
              + environment.NEST_REPLICA   : 1
              + mount /cache               : volume test_cache
              + mount /nest                : volume test_there-1-socket
              + mount /var/lib/docker      : volume test_there-1-data
              + privileged                 : true
              + stop_timeout               : 60
              + restart                    : no
              + daemon.insecure-registries : [local:5000, local.nest:5000]

          environment.there is read when its engine runs; what it holds is planned then.

        Plan: 1 to add, 0 to change, 0 to destroy.
    "#]].assert_eq(&rendered(&plan_now(&engine, TWO, UP)));
}

#[test]
fn each_engine_has_a_record_and_the_first_names_the_other() {
    let engine = engines();
    bring_up(&engine, TWO);
    let [here, there] = records(&engine);
    let named = &here.engines[&arm()];
    assert_eq!(named.id, "arm machine");
    assert_eq!(here.engines.len(), 1);
    assert!(there.engines.is_empty());
    assert_ne!(here.key, there.key);
    assert!(there.containers.contains_key("test-there-1"));
    assert!(!here.containers.contains_key("test-there-1"));
    assert_eq!(changes(&engine, TWO, UP), Vec::<String>::new());
    engine.take_log();
    let again = run(&engine, TWO, UP);
    assert!(
        matches!(again, Outcome::Done { changed: false }),
        "{again:?}"
    );
    assert_eq!(engine.take_log(), Vec::<String>::new());
}

#[test]
fn up_converges_after_a_failure_at_any_step_and_down_leaves_nothing_anywhere() {
    let whole = engines();
    bring_up(&whole, TWO);
    let operations = whole.take_log().len();
    for failing in 0..operations {
        let engine = engines();
        engine.fail_after(failing);
        let broken = run(&engine, TWO, UP);
        assert!(matches!(broken, Outcome::Incomplete { .. }), "{failing}");
        let [here, there] = objects(&engine);
        let is_known = records(&engine)[0].engines.contains_key(&arm());
        assert!(there.is_empty() || is_known, "{failing}: {here:?}");
        engine.fail_after(usize::MAX);
        if failing % 2 == 0 {
            bring_up(&engine, TWO);
            let again = run(&engine, TWO, UP);
            assert!(
                matches!(again, Outcome::Done { changed: false }),
                "{failing}"
            );
        }
        let down = run(&engine, TWO, DOWN_WITH_VOLUMES);
        assert!(matches!(down, Outcome::Done { .. }), "{failing}: {down:?}");
        assert_eq!(
            objects(&engine),
            [const { Vec::<String>::new() }; 2],
            "{failing}"
        );
    }
}

#[test]
fn down_after_a_failure_at_any_step_finds_what_is_left() {
    let whole = engines();
    bring_up(&whole, TWO);
    whole.take_log();
    run(&whole, TWO, DOWN_WITH_VOLUMES);
    let operations = whole.take_log().len();
    for failing in 0..operations {
        let engine = engines();
        bring_up(&engine, TWO);
        engine.fail_after(failing);
        run(&engine, TWO, DOWN_WITH_VOLUMES);
        engine.fail_after(usize::MAX);
        let plan = take_down_by_name(&engine);
        assert!(plan.is_applicable(), "{failing}: {}", rendered(&plan));
        // No file is needed to find the other engine.
        let down = run(&engine, "name: test\n", DOWN_WITH_VOLUMES);
        assert!(matches!(down, Outcome::Done { .. }), "{failing}: {down:?}");
        assert_eq!(
            objects(&engine),
            [const { Vec::<String>::new() }; 2],
            "{failing}"
        );
    }
}

#[test]
fn an_engine_that_left_the_file_is_cleared_and_forgotten() {
    let engine = engines();
    bring_up(&engine, TWO);
    let found = changes(&engine, ONE, UP);
    expect![[r#"
        Delete engine.arm/network.default [engine:arm]
        Delete engine.arm/network.lab [engine:arm]
        Delete engine.arm/volume.there-1-socket [engine:arm]
        Delete service.job [engine:arm]
        Delete engine.arm/registry.local [engine:arm]
        Delete environment.there [engine:arm]"#]]
    .assert_eq(&found.join("\n"));
    bring_up(&engine, ONE);
    // Its volumes stay, and are told of as long as they are there.
    let kept = plan_now(&engine, ONE, UP).kept;
    let kept: Vec<String> = kept
        .iter()
        .map(|kept| format!("{} {}", kept.address, kept.engine))
        .collect();
    expect![[r#"
        engine.arm/volume.cache the engine `arm`
        engine.arm/volume.local-data the engine `arm`
        engine.arm/volume.there-1-data the engine `arm`"#]]
    .assert_eq(&kept.join("\n"));
    assert!(records(&engine)[0].engines.contains_key(&arm()));
    on_arm(&engine, |state| {
        state.volumes.retain(|name, _| name.contains("record"));
    });
    bring_up(&engine, ONE);
    assert!(records(&engine)[0].engines.is_empty());
    assert_eq!(objects(&engine)[1], Vec::<String>::new());
}

#[test]
fn an_environment_moves_to_another_engine() {
    let engine = engines();
    bring_up(&engine, &TWO.replace("    engine: arm\n", ""));
    let found = changes(&engine, TWO, UP);
    expect![[r#"
        Delete network.lab []
        Delete volume.there-1-socket []
        Delete service.job []
        Delete environment.there []
        Create engine.arm/network.default [engine:arm]
        Create engine.arm/network.lab [engine:arm]
        Create engine.arm/volume.cache [engine:arm]
        Create engine.arm/volume.local-data [engine:arm]
        Create engine.arm/volume.there-1-data [engine:arm]
        Create engine.arm/volume.there-1-socket [engine:arm]
        Create service.job [engine:arm]
        Create engine.arm/registry.local [engine:arm]
        Create environment.there [engine:arm]
        Create environment.there/volume.cache [engine:arm/test-there-1]
        Create environment.there/image["busybox:1.36"] [engine:arm/test-there-1]"#]]
    .assert_eq(&found.join("\n"));
    bring_up(&engine, TWO);
    assert_eq!(changes(&engine, TWO, UP), Vec::<String>::new());
}

#[test]
fn an_engine_gets_another_name() {
    let engine = engines();
    bring_up(&engine, TWO);
    let renamed = TWO.replace("arm", "leg");
    engine.with(|state| {
        let other = state.others[&arm()].clone();
        state.others.insert(EngineName::new("leg"), other);
    });
    // A test's engine is where its name says; a real one is the same one by both.
    let found = changes(&engine, &renamed, UP);
    assert_eq!(found, Vec::<String>::new());
    bring_up(&engine, &renamed);
    let engines = &records(&engine)[0].engines;
    assert!(engines.keys().eq(&[EngineName::new("leg")]), "{engines:?}");
}

#[test]
fn data_on_another_engine_is_found_by_name_when_all_else_is_gone() {
    let engine = engines();
    bring_up(&engine, TWO);
    run(&engine, TWO, DOWN);
    let [here, there] = objects(&engine);
    assert!(
        there.iter().any(|one| one == "volume test_cache"),
        "{there:?}"
    );
    assert!(here.iter().any(|one| one.contains("record")), "{here:?}");
    let again = run(&engine, TWO, DOWN);
    assert!(
        matches!(again, Outcome::Done { changed: false }),
        "{again:?}"
    );
    let down = run(&engine, "name: test\n", DOWN_WITH_VOLUMES);
    assert!(matches!(down, Outcome::Done { changed: true }), "{down:?}");
    assert_eq!(objects(&engine), [const { Vec::<String>::new() }; 2]);
}

#[test]
fn the_lock_is_taken_on_each_engine() {
    let engine = engines();
    let (options, _folder) = crate::apply::lock_options("nest up");
    let project = wanted(TWO).project;
    let mut elsewhere = options.holder;
    "elsewhere".clone_into(&mut elsewhere.machine);
    let path = EnginePath::other(&arm());
    let taken = futures(engine.take_lock(&path, &project, &elsewhere));
    assert_eq!(taken.expect("it is free"), elsewhere);
    let (options, _folder) = crate::apply::lock_options("nest up");
    let mut approve = |_: &nest::plan::Plan, _: usize| nest::up::Approval::Go;
    let running = crate::apply::run_with(&engine, TWO, UP, &options, &mut approve);
    let error = futures(running).expect_err("somebody has it");
    assert!(error.to_string().contains("holds the lock"), "{error}");
    let here = futures(engine.lock_holder(&EnginePath::outer(), &project));
    assert_eq!(here.expect("it answers"), None);
    assert_eq!(engine.take_log(), Vec::<String>::new());
}

#[test]
fn a_part_is_named_by_the_address_of_its_engine() {
    let engine = engines();
    let targets = vec!["engine.arm/volume.cache".parse().expect("an address")];
    let found = changes(&engine, TWO, PlanOptions { targets, ..UP });
    assert_eq!(found, ["Create engine.arm/volume.cache [engine:arm]"]);
    let targets = vec!["service.job".parse().expect("an address")];
    let found = changes(&engine, TWO, PlanOptions { targets, ..UP });
    assert!(
        found.iter().all(|one| one.contains("[engine:arm")),
        "{found:?}"
    );
}
