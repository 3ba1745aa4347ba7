//! Where the data of an environment's engine lives.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::mode::Mode;
use crate::model::environment::{Data, DataPlace, Seed};
use crate::model::name::VolumeName;
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::{DeclaredVolumes, Validation, is_path};
use crate::problem::{EngineProblem, ShapeProblem, ValueProblem};
use crate::source::{Span, normalized};
use crate::spec::decode::{Field, Spanned};
use crate::spec::outer::{DataMapping, DataSpec, SeedSpec};

/// Where engines keep their data on a host where nobody says otherwise.
const HOST_DATA_ROOTS: [&str; 4] = [
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/snap/docker/common/var-lib-docker",
];
/// The same for engines without root's rights, below the home folder.
const HOME_DATA_ROOTS: [&str; 2] = [".local/share/docker", ".local/share/containers"];

impl Validation<'_> {
    /// Where the data of an engine lives, by default in a volume of its own.
    pub(super) fn data(&mut self, data: &Field<DataSpec>, declared: &DeclaredVolumes<'_>) -> Data {
        let own = Data {
            place: DataPlace::Own,
            keep: true,
            seed: Seed::Found,
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
                Data { place, ..own }
            }
            Some(DataSpec::Mapping(mapping)) => Data {
                place: self.data_place(mapping, declared),
                keep: mapping.keep.copied().unwrap_or(true),
                seed: match mapping.seed.copied() {
                    Some(SeedSpec::None) => Seed::None,
                    Some(SeedSpec::Copy) => Seed::Copy,
                    None => Seed::Found,
                    Some(SeedSpec::Link) => Seed::Link,
                },
            },
        }
    }

    /// Warns of a seed that is asked for and cannot be used.
    pub(super) fn check_seed(
        &mut self,
        written: &Field<DataSpec>,
        data: &Data,
        mode: Option<&Mode>,
    ) {
        let Some(DataSpec::Mapping(mapping)) = &written.value else {
            return;
        };
        let seed = match data.seed {
            Seed::Copy => "copy",
            Seed::Link => "link",
            Seed::Found | Seed::None => return,
        };
        let own = mode.and_then(|mode| Some((mode, mode.own_engine()?)));
        let reason = match (&data.place, own) {
            (DataPlace::Path(_), _) => {
                "what a folder of the host holds is not known before".to_owned()
            }
            (DataPlace::Tmpfs, _) => "data in memory is new at every start".to_owned(),
            (_, Some((mode, own))) if own.seed.is_none() => {
                format!("engines of mode `{}` have no seeds", mode.name)
            }
            _ => return,
        };
        self.report(EngineProblem::SeedNotUsed {
            seed: seed.to_owned(),
            reason,
            at: mapping.seed.span.clone(),
        });
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
        let volume = declared.entry(name.value);
        let options =
            volume.and_then(|volume| volume.value.value.as_ref()?.driver_opts.value.as_ref());
        // A volume may be a folder by its options.
        if let Some(device) = options.and_then(|options| options.get("device"))
            && device.starts_with('/')
        {
            self.check_host_data_root(&normalized(Path::new(device)), name.span.clone());
        }
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
        self.check_host_data_root(&path, written.span.clone());
        let source = Spanned {
            value: written.value.as_str(),
            span: written.span.clone(),
        };
        let path = self.path_on_engine(&source, path);
        DataPlace::Path(path.display().to_string())
    }

    /// Checks that a path on the engine's host is not where that engine keeps its own data.
    fn check_host_data_root(&mut self, path: &Path, at: Span) {
        let home = self.input.variables.get("HOME").map(Path::new);
        let home = home.filter(|home| home.parent().is_some());
        let of_home = HOME_DATA_ROOTS
            .iter()
            .filter_map(|root| Some(home?.join(root)));
        let mut roots = HOST_DATA_ROOTS.iter().map(PathBuf::from).chain(of_home);
        if roots.any(|root| one_in_another(path, &root)) {
            let path = path.display().to_string();
            self.report(EngineProblem::HostDataRoot { path, at });
        }
    }

    /// Checks that no two engines use one data root.
    pub(super) fn check_data_roots(&mut self, environments: &[&MadeEnvironment<'_>]) {
        let mut used = UsedPlaces::default();
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
            if made.environment.replicas > 1 && !made.data_per_replica {
                self.report(EngineProblem::DataRootWithReplicas {
                    place: place.clone(),
                    replicas: made.environment.replicas,
                    at: made.data_span.clone(),
                    replicas_at: made.replicas_span.clone(),
                });
            }
            if let Some(first) = used.first_use(&outer.data.place) {
                self.report(EngineProblem::DataRootShared {
                    place,
                    first,
                    again: made.data_span.clone(),
                });
            } else {
                used.add(&outer.data.place, made.data_span.clone());
            }
        }
    }
}

/// Whether two paths are one, or one is below the other.
fn one_in_another(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The data roots of a scope.
#[derive(Default)]
struct UsedPlaces {
    volumes: HashMap<VolumeName, Span>,
    /// Sorted by component, so that what is below a folder follows it.
    paths: BTreeMap<PathBuf, Span>,
}

impl UsedPlaces {
    /// Where a place is used already, or one above or below it.
    fn first_use(&self, place: &DataPlace) -> Option<Span> {
        match place {
            DataPlace::Volume(name) => self.volumes.get(name).cloned(),
            DataPlace::Path(path) => {
                let path = Path::new(path);
                let above = path.ancestors().find_map(|folder| self.paths.get(folder));
                let below = || {
                    let (next, span) = self.paths.range(path.to_owned()..).next()?;
                    next.starts_with(path).then_some(span)
                };
                above.or_else(below).cloned()
            }
            DataPlace::Own | DataPlace::Tmpfs => None,
        }
    }

    fn add(&mut self, place: &DataPlace, span: Span) {
        match place {
            DataPlace::Volume(name) => {
                self.volumes.insert(name.clone(), span);
            }
            DataPlace::Path(path) => {
                self.paths.insert(PathBuf::from(path), span);
            }
            DataPlace::Own | DataPlace::Tmpfs => {}
        }
    }
}
