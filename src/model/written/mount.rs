//! Mounts, as a nest file has them.

use serde_json::{Map, Value, json};

use crate::model::mount::{Mount, MountSource};
use crate::model::name::VolumeName;
use crate::model::written::{add, mapping, text};

/// A mount in its long form.
pub(super) fn mount(mount: &Mount) -> Value {
    let (kind, source) = match &mount.source {
        MountSource::Volume(name) => ("volume", Some(json!(name))),
        MountSource::Bind { path, .. } => ("bind", Some(text(path))),
        MountSource::AnonymousVolume => ("volume", None),
        MountSource::Tmpfs => ("tmpfs", None),
    };
    let mut keys = mapping([("type", json!(kind))]);
    if let Some(source) = source {
        keys.insert("source".to_owned(), source);
    }
    keys.insert("target".to_owned(), text(&mount.target));
    keys.insert("read_only".to_owned(), json!(mount.read_only));
    add(&mut keys, "bind", bind(mount));
    add(&mut keys, "volume", volume(mount));
    add(&mut keys, "tmpfs", tmpfs(mount));
    if let Some(consistency) = mount.settings.consistency {
        keys.insert("consistency".to_owned(), json!(consistency));
    }
    let inner = mount.inner_name.as_ref();
    let inner = inner.map_or(json!(false), |name: &VolumeName| json!(name));
    keys.insert("inner".to_owned(), inner);
    Value::Object(keys)
}

fn bind(mount: &Mount) -> Map<String, Value> {
    let mut keys = Map::new();
    if let MountSource::Bind { create, .. } = &mount.source {
        keys.insert("create_host_path".to_owned(), json!(create));
    }
    if let Some(propagation) = mount.settings.propagation {
        keys.insert("propagation".to_owned(), json!(propagation));
    }
    if let Some(selinux) = mount.settings.selinux {
        keys.insert("selinux".to_owned(), json!(selinux));
    }
    keys
}

fn volume(mount: &Mount) -> Map<String, Value> {
    let mut keys = Map::new();
    if let Some(subpath) = &mount.settings.subpath {
        keys.insert("subpath".to_owned(), text(subpath));
    }
    if mount.settings.nocopy {
        keys.insert("nocopy".to_owned(), json!(true));
    }
    keys
}

fn tmpfs(mount: &Mount) -> Map<String, Value> {
    let mut keys = Map::new();
    if let Some(size) = mount.settings.tmpfs_size {
        keys.insert("size".to_owned(), json!(size.to_string()));
    }
    if let Some(mode) = mount.settings.tmpfs_mode {
        keys.insert("mode".to_owned(), json!(format!("{mode:04o}")));
    }
    keys
}
