//! Why a request fails below the engine's own answers.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::docker::tunnel::Complaint;

/// Why a request got no answer, or one that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    #[error("{0}")]
    Io(#[source] io::Error),
    #[error("the connection failed")]
    Http(#[source] hyper::Error),
    #[error("{status}: {message}")]
    Refused { status: u16, message: String },
    #[error("no answer within {}s", .0.as_secs())]
    Late(Duration),
    #[error("the answer cannot be read")]
    Nonsense(#[source] Box<dyn Error + Send + Sync>),
    #[error("{0}")]
    Tunnel(#[source] Complaint),
    #[error("nobody listens at `{path}` in the container")]
    NoSocket {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("the way leads to an engine that it came through")]
    WrongEngine,
    #[error("the engine does not tell its id, so that it cannot be told from the one it runs on")]
    Nameless,
}

/// Finds what a tunnel's command said in the depths of an error.
pub(crate) fn classify(error: hyper::Error) -> TransportError {
    let mut source = Error::source(&error);
    while let Some(inner) = source {
        let complaint = inner.downcast_ref::<Complaint>().or_else(|| {
            let io = inner.downcast_ref::<io::Error>()?;
            io.get_ref()?.downcast_ref::<Complaint>()
        });
        if let Some(Complaint(text)) = complaint {
            return TransportError::Tunnel(Complaint(text.clone()));
        }
        source = inner.source();
    }
    TransportError::Http(error)
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

/// The error that an answer other than a success is.
pub(crate) fn refusal(status: StatusCode, bytes: &[u8]) -> TransportError {
    let message = serde_json::from_slice::<Message>(bytes).map_or_else(
        |_| String::from_utf8_lossy(bytes).trim().to_owned(),
        |answer| answer.message,
    );
    TransportError::Refused {
        status: status.as_u16(),
        message,
    }
}
