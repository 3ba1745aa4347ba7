//! What happens while nest watches, as lines of text.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words;

/// Something that happens while nest watches, besides plans and their steps.
#[derive(Debug)]
pub enum News<'a> {
    /// It watches these files.
    Watching {
        /// The files.
        files: &'a [PathBuf],
    },
    /// Files say something else.
    Changed {
        /// Which.
        files: &'a [PathBuf],
    },
    /// A file that is asked for is away.
    Absent {
        /// Which.
        file: &'a Path,
    },
    /// A file, or an engine, cannot be used as it is; what was good goes on. The problems were told before.
    KeptLast,
    /// The outer engine tells nothing more.
    EngineLost,
    /// The outer engine tells what happens again.
    EngineBack,
    /// The engines are as the files declare.
    InStep,
    /// A plan was applied whole.
    Applied {
        /// How long it took.
        elapsed: Duration,
    },
    /// A plan is not applied.
    Held(Held),
    /// A plan has what cannot be done.
    Refused,
    /// Steps of a plan failed; which was told before.
    Failed {
        /// After how long it is tried again; nothing where it is not.
        retry: Option<Duration>,
        /// Whether a key can be pressed.
        keys: bool,
    },
    /// No look at the engines could be had.
    Unanswered {
        /// Why.
        reason: &'a str,
    },
    /// The user's command has ended.
    Command {
        /// The command.
        command: &'a str,
        /// Its exit code; none where a signal ended it or it could not be started.
        code: Option<i32>,
    },
}

/// Why a plan is not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Something that runs would stop. Says whether a key can be pressed.
    ForWord {
        /// Whether a key can be pressed.
        keys: bool,
    },
    /// Others made it necessary. Says whether a key can be pressed.
    ForHeal {
        /// Whether a key can be pressed.
        keys: bool,
    },
    /// Healing has not helped so far.
    ForTime {
        /// After how long it is tried again.
        retry: Duration,
    },
}

/// The line, or lines, of something that happens.
pub fn line(news: &News<'_>) -> String {
    match news {
        News::Watching { files } => {
            styled(DIM, format!("watching {}; Ctrl-C ends it", listed(files)))
        }
        News::Changed { files } => styled(BOLD, format!("{} changed", listed(files))),
        News::Absent { file } => {
            let file = words::escaped(&file.display().to_string());
            format!("{} {file} is not there", styled(REMOVE, "✗"))
        }
        News::KeptLast => "the last good project goes on".to_owned(),
        News::EngineLost => {
            let mark = styled(REMOVE, "✗");
            format!("{mark} the outer engine has gone; waiting for it")
        }
        News::EngineBack => format!("{} the outer engine is back", styled(ADD, "✓")),
        News::InStep => format!("{} in step", styled(ADD, "✓")),
        News::Applied { elapsed } => {
            let elapsed = words::duration(*elapsed);
            format!("{} applied in {elapsed}", styled(ADD, "✓"))
        }
        News::Held(held) => format!("{} {}", styled(CHANGE, "!"), held.phrase()),
        News::Refused => {
            let mark = styled(REMOVE, "✗");
            format!("{mark} the plan cannot be applied; nothing was done")
        }
        News::Failed {
            retry: None,
            keys: true,
        } => "not all was done; the next save, or key `y`, tries again".to_owned(),
        News::Failed { retry: None, .. } => {
            "not all was done; the next save tries again, and so does `nest up`".to_owned()
        }
        News::Failed {
            retry: Some(retry), ..
        } => {
            format!("not all was done; next try in {}", words::duration(*retry))
        }
        News::Unanswered { reason } => {
            let reason = words::escaped(reason);
            format!("{} {reason}; trying again", styled(REMOVE, "✗"))
        }
        News::Command {
            command,
            code: Some(0),
        } => {
            let command = words::escaped(command);
            format!("{} {command}", styled(ADD, "✓"))
        }
        News::Command { command, code } => {
            let code = code.map_or("without a code".to_owned(), |code| format!("with {code}"));
            let command = words::escaped(command);
            format!("{} {command}: ended {code}", styled(REMOVE, "✗"))
        }
    }
}

impl Held {
    /// Why, and what helps.
    pub(crate) fn phrase(self) -> String {
        match self {
            Held::ForWord { keys: true } => {
                "something that runs would stop: press `y` to apply it".to_owned()
            }
            Held::ForWord { keys: false } => {
                "not applied, since something that runs would stop; `nest up` asks, `--yes` does not"
                    .to_owned()
            }
            Held::ForHeal { keys: true } => {
                "changed outside nest and left so: press `y` to put it back".to_owned()
            }
            Held::ForHeal { keys: false } => {
                "changed outside nest and left so; `--heal` puts it back".to_owned()
            }
            Held::ForTime { retry } => {
                let retry = words::duration(retry);
                format!("putting it back has not helped so far; next try in {retry}")
            }
        }
    }
}

/// Files as a list that is not too long.
pub(crate) fn listed(files: &[PathBuf]) -> String {
    let name = |file: &PathBuf| words::escaped(&file.display().to_string());
    match files {
        [] => "files".to_owned(),
        [one] => name(one),
        [one, other] => format!("{} and {}", name(one), name(other)),
        [one, other, more @ ..] => {
            let more = words::count(more.len() as u64, "more file");
            format!("{}, {} and {more}", name(one), name(other))
        }
    }
}
