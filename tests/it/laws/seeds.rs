//! Marks of seeds.

use std::collections::BTreeMap;

use nest::engine::Engine;
use nest::model::image::ImageReference;
use nest::model::name::ProjectName;
use nest::plan::step::Operation;
use nest::resource::container::DaemonSettings;
use nest::resource::seed::SeedContent;

use crate::laws::subject::{Says, Subject};

/// Of two runs that make one seed, the first to mark its own has it kept, and the other's goes.
pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
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
