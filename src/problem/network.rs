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

    /// Two networks of one engine have addresses in common. Engines refuse the second.
    #[error("the subnets `{first_text}` and `{again_text}` overlap")]
    #[diagnostic(
        code(nest::overlapping_subnets),
        help("give one of them another subnet, or leave it out for a free one")
    )]
    OverlappingSubnets {
        /// The first one.
        first_text: String,
        /// The second one.
        again_text: String,
        /// The first one's place.
        #[label("{first_text}")]
        first: Span,
        /// The second one's place.
        #[label(primary, "shares addresses with the other")]
        again: Span,
    },

    /// A network of an engine inside, or a pool that it takes addresses from, has addresses in common with a network
    /// further out. From inside, those addresses of the outer network could not be reached: its registries, its other
    /// environments, or everything.
    #[error("`{inner_text}` inside overlaps `{outer_text}` outside")]
    #[diagnostic(
        code(nest::overlaps_outside),
        help("give one of them other addresses: from inside, those outside could not be reached")
    )]
    OverlapsOutside {
        /// The inner addresses.
        inner_text: String,
        /// The outer addresses.
        outer_text: String,
        /// The outer one's place.
        #[label("outside")]
        outer: Span,
        /// The inner one's place.
        #[label(primary, "inside")]
        inner: Span,
    },

    /// Packets of a network inside may be larger than the network outside lets through. Large ones are then lost: small
    /// requests work, downloads hang.
    #[error("packets of {inner} bytes inside do not fit the {outer} bytes outside")]
    #[diagnostic(
        code(nest::mtu_above_outer),
        help("set the inner one to {outer} or less, or leave it out")
    )]
    MtuAboveOuter {
        /// The inner size.
        inner: u32,
        /// The outer size.
        outer: u32,
        /// The outer one's place.
        #[label("the network outside")]
        outer_at: Span,
        /// The inner one's place.
        #[label(primary, "larger packets inside")]
        inner_at: Span,
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
