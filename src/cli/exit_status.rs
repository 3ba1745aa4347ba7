//! The exit codes, all in one place.

use std::process::ExitCode;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: done, or nothing to do.
    Success,
    /// 1: something failed, was declined, or the command line is wrong.
    Failed,
    /// 2: `plan --detailed-exitcode` found changes.
    Changes,
    /// 3: the file is invalid.
    InvalidFile,
    /// 4: no engine answers.
    NoEngine,
    /// 5: a confirmation is needed and nobody can give it.
    Unconfirmed,
    /// 130: interrupted.
    Interrupted,
    /// The code of the command that `exec` ran; 125 where nest itself failed.
    Command(u8),
}

impl ExitStatus {
    /// That of a process, whose codes have eight bits on Linux.
    pub(crate) fn of_process(code: i64) -> Self {
        ExitStatus::Command(u8::try_from(code).unwrap_or(u8::MAX))
    }

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Success => 0,
            ExitStatus::Failed => 1,
            ExitStatus::Changes => 2,
            ExitStatus::InvalidFile => 3,
            ExitStatus::NoEngine => 4,
            ExitStatus::Unconfirmed => 5,
            ExitStatus::Interrupted => 130,
            ExitStatus::Command(code) => code,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.code())
    }
}
