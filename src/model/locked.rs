//! The images of a project by their digests: a file that goes over the project's own.
//!
//! It works on the project as a file, in which every image stands in one of few places, whatever declares it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::model::Project;

/// Digests by reference.
pub type Digests = BTreeMap<String, String>;

/// The references of a project that name a registry's image and no digest yet.
pub fn floating_images(project: &Project) -> BTreeSet<String> {
    let mut references = BTreeSet::new();
    let mut note = |reference: &str| {
        references.insert(reference.to_owned());
        None
    };
    scope(&project.written(), &mut note);
    references
}

/// A file that goes over the project's own and gives these references their digests.
pub fn locked_images(project: &Project, digests: &Digests) -> Value {
    let mut pin = |reference: &str| {
        let digest = digests.get(reference)?;
        Some(format!("{reference}@{digest}"))
    };
    Value::Object(scope(&project.written(), &mut pin))
}

/// What stands for a reference, if something does.
type Pin<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

/// What goes over a scope.
fn scope(written: &Value, pin: Pin<'_>) -> Map<String, Value> {
    let mut over = Map::new();
    for section in ["registries", "services"] {
        let containers = each(&written[section], |container| image_of(container, pin));
        add(&mut over, section, containers);
    }
    let images = written["images"].as_array().into_iter().flatten();
    let images: Vec<Value> = images
        .filter_map(|image| listed_image(image, pin))
        .collect();
    if !images.is_empty() {
        over.insert("images".to_owned(), Value::Array(images));
    }
    let environments = each(&written["environments"], |environment| {
        let mut keys = Map::new();
        add(&mut keys, "outer", image_of(&environment["outer"], pin));
        add(&mut keys, "inner", scope(&environment["inner"], pin));
        keys
    });
    add(&mut over, "environments", environments);
    over
}

/// What goes over a container. One that is built has no image of a registry's.
fn image_of(container: &Value, pin: Pin<'_>) -> Map<String, Value> {
    let mut keys = Map::new();
    if container.get("build").is_none()
        && let Some(pinned) = pinned(container, pin)
    {
        keys.insert("image".to_owned(), json!(pinned));
    }
    keys
}

/// What goes over an item of `images`, whole. It keeps its tag as another name, by which it is asked for inside.
fn listed_image(image: &Value, pin: Pin<'_>) -> Option<Value> {
    // What comes from a file or is built here follows that.
    if image["source"].is_object() {
        return None;
    }
    let pinned = pinned(image, pin)?;
    let mut keys = image.as_object()?.clone();
    let name = keys.insert("image".to_owned(), json!(pinned))?;
    let names = keys.entry("as").or_insert_with(|| json!([]));
    if let Value::Array(names) = names
        && !names.contains(&name)
    {
        names.push(name);
    }
    Some(Value::Object(keys))
}

fn pinned(keys: &Value, pin: Pin<'_>) -> Option<String> {
    let reference = keys["image"].as_str()?;
    if reference.contains('@') {
        return None;
    }
    pin(reference)
}

fn each(entries: &Value, mut over: impl FnMut(&Value) -> Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, entry) in entries.as_object().into_iter().flatten() {
        add(&mut all, name, over(entry));
    }
    all
}

/// Adds a key, unless it would hold nothing.
fn add(keys: &mut Map<String, Value>, key: &str, value: Map<String, Value>) {
    if !value.is_empty() {
        keys.insert(key.to_owned(), Value::Object(value));
    }
}
