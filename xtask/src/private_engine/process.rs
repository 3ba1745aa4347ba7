//! Finding and ending the processes of a private engine.
//!
//! The process table is the truth: an engine is known by the arguments of the `unshare` that holds
//! its namespaces, so there is no file with a process id that could be stale.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// The processes that hold an engine.
#[derive(Clone, Copy)]
pub(crate) struct EngineProcess {
    /// `unshare`, in our own process namespace.
    holder: i32,
    /// The first process of the engine's namespaces: when it ends, all in them end.
    init: Option<i32>,
}

impl EngineProcess {
    /// Finds the process of the engine in this folder.
    pub(crate) fn find(engine: &Path) -> Option<Self> {
        let processes = || {
            let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
            entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        };
        let holder = processes().find(|id| holds(*id, engine))?;
        let init = processes().find(|id| parent(*id) == Some(holder));
        Some(Self { holder, init })
    }

    /// The process id by which one enters the engine's namespaces.
    pub(crate) fn id(self) -> Option<i32> {
        self.init
    }
}

/// Ends the engine in this folder and all that runs in it; returns once nothing is left.
///
/// They are killed outright: their data goes as well.
pub(crate) fn end(engine: &Path) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(20);
    let start = Instant::now();
    while let Some(process) = EngineProcess::find(engine) {
        if start.elapsed() > PATIENCE {
            bail!("process {} does not end, although killed", process.holder);
        }
        // The process may have ended by itself since it was found.
        if let Some(id) = Pid::from_raw(process.init.unwrap_or(process.holder)) {
            let _ = kill_process(id, Signal::KILL);
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn holds(id: i32, engine: &Path) -> bool {
    let Ok(arguments) = fs::read(format!("/proc/{id}/cmdline")) else {
        return false;
    };
    let mut arguments = arguments.split(|byte| *byte == 0);
    arguments.next() == Some(b"unshare".as_slice())
        && arguments.any(|argument| argument == engine.as_os_str().as_encoded_bytes())
}

fn parent(id: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program is in parentheses and may contain anything, spaces too.
    let (_, fields) = status.rsplit_once(')')?;
    fields.split_whitespace().nth(1)?.parse().ok()
}
