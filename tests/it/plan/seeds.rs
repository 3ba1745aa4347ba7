//! Data roots that start from seeds, and what becomes of seeds that were not finished.

use expect_test::expect;
use nest::plan::fingerprint::Fingerprint;
use nest::resource::label::{self, Labels};
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::memory::word;
use crate::memory::{MemoryEngine, MemoryVolume};
use crate::plan::{DOWN_WITH_VOLUMES, UP, engine, plan_now, rendered};

fn file(name: &str, seed: &str) -> String {
    format!(
        "name: {name}
environments:
  box:
    outer: {{ mode: dind, data: {{ keep: false{seed} }} }}
    inner: {{ images: [alpine:3.20, busybox:1.36] }}
"
    )
}

/// The names of the volumes that belong to seeds.
fn seeds(engine: &MemoryEngine) -> Vec<String> {
    engine.with(|state| {
        let volumes = state.volumes.iter();
        let seeds = volumes.filter(|(_, volume)| volume.labels.contains_key(label::SEED));
        seeds.map(|(name, _)| name.clone()).collect()
    })
}

/// What of a plan is said of seeds.
fn said(engine: &MemoryEngine, file: &str) -> String {
    let shown = rendered(&plan_now(engine, file, UP));
    let lines = shown.lines().filter(|line| line.contains("+ seed"));
    lines.flat_map(|line| [line.trim(), "\n"]).collect()
}

#[test]
fn a_seed_is_made_once_and_used_by_every_project() {
    let engine = engine();
    let asked = file("one", ", seed: copy");
    expect![[r#"
        + seed   : none yet: nest-seed-dde87f72fd22-one (2 images) is made beside it and kept
    "#]]
    .assert_eq(&said(&engine, &asked));
    let plan = plan_now(&engine, &asked, UP);
    let steps = plan
        .steps
        .iter()
        .map(|step| format!("{} {}\n", step.engine, word(&step.operation)));
    expect![[r#"
        the outer engine CreateVolume
        the outer engine CreateNetwork
        the outer engine CreateVolume
        the outer engine CreateVolume
        the outer engine CreateVolume
        the outer engine CreateContainer
        the outer engine WriteDaemonFile
        the outer engine StartContainer
        the outer engine WaitForEngine
        the engine in `nest-seed-dde87f72fd22-one` TransferImages
        the outer engine StopContainer
        the outer engine RemoveContainer
        the outer engine KeepSeed
        the outer engine CreateContainer
        the outer engine WriteDaemonFile
        the outer engine StartContainer
        the outer engine WaitForEngine
        the engine in `one-box-1` CreateVolume
        the engine in `one-box-1` TransferImages
        the engine in `one-box-1` CreateVolume
        the engine in `one-box-1` RemoveVolume
        the outer engine CreateVolume
        the outer engine RemoveVolume
    "#]]
    .assert_eq(&steps.collect::<String>());
    bring_up(&engine, &asked);
    assert!(plan_now(&engine, &asked, UP).steps.is_empty());
    assert_eq!(seeds(&engine).len(), 2, "a seed and its mark");

    // A project that says nothing of seeds starts from it too, and loads nothing.
    let silent = file("two", "");
    expect![[r#"
        + seed   : copy of nest-seed-dde87f72fd22-one (2 images)
    "#]]
    .assert_eq(&said(&engine, &silent));
    engine.take_log();
    bring_up(&engine, &silent);
    let log = engine.take_log();
    assert!(
        !log.iter().any(|it| it.starts_with("TransferImages")),
        "{log:?}"
    );
    assert!(plan_now(&engine, &silent, UP).steps.is_empty());
    let linked = file("three", ", seed: link");
    expect![[r#"
        + seed   : copy, since the engine does not tell where its volumes are, of nest-seed-dde87f72fd22-one (2 images)
    "#]].assert_eq(&said(&engine, &linked));
    assert_eq!(said(&engine, &file("four", ", seed: none")), "");

    // It belongs to none of them.
    for file in [&asked, &silent] {
        assert!(matches!(
            run(&engine, file, DOWN_WITH_VOLUMES),
            Outcome::Done { changed: true }
        ));
    }
    let left = engine.with(|state| state.objects());
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(seeds(&engine).len(), 2);
}

#[test]
fn images_that_left_the_file_leave_an_engine_that_had_them_from_a_seed() {
    let engine = engine();
    bring_up(&engine, &file("one", ", seed: copy"));
    let less = file("one", ", seed: copy").replace(", busybox:1.36", "");
    let plan = rendered(&plan_now(&engine, &less, UP));
    assert!(
        plan.contains("image[\"busybox:1.36\"] will be removed"),
        "{plan}"
    );
}

#[test]
fn without_what_it_needs_there_is_no_seed_and_the_plan_says_why() {
    let nothing = MemoryEngine::with_images(&["alpine:3.20"]);
    expect![[r#"
        + seed   : none: `docker:dind` is not there yet
    "#]]
    .assert_eq(&said(&nothing, &file("one", ", seed: copy")));
    let no_images = MemoryEngine::with_images(&["docker:dind"]);
    expect![[r#"
        + seed   : none: no image that it is to have is known before it is there
    "#]]
    .assert_eq(&said(&no_images, &file("one", ", seed: copy")));
    let less =
        file("one", ", seed: copy").replace("mode: dind", "mode: rootless, privileged: false");
    let rootless = MemoryEngine::with_images(&["docker:dind-rootless", "alpine:3.20"]);
    expect![[r#"
        + seed   : none: to keep what layers hide takes a privileged container
    "#]]
    .assert_eq(&said(&rootless, &less));
    let own = file("one", ", seed: copy").replace("mode: dind", "mode: dind, command: [my-engine]");
    expect![[r#"
        + seed   : none: its log does not say when its engine listens
    "#]]
    .assert_eq(&said(&engine(), &own));
    // Nobody asked for one.
    assert_eq!(said(&nothing, &file("one", "")), "");
}

#[test]
fn where_something_of_somebody_elses_has_its_name_no_seed_is_made() {
    let made = engine();
    bring_up(&made, &file("one", ", seed: copy"));
    for name in seeds(&made) {
        let engine = engine();
        let plan_before = plan_now(&engine, &file("one", ", seed: copy"), UP);
        engine.with(|state| {
            let theirs = MemoryVolume::new(Labels::new());
            state.volumes.insert(name.clone(), theirs);
        });
        let said = said(&engine, &file("one", ", seed: copy"));
        let why = format!("+ seed   : none: volume `{name}` has its name, and is not nest's\n");
        assert_eq!(said, why);
        // A plan that was made before is no longer good.
        let desired = crate::yaml::wanted(&file("one", ", seed: copy"));
        let observed = engine.with(|state| state.observed(&nest::up::question(&desired)));
        let now = Fingerprint::of(&observed, &plan_before.project, &plan_before.names);
        assert_ne!(plan_before.fingerprint.differences(&now), [""; 0]);
        bring_up(&engine, &file("one", ", seed: copy"));
        let plan = plan_now(&engine, &file("one", ", seed: copy"), UP);
        assert!(plan.steps.is_empty(), "{:?}", plan.steps);
        assert_eq!(seeds(&engine), [""; 0]);
        assert!(engine.with(|state| state.volumes.contains_key(&name)));
    }
}

#[test]
fn containers_inside_run_what_comes_with_the_seed() {
    let engine = engine();
    let asked = file("one", ", seed: link") + "      services: { app: { image: 'alpine:3.20' } }\n";
    let asked = asked.replace(
        "inner: { images: [alpine:3.20, busybox:1.36] }",
        "inner:\n      images: [busybox:1.36]",
    );
    bring_up(&engine, &asked);
    let log = engine.take_log();
    assert!(!log.iter().any(|it| it.starts_with("PullImage")), "{log:?}");
    assert!(plan_now(&engine, &asked, UP).steps.is_empty());
}

#[test]
fn other_content_is_another_seed() {
    let engine = engine();
    let asked = file("one", ", seed: copy");
    bring_up(&engine, &asked);
    let silent = file("two", "");
    assert_ne!(said(&engine, &silent), "");
    engine.with(|state| {
        for content in state.images.values_mut() {
            *content = content.replace("busybox:1.36 as built", "busybox:1.36 built anew");
        }
    });
    assert_eq!(said(&engine, &silent), "");
}

#[test]
fn a_run_that_ends_at_any_step_leaves_nothing_half_made() {
    for again in [true, false] {
        let mut step = 0;
        loop {
            let engine = engine();
            let asked = file("one", ", seed: copy");
            engine.fail_after(step);
            let outcome = run(&engine, &asked, UP);
            let is_done = matches!(outcome, Outcome::Done { .. });
            engine.fail_after(usize::MAX);
            if again {
                bring_up(&engine, &asked);
                assert!(
                    plan_now(&engine, &asked, UP).steps.is_empty(),
                    "after step {step}"
                );
            }
            run(&engine, &asked, DOWN_WITH_VOLUMES);
            let left = engine.with(|state| state.objects());
            let seeds = seeds(&engine);
            assert!(matches!(seeds.len(), 0 | 2), "after step {step}: {seeds:?}");
            assert_eq!(left.len(), seeds.len(), "after step {step}: {left:?}");
            if is_done {
                break;
            }
            step += 1;
        }
        assert!(step > 10, "{step}");
    }
}

#[test]
fn a_mark_whose_seed_somebody_removed_is_made_anew() {
    let engine = engine();
    let asked = file("one", ", seed: copy");
    bring_up(&engine, &asked);
    engine.with(|state| {
        let is_left = |name: &str| !name.starts_with("nest-seed-") || !name.ends_with("-one");
        state.volumes.retain(|name, _| is_left(name));
    });
    let other = file("two", ", seed: copy");
    assert!(said(&engine, &other).contains("is made beside it"));
    bring_up(&engine, &other);
    assert_eq!(seeds(&engine).len(), 2, "{:?}", seeds(&engine));
    assert!(!said(&engine, &file("three", "")).is_empty());
}
