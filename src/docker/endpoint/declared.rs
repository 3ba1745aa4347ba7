//! The engines that a file declares.

use std::path::Path;

use crate::docker::endpoint::context::context_engine;
use crate::docker::endpoint::{DEFAULT_CONTEXT, Endpoint, EndpointOptions, TlsFiles, unsupported};
use crate::engine::EngineError;
use crate::model::outer_engine::{EngineAddress, Tls};

impl Endpoint {
    /// The endpoint that a file declares, and `origin` says where. What variables say of certificates is about other engines.
    pub fn declared(
        address: &EngineAddress,
        options: &EndpointOptions,
        origin: &str,
    ) -> Result<Self, EngineError> {
        match address {
            EngineAddress::Context(context) if context == DEFAULT_CONTEXT => {
                Ok(Self::usual(&options.sockets))
            }
            EngineAddress::Context(context) => {
                let engine = context_engine(&options.config_folder, context, origin)?;
                let origin = format!("context `{context}`, named by {origin}");
                Self::parse(&engine.host, origin, engine.tls)
            }
            EngineAddress::Host { host, tls } => {
                if host.starts_with("https://") && tls.is_none() {
                    return Err(unsupported(
                        &format!("`{host}` (from {origin})"),
                        "TLS takes `tls: FOLDER` beside it, with `ca.pem`, `cert.pem` and `key.pem`",
                    ));
                }
                let tls = tls.as_ref().map(|tls| files(tls, origin)).transpose()?;
                Self::parse(host, origin.to_owned(), tls)
            }
        }
    }
}

/// The files, which are all there: a file names each of them.
fn files(tls: &Tls, origin: &str) -> Result<TlsFiles, EngineError> {
    let all: [&Path; 3] = [&tls.ca, &tls.certificate, &tls.key];
    match all.into_iter().find(|path| !path.is_file()) {
        Some(missing) => Err(unsupported(
            &format!("`{}` (from {origin})", missing.display()),
            "there is no such file",
        )),
        None => Ok(TlsFiles {
            authority: tls.ca.clone(),
            certificate: tls.certificate.clone(),
            key: tls.key.clone(),
            trusts_anyone: false,
        }),
    }
}
