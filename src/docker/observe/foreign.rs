//! What containers use that are not the project's.

use std::collections::BTreeMap;

use crate::docker::answer::ContainerListed;
use crate::observed::Question;
use crate::resource::label;

/// What containers of others use, each with one of them.
pub(super) struct ForeignUsers {
    pub(super) volumes: BTreeMap<String, String>,
    pub(super) networks: BTreeMap<String, String>,
    /// By their ids.
    pub(super) images: BTreeMap<String, String>,
}

impl ForeignUsers {
    pub(super) fn of(listed: &[ContainerListed], question: &Question) -> Self {
        let has = |one: &ContainerListed, key: &str, value: Option<&str>| {
            let found = one.labels.as_ref().and_then(|labels| labels.get(key));
            found.is_some_and(|found| value.is_none_or(|value| found == value))
        };
        let project = Some(question.project.as_str());
        // One that somebody gave another name is nobody's here.
        let is_own = |one: &ContainerListed| {
            let named = has(one, label::NAME, Some(one.name()));
            has(one, label::PROJECT, project) && named
        };
        let others = listed.iter().filter(|one| !is_own(one));
        // What makes and copies seeds goes by itself, that of this project by the next run at the latest.
        let lasting = others.clone().filter(|one| !has(one, label::SEED, None));
        let unclaimed = others.filter(|one| !has(one, label::SEED_MAKER, project));
        Self {
            volumes: users(lasting.clone(), ContainerListed::volumes),
            networks: users(lasting, ContainerListed::networks),
            images: users(unclaimed, ContainerListed::image),
        }
    }
}

fn users<'l>(
    containers: impl Iterator<Item = &'l ContainerListed>,
    used: impl Fn(&ContainerListed) -> Vec<String>,
) -> BTreeMap<String, String> {
    let users = containers.flat_map(|container| {
        let used = used(container).into_iter();
        used.map(|name| (name, container.name().to_owned()))
    });
    users.collect()
}
