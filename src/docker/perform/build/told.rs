//! What an engine tells of a build, line by line.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::Value;

use crate::docker::error::printable;
use crate::docker::perform::build::trace;
use crate::docker::redaction::HIDDEN;
use crate::engine::Progress;

/// How many of the last lines are kept, for when the build fails.
const LINES_KEPT: usize = 20;
/// What lines of BuildKit's are called.
const TRACE: &str = "moby.buildkit.trace";

/// A line of an answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    stream: Option<String>,
    status: Option<String>,
    id: Option<String>,
    error: Option<String>,
    aux: Option<Value>,
}

/// Tells on what an engine tells, and keeps the last of it.
pub(super) struct Teller<'r> {
    report: &'r dyn Fn(Progress),
    /// What nobody is shown: builders tell commands with the values of their variables.
    secrets: Vec<&'r str>,
    /// The last lines that the build told.
    pub(super) last: VecDeque<String>,
    /// Why the build failed, if it did.
    pub(super) failure: Option<String>,
    /// The last state of a download that was told.
    status: Option<String>,
}

impl<'r> Teller<'r> {
    pub(super) fn new(report: &'r dyn Fn(Progress), secrets: Vec<&'r str>) -> Self {
        Self {
            report,
            secrets,
            last: VecDeque::new(),
            failure: None,
            status: None,
        }
    }

    /// Takes a line of the answer, which may be none that is understood.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        let Ok(line) = serde_json::from_slice::<Line>(bytes) else {
            return;
        };
        if let Some(error) = &line.error {
            self.failure = Some(printable(self.hidden(error).trim()));
        }
        if let Some(text) = &line.stream {
            self.tell(text);
        }
        if let Some(text) = &line.status
            && self.status.as_ref() != Some(text)
        {
            self.status = Some(text.clone());
            self.tell(text);
        }
        if line.id.as_deref() == Some(TRACE)
            && let Some(trace) = line.aux.as_ref().and_then(Value::as_str)
        {
            for text in trace::lines(trace) {
                self.tell(&text);
            }
        }
    }

    fn hidden(&self, text: &str) -> String {
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty());
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
    }

    fn tell(&mut self, text: &str) {
        for line in self.hidden(text).split(['\n', '\r']) {
            let line = printable(line.trim_end());
            if line.is_empty() {
                continue;
            }
            if self.last.len() == LINES_KEPT {
                self.last.pop_front();
            }
            self.last.push_back(line.clone());
            (self.report)(Progress::Output(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use crate::docker::perform::build::told::Teller;
    use crate::engine::Progress;

    #[test]
    fn lines_of_both_builders_are_told_and_an_error_is_the_end() {
        let heard = RefCell::new(Vec::new());
        let report = |progress| {
            if let Progress::Output(line) = progress {
                heard.borrow_mut().push(line);
            }
        };
        let mut teller = Teller::new(&report, vec!["hunter2"]);
        teller.hear(b"{\"stream\":\"Step 1/2 : FROM a\\n\"}");
        teller.hear(b"{\"stream\":\"\\n\"}");
        teller.hear(b"no line at all");
        teller.hear(b"{\"stream\":\"RUN a hunter2\"}");
        // A log of BuildKit's.
        teller.hear(b"{\"id\":\"moby.buildkit.trace\",\"aux\":\"GgciBWhlbGxv\"}");
        teller.hear(b"{\"errorDetail\":{\"message\":\"no\"},\"error\":\"no\\u001b[1m way\"}");
        assert_eq!(teller.failure.as_deref(), Some("no\\u{1b}[1m way"));
        assert_eq!(
            *heard.borrow(),
            ["Step 1/2 : FROM a", "RUN a (sensitive value)", "hello"]
        );
    }
}
