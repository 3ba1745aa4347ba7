//! Another project on the same engine, whose environments are as those of the first and share seeds with them.

use nest::plan::PlanOptions;

use crate::histories::file::{Data, File};
use crate::histories::world::{facts, run};
use crate::memory::{EngineState, Fault};
use crate::plan::{DOWN_WITH_VOLUMES, UP};
use crate::yaml::try_wanted;

/// What the engine holds once the other project has come up, and has gone again unless it stays.
pub(crate) fn lives(
    file: &File,
    state: &EngineState,
    (faults, seed): (&[Fault], u64),
    stays: bool,
) -> EngineState {
    let yaml = of(file).yaml().replace("name: test\n", "name: other\n");
    let wanted = try_wanted(&yaml, &facts(file.archives)).expect("less of a valid file is valid");
    let run_once = |state: &EngineState, options: &PlanOptions, faults: &[Fault]| {
        run(state, &wanted, options, (faults, seed)).state
    };
    // A refused plan does nothing, and a run that is killed leaves what it was about.
    let state = run_once(state, &UP, faults);
    if stays {
        return state;
    }
    run_once(&state, &DOWN_WITH_VOLUMES, &[])
}

/// The environments of a file and what their engines are made with, without what can be there once only.
pub(crate) fn of(file: &File) -> File {
    let mut environments = file.environments.clone();
    for environment in environments.iter_mut().flatten() {
        environment.mounts.clear();
        environment.registries = [false; 2];
        environment.deeper = None;
        environment.protect = false;
        if matches!(environment.data, Data::Path | Data::Volume) {
            environment.data = Data::Own;
        }
    }
    File {
        environments,
        archives: file.archives,
        ..File::default()
    }
}
