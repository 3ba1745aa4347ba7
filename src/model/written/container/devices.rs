//! Devices that a container may use.

use serde_json::{Value, json};

use crate::model::container::device::{Device, DeviceRequest, RequestedDevices};
use crate::model::written::{add, list, mapping, text, variables};

/// A device, in its long form where it has one.
pub(super) fn device(device: &Device) -> Value {
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
pub(super) fn device_request(request: &DeviceRequest) -> Value {
    let capabilities = list(&request.capabilities, |capability| text(capability));
    let mut keys = mapping([("capabilities", Value::Array(capabilities))]);
    let (key, devices) = match &request.devices {
        RequestedDevices::All => ("count", json!("all")),
        RequestedDevices::Count(count) => ("count", json!(count)),
        RequestedDevices::Ids(ids) => ("device_ids", Value::Array(list(ids, |id| text(id)))),
    };
    keys.insert(key.to_owned(), devices);
    if !request.driver.is_empty() {
        keys.insert("driver".to_owned(), text(&request.driver));
    }
    add(&mut keys, "options", variables(&request.options, |_| false));
    Value::Object(keys)
}
