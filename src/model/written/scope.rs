//! What a scope declares, as a nest file has it.

use std::fmt::Display;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::dependency::Dependency;
use crate::model::environment::Environment;
use crate::model::name::MemberName;
use crate::model::secret::{Material, MaterialSource};
use crate::model::service::Service;
use crate::model::written::image::image;
use crate::model::written::network::network;
use crate::model::written::{add, list, text, values};
use crate::model::{Scope, Volume};

/// The keys of a scope.
pub(super) fn scope(scope: &Scope) -> Map<String, Value> {
    let mut keys = Map::new();
    add(&mut keys, "images", list(&scope.images, image));
    add(&mut keys, "volumes", table(&scope.volumes, volume));
    add(&mut keys, "networks", table(&scope.networks, network));
    add(&mut keys, "secrets", table(&scope.secrets, material));
    add(&mut keys, "configs", table(&scope.configs, material));
    add(
        &mut keys,
        "services",
        table(&scope.services, Service::written),
    );
    let environments = table(&scope.environments, Environment::written);
    add(&mut keys, "environments", environments);
    keys
}

/// What a thing waits for, and for what of it.
pub(super) fn dependencies(dependencies: &IndexMap<MemberName, Dependency>) -> Value {
    let dependency = |dependency: &Dependency| {
        let mut keys = Map::from_iter([("condition".to_owned(), json!(dependency.condition))]);
        if dependency.restart {
            keys.insert("restart".to_owned(), json!(true));
        }
        if !dependency.required {
            keys.insert("required".to_owned(), json!(false));
        }
        Value::Object(keys)
    };
    Value::Object(table(dependencies, dependency))
}

fn table<N: Display, T>(
    things: &IndexMap<N, T>,
    written: impl Fn(&T) -> Value,
) -> Map<String, Value> {
    let things = things.iter();
    things
        .map(|(name, thing)| (name.to_string(), written(thing)))
        .collect()
}

fn volume(volume: &Volume) -> Value {
    let mut keys = Map::new();
    if let Some(name) = &volume.explicit_name {
        keys.insert("name".to_owned(), text(name));
    }
    keys.insert("external".to_owned(), json!(volume.external));
    if !volume.external {
        keys.insert("driver".to_owned(), text(&volume.driver));
        let options = values(&volume.driver_opts);
        add(&mut keys, "driver_opts", options);
        add(&mut keys, "labels", values(&volume.labels));
    }
    if volume.per_replica {
        keys.insert("per_replica".to_owned(), json!(true));
    }
    keys.insert("protect".to_owned(), json!(volume.protect));
    Value::Object(keys)
}

fn material(material: &Material) -> Value {
    let (key, value) = match &material.source {
        MaterialSource::File(path) => ("file", text(&path.display().to_string())),
        MaterialSource::Environment(variable) => ("environment", text(variable)),
        MaterialSource::Content(content) => ("content", text(content)),
        MaterialSource::External => ("external", json!(true)),
    };
    let mut keys = Map::from_iter([(key.to_owned(), value)]);
    if let Some(name) = &material.explicit_name {
        keys.insert("name".to_owned(), text(name));
    }
    Value::Object(keys)
}
