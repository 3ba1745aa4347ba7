//! Published ports.

use std::fmt;

/// A port of a container that is reachable on the engine's host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Port {
    /// The address of the host that listens, or none for all.
    pub host_ip: Option<String>,
    /// The port of the host, or none for a free one.
    pub published: Option<u16>,
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
        match (self.published, &self.host_ip) {
            (Some(published), _) => write!(f, "{published}:")?,
            (None, Some(_)) => write!(f, ":")?,
            (None, None) => {}
        }
        write!(f, "{}/{}", self.target, self.protocol)
    }
}
