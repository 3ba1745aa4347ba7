//! Policies, and what breaches them.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::source::Span;

/// A policy, or a breach of one.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum PolicyProblem {
    /// A policy that `--policy` names, or that of the host, cannot be read. Without it nest would not know what is
    /// allowed, so it does nothing.
    #[error("cannot read the policy `{path}`: {reason}")]
    #[diagnostic(
        code(nest::policy_unreadable),
        help("check the path after `--policy` and in `NEST_POLICY`, and the file's permissions")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system says.
        reason: String,
    },

    /// A policy says what becomes of a warning, but no warning has that code.
    #[error("no warning has the code `{code}`")]
    #[diagnostic(code(nest::unknown_warning), help("{hint}"))]
    UnknownWarning {
        /// The code.
        code: String,
        /// The nearest code, or what is wrong with this one.
        hint: String,
        /// Its place.
        #[label("not known here")]
        at: Span,
    },

    /// A policy makes this warning an error: `nest explain` says what it is about.
    #[error("{message}, and a policy denies `{code}`")]
    #[diagnostic(code(nest::policy_warning), help("{help}"))]
    Warning {
        /// What the warning says.
        message: String,
        /// The warning's code.
        code: String,
        /// What the warning advises.
        help: String,
        /// What it is about.
        #[label(primary, "the policy takes this for an error")]
        at: Option<SourceSpan>,
        /// The policy.
        #[label("denied here")]
        policy: Span,
    },

    /// A policy lists the modes that environments may have, and this is none of them.
    #[error("a policy does not allow the mode `{mode}`")]
    #[diagnostic(code(nest::policy_mode), help("choose one of {allowed}"))]
    Mode {
        /// The mode.
        mode: String,
        /// The modes that are allowed.
        allowed: String,
        /// Its place.
        #[label(primary, "not one of those")]
        at: Span,
        /// The policy.
        #[label("only these are allowed")]
        policy: Span,
    },

    /// A policy denies containers more than the usual privileges, and this one would have them: by its mode, `privileged`,
    /// the capabilities `ALL` or `SYS_ADMIN`, a namespace of the host, a device, or without a security profile.
    #[error("a policy denies privileges: {what}")]
    #[diagnostic(
        code(nest::policy_privileged),
        help("do without, or choose a mode that needs none")
    )]
    Privileged {
        /// What gives them.
        what: String,
        /// Its place.
        #[label(primary, "more than the usual privileges")]
        at: Span,
        /// The policy.
        #[label("denied here")]
        policy: Span,
    },

    /// A policy denies containers the socket of an engine outside them, and this one would have it: by its mode, or by
    /// something mounted that is such a socket or a folder above one. Whoever has the socket is root on the host.
    #[error("a policy denies engine sockets: {what}")]
    #[diagnostic(
        code(nest::policy_socket),
        help("give the container an engine of its own, or `docker_host` to a service")
    )]
    Socket {
        /// What leads to it.
        what: String,
        /// Its place.
        #[label(primary, "leads to the socket")]
        at: Span,
        /// The policy.
        #[label("denied here")]
        policy: Span,
    },

    /// A policy denies engines that listen on TCP without certificates: whoever reaches the port commands the engine.
    #[error("a policy denies TCP without certificates: {what}")]
    #[diagnostic(
        code(nest::policy_tcp),
        help("let clients use the socket, which is the default, or `listen: tls`")
    )]
    Tcp {
        /// What listens.
        what: String,
        /// Its place.
        #[label(primary, "listens without certificates")]
        at: Span,
        /// The policy.
        #[label("denied here")]
        policy: Span,
    },

    /// A policy lists the folders that may be mounted, and this is neither one of them nor below one.
    #[error("a policy does not allow to mount `{path}`")]
    #[diagnostic(
        code(nest::policy_host_path),
        help("mount a folder below one that is allowed, or a volume")
    )]
    HostPath {
        /// The path.
        path: String,
        /// Its place.
        #[label(primary, "below none of those")]
        at: Span,
        /// The policy.
        #[label("only these are allowed")]
        policy: Span,
    },

    /// A policy wants every image that can be pulled to be named by its digest. A tag such as `latest` can stand for
    /// another image tomorrow.
    #[error("a policy requires digests, and `{image}` has none")]
    #[diagnostic(
        code(nest::policy_digest),
        help("write `NAME@sha256:…`; `docker buildx imagetools inspect {image}` shows the digest")
    )]
    Digest {
        /// The image.
        image: String,
        /// Its place.
        #[label(primary, "may stand for another image tomorrow")]
        at: Span,
        /// The policy.
        #[label("required here")]
        policy: Span,
    },

    /// A policy lists the hosts that images may be pulled from, and this image comes from another. An image without a host
    /// comes from `docker.io`.
    #[error("a policy does not allow images from `{host}`")]
    #[diagnostic(
        code(nest::policy_registry),
        help("take the image from one of {allowed}")
    )]
    Registry {
        /// The host.
        host: String,
        /// The hosts that are allowed.
        allowed: String,
        /// Its place.
        #[label(primary, "from `{host}`")]
        at: Span,
        /// The policy.
        #[label("only these are allowed")]
        policy: Span,
    },
}
