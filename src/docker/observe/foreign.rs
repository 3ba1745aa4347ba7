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
        Self {
            volumes: users(listed, question, ContainerListed::volumes),
            networks: users(listed, question, ContainerListed::networks),
            images: users(listed, question, ContainerListed::image),
        }
    }
}

fn users(
    listed: &[ContainerListed],
    question: &Question,
    used: impl Fn(&ContainerListed) -> Vec<String>,
) -> BTreeMap<String, String> {
    let project = |one: &ContainerListed| one.labels.as_ref()?.get(label::PROJECT).cloned();
    let is_seeding = |one: &ContainerListed| {
        let labels = one.labels.as_ref();
        labels.is_some_and(|labels| labels.contains_key(label::SEED))
    };
    let is_foreign = |one: &&ContainerListed| {
        project(one).as_deref() != Some(question.project.as_str()) && !is_seeding(one)
    };
    let mut users = BTreeMap::new();
    for container in listed.iter().filter(is_foreign) {
        let used = used(container).into_iter();
        users.extend(used.map(|name| (name, container.name().to_owned())));
    }
    users
}
