//! Edits of a nest file.

use crate::histories::file::{Environment, File, Image, Registry, Volume};
use crate::histories::service::{Back, Service};

/// An edit.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Volume(usize, Option<Volume>),
    Registry(usize, Option<Registry>),
    Images(Vec<Image>),
    Archives(u8),
    Environment(usize, Option<Environment>),
    Service(usize, Option<Service>),
    Back(Option<Back>),
    /// One part of an environment, or of the one in it, becomes as it is in another.
    Part {
        at: usize,
        part: u8,
        deep: bool,
        like: Environment,
    },
}

impl Edit {
    /// The file after the edit.
    pub(crate) fn of(&self, file: &File) -> File {
        let mut file = file.clone();
        match self {
            Edit::Volume(at, to) => file.volumes[*at].clone_from(to),
            Edit::Registry(at, to) => file.registries[*at].clone_from(to),
            Edit::Images(to) => file.images.clone_from(to),
            Edit::Archives(to) => file.archives = *to,
            Edit::Environment(at, to) => file.environments[*at].clone_from(to),
            Edit::Service(at, to) => file.services[*at].clone_from(to),
            Edit::Back(to) => file.back = *to,
            Edit::Part {
                at,
                part,
                deep,
                like,
            } => {
                if let Some(mut environment) = file.environments[*at].as_mut() {
                    if *deep && environment.deeper.is_some() {
                        environment = environment.deeper.as_mut().expect("it was looked at");
                    }
                    change(environment, *part, like);
                }
            }
        }
        file
    }
}

fn change(environment: &mut Environment, part: u8, like: &Environment) {
    match part {
        0 => environment.cpus = like.cpus,
        1 => environment.memory = like.memory,
        2 => environment.restart = like.restart,
        3 => environment.variable = like.variable,
        4 => environment.debug = like.debug,
        5 => environment.mtu = like.mtu,
        6 => (environment.data, environment.seed) = (like.data, like.seed),
        7 => environment.mounts.clone_from(&like.mounts),
        8 => environment.registries = like.registries,
        9 | 10 => environment.images.clone_from(&like.images),
        11 => environment.volumes = like.volumes,
        12 => environment.replicas = like.replicas,
        13 => environment.other_image = like.other_image,
        14 => environment.deeper.clone_from(&like.deeper),
        15 => environment.job = like.job,
        _ => environment.waits = like.waits,
    }
}
