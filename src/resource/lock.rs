//! The lock of a project on an engine: an empty volume whose labels say who holds it.
//!
//! An engine answers the creation of a volume that exists with the volume that exists, so that one request takes the
//! lock or tells who has it.

use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::model::name::ProjectName;
use crate::resource::label::{self, Labels};

/// Who changes a project on an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// What it does, such as `nest up`.
    pub command: String,
    /// The user who runs it.
    pub user: String,
    /// The name of the machine that it runs on.
    pub host: String,
    /// The machine since its last start, and the name space of its process ids.
    pub machine: String,
    /// The number of its process.
    pub process: u32,
    /// When the process was started, in ticks of the machine: another process of the same number has another.
    pub process_start: u64,
    /// When it took the lock, in milliseconds since 1970.
    pub since: u64,
}

impl LockHolder {
    /// The name of the volume that is the lock.
    pub fn volume_name(project: &ProjectName) -> String {
        format!("nest-{project}-lock")
    }

    /// The labels of the volume that is the lock.
    pub fn labels(&self, project: &ProjectName) -> Labels {
        let holder = serde_json::to_string(self).unwrap_or_default();
        Labels::from([
            (label::PROJECT.to_owned(), project.to_string()),
            (label::LOCK.to_owned(), holder),
        ])
    }

    /// Who holds the lock that carries these labels; none if they are no lock's.
    pub fn of_labels(labels: &Labels) -> Option<Self> {
        serde_json::from_str(labels.get(label::LOCK)?).ok()
    }

    /// How long it has held the lock.
    pub fn age(&self, now: SystemTime) -> Duration {
        let since = SystemTime::UNIX_EPOCH + Duration::from_millis(self.since);
        now.duration_since(since).unwrap_or_default()
    }
}

impl fmt::Display for LockHolder {
    /// Labels may hold anything, so that control characters are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = format!(
            "`{}` of {}@{} (process {})",
            self.command, self.user, self.host, self.process
        );
        for character in whole.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}
