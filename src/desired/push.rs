//! Images that registries should have.
//!
//! The outer engine pushes them, so it should have them too, as if they were listed for it.

use crate::desired::container::Place;
use crate::desired::{DesiredEngine, access};
use crate::model::image::{Image, ImageReference};
use crate::model::name::RegistryName;
use crate::model::registry::{Registry, RegistryKind};
use crate::resource::login::RegistryLogin;
use crate::resource::push::{PushPlace, PushRegistry};
use crate::resource::{Address, Kind};

/// An image that a registry should have.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredPush {
    /// Its address.
    pub address: Address,
    /// What it is called on the outer engine.
    pub reference: ImageReference,
    /// Where it is pushed to.
    pub place: PushPlace,
}

/// Adds the images of a registry.
pub(crate) fn add(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    name: &RegistryName,
    registry: &Registry,
) {
    let pushed_to = match &registry.kind {
        RegistryKind::Local { .. } => {
            PushRegistry::Container(place.naming.container(name.as_str(), 1))
        }
        RegistryKind::Existing { host } => PushRegistry::Host(host.clone()),
        RegistryKind::Mirror { .. } | RegistryKind::ExistingMirror { .. } => return,
    };
    let account = match access::account(place, name, registry) {
        Some(Ok(account)) => Some(account),
        Some(Err(_)) | None => None,
    };
    let scope = Address::new(None, Kind::Registry, name.as_str());
    for image in &registry.images {
        engine.add_image(place.facts, None, image);
        let login = account
            .clone()
            .map(|account| access::login(registry, account));
        let push = DesiredPush {
            address: Address::new(Some(&scope), Kind::Image, image.reference.as_str()),
            reference: image.reference.clone(),
            place: named(image, pushed_to.clone(), login.flatten()),
        };
        engine.pushes.insert(push.address.clone(), push);
    }
}

/// The name of an image in a registry: its own without the host, and a tag always.
fn named(image: &Image, registry: PushRegistry, login: Option<RegistryLogin>) -> PushPlace {
    PushPlace {
        registry,
        repository: image.reference.path().to_owned(),
        tag: image.reference.tag().unwrap_or("latest").to_owned(),
        login,
    }
}
