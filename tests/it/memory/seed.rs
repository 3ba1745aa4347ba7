//! Copies of seeds, as the containers make them that nest has copy them.

use nest::resource::container::{ContainerMountSource, FixedSettings};
use nest::resource::label;

use crate::memory::inner::{DataPlace, data_place};
use crate::memory::state::EngineState;

/// What a volume holds besides while a seed is copied into it.
pub(crate) const HALF: &str = ".nest-seed";

impl EngineState {
    /// Begins to copy a seed, if that is what a container does that has been started. Names of images come last: who
    /// does not wait for the end has none.
    pub(super) fn begin_copy(&mut self, name: &str) {
        let Some((from, to)) = self.copied(name) else {
            return;
        };
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
        let volume = self.volumes.get_mut(&to).expect("it is mounted");
        assert!(volume.data.is_none(), "{to} is new");
        volume.data = Some(Box::new(EngineState::new(&fresh)));
        volume.files.insert(HALF.to_owned());
    }

    /// Ends the copy of a seed, if that is what a container does that has been waited for.
    pub(super) fn end_copy(&mut self, name: &str) {
        let Some((from, to)) = self.copied(name) else {
            return;
        };
        let seed = self.volumes[&from].data.clone();
        let seed = seed.expect("a seed is made before it is copied");
        let volume = self.volumes.get_mut(&to).expect("it is mounted");
        volume.files.remove(HALF);
        let copy = volume.data.as_mut().expect("the copy has begun");
        copy.images.clone_from(&seed.images);
        copy.image_labels.clone_from(&seed.image_labels);
    }

    /// The volumes that a container copies from and to, if it copies a seed.
    fn copied(&self, name: &str) -> Option<(String, String)> {
        let container = self.containers.get(name)?;
        let copies = container.labels.contains_key(label::SEED) && container.fixed.mode.is_none();
        copies.then(|| places(&container.fixed))
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
