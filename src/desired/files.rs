//! Files that a container is given: the secrets and configs of its scope.

use std::collections::BTreeMap;

use crate::desired::container::Place;
use crate::desired::facts::Facts;
use crate::model::container::Container;
use crate::model::container::file::Grant;
use crate::model::secret::{Material, MaterialSource};
use crate::resource::container::file::{ContainerFile, FileContent};

/// The files of a container by their paths, and why some cannot be had.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) files: BTreeMap<String, ContainerFile>,
    pub(crate) missing: Vec<String>,
}

/// The secrets and configs that a container is granted.
pub(crate) fn granted(place: &Place<'_>, container: &Container) -> Files {
    let mut files = Files::default();
    for grant in &container.secret_grants {
        let material = place.scope.secrets.get(&grant.source);
        files.add(place, ("secret", grant.source.as_str()), grant, material);
    }
    for grant in &container.config_grants {
        let material = place.scope.configs.get(&grant.source);
        files.add(place, ("config", grant.source.as_str()), grant, material);
    }
    if container.security.read_only && !files.files.is_empty() {
        let reason = "nest writes them into it before it starts, and it is `read_only`";
        files.missing.push(reason.to_owned());
    }
    files
}

impl Files {
    fn add<Name>(
        &mut self,
        place: &Place<'_>,
        (kind, name): (&str, &str),
        grant: &Grant<Name>,
        material: Option<&Material>,
    ) {
        let content = match material {
            Some(material) => content(place.facts, material),
            None => Err("it is not declared".to_owned()),
        };
        match content {
            Ok(bytes) => {
                let file = ContainerFile::Regular {
                    content: FileContent::Bytes(bytes),
                    uid: grant.uid.unwrap_or_default(),
                    gid: grant.gid.unwrap_or_default(),
                    mode: grant.mode,
                };
                self.files.insert(grant.target.clone(), file);
            }
            Err(reason) => self.missing.push(format!("the {kind} `{name}`: {reason}")),
        }
    }
}

/// What a secret or a config says.
pub(crate) fn content(facts: &Facts, material: &Material) -> Result<Vec<u8>, String> {
    match &material.source {
        MaterialSource::File(path) => facts.material(path),
        MaterialSource::Environment(name) => match &material.value {
            Some(value) => Ok(value.reveal().as_bytes().to_vec()),
            None => Err(format!("the variable `{name}` is not set")),
        },
        MaterialSource::Content(text) => Ok(text.as_bytes().to_vec()),
        MaterialSource::External => Err("nest has no access to what an engine keeps".to_owned()),
    }
}
