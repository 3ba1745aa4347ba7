//! One writer at a time for each project on each engine.
//!
//! A file keeps other processes of the same user on this machine out, and is freed by the system when its holder dies.
//! The volume on the engine keeps the rest out, wherever they are. Where the volume's holder was a process of this
//! machine that has ended, the lock is taken over; only who has the file does that, so that no two do at once.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tokio::time::sleep;

use crate::apply::event::Event;
use crate::engine::{Engine, EngineError};
use crate::model::name::ProjectName;
use crate::resource::engine_path::EnginePath;
use crate::resource::lock::LockHolder;

/// The pause between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// How a lock is taken.
#[derive(Debug, Clone)]
pub struct LockOptions {
    /// Who takes it.
    pub holder: LockHolder,
    /// The folder of the files that lock on this machine.
    pub folder: PathBuf,
    /// How long to wait for somebody else.
    pub timeout: Duration,
}

/// A lock that is held. It has to be freed: an engine does not notice when its holder ends.
#[derive(Debug)]
#[must_use = "a lock that is not freed keeps everybody out"]
pub struct Lock {
    project: ProjectName,
    /// On each outer engine that the project is on.
    held: Vec<Held>,
}

/// A lock on one engine.
#[derive(Debug)]
struct Held {
    at: EnginePath,
    /// What tells the engine from others.
    key: String,
    /// Open for as long as the lock is held.
    _file: File,
}

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error("{0} holds the lock of the project")]
    Held(Box<LockHolder>),
    /// Another process on this machine is about to take it.
    #[error("another process on this machine is about to take the lock of the project")]
    Contested,
    /// The file that locks on this machine cannot be opened.
    #[error("cannot open the lock file `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Lock {
    /// Takes the lock of a project on each of the outer engines, or waits for it. They come by what tells them apart and
    /// are taken in that order, so that no two runs wait for each other.
    pub async fn take(
        engine: &impl Engine,
        (project, engines): (&ProjectName, &BTreeMap<String, EnginePath>),
        options: &LockOptions,
        emit: &dyn Fn(Event<'_>),
    ) -> Result<Self, LockError> {
        let mut lock = Self {
            project: project.clone(),
            held: Vec::new(),
        };
        let begun = Instant::now();
        for (key, at) in engines {
            match take_at(engine, (project, at, key), (options, begun), emit).await {
                Ok(file) => lock.held.push(Held {
                    at: at.clone(),
                    key: key.clone(),
                    _file: file,
                }),
                Err(error) => {
                    // Why it was not taken counts more.
                    let _freed = lock.free(engine).await;
                    return Err(error);
                }
            }
        }
        Ok(lock)
    }

    /// Whether it is held on each of these engines.
    pub fn covers(&self, engines: &BTreeMap<String, EnginePath>) -> bool {
        let mut keys = engines.keys();
        keys.all(|key| self.held.iter().any(|held| held.key == *key))
    }

    /// Frees the lock.
    pub async fn free(self, engine: &impl Engine) -> Result<(), EngineError> {
        let mut result = Ok(());
        for held in self.held.iter().rev() {
            let freed = engine.free_lock(&held.at, &self.project).await;
            result = result.and(freed);
        }
        result
    }
}

async fn take_at(
    engine: &impl Engine,
    (project, at, key): (&ProjectName, &EnginePath, &str),
    (options, begun): (&LockOptions, Instant),
    emit: &dyn Fn(Event<'_>),
) -> Result<File, LockError> {
    let path = options.folder.join(file_name(project, key));
    let file = open(&path).map_err(|source| LockError::File {
        path: path.clone(),
        source,
    })?;
    let mut told = false;
    loop {
        let error = match try_take(engine, (project, at), &options.holder, &file).await? {
            Attempt::Taken => return Ok(file),
            Attempt::Freed => continue,
            Attempt::Held(Some(holder)) => LockError::Held(Box::new(holder)),
            Attempt::Held(None) => LockError::Contested,
        };
        if begun.elapsed() >= options.timeout {
            return Err(error);
        }
        if let (LockError::Held(holder), false) = (&error, told) {
            emit(Event::Waiting { holder });
            told = true;
        }
        sleep(BETWEEN_TRIES).await;
    }
}

/// How one try went.
enum Attempt {
    Taken,
    /// A lock whose holder has ended was freed.
    Freed,
    /// Somebody has it; who, unless they are only about to tell.
    Held(Option<LockHolder>),
}

async fn try_take(
    engine: &impl Engine,
    (project, at): (&ProjectName, &EnginePath),
    own: &LockHolder,
    file: &File,
) -> Result<Attempt, LockError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            return Ok(Attempt::Held(engine.lock_holder(at, project).await?));
        }
        // Some file systems have no locks: then the engine's has to do.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    let holder = engine.take_lock(at, project, own).await?;
    if holder == *own {
        return Ok(Attempt::Taken);
    }
    if has_ended(&holder, &own.machine) {
        engine.free_lock(at, project).await?;
        return Ok(Attempt::Freed);
    }
    // Somebody elsewhere has it. Others on this machine may ask too.
    let _freed = file.unlock();
    Ok(Attempt::Held(Some(holder)))
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Ids of engines are made of letters, digits, `:` and `-`; anything else does not get into a path.
fn file_name(project: &ProjectName, engine_id: &str) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() {
            character
        } else {
            '-'
        }
    };
    let engine_id: String = engine_id.chars().map(plain).collect();
    format!("{project}-{engine_id}.lock")
}

/// Whether a holder was a process of this machine that has ended.
pub fn has_ended(holder: &LockHolder, machine: &str) -> bool {
    !machine.is_empty()
        && holder.machine == machine
        && process_start(holder.process) != Some(holder.process_start)
}

/// This process as the holder of a lock from now on.
pub fn this_process(command: &str, user: &str) -> LockHolder {
    let process = std::process::id();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    LockHolder {
        command: command.to_owned(),
        user: user.to_owned(),
        host: read_line("/proc/sys/kernel/hostname"),
        machine: this_machine(),
        process,
        process_start: process_start(process).unwrap_or_default(),
        since: since.map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        }),
    }
}

/// The machine since its last start, and the name space of this process's id. Empty where the system does not tell.
fn this_machine() -> String {
    let boot = read_line("/proc/sys/kernel/random/boot_id");
    match fs::read_link("/proc/self/ns/pid") {
        Ok(processes) if !boot.is_empty() => format!("{boot} {}", processes.display()),
        _ => String::new(),
    }
}

/// When a process was started: the 22nd field of its `stat`, after the name in parentheses, which may hold anything
/// (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>).
fn process_start(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

fn read_line(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.trim().to_owned()
}
