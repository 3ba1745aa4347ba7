//! Steps of seeds: a short-lived engine of its own loads the images of a new one, and a container copies it into each data
//! root that starts from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::DesiredContainer;
use crate::mode::{Mode, OwnEngine};
use crate::model::image::ImageReference;
use crate::plan::diff::EngineDiff;
use crate::plan::diff::seed::{SeedMade, SeedUse};
use crate::plan::lower::record::RecordState;
use crate::plan::lower::storage::Made;
use crate::plan::lower::{Entry, Lowering};
use crate::plan::route::Route;
use crate::plan::step::{Operation, Readiness, ServiceWait, Step};
use crate::resource::Address;
use crate::resource::container::process::ProcessSettings;
use crate::resource::container::surroundings::Surroundings;
use crate::resource::container::{
    ContainerMount, ContainerMountSource, ContainerRef, ContainerSpec, FixedSettings, LiveSettings,
    MountOptions,
};
use crate::resource::engine_path::EnginePath;
use crate::resource::label;
use crate::resource::seed::{container_labels, copier_name};

/// What copies a seed.
const SCRIPT: &str = include_str!("seed.sh");
/// Where the script finds the seed.
const FROM: &str = "/seed";
/// Where the script finds the data root.
const TO: &str = "/data";
/// Where it finds all volumes of the engine, if it is to link.
const VOLUMES: &str = "/volumes";

impl Lowering<'_> {
    /// Removes what a killed run of the project left, data roots that it did not fill among them: nobody may copy into a
    /// data root while its engine runs. What copies tells that a data root is not whole, and goes before it: meanwhile the
    /// record does.
    pub(super) fn seeds_cleared(
        &mut self,
        diff: &EngineDiff<'_>,
        record: &mut RecordState<'_>,
        base: &[usize],
    ) -> Vec<usize> {
        let Some(observed) = diff.observed else {
            return Vec::new();
        };
        let maker = self.terms.desired.project.to_string();
        let half_copies = observed.seeds.half_copies(&maker);
        let half_copies = half_copies.chain(diff.record.unfilled.iter().map(String::as_str));
        let half_copies = half_copies.filter(|name| diff.is_half_copied(self.terms, name));
        let half_copies: BTreeSet<String> = half_copies.map(str::to_owned).collect();
        let base = self.unfilled_noted(diff, record, half_copies.clone(), base);
        let mut removed = Vec::new();
        for (name, left) in observed.seeds.left_containers(&maker) {
            let container = ContainerRef {
                name: name.clone(),
                id: Some(left.id.clone()),
            };
            removed.push(self.seed_container_removed(diff, &container, base.clone()));
        }
        let volumes = observed.seeds.left_volumes(&maker).cloned();
        for name in volumes.chain(half_copies) {
            let after = [base.as_slice(), &removed].concat();
            let step = self.push(diff, Vec::new(), after, Operation::RemoveVolume { name });
            removed.push(step);
        }
        self.unfilled_noted(diff, record, BTreeSet::new(), &removed)
    }

    /// Makes the seeds that are missing, copies those that are used, and has the new ones kept.
    pub(super) fn seeds(&mut self, diff: &EngineDiff<'_>, entry: &Entry, made: &mut Made) {
        let mut whole = BTreeMap::new();
        for (volume, seed) in &diff.seeds.made {
            if let Some(step) = self.seed_made(diff, entry, volume, seed) {
                whole.insert(volume.as_str(), step);
            }
        }
        let mut copied: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (data, used) in &diff.seeds.used {
            let there = whole.get(used.seed.as_str()).copied();
            let after = made.get(data).copied().into_iter().chain(there);
            let after = after.chain(entry.ready.iter().copied()).collect();
            if let Some(step) = self.seed_copied(diff, data, used, after) {
                made.insert(data.clone(), step);
                copied.entry(&used.seed).or_default().push(step);
            }
        }
        for (volume, seed) in &diff.seeds.made {
            let copied = copied.get(volume.as_str()).into_iter().flatten();
            let after: Vec<usize> = copied.chain(whole.get(volume.as_str())).copied().collect();
            let keep = Operation::KeepSeed {
                seed: volume.clone(),
                mark: seed.content.mark(volume),
            };
            self.push(diff, Vec::new(), after, keep);
        }
    }

    /// Has an engine of its own load the images of a seed. Returns the step after which the seed is whole.
    fn seed_made(
        &mut self,
        diff: &EngineDiff<'_>,
        entry: &Entry,
        volume: &str,
        seed: &SeedMade,
    ) -> Option<usize> {
        let project = &self.terms.desired.project;
        let wanted = diff.desired.containers.get(&seed.container)?;
        let inner = wanted.engine.as_ref()?;
        let own = Mode::named(&seed.content.mode)?.own_engine()?;
        let mark = seed.content.mark(volume);
        let spec = seed.content.volume(project);
        let builder = builder((volume, own), wanted);
        let mut labels = container_labels(volume, &seed.content.key(), project);
        let settings = serde_json::to_string(&builder).unwrap_or_default();
        labels.insert(label::SETTINGS.to_owned(), settings);
        let container = ContainerRef {
            name: volume.to_owned(),
            id: None,
        };
        let addresses = users(diff, (volume, seed));
        let mut after = entry.ready.clone();
        if seed.mark_is_left {
            let remove = Operation::RemoveVolume { name: mark.name };
            after = vec![self.push(diff, Vec::new(), after, remove)];
        }
        let store = &seed.content.store;
        let keys = inner.daemon.iter();
        let keys = keys.filter(|(key, _)| store.contains_key(*key));
        let mut steps = vec![
            Operation::CreateVolume(spec),
            Operation::CreateContainer(Box::new(ContainerSpec {
                name: volume.to_owned(),
                fixed: builder,
                live: LiveSettings::default(),
                labels,
                socket: None,
            })),
        ];
        steps.extend(own.daemon_file.map(|path| Operation::WriteDaemonFile {
            container: container.clone(),
            path: path.to_owned(),
            owner: own.user,
            settings: keys.map(|(key, it)| (key.clone(), it.clone())).collect(),
        }));
        steps.push(Operation::StartContainer {
            container: container.clone(),
        });
        steps.push(Operation::WaitForEngine {
            container: container.clone(),
            readiness: Readiness {
                timeout: inner.ready_timeout,
                log_line: inner.log_line.clone(),
                expected: BTreeMap::new(),
            },
        });
        for step in steps {
            after = vec![self.push(diff, addresses.clone(), after, step)];
        }
        let loaded = self.seed_loaded(&diff.path.inside(volume), &addresses, &after, seed);
        Some(self.seed_container_removed(diff, &container, loaded))
    }

    /// Brings the images of a seed to the engine that makes it.
    fn seed_loaded(
        &mut self,
        path: &EnginePath,
        addresses: &[Address],
        ready: &[usize],
        seed: &SeedMade,
    ) -> Vec<usize> {
        let mut transfers: BTreeMap<&EnginePath, Vec<ImageReference>> = BTreeMap::new();
        let mut operations = Vec::new();
        for (reference, route) in &seed.routes {
            match route {
                Route::Transfer(from) => {
                    transfers.entry(from).or_default().push(reference.clone());
                }
                Route::Archive(archive) => {
                    let load = Operation::LoadArchive {
                        path: archive.path.clone(),
                        reference: reference.clone(),
                        content: archive.content.clone(),
                    };
                    operations.push((ready.to_vec(), load, Vec::new()));
                }
                Route::Pull | Route::Build(_) | Route::Name(_) => {}
            }
        }
        for (from, references) in transfers {
            let places = references
                .iter()
                .map(|reference| (from.clone(), reference.clone()));
            let places: Vec<_> = places.collect();
            let brought = places.iter().filter_map(|place| self.brought(place));
            let after = ready.iter().copied().chain(brought).collect();
            let transfer = Operation::TransferImages {
                from: from.clone(),
                references,
                engines: 1,
            };
            operations.push((after, transfer, places));
        }
        let mut loaded = Vec::new();
        for (after, operation, places) in operations {
            self.steps.push(Step {
                addresses: addresses.to_vec(),
                engine: path.clone(),
                operation,
                after,
                after_end: Vec::new(),
            });
            let step = self.end() - 1;
            for place in places {
                self.taken.entry(place).or_default().push(step);
            }
            loaded.push(step);
        }
        loaded
    }

    /// Copies a seed into a data root, in a container. Returns the step after which the data root can be used.
    fn seed_copied(
        &mut self,
        diff: &EngineDiff<'_>,
        data: &str,
        used: &SeedUse,
        mut after: Vec<usize>,
    ) -> Option<usize> {
        let wanted = diff.desired.containers.get(&used.container)?;
        let name = copier_name(data);
        let spec = ContainerSpec {
            fixed: copier(data, used, wanted)?,
            live: LiveSettings::default(),
            labels: container_labels(&name, &used.key, &self.terms.desired.project),
            socket: None,
            name: name.clone(),
        };
        let container = ContainerRef { name, id: None };
        let operations = [
            Operation::CreateContainer(Box::new(spec)),
            Operation::StartContainer {
                container: container.clone(),
            },
            Operation::WaitForService {
                container: container.clone(),
                until: ServiceWait::Done,
            },
        ];
        let changes = diff.volumes.iter();
        let of_data = changes.filter(|change| change.object == data);
        let addresses: Vec<_> = of_data.map(|change| change.address.clone()).collect();
        for operation in operations {
            after = vec![self.push(diff, addresses.clone(), after, operation)];
        }
        let remove = Operation::RemoveContainer {
            container,
            anonymous_volumes: true,
        };
        Some(self.push(diff, addresses, after, remove))
    }

    fn seed_container_removed(
        &mut self,
        diff: &EngineDiff<'_>,
        container: &ContainerRef,
        after: Vec<usize>,
    ) -> usize {
        let stop = Operation::StopContainer {
            container: container.clone(),
        };
        let stop = self.push(diff, Vec::new(), after, stop);
        let remove = Operation::RemoveContainer {
            container: container.clone(),
            anonymous_volumes: true,
        };
        self.push(diff, Vec::new(), [stop], remove)
    }
}

/// The data roots that a seed is made for.
fn users(diff: &EngineDiff<'_>, (seed, made): (&str, &SeedMade)) -> Vec<Address> {
    let is_used = |data: &String| {
        let used = diff.seeds.used.get(data);
        used.is_some_and(|used| used.seed == seed) || made.data == *data
    };
    let users = diff.volumes.iter().filter(|change| is_used(&change.object));
    users.map(|change| change.address.clone()).collect()
}

/// The container whose engine makes a seed: as the one that the seed is for, alone with the seed.
fn builder((seed, own): (&str, &OwnEngine), wanted: &DesiredContainer) -> FixedSettings {
    let mut fixed = wanted.fixed.clone();
    let secrets = std::mem::take(&mut fixed.secrets);
    fixed.environment.retain(|name, _| !secrets.contains(name));
    // It has no clients.
    fixed
        .command
        .retain(|word| !word.contains(own.client_folder));
    // The volume takes its owner from the image, as that of the one that the seed is for.
    fixed.mounts = vec![ContainerMount {
        options: MountOptions::default(),
        ..mount(own.data_root, seed, false)
    }];
    fixed.hostname = None;
    fixed.ports.clear();
    fixed.labels.clear();
    fixed.secret_labels.clear();
    fixed.files.clear();
    fixed.surroundings = Surroundings {
        entrypoint: fixed.surroundings.entrypoint,
        cgroup: fixed.surroundings.cgroup,
        host_users: fixed.surroundings.host_users,
        network_mode: "none".to_owned(),
        ..Surroundings::default()
    };
    fixed
}

/// The container that copies a seed: the rights of the one that uses the data root keep what only root may read.
fn copier(data: &str, used: &SeedUse, wanted: &DesiredContainer) -> Option<FixedSettings> {
    let files = wanted.engine.as_ref()?.seed_files?;
    let (from, to, mounts) = if let Some(folder) = &used.linked_in {
        let source = ContainerMountSource::Bind {
            path: folder.clone(),
            create: false,
        };
        let all = ContainerMount {
            target: VOLUMES.to_owned(),
            source,
            read_only: false,
            options: MountOptions::default(),
        };
        let place = |volume: &str| format!("{VOLUMES}/{volume}/_data");
        (place(&used.seed), place(data), vec![all])
    } else {
        let mounts = vec![mount(TO, data, false), mount(FROM, &used.seed, true)];
        (FROM.to_owned(), TO.to_owned(), mounts)
    };
    let how = match used.linked_in {
        Some(_) => "link",
        None => "copy",
    };
    let layers = files.immutable.join(" ");
    let options = files.overlay_options;
    let words = ["-c", SCRIPT, "nest-seed", &from, &to, how, options, &layers];
    let words = words.iter().chain(files.folders);
    Some(FixedSettings {
        image: wanted.fixed.image.clone(),
        platform: wanted.fixed.platform.clone(),
        command: words.map(|word| (*word).to_owned()).collect(),
        mounts,
        privileged: wanted.fixed.privileged,
        stop_timeout: Some(0),
        process: ProcessSettings {
            user: "0".to_owned(),
            ..ProcessSettings::default()
        },
        surroundings: Surroundings {
            entrypoint: Some(vec!["sh".to_owned()]),
            network_mode: "none".to_owned(),
            ..Surroundings::default()
        },
        ..FixedSettings::default()
    })
}

fn mount(target: &str, volume: &str, read_only: bool) -> ContainerMount {
    ContainerMount {
        target: target.to_owned(),
        source: ContainerMountSource::Volume(volume.to_owned()),
        read_only,
        options: MountOptions {
            nocopy: true,
            ..MountOptions::default()
        },
    }
}
