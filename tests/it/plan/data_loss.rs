//! Plans that would lose data: refused, or carried out with consent.

use expect_test::expect;
use nest::model::image::ImageReference;
use nest::plan::PlanOptions;
use nest::plan::change::{Action, Impact};
use nest::plan::refusal::RefusalCause;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::plan::{UP, engine, plan_now, rendered};

fn consent() -> PlanOptions {
    PlanOptions {
        allow_data_loss: true,
        ..UP
    }
}

const PROJECT: &str = "
name: test
volumes: { work: { labels: { a: one } } }
environments:
  builder: { outer: dind, volumes: [work:/work], inner: { images: [alpine:3.20] } }
  tools: { outer: socket }
";

#[test]
fn a_volume_whose_settings_changed_is_refused_and_the_flag_named() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let plan = plan_now(&engine, &PROJECT.replace("one", "two"), UP);
    expect![[r#"
        nest will perform these actions:

          # volume.work must be replaced
        -/+ volume "test_work"
              ~ labels.a : one -> two   # forces replacement
                (1 unchanged attribute hidden)
                # its data is lost

        error: volume.work: the volume `test_work` would have to be replaced to change `labels.a`, and its data would be lost
          --> /project/test/nest.yaml:3:12
          hint: put the old settings back, declare a volume of another name, or let it go with `--allow-data-loss`

        Plan: 1 to add, 0 to change, 1 to destroy.
        Impact: the data of 1 volume is lost.
    "#]]
    .assert_eq(&rendered(&plan));
}

#[test]
fn with_consent_it_is_replaced_with_the_containers_that_use_it() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    let edited = PROJECT.replace("one", "two");
    let plan = plan_now(&engine, &edited, consent());
    expect![[r#"
        nest will perform these actions:

          # volume.work must be replaced
        -/+ volume "test_work"
              ~ labels.a : one -> two   # forces replacement
                (1 unchanged attribute hidden)
                # its data is lost

          # environment.builder must be replaced (its volume `test_work` is replaced)
        -/+ container "test-builder-1"
                (14 unchanged attributes hidden)

        Plan: 2 to add, 0 to change, 2 to destroy.
        Impact: 1 engine restarts: nothing runs inside; the data of 1 volume is lost.
    "#]]
    .assert_eq(&rendered(&plan));
    let json = nest::report::json::plan(&plan);
    assert_eq!(json["allows_data_loss"], true);
    let impacts = json["resource_changes"].as_array().expect("changes");
    let lost = impacts.iter().filter(|it| it["impact"] == "data_loss");
    assert_eq!(lost.count(), 1);
    let outcome = run(&engine, &edited, consent());
    assert!(
        matches!(outcome, Outcome::Done { changed: true }),
        "{outcome:?}"
    );
    let again = run(&engine, &edited, UP);
    assert!(
        matches!(again, Outcome::Done { changed: false }),
        "{again:?}"
    );
}

#[test]
fn a_data_root_that_is_replaced_begins_empty() {
    let yaml = "
name: test
volumes: { work: { labels: { a: one } } }
environments:
  builder: { outer: { mode: dind, data: work }, inner: { images: [alpine:3.20] } }
";
    let engine = engine();
    bring_up(&engine, yaml);
    let edited = yaml.replace("one", "two");
    let plan = plan_now(&engine, &edited, consent());
    let planned: Vec<_> = plan
        .changes
        .iter()
        .filter(|change| change.action != Action::NoOp)
        .map(|change| (change.address.as_str(), change.action, change.impact))
        .collect();
    assert_eq!(
        planned,
        [
            ("volume.work", Action::Replace, Impact::DataLoss),
            ("environment.builder", Action::Replace, Impact::DataLoss),
            (
                "environment.builder/image[\"alpine:3.20\"]",
                Action::Create,
                Impact::None
            ),
        ]
    );
    let outcome = run(&engine, &edited, consent());
    assert!(
        matches!(outcome, Outcome::Done { changed: true }),
        "{outcome:?}"
    );
    let again = run(&engine, &edited, UP);
    assert!(
        matches!(again, Outcome::Done { changed: false }),
        "{again:?}"
    );
}

#[test]
fn what_is_protected_is_refused_with_consent_too() {
    let engine = engine();
    let yaml = PROJECT.replace("a: one }", "a: one }, protect: true");
    bring_up(&engine, &yaml);
    let plan = plan_now(&engine, &yaml.replace("one", "two"), consent());
    let causes: Vec<_> = plan.refusals.iter().map(|it| &it.cause).collect();
    let name = "test_work".to_owned();
    assert_eq!(causes, [&RefusalCause::Protected { name }]);
}

#[test]
fn consent_converges_after_a_failure_at_any_step() {
    let edited = PROJECT.replace("one", "two");
    for failing in 0.. {
        let engine = engine();
        bring_up(&engine, PROJECT);
        engine.fail_after(failing);
        let failed = matches!(run(&engine, &edited, consent()), Outcome::Incomplete { .. });
        engine.fail_after(usize::MAX);
        let outcome = run(&engine, &edited, consent());
        assert!(
            matches!(outcome, Outcome::Done { .. }),
            "after {failing}: {outcome:?}"
        );
        let again = run(&engine, &edited, UP);
        assert!(
            matches!(again, Outcome::Done { changed: false }),
            "after {failing} operations: {again:?}"
        );
        if !failed {
            assert!(failing > 5, "{failing}");
            break;
        }
    }
}

#[test]
fn an_engine_older_than_its_data_is_refused_or_begins_empty() {
    let yaml = "
name: test
environments:
  builder: { outer: { mode: dind, image: 'docker:28-dind' }, inner: { images: [alpine:3.20] } }
";
    let engine = engine();
    engine.with(|state| {
        for (image, version) in [("docker:28-dind", "28.5.2"), ("docker:27-dind", "27.5.1")] {
            let content = format!("engine {version}");
            state.images.insert(ImageReference::new(image), content);
        }
    });
    bring_up(&engine, yaml);
    let older = yaml.replace("28-dind", "27-dind");
    let refused = plan_now(&engine, &older, UP);
    let said: Vec<String> = refused
        .refusals
        .iter()
        .map(nest::plan::refusal::Refusal::message)
        .collect();
    assert_eq!(
        said,
        [
            "its engine would be 27.5.1, which is older than 28.5.2, which wrote its data: the data would be lost"
        ]
    );
    let help = refused.refusals[0].help();
    assert!(help.contains("--allow-data-loss"), "{help}");
    let plan = plan_now(&engine, &older, consent());
    expect![[r#"
        nest will perform these actions:

          # volume.builder-1-data must be replaced (its engine would be older than the one that wrote its data)
        -/+ volume "test_builder-1-data"
                (1 unchanged attribute hidden)
                # its data is lost

          # environment.builder must be replaced (its volume `test_builder-1-data` is replaced)
        -/+ container "test-builder-1"
              ~ image : docker:28-dind -> docker:27-dind   # forces replacement
                (12 unchanged attributes hidden)
                # its data is lost

          # environment.builder/image["alpine:3.20"] will be created
          + image "alpine:3.20"

        Plan: 3 to add, 0 to change, 2 to destroy.
        Impact: 1 engine restarts: nothing runs inside; the data of 1 volume is lost.
    "#]]
    .assert_eq(&rendered(&plan));
    let outcome = run(&engine, &older, consent());
    assert!(
        matches!(outcome, Outcome::Done { changed: true }),
        "{outcome:?}"
    );
    // Back to the newer one: that loses nothing.
    bring_up(&engine, yaml);
    let again = run(&engine, yaml, UP);
    assert!(
        matches!(again, Outcome::Done { changed: false }),
        "{again:?}"
    );
}
