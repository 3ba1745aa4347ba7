//! TLS with an engine that listens on a TCP port: by the certificates that the docker CLI keeps for it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{self, CryptoProvider};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};

use crate::docker::endpoint::TlsFiles;
use crate::engine::EngineError;

/// What TLS connections to one engine are made with.
#[derive(Debug, Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Reads the certificates.
    pub(crate) fn read(files: &TlsFiles) -> Result<Self, EngineError> {
        let provider = Arc::new(crypto::ring::default_provider());
        let unusable = |path: &Path, reason: &dyn std::fmt::Display| EngineError::Unsupported {
            subject: path.display().to_string(),
            reason: reason.to_string(),
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&files.authority, &error))?;
        let builder = if files.trusts_anyone {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
        } else {
            builder.with_root_certificates(authorities(&files.authority)?)
        };
        let (own, key) = (&files.certificate, &files.key);
        let config = if own.exists() {
            let secret = PrivateKeyDer::from_pem_file(key);
            let secret = secret.map_err(|error| unusable(key, &error))?;
            builder
                .with_client_auth_cert(certificates(own)?, secret)
                .map_err(|error| unusable(own, &error))?
        } else {
            builder.with_no_client_auth()
        };
        Ok(Self(Arc::new(config)))
    }

    /// Speaks TLS over a connection to a machine of this name.
    pub(crate) async fn speak(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        TlsConnector::from(Arc::clone(&self.0))
            .connect(name, stream)
            .await
    }
}

/// Those who may vouch for the engine: the one that is given, or those that the machine knows.
fn authorities(path: &Path) -> Result<RootCertStore, EngineError> {
    let mut store = RootCertStore::empty();
    let authorities = if path.exists() {
        certificates(path)?
    } else {
        rustls_native_certs::load_native_certs().certs
    };
    store.add_parsable_certificates(authorities);
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, EngineError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match read {
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(EngineError::Unsupported {
            subject: path.display().to_string(),
            reason: error.to_string(),
        }),
    }
}

/// What helps where TLS failed; none for an error of another kind. `files` are the certificates that were used, and
/// `host` the name of the machine.
pub(crate) fn help(
    error: &(dyn std::error::Error + 'static),
    (host, files): (&str, &TlsFiles),
) -> Option<String> {
    let authority = files.authority.display();
    let (certificate, key) = (files.certificate.display(), files.key.display());
    Some(match tls_error(error)? {
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => format!(
            "the engine's certificate was not issued by the authority of `{authority}`: copy the `ca.pem` of this engine there, or say where it is with `DOCKER_CERT_PATH`"
        ),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!(
            "the engine's certificate is not for `{host}`: use a name that it is for, or issue it again with this one among its alternative names"
        ),
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "the engine's certificate has expired: issue it again, and start the engine again".to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "the engine's certificate is not valid yet: check the clocks of both machines".to_owned(),
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::HandshakeFailure,
        ) => format!(
            "the engine asks who you are, and takes only certificates of its own authority: put yours at `{certificate}`, and its key at `{key}`"
        ),
        Error::InvalidMessage(_) => {
            "what listens there does not speak TLS: unset `DOCKER_TLS_VERIFY`, or use the port with TLS, often 2376"
                .to_owned()
        }
        _ => format!("the certificates are `{authority}` and `{certificate}`; check that they are this engine's"),
    })
}

/// The error of TLS in the depths of another.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Error>() {
            return Some(found);
        }
        let inside = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(found) = inside.and_then(|inside| inside.downcast_ref::<Error>()) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Takes any certificate, where a docker context says so.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
