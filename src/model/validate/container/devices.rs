//! Devices that a container may use.

use indexmap::IndexMap;

use crate::model::container::device::{
    Device, DeviceRequest, Devices, RequestedDevices, parse_device_rule,
};
use crate::model::validate::Validation;
use crate::spec::container::ContainerSpec;
use crate::spec::container::device::{DeviceSpec, GpuSpec, GpusSpec};
use crate::spec::decode::{Field, Spanned};

/// How devices are written.
const DEVICE_HINT: &str =
    "a device is written `/dev/fuse`, `/dev/fuse:/dev/fuse:rwm` or `vendor.com/class=name`";

impl Validation<'_> {
    /// The devices that it may use.
    pub(super) fn devices(&mut self, spec: &ContainerSpec) -> Devices {
        let mapped = self.mapped_devices(&spec.devices);
        let rules = self.checked_items(
            "device_cgroup_rules",
            spec.device_cgroup_rules.items(),
            "a rule is written `c 1:3 mr`: kind, numbers and permissions",
            parse_device_rule,
        );
        let mut requests = self.gpus(&spec.gpus);
        let deploy = spec.deploy.value.as_ref();
        let resources = deploy.and_then(|deploy| deploy.resources.value.as_ref());
        let kept = resources.and_then(|resources| resources.reservations.value.as_ref());
        for item in kept.iter().flat_map(|kept| kept.devices.items()) {
            requests.extend(self.device_request(item.value));
        }
        Devices {
            mapped,
            rules,
            requests,
        }
    }

    fn mapped_devices(&mut self, spec: &Field<Vec<Field<DeviceSpec>>>) -> Vec<Device> {
        let mut devices = Vec::new();
        for item in spec.items() {
            let device = match item.value {
                DeviceSpec::Scalar(text) => {
                    let text = Spanned {
                        value: text,
                        span: item.span,
                    };
                    self.checked_text("devices", &text, DEVICE_HINT, Device::parse)
                }
                DeviceSpec::Mapping(mapping) => {
                    if mapping.source.value.is_none() && !mapping.source.failed {
                        let hint = "say which device of the host: `source: /dev/fuse`";
                        self.missing("a device", "source", hint, item.span);
                    }
                    let target = mapping.target.value.as_deref();
                    let permissions = mapping.permissions.value.as_deref();
                    self.checked("devices", &mapping.source, DEVICE_HINT, |source| {
                        Device::from_parts(source, target, permissions)
                    })
                }
            };
            devices.extend(device);
        }
        devices
    }

    fn gpus(&mut self, spec: &Field<GpusSpec>) -> Vec<DeviceRequest> {
        let Some(gpus) = spec.get() else {
            return Vec::new();
        };
        match gpus.value {
            GpusSpec::Scalar(word) if word == "all" => vec![DeviceRequest {
                driver: String::new(),
                devices: RequestedDevices::All,
                capabilities: vec!["gpu".to_owned()],
                options: IndexMap::new(),
            }],
            GpusSpec::Scalar(word) => {
                let hint = "write `all`, or a list: `[{ count: 1 }]`".to_owned();
                self.unknown_word("gpus", word, hint, gpus.span);
                Vec::new()
            }
            GpusSpec::Sequence(items) => items
                .iter()
                .filter_map(Field::get)
                .filter_map(|item| self.device_request(item.value))
                .collect(),
        }
    }

    fn device_request(&mut self, spec: &GpuSpec) -> Option<DeviceRequest> {
        let mut capabilities: Vec<String> = spec
            .capabilities
            .items()
            .map(|capability| capability.value.clone())
            .collect();
        if capabilities.is_empty() {
            capabilities.push("gpu".to_owned());
        }
        if let (Some(first), Some(second)) = (spec.count.section(), spec.device_ids.section()) {
            self.conflict("`count` and `device_ids`", first, second);
            return None;
        }
        let hint = "write how many, or `all`";
        let count = self.checked("count", &spec.count, hint, |text| match text {
            "all" | "-1" => Ok(RequestedDevices::All),
            _ => text
                .parse()
                .map(RequestedDevices::Count)
                .map_err(|_| "it is neither a number nor `all`"),
        });
        let ids = spec.device_ids.items();
        let ids: Vec<String> = ids.map(|id| id.value.0.clone()).collect();
        let devices = if ids.is_empty() {
            count.unwrap_or(RequestedDevices::All)
        } else {
            RequestedDevices::Ids(ids)
        };
        Some(DeviceRequest {
            driver: spec.driver.value.clone().unwrap_or_default(),
            devices,
            capabilities,
            options: self.text_map(&spec.options),
        })
    }
}
