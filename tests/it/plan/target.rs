//! Plans for part of a project, and replacements on request.

use expect_test::{Expect, expect};
use nest::plan::PlanOptions;
use nest::plan::change::Action;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::memory::MemoryEngine;
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP, engine, plan_now, rendered};

const PROJECT: &str = "
name: test
volumes: { cache: {}, other: {} }
registries: { local: { port: 5000 } }
environments:
  builder:
    outer: { mode: dind, memory: 2g }
    volumes: [cache:/cache]
    registries: [local]
    replicas: 2
    inner: { images: [alpine:3.20] }
  tools: { outer: { mode: socket, memory: 64m }, volumes: [other:/other] }
";

fn targeting(options: &PlanOptions, targets: &[&str]) -> PlanOptions {
    let parse = |text: &&str| text.parse().unwrap_or_else(|error| panic!("{error}"));
    PlanOptions {
        targets: targets.iter().map(parse).collect(),
        ..options.clone()
    }
}

fn replacing(address: &str) -> PlanOptions {
    PlanOptions {
        replace: vec![address.parse().unwrap_or_else(|error| panic!("{error}"))],
        ..UP
    }
}

/// The symbol and address of each change.
fn changes(engine: &MemoryEngine, yaml: &str, options: PlanOptions) -> Vec<String> {
    let plan = plan_now(engine, yaml, options);
    assert!(plan.is_applicable(), "{:?}", plan.refusals);
    let changes = plan.changes.iter().filter(|it| it.action != Action::NoOp);
    changes
        .map(|change| format!("{:?} {}", change.action, change.address))
        .collect()
}

#[track_caller]
fn refused(options: PlanOptions, expected: &Expect) {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let plan = plan_now(&engine, PROJECT, options);
    assert!(!plan.is_applicable());
    expected.assert_eq(&rendered(&plan));
}

#[test]
fn a_target_brings_what_it_needs_and_nothing_else() {
    let engine = engine();
    let one = targeting(&UP, &["environment.builder[2]"]);
    assert_eq!(
        changes(&engine, PROJECT, one.clone()),
        [
            "Create network.default",
            "Create volume.builder-2-data",
            "Create volume.builder-2-socket",
            "Create volume.cache",
            "Create volume.local-data",
            "Create environment.builder[2]",
            "Create environment.builder[2]/volume.cache",
            "Create environment.builder[2]/image[\"alpine:3.20\"]",
            "Create registry.local",
        ]
    );
    assert!(matches!(
        run(&engine, PROJECT, one.clone()),
        Outcome::Done { .. }
    ));
    let again = run(&engine, PROJECT, one);
    assert!(
        matches!(again, Outcome::Done { changed: false }),
        "{again:?}"
    );
    let left = changes(&engine, PROJECT, UP);
    assert!(
        left.contains(&"Create environment.tools".to_owned()),
        "{left:?}"
    );
    assert!(
        left.contains(&"Create environment.builder[1]".to_owned()),
        "{left:?}"
    );
    bring_up(&engine, PROJECT);
    assert_eq!(changes(&engine, PROJECT, UP), Vec::<String>::new());
}

#[test]
fn an_image_brings_the_one_that_it_comes_from() {
    let engine = engine();
    let yaml = "{ name: test, images: ['app:1'], environments: { builder: { outer: dind, \
                inner: { images: [{ image: 'app:1', source: outer }] } } } }";
    let inner = targeting(&UP, &["environment.builder/image[\"app:1\"]"]);
    let outcome = run(&engine, yaml, inner);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

#[test]
fn what_keeps_a_targeted_object_from_going_goes_with_it() {
    let engine = engine();
    let listed = "{ name: test, environments: { tools: { outer: { mode: socket, image: 'own:cli' }, \
                  inner: { images: ['own:cli'] } }, builder: { outer: dind } } }";
    bring_up(&engine, listed);
    let image = targeting(&DOWN, &["environment.tools/image[\"own:cli\"]"]);
    let outcome = run(&engine, listed, image);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    // Without an engine of its own an environment has no socket to share.
    let edited = listed.replace("builder: { outer: dind }", "builder: { outer: socket }");
    let volume = targeting(&UP, &["volume.builder-1-socket"]);
    assert_eq!(
        changes(&engine, &edited, volume.clone()),
        [
            "Delete volume.builder-1-socket",
            "Replace environment.builder",
        ]
    );
    let outcome = run(&engine, &edited, volume);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

#[test]
fn a_targeted_image_comes_alone_into_the_engine_that_is_there() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let edited = PROJECT
        .replace("[alpine:3.20]", "[alpine:3.20, busybox:1.36]")
        .replace("memory: 64m", "memory: 96m")
        .replace("other: {}", "other: {}, third: {}");
    let one = targeting(&UP, &["environment.builder[1]/image[\"busybox:1.36\"]"]);
    let plan = plan_now(&engine, &edited, one.clone());
    expect![[r#"
        warning: this plan is partial: only `environment.builder[1]/image["busybox:1.36"]` and what it needs

        nest will perform these actions:

          # environment.builder[1]/image["busybox:1.36"] will be created
          + image "busybox:1.36"

        Plan: 1 to add, 0 to change, 0 to destroy.
    "#]]
    .assert_eq(&rendered(&plan));
    let json = nest::report::json::plan(&plan);
    assert_eq!(json["complete"], false);
    assert_eq!(
        json["targets"][0],
        "environment.builder[1]/image[\"busybox:1.36\"]"
    );
    assert!(matches!(run(&engine, &edited, one), Outcome::Done { .. }));
    assert_eq!(
        changes(&engine, &edited, UP),
        [
            "Create volume.third",
            "Create environment.builder[2]/image[\"busybox:1.36\"]",
            "Update environment.tools",
        ]
    );
}

#[test]
fn a_targeted_removal_leaves_the_rest_in_the_record() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let edited = PROJECT
        .replace("[alpine:3.20]", "[]")
        .replace("replicas: 2", "replicas: 1");
    let gone = targeting(&UP, &["environment.builder[2]"]);
    assert_eq!(
        changes(&engine, &edited, gone.clone()),
        [
            "Delete volume.builder-2-socket",
            "Delete environment.builder[2]"
        ]
    );
    assert!(matches!(run(&engine, &edited, gone), Outcome::Done { .. }));
    // The image was put there by nest: it is still remembered, and removed now.
    assert_eq!(
        changes(&engine, &edited, UP),
        [
            // It is the only one now, and answers to its name without a number.
            "Update environment.builder",
            "Delete environment.builder[1]/image[\"alpine:3.20\"]",
        ]
    );
}

#[test]
fn what_an_engine_restart_stops_is_started_again_though_it_is_no_target() {
    let engine = engine();
    let yaml = "
name: test
environments:
  builder: { outer: { mode: dind, daemon: { mtu: 1400 } }, inner: { images: [alpine:3.20] } }
";
    bring_up(&engine, yaml);
    let edited = yaml
        .replace("1400", "1300")
        .replace("alpine:3.20", "busybox:1.36");
    let outer = targeting(&UP, &["environment.builder"]);
    assert_eq!(
        changes(&engine, &edited, outer),
        [
            "Update environment.builder",
            "Create environment.builder/image[\"busybox:1.36\"]",
            "Delete environment.builder/image[\"alpine:3.20\"]",
        ]
    );
}

#[test]
fn down_with_a_target_takes_what_was_made_for_it_and_leaves_what_others_use() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let tools = targeting(&DOWN, &["environment.tools"]);
    assert_eq!(
        changes(&engine, PROJECT, tools),
        ["Delete environment.tools"]
    );
    let builder = targeting(&DOWN_WITH_VOLUMES, &["environment.builder[1]"]);
    assert_eq!(
        changes(&engine, PROJECT, builder.clone()),
        [
            "Delete volume.builder-1-data",
            "Delete volume.builder-1-socket",
            "Delete environment.builder[1]",
        ]
    );
    assert!(matches!(
        run(&engine, PROJECT, builder),
        Outcome::Done { .. }
    ));
    assert_eq!(
        changes(&engine, PROJECT, UP)
            .iter()
            .filter(|change| !change.contains("builder[1]") && !change.contains("builder-1"))
            .count(),
        0
    );
    assert!(matches!(
        run(&engine, PROJECT, DOWN_WITH_VOLUMES),
        Outcome::Done { .. }
    ));
    assert_eq!(engine.with(|state| state.objects()), Vec::<String>::new());
}

#[test]
fn down_of_a_volume_takes_the_containers_that_use_it() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let volume = targeting(&DOWN_WITH_VOLUMES, &["volume.other"]);
    assert_eq!(
        changes(&engine, PROJECT, volume.clone()),
        ["Delete volume.other", "Delete environment.tools"]
    );
    assert!(matches!(
        run(&engine, PROJECT, volume),
        Outcome::Done { .. }
    ));
}

#[test]
fn an_address_that_names_nothing_is_refused_with_the_nearest() {
    refused(
        targeting(&UP, &["environment.bilder"]),
        &expect![[r#"
            warning: this plan is partial: only `environment.bilder` and what it needs

            error: environment.bilder: `--target` names nothing that the file declares or that the project has
              hint: did you mean `environment.builder[1]`?

        "#]],
    );
    refused(
        replacing("environment.tools[2]"),
        &expect![[r#"
            error: environment.tools[2]: `--replace` names nothing that the file declares or that the project has
              --> /project/test/nest.yaml:12:3
              hint: did you mean `environment.tools`?

        "#]],
    );
}

#[test]
fn only_containers_are_replaced_on_request() {
    refused(
        replacing("volume.cache"),
        &expect![[r#"
            error: volume.cache: a volume cannot be replaced on request: only the container of an environment, a service or a registry can
              --> /project/test/nest.yaml:3:12
              hint: name a container, such as `environment.builder`; `--target` takes any address

        "#]],
    );
}

#[test]
fn a_requested_replacement_happens_once() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let builder = replacing("environment.builder[1]");
    let plan = plan_now(&engine, PROJECT, builder.clone());
    expect![[r#"
        nest will perform these actions:

          # environment.builder[1] must be replaced (replacement was requested)
        -/+ container "test-builder-1"
                (15 unchanged attributes hidden)

        Plan: 1 to add, 0 to change, 1 to destroy.
        Impact: 1 engine restarts: nothing runs inside; data kept.
    "#]]
    .assert_eq(&rendered(&plan));
    engine.take_log();
    let outcome = run(&engine, PROJECT, builder);
    assert!(
        matches!(outcome, Outcome::Done { changed: true }),
        "{outcome:?}"
    );
    let made = engine.take_log();
    let made = made.iter().filter(|it| *it == "CreateContainer");
    assert_eq!(made.count(), 1);
    assert_eq!(changes(&engine, PROJECT, UP), Vec::<String>::new());
}
