//! What holds of a plan by itself: it is determined, can be saved, and lists what it destroys.

use std::collections::BTreeSet;

use nest::desired::{Desired, VolumeRole};
use nest::plan::change::Action;
use nest::plan::fingerprint::Fingerprint;
use nest::plan::saved::SavedPlan;
use nest::plan::{Plan, PlanOptions};
use nest::resource::{Kind, label};
use nest::up::{Outcome, question};
use serde_json::{Map, Value};

use crate::histories::compare::{differences, relied_on};
use crate::histories::file::File;
use crate::histories::history::{worded, wrong};
use crate::histories::oracle::is_owned;
use crate::histories::world::{
    End, apply, desired, file_digests, observed, observed_by_trait, planned, run,
};
use crate::memory::EngineState;
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP};
use crate::yaml::try_wanted;

/// The plan, which is the same again for the file with its keys in another order.
pub(crate) fn deterministic(
    file: &File,
    wanted: &Desired,
    state: &EngineState,
    options: &PlanOptions,
    seed: u64,
) -> Result<Plan, String> {
    let plan = planned(state, wanted, options);
    let mut value = file.value();
    shuffle(&mut value, &mut seed.clone());
    let shuffled = serde_yaml::to_string(&value).expect("it is YAML");
    let other = try_wanted(&shuffled, &crate::histories::world::facts(file.archives))?;
    let places = wanted.places.clone();
    let other = Desired { places, ..other };
    if text(&planned(state, &other, options)) != text(&plan) {
        return Err(format!(
            "made again, or by the order of keys, the plan is another:\n{shuffled}"
        ));
    }
    Ok(plan)
}

fn text(plan: &Plan) -> String {
    serde_json::to_string(plan).expect("it is JSON")
}

/// Puts the keys of all mappings into an order that the number makes up.
fn shuffle(value: &mut Value, number: &mut u64) {
    match value {
        Value::Object(members) => {
            let mut entries: Vec<(String, Value)> = std::mem::take(members).into_iter().collect();
            let mut shuffled = Map::new();
            while !entries.is_empty() {
                *number = number
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let at = usize::try_from(*number >> 33).unwrap_or_default() % entries.len();
                let (key, mut value) = entries.swap_remove(at);
                shuffle(&mut value, number);
                shuffled.insert(key, value);
            }
            *members = shuffled;
        }
        Value::Array(items) => {
            for item in items {
                shuffle(item, number);
            }
        }
        _ => {}
    }
}

fn saved(file: &File, plan: &Plan, wanted: &Desired) -> SavedPlan {
    SavedPlan {
        nest_version: "0".to_owned(),
        files: file_digests(file),
        question: question(wanted),
        plan: plan.clone(),
        withheld: None,
    }
}

/// A saved plan is read back as it was, and holds for as long as nothing has happened. What takes away does the same steps.
pub(crate) fn survives_saving(
    file: &File,
    (options, plan): (&PlanOptions, &Plan),
    state: &EngineState,
    wanted: &Desired,
) -> Result<(), String> {
    let saved = saved(file, plan, wanted).without_secrets(wanted, options);
    let text = serde_json::to_string(&saved).expect("it is JSON");
    let mut read: SavedPlan = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if read != saved {
        return Err("the plan that is read is not the one that was saved".to_owned());
    }
    let observed = observed_by_trait(state, wanted);
    read.check(&observed, &file_digests(file))
        .map_err(|stale| format!("nothing happened, and yet {stale}"))?;
    read.give_keys(&observed);
    if options.destroy.is_some() && read.plan.steps != plan.steps {
        return Err("the saved plan has other steps with the keys of its records".to_owned());
    }
    Ok(())
}

/// A saved plan, applied, and what waits brought up after it, come to the same.
pub(crate) fn saved_does_the_same(
    plan: &Plan,
    state: &EngineState,
    wanted: &Desired,
    options: &PlanOptions,
    undisturbed: &EngineState,
) -> Result<(), String> {
    let text = serde_json::to_string(plan).expect("it is JSON");
    let read: Plan = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let (failed, applied) = apply(state, &read);
    wrong("the saved plan was not applied whole", failed)?;
    let rest = run(&applied, wanted, &options.after(plan), (&[], 1));
    if !matches!(
        rest.end,
        End::Ended(Outcome::Done { .. } | Outcome::Refused)
    ) {
        return Err(format!("after the saved plan: {:?}", rest.end));
    }
    let differences = differences(undisturbed, &rest.state);
    wrong("the saved plan leads elsewhere", differences)
}

/// A saved plan is stale when another would be made now, and never when nothing that it relied on has changed. Tells
/// whether it is.
pub(crate) fn staleness(
    wanted: &Desired,
    file: &File,
    before: &EngineState,
    after: &EngineState,
) -> Result<bool, String> {
    let mut any = false;
    for options in [UP, DOWN, DOWN_WITH_VOLUMES] {
        let (old, new) = (
            planned(before, wanted, &options),
            planned(after, wanted, &options),
        );
        let now = observed(after, wanted);
        let stale = saved(file, &old, wanted).check(&now, &file_digests(file));
        let same = same_plan(&old, &new);
        let unmoved = relied_on(&observed(before, wanted)) == relied_on(&now);
        match &stale {
            Ok(()) if !same => {
                return Err(format!(
                    "the plan is another and not stale: {}\nbut\n{}",
                    worded(&old),
                    worded(&new)
                ));
            }
            Err(stale) if same && unmoved => {
                return Err(format!("nothing changed, and yet {stale}"));
            }
            Ok(()) => {}
            Err(_) => any = true,
        }
    }
    let mut edited = file_digests(file);
    for digest in edited.values_mut() {
        *digest = nest::resource::digest::Digest::of_bytes(b"edited");
    }
    let plan = planned(before, wanted, &UP);
    let stale = saved(file, &plan, wanted).check(&observed(before, wanted), &edited);
    if stale.is_ok() {
        return Err("the file was edited, and the plan is not stale".to_owned());
    }
    Ok(any)
}

/// Whether two plans do the same. What others run inside an engine that stops is told, and nothing relies on it.
fn same_plan(one: &Plan, other: &Plan) -> bool {
    let bare = |plan: &Plan| {
        let mut plan = plan.clone();
        plan.fingerprint = Fingerprint::default();
        plan.drift.clear();
        plan.interruptions.clear();
        plan
    };
    bare(one) == bare(other)
}

/// The plan that takes all down names what the project has on the outer engine, and nothing else.
pub(crate) fn lists_what_is_owned(
    state: &EngineState,
    wanted: &Desired,
    volumes: bool,
) -> Result<(), String> {
    let options = if volumes { DOWN_WITH_VOLUMES } else { DOWN };
    let plan = planned(state, wanted, &options);
    let mut owned = BTreeSet::new();
    for (name, it) in &state.containers {
        owned.extend(is_owned(&it.labels, name).then(|| format!("container {name}")));
    }
    for (name, it) in &state.networks {
        owned.extend(is_owned(&it.labels, name).then(|| format!("network {name}")));
    }
    for (name, it) in &state.volumes {
        let counts = is_owned(&it.labels, name) && !it.labels.contains_key(label::RECORD);
        owned.extend(counts.then(|| format!("volume {name}")));
    }
    let deleted = plan.changes.iter().map(|change| {
        let is_deletion = change.action == Action::Delete && change.engine.containers().is_empty();
        let mark = if is_deletion { "" } else { "not deleted: " };
        format!("{mark}{} {}", change.kind.object_word(), change.object)
    });
    // Images of the outer engine are left alone, as their names are.
    let deleted = deleted.filter(|object| !object.starts_with("image "));
    let volumes_kept = plan.kept.iter().filter(|kept| kept.kind == Kind::Volume);
    let kept = volumes_kept.clone();
    let kept = kept.map(|kept| format!("volume {}", kept.object));
    let listed: BTreeSet<String> = deleted.chain(kept).collect();
    if listed != owned {
        return Err(format!(
            "{listed:?} is listed, and {owned:?} is the project's"
        ));
    }
    if volumes && volumes_kept.count() > 0 {
        return Err(format!("{:?} is kept", plan.kept));
    }
    desired_is_not_needed(state, wanted, volumes)
}

/// The volumes that stay are those with data.
fn desired_is_not_needed(
    state: &EngineState,
    wanted: &Desired,
    volumes: bool,
) -> Result<(), String> {
    let options = if volumes { DOWN_WITH_VOLUMES } else { DOWN };
    let nothing = desired(&File {
        archives: 1,
        ..File::default()
    })?;
    let plan = planned(state, wanted, &options);
    let without_file = planned(state, &nothing, &options);
    let names = |plan: &Plan| {
        let changes = plan.changes.iter().map(|change| change.object.clone());
        changes.collect::<BTreeSet<String>>()
    };
    // Data that the file wants to stay from now on stays, although that was not applied.
    let stays = |name: &str| {
        let volume = wanted.engine.volumes.get(name);
        volume.is_some_and(|volume| volume.role == VolumeRole::Data)
    };
    let mut without = names(&without_file);
    let with = names(&plan);
    without.retain(|name| with.contains(name) || !stays(name));
    if with == without {
        Ok(())
    } else {
        let (plan, other) = (worded(&plan), worded(&without_file));
        Err(format!(
            "without the file, down does something else: {plan}\nbut\n{other}"
        ))
    }
}
