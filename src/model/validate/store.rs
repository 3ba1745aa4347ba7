//! Whether an engine's storage driver goes with its image store.

use crate::model::validate::Validation;
use crate::model::validate::flags::Flag;
use crate::model::validate::variables::MadeVariables;
use crate::problem::DaemonProblem;
use crate::source::Span;
use crate::spec::decode::{Field, Table};
use crate::spec::outer::RawSpec;

/// The variable that names the driver; `dockerd` takes it before any other setting.
const DRIVER_VARIABLE: &str = "DOCKER_DRIVER";
/// The feature that chooses containerd's store, or the engine's own.
const STORE_FEATURE: &str = "containerd-snapshotter";
/// Drivers that only the engine's own store has.
const DRIVERS: [&str; 5] = ["overlay2", "overlay", "vfs", "aufs", "devicemapper"];
/// Drivers that only containerd's store has.
const SNAPSHOTTERS: [&str; 4] = ["overlayfs", "native", "stargz", "nydus"];

impl Validation<'_> {
    /// Checks the driver, wherever it is named, against the store, where that is chosen.
    pub(super) fn check_store(
        &mut self,
        daemon: &Field<Table<RawSpec>>,
        variables: &MadeVariables,
        flags: &[Flag],
    ) {
        let Some((containerd, store_at)) = chosen_store(daemon) else {
            return;
        };
        let by_variable = variables
            .get(DRIVER_VARIABLE)
            .map(|variable| (variable.value().to_owned(), variable.name_span.clone()));
        let by_flag = flags.iter().find(|flag| flag.name == "storage-driver");
        let by_flag = by_flag.and_then(|flag| Some((flag.value.clone()?, flag.span.clone())));
        let by_key = daemon.entries().iter().find_map(|entry| {
            let text = match entry.value.value.as_ref()? {
                RawSpec::Scalar(value) => value.as_str()?.to_owned(),
                _ => return None,
            };
            (entry.name == "storage-driver").then(|| (text, entry.value.span.clone()))
        });
        for (driver, at) in [by_variable, by_flag, by_key].into_iter().flatten() {
            let (wrong, store, other) = if containerd {
                (&DRIVERS[..], "containerd's image store", SNAPSHOTTERS[0])
            } else {
                (
                    &SNAPSHOTTERS[..],
                    "the engine's own image store",
                    DRIVERS[0],
                )
            };
            if wrong.contains(&driver.as_str()) {
                self.report(DaemonProblem::DriverNotInStore {
                    driver,
                    store: store.to_owned(),
                    hint: format!(
                        "remove the driver for the store's own, `{other}`, or remove `{STORE_FEATURE}`"
                    ),
                    at,
                    store_at: store_at.clone(),
                });
            }
        }
    }
}

/// Whether the store is containerd's, and where that is said.
fn chosen_store(daemon: &Field<Table<RawSpec>>) -> Option<(bool, Span)> {
    let mut entries = daemon.entries().iter();
    let features = entries.find(|entry| entry.name == "features")?;
    let Some(RawSpec::Mapping(features)) = &features.value.value else {
        return None;
    };
    let mut features = features.entries.iter();
    let feature = features.find(|entry| entry.name == STORE_FEATURE)?;
    match feature.value.value.as_ref()? {
        RawSpec::Scalar(serde_yaml::Value::Bool(on)) => Some((*on, feature.name_span.clone())),
        _ => None,
    }
}
