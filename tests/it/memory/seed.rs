//! Copies of seeds, as the containers make them that nest has copy them.

use nest::resource::container::{ContainerMountSource, FixedSettings};
use nest::resource::label;

use crate::memory::inner::{DataPlace, data_place};
use crate::memory::state::EngineState;

impl EngineState {
    /// Copies a seed, if that is what a container does that has been started.
    pub(super) fn copy_seed(&mut self, name: &str) {
        let container = &self.containers[name];
        let copies = container.labels.contains_key(label::SEED) && container.fixed.mode.is_none();
        if !copies {
            return;
        }
        let (from, to) = places(&container.fixed);
        let is_used = self.containers.values().any(|other| {
            let data = data_place(&other.fixed);
            let uses = |volume: &String| data == Some(DataPlace::Volume(volume.clone()));
            other.is_up() && (uses(&from) || uses(&to))
        });
        assert!(
            !is_used,
            "{from} is copied to {to} while an engine runs on one"
        );
        let fresh = format!("inner {}", self.new_id());
        let seed = self.volumes[&from].data.clone();
        let seed = seed.expect("a seed is made before it is copied");
        let data = &mut self.volumes.get_mut(&to).expect("it is mounted").data;
        let mut copy = EngineState::new(&fresh);
        copy.images.clone_from(&seed.images);
        copy.image_labels.clone_from(&seed.image_labels);
        assert!(data.is_none(), "{to} is new");
        *data = Some(Box::new(copy));
    }
}

/// The volumes that are copied from and to.
fn places(fixed: &FixedSettings) -> (String, String) {
    let place = |path: &String| {
        let mut parts = path.split('/').skip(1);
        let root = parts.next().expect("a path is absolute");
        let mount = fixed
            .mounts
            .iter()
            .find(|it| it.target == format!("/{root}"));
        match &mount.expect("it is mounted").source {
            ContainerMountSource::Volume(name) => name.clone(),
            _ => parts.next().expect("a volume has a folder").to_owned(),
        }
    };
    (place(&fixed.command[3]), place(&fixed.command[4]))
}
