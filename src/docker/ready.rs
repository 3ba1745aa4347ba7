//! Readiness: the ladder that an engine in a container climbs until it can be used.
//!
//! Nothing is started in the container before its log says that the engine listens: on cgroup v2 a new process can kill
//! an engine that starts. What can be followed is followed, so that the next rung is tried at once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use futures_util::TryStreamExt as _;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::docker::Docker;
use crate::docker::answer::ContainerInspected;
use crate::docker::client::Client;
use crate::docker::convert;
use crate::docker::error::with_sources;
use crate::docker::identity::EngineInfo;
use crate::docker::inner::{ContainerRun, InnerEngine};
use crate::docker::log::{LogLines, log_options, log_tail};
use crate::docker::transport::TransportError;
use crate::engine::{EngineError, Progress, Rung};
use crate::observed::ContainerState;
use crate::plan::step::Readiness;
use crate::resource::container::ContainerRef;

/// How many lines of the container's log an error shows.
const SHOWN_LINES: usize = 10;
/// The pause after the first failed try of what cannot be followed; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Why the ladder ended below its top.
pub(crate) enum Fall {
    /// The rung failed, for this reason.
    Reason(String),
    /// An error that says it better than the rung.
    Error(EngineError),
    /// The container has ended.
    Ended(String),
}

/// Follows the ladder up to its last rung.
pub(crate) async fn wait(
    docker: &Docker,
    outer: &Client,
    container: &ContainerRef,
    readiness: &Readiness,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let ladder = Ladder::new(outer, container, report);
    let climbed = timeout(readiness.timeout, climb(&ladder, docker, readiness)).await;
    ladder.outcome(climbed.ok()).await
}

async fn climb(ladder: &Ladder<'_>, docker: &Docker, readiness: &Readiness) -> Result<(), Fall> {
    ladder.step(Rung::Running);
    let run = ladder.find_run().await?;
    if let Some(log_line) = &readiness.log_line {
        ladder.step(Rung::LogLine);
        ladder.follow_log(&run, log_line).await?;
    }
    ladder.step(Rung::Transport);
    let client = docker
        .enter(
            ladder.outer,
            &ladder.container.name,
            run.container.clone(),
            &run.engine,
        )
        .map_err(Fall::Error)?;
    let info = ladder.open(&run, &client).await?;
    ladder.step(Rung::Ping);
    let pinged = client.bollard.ping().await;
    pinged.map_err(|error| Fall::Reason(with_sources(&error)))?;
    ladder.step(Rung::Info);
    if info.identity.driver == "vfs" {
        (ladder.report)(Progress::Warning(format!(
            "the engine in `{}` copies every layer (storage driver `vfs`), which is slow and takes much disk; a data root on a volume avoids it",
            ladder.container.name
        )));
    }
    as_declared(&info, readiness).map_err(Fall::Reason)
}

/// One run of a container: from its start to its end.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) container: ContainerRun,
    started_at: Option<SystemTime>,
    speaks_since: Option<SystemTime>,
    pub(crate) engine: InnerEngine,
}

/// How far the climb has come.
pub(crate) struct Ladder<'a> {
    pub(crate) outer: &'a Client,
    pub(crate) container: &'a ContainerRef,
    report: &'a dyn Fn(Progress),
    began: Instant,
    rung: Cell<Rung>,
    /// Why the last try failed, where there are several.
    last_reason: RefCell<Option<String>>,
}

impl<'a> Ladder<'a> {
    pub(crate) fn new(
        outer: &'a Client,
        container: &'a ContainerRef,
        report: &'a dyn Fn(Progress),
    ) -> Self {
        Self {
            outer,
            container,
            report,
            began: Instant::now(),
            rung: Cell::new(Rung::Running),
            last_reason: RefCell::new(None),
        }
    }

    /// Goes on to a rung.
    pub(crate) fn step(&self, rung: Rung) {
        self.rung.set(rung);
        self.last_reason.replace(None);
        (self.report)(Progress::Rung(rung));
    }

    /// Remembers why a try failed that may yet succeed.
    pub(crate) fn note(&self, reason: String) {
        self.last_reason.replace(Some(reason));
    }

    /// The error that the climb ended with, if it did; none for one that ran out of time.
    pub(crate) async fn outcome(
        &self,
        climbed: Option<Result<(), Fall>>,
    ) -> Result<(), EngineError> {
        let waited = self.began.elapsed();
        let has_ended = matches!(climbed, Some(Err(Fall::Ended(_))));
        let reason = match climbed {
            Some(Ok(())) => return Ok(()),
            Some(Err(Fall::Error(error))) => return Err(error),
            Some(Err(Fall::Reason(reason) | Fall::Ended(reason))) => reason,
            None => {
                let last = self.last_reason.take();
                last.unwrap_or_else(|| {
                    "the time is up; `ready` in the file gives it more".to_owned()
                })
            }
        };
        Err(EngineError::NotReady {
            container: self.container.name.clone(),
            rung: self.rung.get(),
            reason,
            has_ended,
            waited,
            log: log_tail(self.outer, self.container.handle(), SHOWN_LINES).await,
        })
    }

    async fn inspect(&self) -> Result<ContainerInspected, Fall> {
        let path = format!("/containers/{}/json", self.container.handle());
        let found = self
            .outer
            .get(&path, "look at a container")
            .await
            .map_err(Fall::Error)?;
        found.ok_or_else(|| Fall::Reason("the container is gone".to_owned()))
    }

    /// The run that is waited for.
    pub(crate) async fn find_run(&self) -> Result<Run, Fall> {
        let found = self.inspect().await?;
        runs(&found)?;
        let container = found.run();
        let labels = found.config.labels.unwrap_or_default();
        let engine = InnerEngine::of(&labels).ok_or_else(|| {
            Fall::Error(EngineError::Unsupported {
                subject: format!("container `{}`", self.container.name),
                reason: "it has no engine of its own".to_owned(),
            })
        })?;
        Ok(Run {
            container,
            started_at: found.state.started(),
            speaks_since: found.state.speaks_since(),
            engine,
        })
    }

    /// Whether the container is still in the run that is waited for.
    async fn still(&self, run: &Run) -> Result<(), Fall> {
        let found = self.inspect().await?;
        runs(&found)?;
        if found.state.started() == run.started_at {
            Ok(())
        } else {
            Err(Fall::Reason(
                "the container ended and was restarted".to_owned(),
            ))
        }
    }

    /// Follows the container's log until it says that the engine listens.
    async fn follow_log(&self, run: &Run, wanted: &str) -> Result<(), Fall> {
        let mut pause = Pause::new();
        loop {
            let mut lines = LogLines::since(run.speaks_since);
            let mut said = false;
            let options = log_options(run.speaks_since, true);
            let patient = self.outer.patient();
            let mut log = patient.logs(&run.container.id, Some(options));
            while let Some(piece) = log.try_next().await.map_err(|error| {
                Fall::Reason(format!(
                    "its log cannot be followed, which takes a log driver that can be read, such as `json-file` or `local`: {}",
                    with_sources(&error)
                ))
            })? {
                lines.push(piece.as_ref(), |line| said |= line.contains(wanted));
                if said {
                    return Ok(());
                }
            }
            self.still(run).await?;
            pause.take().await;
        }
    }

    /// Opens the way in, again and again: an image that starts its engine itself does not say when it listens. Hands over
    /// what the engine says of itself.
    pub(crate) async fn open(&self, run: &Run, client: &Client) -> Result<EngineInfo, Fall> {
        let mut pause = Pause::new();
        loop {
            let error = match client.transport.fresh_info().await {
                Ok(info) => return Ok(info),
                Err(error) => error,
            };
            let hopeless = match &error {
                TransportError::WrongEngine => true,
                TransportError::Tunnel(complaint) => complaint.is_missing_command(),
                _ => false,
            };
            let error = client.attempt("open the tunnel").unanswered(error);
            if matches!(error, EngineError::WrongEngine { .. }) {
                return Err(Fall::Error(error));
            }
            let reason = match &error {
                EngineError::Broken { source, .. } => with_sources(source.as_ref()),
                other => with_sources(other),
            };
            if hopeless {
                return Err(Fall::Reason(reason));
            }
            self.note(reason);
            self.still(run).await?;
            pause.take().await;
        }
    }
}

fn runs(found: &ContainerInspected) -> Result<(), Fall> {
    let reason = match convert::container_state(&found.state) {
        ContainerState::Running => return Ok(()),
        ContainerState::Created => "the container was not started".to_owned(),
        ContainerState::Paused => "the container is paused".to_owned(),
        ContainerState::Restarting => format!(
            "the container ended with code {} and is being restarted",
            found.state.exit_code
        ),
        ContainerState::Exited(code) => {
            return Err(Fall::Ended(format!("the container ended with code {code}")));
        }
        ContainerState::Dead => "the container is being removed".to_owned(),
    };
    Err(Fall::Reason(reason))
}

/// Whether the engine has the registry settings that were declared.
pub(crate) fn as_declared(info: &EngineInfo, readiness: &Readiness) -> Result<(), String> {
    for (key, value) in &readiness.expected {
        let expected = strings(value);
        let (found, expected) = match key.as_str() {
            "registry-mirrors" => (without_slashes(&info.mirrors), without_slashes(&expected)),
            "insecure-registries" => {
                // The engine adds the loopback networks.
                let given = info.insecure.iter().filter(|one| {
                    expected.contains(*one) || !matches!(one.as_str(), "127.0.0.0/8" | "::1/128")
                });
                (given.cloned().collect(), expected)
            }
            _ => continue,
        };
        if found != expected {
            let list = |set: BTreeSet<String>| {
                let all: Vec<_> = set.into_iter().collect();
                if all.is_empty() {
                    "none".to_owned()
                } else {
                    all.join(", ")
                }
            };
            return Err(format!(
                "the engine has other `{key}` than declared: {} instead of {}",
                list(found),
                list(expected)
            ));
        }
    }
    Ok(())
}

fn strings(value: &Value) -> BTreeSet<String> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn without_slashes(urls: &BTreeSet<String>) -> BTreeSet<String> {
    urls.iter()
        .map(|url| url.trim_end_matches('/').to_owned())
        .collect()
}

/// Pauses that grow.
pub(crate) struct Pause(Duration);

impl Pause {
    pub(crate) fn new() -> Self {
        Self(FIRST_PAUSE)
    }

    pub(crate) async fn take(&mut self) {
        sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}
