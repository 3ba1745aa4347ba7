//! Builds as a nest file has them.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::build::{Build, BuildContext, Dockerfile};
use crate::model::written::container::network::extra_hosts;
use crate::model::written::container::{secret_grant, ulimits};
use crate::model::written::{add, list, mapping, text, values};

/// How an image is built, in the long form.
pub(super) fn build(build: &Build) -> Value {
    let mut keys = mapping([("context", context(&build.context))]);
    let (key, value) = match &build.dockerfile {
        Dockerfile::File(path) => ("dockerfile", path),
        Dockerfile::Inline(inline) => ("dockerfile_inline", inline),
    };
    keys.insert(key.to_owned(), text(value));
    add(&mut keys, "args", values(&build.args));
    add_text(&mut keys, "target", build.target.as_ref());
    add(&mut keys, "cache_from", texts(&build.cache_from));
    add(&mut keys, "cache_to", texts(&build.cache_to));
    let contexts = contexts(&build.additional_contexts);
    add(&mut keys, "additional_contexts", contexts);
    add(&mut keys, "labels", values(&build.labels));
    add_text(&mut keys, "network", build.network.as_ref());
    keys.insert("no_cache".to_owned(), json!(build.no_cache));
    add(&mut keys, "no_cache_filter", texts(&build.no_cache_filter));
    keys.insert("pull".to_owned(), json!(build.pull));
    let platforms = list(&build.platforms, |platform| json!(platform.to_string()));
    add(&mut keys, "platforms", platforms);
    let tags = list(&build.tags, |tag| text(tag.as_str()));
    add(&mut keys, "tags", tags);
    if let Some(bytes) = build.shm_size {
        keys.insert("shm_size".to_owned(), json!(bytes.to_string()));
    }
    let agents = build.ssh.iter().map(|(id, socket)| {
        let socket = socket.as_ref().map(|path| path.display().to_string());
        (id.clone(), text(&socket.unwrap_or_default()))
    });
    let agents: Map<String, Value> = agents.collect();
    if !agents.is_empty() {
        keys.insert("ssh".to_owned(), Value::Object(agents));
    }
    add(&mut keys, "secrets", list(&build.secrets, secret_grant));
    add(&mut keys, "extra_hosts", extra_hosts(&build.extra_hosts));
    add(&mut keys, "ulimits", ulimits(&build.ulimits));
    add_text(&mut keys, "isolation", build.isolation.as_ref());
    keys.insert("privileged".to_owned(), json!(build.privileged));
    add(&mut keys, "entitlements", texts(&build.entitlements));
    add_text(&mut keys, "provenance", build.provenance.as_ref());
    add_text(&mut keys, "sbom", build.sbom.as_ref());
    Value::Object(keys)
}

fn context(context: &BuildContext) -> Value {
    match context {
        BuildContext::Folder(path) => text(&path.display().to_string()),
        BuildContext::Address(address) => text(address),
    }
}

fn contexts(contexts: &IndexMap<String, BuildContext>) -> Map<String, Value> {
    let contexts = contexts.iter();
    contexts
        .map(|(name, place)| (name.clone(), context(place)))
        .collect()
}

fn texts(texts: &[String]) -> Vec<Value> {
    list(texts, |item| text(item))
}

fn add_text(keys: &mut Map<String, Value>, key: &str, value: Option<&String>) {
    if let Some(value) = value {
        keys.insert(key.to_owned(), text(value));
    }
}
