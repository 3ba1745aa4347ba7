//! Where the data of an environment's engine lives.

use std::collections::HashMap;
use std::path::Path;

use crate::model::environment::{Data, DataPlace};
use crate::model::name::VolumeName;
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::{DeclaredVolumes, Validation, is_path};
use crate::problem::{EngineProblem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::outer::{DataMapping, DataSpec};

/// Where engines keep their data on a host where nobody says otherwise.
const HOST_DATA_ROOTS: [&str; 3] = [
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
];

impl Validation<'_> {
    /// Where the data of an engine lives, by default in a volume of its own.
    pub(super) fn data(&mut self, data: &Field<DataSpec>, declared: &DeclaredVolumes<'_>) -> Data {
        let own = Data {
            place: DataPlace::Own,
            keep: true,
        };
        match &data.value {
            None => own,
            Some(DataSpec::Scalar(text)) => {
                let text = Spanned {
                    value: text,
                    span: data.span.clone(),
                };
                let place = if is_path(text.value) {
                    self.data_path(&text)
                } else {
                    self.data_volume(&text, declared)
                };
                Data { place, keep: true }
            }
            Some(DataSpec::Mapping(mapping)) => Data {
                place: self.data_place(mapping, declared),
                keep: mapping.keep.copied().unwrap_or(true),
            },
        }
    }

    fn data_place(&mut self, mapping: &DataMapping, declared: &DeclaredVolumes<'_>) -> DataPlace {
        let memory = mapping.tmpfs.copied().unwrap_or(false);
        let given: Vec<Span> = [
            mapping.volume.section(),
            mapping.path.section(),
            mapping.tmpfs.section().filter(|_| memory),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let [first, second, ..] = given.as_slice() {
            self.report(ShapeProblem::ConflictingKeys {
                what: "`data`".to_owned(),
                keys: "`volume`, `path` and `tmpfs`".to_owned(),
                first: first.clone(),
                second: second.clone(),
            });
        }
        if let Some(volume) = mapping.volume.get() {
            self.data_volume(&volume, declared)
        } else if let Some(path) = mapping.path.get() {
            self.data_path(&path)
        } else if memory {
            DataPlace::Tmpfs
        } else {
            DataPlace::Own
        }
    }

    fn data_volume(
        &mut self,
        name: &Spanned<&String>,
        declared: &DeclaredVolumes<'_>,
    ) -> DataPlace {
        self.check_volume(name.value, name.span.clone(), declared);
        DataPlace::Volume(VolumeName::new(name.value))
    }

    fn data_path(&mut self, written: &Spanned<&String>) -> DataPlace {
        let path = self
            .absolute_path(written.value, &written.span)
            .filter(|_| is_path(written.value));
        let Some(path) = path else {
            self.report(ValueProblem::InvalidValue {
                key: "data".to_owned(),
                text: written.value.clone(),
                reason: "it leads to no folder".to_owned(),
                hint: "write an absolute path, or one that begins with `./` or `~/`".to_owned(),
                at: written.span.clone(),
            });
            return DataPlace::Own;
        };
        self.check_bind_policy(&path, &written.span);
        let shared = |root: &&str| path.starts_with(root) || Path::new(root).starts_with(&path);
        if HOST_DATA_ROOTS.iter().any(shared) {
            self.report(EngineProblem::HostDataRoot {
                path: path.display().to_string(),
                at: written.span.clone(),
            });
        }
        DataPlace::Path(path.display().to_string())
    }

    /// Checks that no two engines use one data root.
    pub(super) fn check_data_roots(&mut self, environments: &[MadeEnvironment<'_>]) {
        let mut used: HashMap<String, Span> = HashMap::new();
        for made in environments {
            let outer = &made.environment.outer;
            if outer.mode.own_engine().is_none() {
                continue;
            }
            let place = match &outer.data.place {
                DataPlace::Volume(name) => format!("the volume `{name}`"),
                DataPlace::Path(path) => format!("`{path}`"),
                DataPlace::Own | DataPlace::Tmpfs => continue,
            };
            if made.environment.replicas > 1 {
                self.report(EngineProblem::DataRootWithReplicas {
                    place: place.clone(),
                    replicas: made.environment.replicas,
                    at: made.data_span.clone(),
                    replicas_at: made.replicas_span.clone(),
                });
            }
            if let Some(first) = used.get(&place) {
                self.report(EngineProblem::DataRootShared {
                    place,
                    first: first.clone(),
                    again: made.data_span.clone(),
                });
            } else {
                used.insert(place, made.data_span.clone());
            }
        }
    }
}
