//! What goes wrong, in nest's words. The only place that reads bollard's errors.

use std::error::Error;

use bollard::errors::Error as BollardError;

use crate::docker::podman;
use crate::docker::transport::TransportError;
use crate::docker::tunnel::Complaint;
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

/// A status that the engine does not send: an error inside an answer that began as a success.
const LATE_STATUS: u16 = 500;

/// What is being done, and where: the half of an error that the caller knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// The engine.
    pub(crate) engine: &'a EnginePath,
    /// What is attempted, as a phrase that follows “to”.
    pub(crate) phrase: &'a str,
}

impl Attempt<'_> {
    /// Translates an error of bollard's.
    pub(crate) fn failed(&self, error: BollardError) -> EngineError {
        match error {
            BollardError::DockerResponseServerError {
                status_code,
                message,
            } => self.refused(status_code, &message),
            BollardError::DockerStreamError { error }
            | BollardError::DockerContainerWaitError { error, .. } => {
                self.refused(LATE_STATUS, &error)
            }
            BollardError::IOError { err } if err.get_ref().is_some() => {
                match err
                    .into_inner()
                    .map(<dyn Error + Send + Sync>::downcast::<TransportError>)
                {
                    Some(Ok(error)) => self.unanswered(*error),
                    Some(Err(other)) => self.broken(other),
                    None => self.broken("the connection failed"),
                }
            }
            other => self.broken(other),
        }
    }

    /// Translates an error of the transport's.
    pub(crate) fn unanswered(&self, error: TransportError) -> EngineError {
        match error {
            TransportError::Refused { status, message } => self.refused(status, &message),
            TransportError::WrongEngine => EngineError::WrongEngine {
                container: self.engine.containers().join("/"),
            },
            TransportError::Tunnel(complaint) => self.tunnel_refused(&complaint),
            other => self.broken(other),
        }
    }

    /// The engine said no.
    pub(crate) fn refused(&self, status: u16, message: &str) -> EngineError {
        let said = message.trim();
        EngineError::Refused {
            attempt: self.phrase.to_owned(),
            engine: self.engine.clone(),
            status: podman::status(status, said),
            // Answers to some questions have no text.
            message: if said.is_empty() {
                format!("it says no more than status {status}; its log may")
            } else {
                printable(said)
            },
        }
    }

    /// The engine said yes, and it is not so.
    pub(crate) fn without_effect(&self, reason: impl Into<String>) -> EngineError {
        EngineError::NoEffect {
            attempt: self.phrase.to_owned(),
            engine: self.engine.clone(),
            reason: reason.into(),
        }
    }

    /// The engine was not heard.
    pub(crate) fn broken(&self, source: impl Into<Box<dyn Error + Send + Sync>>) -> EngineError {
        EngineError::Broken {
            attempt: self.phrase.to_owned(),
            engine: self.engine.clone(),
            source: source.into(),
        }
    }

    fn tunnel_refused(&self, complaint: &Complaint) -> EngineError {
        let said = printable(&complaint.0);
        if self.engine.containers().is_empty() {
            return self.broken(format!("ssh says: {said}"));
        }
        self.broken(if complaint.is_missing_command() {
            format!(
                "the image lacks the program that nest starts there to reach the engine; use an image that has it, as that of the mode does ({said})"
            )
        } else {
            format!("the program that leads to the engine says: {said}")
        })
    }
}

/// Text of an engine's, which may hold anything, with control characters escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        // Directional marks make text read as other than it is.
        let misleading = matches!(character,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() && character != '\t' || misleading {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

/// An error with all its sources, on one line.
pub(crate) fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let said = inner.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = inner.source();
    }
    printable(&text)
}

#[cfg(test)]
mod tests {
    use crate::docker::error::{Attempt, printable};
    use crate::resource::engine_path::EnginePath;

    #[test]
    fn a_refusal_without_a_word_has_its_status() {
        let attempt = Attempt {
            engine: &EnginePath::outer(),
            phrase: "look at `/etc`",
        };
        let said = attempt.refused(500, " ").to_string();
        assert!(said.contains("no more than status 500"), "{said}");
    }

    #[test]
    fn an_engines_words_cannot_steer_a_terminal() {
        assert_eq!(
            printable("a\u{1b}]0;x\u{7}b\u{9b}\u{202e}c\td"),
            "a\\u{1b}]0;x\\u{7}b\\u{9b}\\u{202e}c\td"
        );
        assert_eq!(printable("grün – ok"), "grün – ok");
    }
}
