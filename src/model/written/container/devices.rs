//! Devices that a container may use.

use serde_json::{Map, Value, json};

use crate::model::container::device::{Device, DeviceRequest, Devices, RequestedDevices};
use crate::model::written::container::shown;
use crate::model::written::{add, list, mapping, text, values};

/// The devices that it may use.
pub(super) fn devices(keys: &mut Map<String, Value>, devices: &Devices) {
    add(keys, "devices", list(&devices.mapped, device));
    add(keys, "device_cgroup_rules", shown(&devices.rules));
    add(keys, "gpus", list(&devices.requests, device_request));
}

/// A device, in its long form where it has one.
fn device(device: &Device) -> Value {
    match device {
        Device::File {
            source,
            target,
            permissions,
        } => Value::Object(mapping([
            ("source", text(source)),
            ("target", text(target)),
            ("permissions", json!(permissions)),
        ])),
        Device::Named(name) => text(name),
    }
}

/// A request for devices.
fn device_request(request: &DeviceRequest) -> Value {
    let mut keys = mapping([("capabilities", Value::Array(shown(&request.capabilities)))]);
    let (key, devices) = match &request.devices {
        RequestedDevices::All => ("count", json!("all")),
        RequestedDevices::Count(count) => ("count", json!(count)),
        RequestedDevices::Ids(ids) => ("device_ids", Value::Array(shown(ids))),
    };
    keys.insert(key.to_owned(), devices);
    if !request.driver.is_empty() {
        keys.insert("driver".to_owned(), text(&request.driver));
    }
    add(&mut keys, "options", values(&request.options));
    Value::Object(keys)
}
