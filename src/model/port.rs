//! Published ports.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// A port of a container that is reachable on the engine's host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Port {
    /// The address of the host that listens, or none for all.
    pub host_ip: Option<String>,
    /// The port of the host, or several of which the engine takes a free one; none for any free one.
    pub published: Option<HostPorts>,
    /// The port in the container.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host_ip) = &self.host_ip {
            if host_ip.contains(':') {
                write!(f, "[{host_ip}]:")?;
            } else {
                write!(f, "{host_ip}:")?;
            }
        }
        match (&self.published, &self.host_ip) {
            (Some(published), _) => write!(f, "{published}:")?,
            (None, Some(_)) => write!(f, ":")?,
            (None, None) => {}
        }
        write!(f, "{}/{}", self.target, self.protocol)
    }
}

impl Port {
    /// Reads the short form, `[[IP:][HOST]:]CONTAINER[/PROTOCOL]`. A range is as many ports; several of the host for one of
    /// the container are a choice.
    pub(crate) fn parse(text: &str) -> Result<Vec<Self>, String> {
        let (rest, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let (rest, target) = match rest.rsplit_once(':') {
            Some((rest, target)) => (Some(rest), target),
            None => (None, rest),
        };
        let (host_ip, published) = match rest {
            None => (None, None),
            Some(rest) => match rest.rsplit_once(':') {
                // `[::1]:` ends in the brackets of its address, not in a port.
                Some((ip, published)) if !published.contains(']') => (Some(ip), Some(published)),
                _ if rest.starts_with('[') => (Some(rest), None),
                _ if rest.parse::<IpAddr>().is_ok() => (Some(rest), None),
                _ => (None, Some(rest)),
            },
        };
        let published = published.filter(|published| !published.is_empty());
        Self::from_parts(host_ip, published, target, protocol)
    }

    /// Puts ports together from their written parts.
    pub(crate) fn from_parts(
        host_ip: Option<&str>,
        published: Option<&str>,
        target: &str,
        protocol: &str,
    ) -> Result<Vec<Self>, String> {
        let protocol = protocol.to_ascii_lowercase();
        if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
            return Err(format!("`{protocol}` is none of `tcp`, `udp`, `sctp`"));
        }
        let host_ip = match host_ip {
            Some(text) => {
                let ip = text
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_suffix(']'))
                    .unwrap_or(text);
                let ip: IpAddr = ip.parse().map_err(|_| format!("`{text}` is no address"))?;
                Some(ip.to_string())
            }
            None => None,
        };
        let targets = parse_range(target)?;
        let published = published.map(parse_range).transpose()?;
        if let (Some(range), 1) = (&published, targets.len()) {
            return Ok(vec![Self {
                host_ip,
                published: Some(HostPorts::of(range)),
                target: *targets.start(),
                protocol,
            }]);
        }
        if let Some(published) = &published
            && published.len() != targets.len()
        {
            return Err(format!(
                "{} of the host for {} of the container",
                plural(published.len()),
                plural(targets.len())
            ));
        }
        let mut published = published.into_iter().flatten();
        Ok(targets
            .map(|target| Self {
                host_ip: host_ip.clone(),
                published: published.next().map(HostPorts::from),
                target,
                protocol: protocol.clone(),
            })
            .collect())
    }

    /// Whether every address of the host listens.
    pub(crate) fn is_everywhere(&self) -> bool {
        matches!(self.host_ip.as_deref(), None | Some("0.0.0.0" | "::"))
    }
}

/// A port of the host, or a range of ports of which the engine takes a free one. In JSON a number, or text as it is
/// displayed: `8000-8010`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "WrittenPorts", try_from = "WrittenPorts")]
pub struct HostPorts {
    first: u16,
    last: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenPorts {
    One(u16),
    Several(String),
}

impl HostPorts {
    fn of(range: &RangeInclusive<u16>) -> Self {
        Self {
            first: *range.start(),
            last: *range.end(),
        }
    }

    /// The port, where there is no choice.
    pub fn one(&self) -> Option<u16> {
        (self.first == self.last).then_some(self.first)
    }

    /// How many ports there are to choose from.
    pub fn count(&self) -> u32 {
        u32::from(self.last - self.first) + 1
    }
}

impl From<u16> for HostPorts {
    fn from(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }
}

impl fmt::Display for HostPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.one() {
            Some(port) => write!(f, "{port}"),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl From<HostPorts> for WrittenPorts {
    fn from(ports: HostPorts) -> Self {
        match ports.one() {
            Some(port) => Self::One(port),
            None => Self::Several(ports.to_string()),
        }
    }
}

impl TryFrom<WrittenPorts> for HostPorts {
    type Error = String;

    fn try_from(written: WrittenPorts) -> Result<Self, String> {
        match written {
            WrittenPorts::One(port) => Ok(port.into()),
            WrittenPorts::Several(text) => parse_range(&text).map(|range| Self::of(&range)),
        }
    }
}

/// A port, or a range of ports.
pub(crate) fn parse_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = parse_number(first)?..=parse_number(last)?;
    if range.is_empty() {
        return Err(format!("the range `{text}` goes backwards"));
    }
    Ok(range)
}

/// One port.
pub(crate) fn parse_number(text: &str) -> Result<u16, String> {
    match text.parse::<u16>() {
        Ok(number) if number > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
        _ if text.is_empty() => Err("a port is missing".to_owned()),
        _ => Err(format!("`{text}` is no number from 1 to 65535")),
    }
}

fn plural(count: usize) -> String {
    match count {
        1 => "1 port".to_owned(),
        several => format!("{several} ports"),
    }
}
