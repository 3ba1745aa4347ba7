//! Seeds: what marks them, and what starts from them.

use std::collections::{BTreeMap, BTreeSet};

use nest::engine::Engine;
use nest::model::image::ImageReference;
use nest::model::name::ProjectName;
use nest::plan::plan;
use nest::plan::step::Operation;
use nest::resource::container::DaemonSettings;
use nest::resource::seed::{ObservedSeeds, SeedContent};
use nest::up::question;

use crate::laws::inner::start_on;
use crate::laws::subject::{ENGINE, Says, Subject, awake};
use crate::plan::UP;
use crate::yaml::wanted;

/// Of two runs that make one seed, the first to mark its own has it kept, and the other's goes.
pub(super) async fn check_marks<E: Engine>(subject: &Subject<'_, E>) {
    let content = SeedContent {
        engine: ImageReference::new(subject.name("engine")),
        engine_id: "1".to_owned(),
        mode: "dind".to_owned(),
        command: Vec::new(),
        store: DaemonSettings::new(),
        images: BTreeMap::new(),
    };
    let key = content.key();
    let [first, second] = ["first", "second"].map(|maker| content.volume(&ProjectName::new(maker)));
    let mark = content.mark(&first.name).name;
    for volume in [&first, &second] {
        subject.must(Operation::CreateVolume(volume.clone())).await;
    }
    let found = subject.look().await.seeds;
    assert_eq!(found.whole(&key), None, "nothing is marked");
    assert_eq!(found.volumes[&first.name], "first");
    for volume in [&first, &second, &first] {
        let keep = Operation::KeepSeed {
            seed: volume.name.clone(),
            mark: content.mark(&volume.name),
        };
        assert_eq!(subject.ask(keep).await, Says::Done);
        let found = subject.look().await.seeds;
        assert_eq!(found.whole(&key), Some(&first.name));
    }
    let found = subject.look().await.seeds;
    assert!(!found.volumes.contains_key(&second.name), "{found:?}");
    for name in [mark, first.name] {
        subject.must(Operation::RemoveVolume { name }).await;
    }
}

/// The steps of a plan that make a seed and copy it: while they last its containers are told, then only a whole seed is;
/// an engine on the copy has the images, and the seed can go.
pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    check_marks(subject).await;
    let maker = subject.project.as_str();
    let yaml = format!(
        "name: {}\nenvironments: {{ engine: {{ outer: {{ mode: dind, data: {{ seed: link }} }}, inner: {{ images: ['alpine:3.20'] }} }} }}\n",
        subject.project
    );
    let desired = wanted(&yaml);
    let found = subject.engine.observe(&question(&desired)).await;
    let plan = plan(&desired, &found.expect("the engine is observed"), &UP);
    let is_last = |operation: &Operation| matches!(operation, Operation::KeepSeed { .. });
    let last = plan.steps.iter().position(|step| is_last(&step.operation));
    let last = last.expect("a seed is made");
    // What it waits for, each after what it waits for itself.
    let mut needed = BTreeSet::new();
    let mut open = vec![last];
    while let Some(step) = open.pop() {
        if needed.insert(step) {
            open.extend(&plan.steps[step].after);
        }
    }
    let mut told = ObservedSeeds::default();
    let mut done = BTreeSet::new();
    while done.len() < needed.len() {
        let is_next = |step: &&usize| {
            let after = &plan.steps[**step].after;
            !done.contains(*step) && after.iter().all(|step| done.contains(step))
        };
        let step = *needed
            .iter()
            .find(is_next)
            .expect("no step waits for itself");
        let planned = &plan.steps[step];
        subject
            .must_at(&planned.engine, planned.operation.clone())
            .await;
        done.insert(step);
        told.containers
            .extend(subject.look().await.seeds.containers);
    }
    assert_eq!(told.left_containers(maker).count(), 2, "{told:?}");
    let data = desired
        .engine
        .volumes
        .keys()
        .find(|it| it.ends_with("-data"));
    let name = subject.name(ENGINE);
    start_on(subject, &name, data.expect("the engine has data")).await;
    let found = subject.look().await;
    assert_eq!(found.seeds.left_containers(maker).count(), 0);
    assert_eq!(found.seeds.left_volumes(maker).count(), 0);
    assert_eq!(found.seeds.made_by(maker).count(), 2, "a seed and its mark");
    let images: Vec<&str> = awake(&found.containers[&name])
        .images
        .keys()
        .map(ImageReference::as_str)
        .collect();
    assert_eq!(images, ["alpine:3.20"]);
    for name in found.seeds.made_by(maker) {
        subject.must(Operation::RemoveVolume { name }).await;
    }
    let found = subject.look().await.seeds;
    assert_eq!(found.made_by(maker).count(), 0);
}
