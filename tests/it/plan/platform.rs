//! Images for a platform that the file says.

use std::path::PathBuf;

use expect_test::expect;
use nest::desired::facts::{ArchiveEntry, Facts};
use nest::engine::Engine as _;
use nest::model::image::ImageReference;
use nest::observed::ObservedEngine;
use nest::plan::change::Action;
use nest::plan::step::Operation;
use nest::plan::{Plan, plan};
use nest::resource::digest::Digest;
use nest::up::question;

use crate::apply::bring_up;
use crate::memory::MemoryEngine;
use crate::plan::{UP, engine, futures, plan_now, rendered};
use crate::yaml::{try_wanted, wanted};

/// A file that lists an image inside.
fn file(image: &str) -> String {
    format!(
        "name: test\nenvironments:\n  box:\n    outer: dind\n    inner: {{ images: [{{ {image} }}] }}\n"
    )
}

fn observed(engine: &MemoryEngine, yaml: &str) -> ObservedEngine {
    let observed = futures(engine.observe(&question(&wanted(yaml))));
    observed.expect("an engine in memory always answers")
}

/// How images come: pulled for a platform, or taken from further out.
fn ways(plan: &Plan) -> Vec<String> {
    let ways = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::PullImage {
            reference,
            platform,
            ..
        } => Some(format!("pull {reference} for {platform:?}")),
        Operation::TransferImages { references, .. } => Some(format!("transfer {references:?}")),
        Operation::LoadArchive { content, .. } => Some(format!("load {}", content.as_str())),
        _ => None,
    });
    ways.collect()
}

/// What the plan refuses, and what would help.
fn refusals(plan: &Plan) -> String {
    let refusals = plan.refusals.iter();
    let said = refusals.map(|it| format!("{}: {}\n  {}\n", it.address, it.message(), it.help()));
    said.collect()
}

fn put(engine: &MemoryEngine, image: &str, content: &str) {
    let name = ImageReference::new(image);
    engine.with(|state| state.images.insert(name, content.to_owned()));
}

#[test]
fn an_image_that_is_further_out_for_another_platform_is_pulled() {
    let yaml = file("image: 'alpine:3.20', platform: linux/arm64");
    let engine = engine();
    let pulled = [r#"pull alpine:3.20 for Some("linux/arm64")"#];
    assert_eq!(ways(&plan_now(&engine, &yaml, UP)), pulled);
    bring_up(&engine, &yaml);
    let plan = plan_now(&engine, &yaml, UP);
    assert!(plan.steps.is_empty(), "{}", rendered(&plan));

    // Where it is there for this one it comes from there.
    let engine = self::engine();
    put(&engine, "alpine:3.20", "mine for linux/arm64");
    let taken = [r#"transfer [ImageReference("alpine:3.20")]"#];
    assert_eq!(ways(&plan_now(&engine, &yaml, UP)), taken);
    bring_up(&engine, &yaml);
    let plan = plan_now(&engine, &yaml, UP);
    assert!(plan.steps.is_empty(), "{}", rendered(&plan));
}

#[test]
fn an_image_that_is_there_for_another_platform_is_replaced() {
    let engine = engine();
    bring_up(&engine, &file("image: 'alpine:3.20'"));
    let yaml = file("image: 'alpine:3.20', platform: linux/arm64");
    let plan = plan_now(&engine, &yaml, UP);
    expect![[r#"
        nest will perform these actions:

          # environment.box/image["alpine:3.20"] will be updated in place
          ~ image "alpine:3.20"
              ~ platform : linux/amd64 -> linux/arm64

        Plan: 0 to add, 1 to change, 0 to destroy.
    "#]]
    .assert_eq(&rendered(&plan));
    assert_eq!(ways(&plan).len(), 1);
    put(&engine, "alpine:3.20", "mine for linux/arm64");
    assert!(ways(&plan_now(&engine, &yaml, UP))[0].starts_with("transfer"));
    bring_up(&engine, &yaml);
    let plan = plan_now(&engine, &yaml, UP);
    assert!(plan.steps.is_empty(), "{}", rendered(&plan));
    // The engine's own by its whole name, or one whose variant is left out, is no other.
    for same in ["linux/arm64", "linux/arm64/v8"] {
        let yaml = file(&format!("image: 'alpine:3.20', platform: {same}"));
        assert!(plan_now(&engine, &yaml, UP).steps.is_empty(), "{same}");
    }
    let back = file("image: 'alpine:3.20', platform: linux/amd64");
    let plan = plan_now(&engine, &back, UP);
    assert_eq!(ways(&plan), [r#"pull alpine:3.20 for Some("linux/amd64")"#]);
}

#[test]
fn an_image_of_the_outer_engines_own_list_follows_its_platform() {
    let yaml = |platform: &str| {
        format!("name: test\nimages: [{{ image: 'alpine:3.20', platform: {platform} }}]\n")
    };
    let engine = engine();
    bring_up(&engine, &yaml("linux/amd64"));
    let plan = plan_now(&engine, &yaml("linux/arm64"), UP);
    let actions: Vec<Action> = plan.changes.iter().map(|it| it.action).collect();
    assert_eq!(actions, [Action::Update]);
    bring_up(&engine, &yaml("linux/arm64"));
    assert!(plan_now(&engine, &yaml("linux/arm64"), UP).steps.is_empty());
}

#[test]
fn an_image_that_is_to_be_had_for_another_platform_only_is_refused() {
    let engine = engine();
    let outer = file("image: 'alpine:3.20', source: outer, platform: linux/arm64");
    let first = refusals(&plan_now(&engine, &outer, UP));
    let never = file("image: 'alpine:3.20', pull: never, platform: linux/arm64");
    let second = refusals(&plan_now(&engine, &never, UP));
    bring_up(&engine, &file("image: 'alpine:3.20'"));
    let third = refusals(&plan_now(&engine, &never, UP));
    expect![[r#"
        environment.box/image["alpine:3.20"]: the outer engine has `alpine:3.20` for linux/amd64, and not for linux/arm64
          make it for that (`docker pull --platform linux/arm64 alpine:3.20`, or a build with this `platform`), or let the engine pull it: `source: registry`
        environment.box/image["alpine:3.20"]: the engine has no image `alpine:3.20`, which is never pulled
          build or load it on the outer engine, pull it there yourself (`docker pull alpine:3.20`), or remove `never`
        environment.box/image["alpine:3.20"]: the engine has `alpine:3.20` for linux/amd64, and not for linux/arm64
          make it for that (`docker pull --platform linux/arm64 alpine:3.20`, or a build with this `platform`), or let the engine pull it: `source: registry`
    "#]].assert_eq(&format!("{first}{second}{third}"));

    put(&engine, "alpine:3.20", "mine for linux/arm64");
    for yaml in [outer, never] {
        assert_eq!(refusals(&plan_now(&engine, &yaml, UP)), "");
        assert!(ways(&plan_now(&engine, &yaml, UP))[0].starts_with("transfer"));
    }
    bring_up(
        &engine,
        &file("image: 'alpine:3.20', source: outer, platform: linux/arm64"),
    );
}

#[test]
fn an_archive_gives_the_image_for_the_platform() {
    let content = |text: &str| Digest::of_bytes(text.as_bytes());
    let entry = |platform: &str, is_second: bool| ArchiveEntry {
        names: vec![ImageReference::new("app:1")],
        content: content(platform),
        platform: platform.to_owned(),
        is_second,
    };
    let planned = |image: &str, entries: &[ArchiveEntry]| {
        let path = PathBuf::from("/project/test/app.tar");
        let facts = Facts {
            archives: [(path, Ok(entries.to_vec()))].into(),
            ..Facts::default()
        };
        let yaml = file(image);
        let desired = try_wanted(&yaml, &facts).expect("it is right");
        let engine = engine();
        plan(&desired, &observed(&engine, &yaml), &UP)
    };
    let both = [entry("linux/amd64", false), entry("linux/arm64", true)];
    let of = |platform: &str| [format!("load {}", content(platform).as_str())];
    let plain = "image: 'app:1', source: { archive: ./app.tar }";
    let arm = format!("{plain}, platform: linux/arm64");
    assert_eq!(ways(&planned(plain, &both)), of("linux/amd64"));
    assert_eq!(ways(&planned(&arm, &both)), of("linux/arm64"));
    assert_eq!(
        ways(&planned(&arm, &[entry("linux/arm64", false)])),
        of("linux/arm64")
    );
    expect![[r#"
        environment.box/image["app:1"]: its archive has `app:1` for linux/amd64, and not for linux/arm64
          make it for that (`docker pull --platform linux/arm64 app:1`, or a build with this `platform`), or let the engine pull it: `source: registry`
    "#]].assert_eq(&refusals(&planned(&arm, &both[..1])));
}
