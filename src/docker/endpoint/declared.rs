//! The engine that a file declares, for where nobody names one.

use std::path::Path;

use crate::docker::endpoint::context::context_engine;
use crate::docker::endpoint::{DEFAULT_CONTEXT, Endpoint, EndpointOptions, TlsFiles, unsupported};
use crate::engine::EngineError;
use crate::model::outer_engine::{EngineAddress, Tls};

/// Who names it.
const ORIGIN: &str = "`engines.default`";

impl Endpoint {
    /// The endpoint that a file declares. What variables say of certificates is about other engines.
    pub fn declared(
        address: &EngineAddress,
        options: &EndpointOptions,
    ) -> Result<Self, EngineError> {
        match address {
            EngineAddress::Context(context) if context == DEFAULT_CONTEXT => {
                Ok(Self::usual(&options.sockets))
            }
            EngineAddress::Context(context) => {
                let engine = context_engine(&options.config_folder, context, ORIGIN)?;
                let origin = format!("context `{context}`, named by {ORIGIN}");
                Self::parse(&engine.host, origin, engine.tls)
            }
            EngineAddress::Host { host, tls } => {
                if host.starts_with("https://") && tls.is_none() {
                    return Err(unsupported(
                        &format!("`{host}` (from {ORIGIN})"),
                        "TLS takes `tls: FOLDER` beside it, with `ca.pem`, `cert.pem` and `key.pem`",
                    ));
                }
                let tls = tls.as_ref().map(files).transpose()?;
                Self::parse(host, ORIGIN.to_owned(), tls)
            }
        }
    }
}

/// The files, which are all there: a file names each of them.
fn files(tls: &Tls) -> Result<TlsFiles, EngineError> {
    let all: [&Path; 3] = [&tls.ca, &tls.certificate, &tls.key];
    match all.into_iter().find(|path| !path.is_file()) {
        Some(missing) => Err(unsupported(
            &format!("`{}` (from {ORIGIN})", missing.display()),
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
