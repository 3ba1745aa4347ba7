//! Devices that a container may use.

use std::fmt;

use indexmap::IndexMap;

use crate::model::value::TextValue;

/// The devices that a container may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Devices {
    /// Devices of the host.
    pub mapped: Vec<Device>,
    /// Rules for the use of devices, as the kernel's device controller has them.
    pub rules: Vec<String>,
    /// Devices that a driver picks, such as graphics processors.
    pub requests: Vec<DeviceRequest>,
}

/// A device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Device {
    /// A device file.
    File {
        /// Its path on the host.
        source: String,
        /// Its path in the container.
        target: String,
        /// What the container may do with it: some of `rwm`.
        permissions: String,
    },
    /// A device by its name in the container device interface: `vendor.com/class=name`.
    Named(String),
}

/// A request for devices of a driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRequest {
    /// The driver; empty for the one that has the capabilities.
    pub driver: String,
    /// Which devices.
    pub devices: RequestedDevices,
    /// What the driver must offer.
    pub capabilities: Vec<String>,
    /// Options of the driver.
    pub options: IndexMap<String, TextValue>,
}

/// Which devices of a driver are requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedDevices {
    /// All.
    All,
    /// This many.
    Count(u32),
    /// Those with these ids.
    Ids(Vec<String>),
}

impl Device {
    /// What the container may do with a device where the file does not say.
    const PERMISSIONS: &'static str = "rwm";

    /// Reads the short form: `HOST`, `HOST:CONTAINER`, `HOST:CONTAINER:rwm`, or a name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if is_name(text) {
            return Ok(Self::Named(text.to_owned()));
        }
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            [source] => Self::from_parts(source, None, None),
            [source, target] => Self::from_parts(source, Some(target), None),
            [source, target, permissions] => {
                Self::from_parts(source, Some(target), Some(permissions))
            }
            _ => Err("it has more than three parts".to_owned()),
        }
    }

    /// Puts a device together from its parts.
    pub(crate) fn from_parts(
        source: &str,
        target: Option<&str>,
        permissions: Option<&str>,
    ) -> Result<Self, String> {
        if target.is_none() && permissions.is_none() && is_name(source) {
            return Ok(Self::Named(source.to_owned()));
        }
        let target = target.filter(|target| !target.is_empty()).unwrap_or(source);
        for path in [source, target] {
            if !path.starts_with('/') {
                return Err(format!("the path `{path}` does not begin with `/`"));
            }
        }
        let permissions = permissions.unwrap_or(Self::PERMISSIONS);
        let repeated = |(at, letter): (usize, char)| permissions[..at].contains(letter);
        if permissions.is_empty()
            || !permissions.chars().all(|letter| "rwm".contains(letter))
            || permissions.char_indices().any(repeated)
        {
            return Err(format!(
                "`{permissions}` is not some of `r` (read), `w` (write) and `m` (make nodes)"
            ));
        }
        Ok(Self::File {
            source: source.to_owned(),
            target: target.to_owned(),
            permissions: permissions.to_owned(),
        })
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                source,
                target,
                permissions,
            } => write!(f, "{source}:{target}:{permissions}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// Whether a text is a name in the container device interface, such as `nvidia.com/gpu=all`.
fn is_name(text: &str) -> bool {
    let good = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte))
    };
    match text
        .split_once('=')
        .map(|(kind, name)| (kind.split_once('/'), name))
    {
        Some((Some((vendor, class)), name)) => good(vendor) && good(class) && good(name),
        _ => false,
    }
}

/// Reads a rule of the kernel's device controller: `c 1:3 mr`.
pub(crate) fn parse_device_rule(text: &str) -> Result<String, &'static str> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [kind, numbers, permissions] = parts.as_slice() else {
        return Err("it does not have three parts with one space between them");
    };
    if !["a", "b", "c"].contains(kind) {
        return Err("it does not begin with `a` (all), `b` (block) or `c` (character)");
    }
    let number = |text: &str| {
        text == "*" || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match numbers.split_once(':') {
        Some((major, minor)) if number(major) && number(minor) => {}
        _ => return Err("the second part is not `MAJOR:MINOR`, each a number or `*`"),
    }
    if !(1..=3).contains(&permissions.len()) || !permissions.chars().all(|c| "rwm".contains(c)) {
        return Err("the third part is not some of `r`, `w` and `m`");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::model::container::device::{Device, parse_device_rule};

    #[test]
    fn a_device_is_written_out() {
        for (short, long) in [
            ("/dev/fuse", "/dev/fuse:/dev/fuse:rwm"),
            ("/dev/a:/dev/b", "/dev/a:/dev/b:rwm"),
            ("/dev/a:/dev/b:r", "/dev/a:/dev/b:r"),
            ("nvidia.com/gpu=all", "nvidia.com/gpu=all"),
        ] {
            let device = Device::parse(short).map(|device| device.to_string());
            assert_eq!(device.as_deref(), Ok(long));
        }
        for wrong in [
            "",
            "fuse",
            "/dev/a:rwm",
            "/dev/a:/dev/b:x",
            "/dev/a:/dev/b:rr",
            "/a:/b:r:w",
        ] {
            assert!(Device::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rule_has_three_parts() {
        for right in ["c 1:3 mr", "a *:* rwm", "b 8:* r"] {
            assert_eq!(parse_device_rule(right).as_deref(), Ok(right));
        }
        for wrong in [
            "",
            "c 1:3",
            "x 1:3 r",
            "c 1 r",
            "c 1:3 x",
            "c  1:3 r",
            "c 1:3 rwmr",
        ] {
            assert!(parse_device_rule(wrong).is_err(), "{wrong}");
        }
    }
}
