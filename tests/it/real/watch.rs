//! `nest watch` on a real engine: saves of all sorts, others' doings, and those who wait for it.

mod beside;
mod figures;
mod polled;
mod recorded;
mod saves;
mod signals;
mod world;

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use jsonschema::Validator;
use serde_json::Value;

use crate::real::sandbox::Sandbox;
use crate::stream::validator;

/// How long something may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A project with no engine of its own, which is quick to bring up.
pub(crate) const SMALL: &str = "environments: { tools: { outer: socket } }\n";

/// A `nest watch` that runs, and what it tells.
pub(crate) struct Watching {
    child: Child,
    lines: Receiver<(Instant, Value)>,
    validator: Validator,
    /// What it has told so far, for when something goes wrong.
    told: RefCell<Vec<Value>>,
}

impl Watching {
    /// Starts it, and waits until the engines are as the file declares.
    pub(crate) fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let watching = Self::begin(sandbox, arguments);
        watching.until(|line| line["type"] == "round");
        watching.calm();
        watching
    }

    /// Starts it.
    pub(crate) fn begin(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let arguments = [&["watch", "--format", "json"], arguments].concat();
        Self::of(sandbox.command(&arguments))
    }

    /// Starts this command.
    pub(crate) fn of(mut command: Command) -> Self {
        let errors = tempfile::tempfile().expect("there is room");
        let child = command.stdout(Stdio::piped()).stderr(errors).spawn();
        let mut child = child.expect("nest starts");
        let output = child.stdout.take().expect("it was asked for");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or_else(|_| Value::from(line));
                if sender.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        let told = RefCell::default();
        Self {
            child,
            lines,
            validator: validator(),
            told,
        }
    }

    /// Keeps a line, which follows the schema.
    #[track_caller]
    fn keep(&self, line: &Value) {
        if let Err(error) = self.validator.validate(line) {
            panic!("{error}: {line:#}");
        }
        self.told.borrow_mut().push(line.clone());
    }

    /// The first line from here on that is so, and when it came.
    #[track_caller]
    pub(crate) fn until(&self, is_so: impl Fn(&Value) -> bool) -> (Instant, Value) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok((at, line)) => {
                    self.keep(&line);
                    if is_so(&line) {
                        return (at, line);
                    }
                }
                Err(error) => panic!("{error}, and it was not told: {:#?}", self.told.borrow()),
            }
        }
    }

    /// The lines from here on, until there was none for a second.
    pub(crate) fn calm(&self) -> Vec<Value> {
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(Duration::from_secs(1)) {
                Ok((_, line)) => {
                    self.keep(&line);
                    lines.push(line);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return lines,
            }
        }
    }

    /// The results of the rounds from here on, until there was nothing for a second.
    pub(crate) fn rounds(&self) -> Vec<String> {
        let lines = self.calm();
        let rounds = lines.iter().filter(|line| line["type"] == "round");
        let result = |line: &Value| line["result"].as_str().unwrap_or_default().to_owned();
        rounds.map(result).collect()
    }

    /// The process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, and waits for its end. Its exit code.
    pub(crate) fn end(mut self, signal: rustix::process::Signal) -> i32 {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, signal).expect("it runs");
        let ended = self.child.wait().expect("it ends");
        ended.code().unwrap_or(-1)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a line is of a type.
pub(crate) fn is(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |line| line["type"] == kind
}

/// Whether a line is a round that ended so.
pub(crate) fn round(result: &'static str) -> impl Fn(&Value) -> bool {
    move |line| line["type"] == "round" && line["result"] == result
}
