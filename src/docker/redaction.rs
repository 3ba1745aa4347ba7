//! Secrets in what engines say: an engine may repeat what it was given, in its log or in its refusal.

use std::collections::BTreeSet;
use std::error::Error;

use crate::docker::error::{printable, with_sources};
use crate::engine::{EngineError, Progress};
use crate::observed::{ObservedEngine, ObservedInner, ObservedOther};

/// What stands for a secret.
pub(crate) const HIDDEN: &str = "(sensitive value)";
/// How long a secret is at least that is looked for: shorter ones stand everywhere.
const SHORTEST: usize = 4;
/// How often a value may be quoted over: by who complains of it, and by the log that this is written to.
const QUOTED: usize = 2;

/// What nobody is shown, in all forms in which engines repeat it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redaction {
    /// The longest first: one may hold another.
    words: Vec<String>,
}

impl Redaction {
    /// Adds secrets to those that are known.
    pub(crate) fn add(&mut self, secrets: &BTreeSet<String>) {
        let words = secrets.iter().flat_map(|secret| forms(secret));
        let words = words.filter(|word| word.len() >= SHORTEST);
        self.words.extend(words);
        self.words
            .sort_unstable_by(|one, other| (other.len(), other).cmp(&(one.len(), one)));
        self.words.dedup();
    }

    fn hidden(&self, text: &str) -> String {
        let words = self.words.iter();
        words.fold(text.to_owned(), |text, word| text.replace(word, HIDDEN))
    }

    fn hide(&self, text: &mut String) {
        if self.words.iter().any(|word| text.contains(word)) {
            *text = self.hidden(text);
        }
    }

    /// Hides them in why an engine did not do something.
    pub(crate) fn error(&self, mut error: EngineError) -> EngineError {
        match &mut error {
            EngineError::Refused { message, .. } => self.hide(message),
            EngineError::NotReady { reason, log, .. }
            | EngineError::BuildFailed { reason, log, .. } => {
                self.hide(reason);
                for line in log {
                    self.hide(line);
                }
            }
            EngineError::NoEffect { reason, .. } | EngineError::Unsupported { reason, .. } => {
                self.hide(reason);
            }
            EngineError::Unreachable { source, .. } | EngineError::Broken { source, .. } => {
                self.hide_source(source);
            }
            EngineError::WrongEngine { .. }
            | EngineError::Unreadable { .. }
            | EngineError::OutOfPatience { .. } => {}
        }
        error
    }

    fn hide_source(&self, source: &mut Box<dyn Error + Send + Sync>) {
        let said = with_sources(source.as_ref());
        let hidden = self.hidden(&said);
        if hidden != said {
            *source = hidden.into();
        }
    }

    /// Hides them in what an operation tells.
    pub(crate) fn progress(&self, mut progress: Progress) -> Progress {
        if let Progress::Output(text) | Progress::Warning(text) = &mut progress {
            self.hide(text);
        }
        progress
    }

    /// Hides them in why engines could not be read.
    pub(crate) fn observed(&self, observed: &mut ObservedEngine) {
        for container in observed.containers.values_mut() {
            match &mut container.engine {
                ObservedInner::Silent(reason) => self.hide(reason),
                ObservedInner::Awake(inner) => self.observed(inner),
                ObservedInner::None | ObservedInner::Asleep => {}
            }
        }
        for other in observed.others.values_mut() {
            match other {
                ObservedOther::Unread(reason) => self.hide(reason),
                ObservedOther::Read(other) => self.observed(other),
            }
        }
    }
}

/// A secret, each of its lines, and the password in each address among these: as they are, as nest prints them, and as
/// programs quote them.
fn forms(secret: &str) -> Vec<String> {
    let parts = std::iter::once(secret).chain(secret.lines());
    let parts = parts.flat_map(|part| [Some(part.trim()), password(part)]);
    let mut forms = Vec::new();
    for part in parts.flatten() {
        let mut form = part.to_owned();
        for _ in 0..=QUOTED {
            forms.push(printable(&form));
            let quoted = serde_json::Value::from(form.as_str()).to_string();
            quoted[1..quoted.len() - 1].clone_into(&mut form);
        }
    }
    forms
}

/// The password in an address such as `http://somebody:password@proxy:3128`.
fn password(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let (account, _) = rest.split_once('@')?;
    Some(account.split_once(':')?.1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::docker::redaction::Redaction;

    #[test]
    fn secrets_are_hidden_in_every_form_in_which_engines_repeat_them() {
        let mut redaction = Redaction::default();
        let secrets = [
            "s\"1\\x",
            "first line\nsecond",
            "no",
            "http://me:hunter2@proxy",
        ];
        redaction.add(&secrets.map(str::to_owned).into_iter().collect());
        redaction.add(&BTreeSet::from(["hunter2 and more".to_owned()]));
        for (said, shown) in [
            (r#"it is s"1\x"#, "it is (sensitive value)"),
            (r#"it is "s\"1\\x""#, r#"it is "(sensitive value)""#),
            (
                r#"msg="it is \"s\\\"1\\\\x\"""#,
                r#"msg="it is \"(sensitive value)\"""#,
            ),
            (r"first line\nsecond", "(sensitive value)"),
            ("a second", "a (sensitive value)"),
            ("hunter2 and more", "(sensitive value)"),
            ("at http://me:hunter2@proxy", "at (sensitive value)"),
            ("with hunter2@proxy", "with (sensitive value)@proxy"),
            ("no way", "no way"),
        ] {
            assert_eq!(redaction.hidden(said), shown);
        }
    }
}
