//! Outer engines besides the one that nest connects to.

use std::collections::BTreeMap;

use crate::desired::DesiredEngine;
use crate::model::name::EngineName;
use crate::model::outer_engine::EngineAddress;
use crate::resource::engine_path::EnginePath;
use crate::resource::{Address, Kind};

/// What another outer engine should hold.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherEngine {
    /// How it is reached.
    pub address: EngineAddress,
    /// What it should hold.
    pub engine: DesiredEngine,
}

impl OtherEngine {
    /// What an engine should hold, with addresses that say where it is of what several engines may have by one name.
    pub(super) fn new(
        name: &EngineName,
        address: &EngineAddress,
        mut engine: DesiredEngine,
    ) -> Self {
        let place = |address: &mut Address| {
            // Names of environments and services are unique in the file.
            let of_member = [Kind::Environment, Kind::Service];
            if !of_member.iter().any(|kind| address.first_segment_is(*kind)) {
                *address = address.on(name);
            }
        };
        let networks = engine.networks.values_mut();
        networks.for_each(|network| place(&mut network.address));
        for volume in engine.volumes.values_mut() {
            place(&mut volume.address);
            volume.made_for.iter_mut().for_each(place);
        }
        let images = engine.images.values_mut();
        images.for_each(|image| place(&mut image.address));
        let containers = engine.containers.values_mut();
        containers.for_each(|container| place(&mut container.address));
        let pushes = std::mem::take(&mut engine.pushes).into_values();
        let pushes = pushes.map(|mut push| {
            place(&mut push.address);
            (push.address.clone(), push)
        });
        engine.pushes = pushes.collect::<BTreeMap<_, _>>();
        Self {
            address: address.clone(),
            engine,
        }
    }
}

impl DesiredEngine {
    /// The outer engines: this one, and the others.
    pub fn outermost(&self) -> impl Iterator<Item = (EnginePath, &DesiredEngine)> {
        let others = self.others.iter();
        let others = others.map(|(name, other)| (EnginePath::other(name), &other.engine));
        std::iter::once((EnginePath::outer(), self)).chain(others)
    }
}
