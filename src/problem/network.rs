//! Networks and their addresses.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// Networks and their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum NetworkProblem {
    /// The text is no subnet: an address, `/`, and how many bits all addresses of the subnet share. The bits after
    /// those are zero, as engines demand it.
    #[error("`{text}` is no subnet: {reason}")]
    #[diagnostic(
        code(nest::invalid_subnet),
        help("a subnet is written `172.30.0.0/16` or `fd00:1::/64`")
    )]
    InvalidSubnet {
        /// The key.
        key: String,
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("the value of `{key}`")]
        at: Span,
    },

    /// The text is no address of a network.
    #[error("`{text}` is no address")]
    #[diagnostic(
        code(nest::invalid_address),
        help("an address is written `172.30.0.1` or `fd00:1::1`, without a `/` and a length")
    )]
    InvalidAddress {
        /// The key.
        key: String,
        /// The value.
        text: String,
        /// Its place.
        #[label("the value of `{key}`")]
        at: Span,
    },

    /// The gateway of a pool, the range that its addresses are from, or an address that is set apart, lies outside the
    /// pool's subnet.
    #[error("`{text}` is not in the subnet `{subnet}`")]
    #[diagnostic(
        code(nest::outside_subnet),
        help("choose one of the subnet's addresses, or another subnet")
    )]
    OutsideSubnet {
        /// The key.
        key: String,
        /// The value.
        text: String,
        /// The subnet.
        subnet: String,
        /// Its place.
        #[label(primary, "the value of `{key}`")]
        at: Span,
        /// The subnet's place.
        #[label("the subnet")]
        subnet_at: Span,
    },

    /// A network that is `external` exists already and is not made by nest, so settings for making it would have no
    /// effect.
    #[error("`{key}` says how to make the network `{network}`, but `external` says that it exists")]
    #[diagnostic(
        code(nest::external_network_settings),
        help("remove `external` to let nest make the network, or remove `{key}`")
    )]
    ExternalSettings {
        /// The setting.
        key: String,
        /// The network.
        network: String,
        /// Its place.
        #[label(primary, "nest would not use this")]
        at: Span,
        /// Where `external` is set.
        #[label("because of this")]
        external: Span,
    },
}
