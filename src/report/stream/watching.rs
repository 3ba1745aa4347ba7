//! The lines of what happens while nest watches.

use std::time::SystemTime;

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::stream::Stream;
use crate::report::stream::line::{EventJson, Level};
use crate::report::stream::make::{plain, seconds, text};
use crate::report::watch::{Held, News, line};

/// How a watched project stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Round")]
pub(super) enum RoundJson {
    /// The engines are as the files declare; nothing had to be done.
    InStep,
    /// A plan was applied whole.
    Applied,
    /// Something that runs would stop: it needs `--yes` or a key.
    NeedsYes,
    /// Others changed something, which is left so without `--heal` or a key.
    NeedsHeal,
    /// Putting it back has not helped so far.
    Waits,
    /// The plan has something that cannot be done.
    Refused,
    /// Some steps failed.
    Failed,
    /// An engine did not answer.
    Unanswered,
    /// The files have problems; the last good project goes on.
    Kept,
}

impl Stream {
    /// The line of something that happens while nest watches.
    pub fn news(&mut self, news: &News<'_>, now: SystemTime) -> String {
        let round = |result, retry| EventJson::Round {
            result,
            retry_seconds: retry,
        };
        let (level, event) = match news {
            News::Watching { files } => {
                let files = shown(files);
                (Level::Info, EventJson::Watching { files })
            }
            News::Changed { files } => {
                let files = shown(files);
                (Level::Info, EventJson::FilesChanged { files })
            }
            News::Absent { file } => {
                let files = vec![file.display().to_string()];
                (Level::Warn, EventJson::FilesAbsent { files })
            }
            News::KeptLast => (Level::Warn, round(RoundJson::Kept, None)),
            News::EngineLost => (Level::Warn, EventJson::EngineLost),
            News::EngineBack => (Level::Info, EventJson::EngineBack),
            News::InStep => (Level::Info, round(RoundJson::InStep, None)),
            News::Applied { .. } => (Level::Info, round(RoundJson::Applied, None)),
            News::Held(Held::ForWord { .. }) => (Level::Warn, round(RoundJson::NeedsYes, None)),
            News::Held(Held::ForHeal { .. }) => (Level::Warn, round(RoundJson::NeedsHeal, None)),
            News::Held(Held::ForTime { retry }) => {
                let retry = Some(seconds(*retry));
                (Level::Warn, round(RoundJson::Waits, retry))
            }
            News::Refused => (Level::Error, round(RoundJson::Refused, None)),
            News::Failed { retry, .. } => {
                let retry = retry.map(seconds);
                (Level::Error, round(RoundJson::Failed, retry))
            }
            News::Unanswered { .. } => (Level::Error, round(RoundJson::Unanswered, None)),
            News::Command { command, code } => {
                let level = if *code == Some(0) {
                    Level::Info
                } else {
                    Level::Error
                };
                let (command, exit_code) = ((*command).to_owned(), *code);
                (level, EventJson::Command { command, exit_code })
            }
        };
        text(now, level, plain(&line(news)), event)
    }

    /// Begins to tell of another run: its waves are counted anew.
    pub fn next_run(&mut self) {
        self.wave = 0;
        self.started = false;
        self.running.clear();
    }
}

fn shown(files: &[std::path::PathBuf]) -> Vec<String> {
    let files = files.iter();
    files.map(|file| file.display().to_string()).collect()
}
