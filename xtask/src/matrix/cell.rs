//! One mode with one store of images, from nothing to nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::checkout;
use crate::engine::Engine;
use crate::objects::Objects;
use crate::steps;

/// Every combination that there is.
pub(crate) const CELLS: [Cell; 10] = [
    Cell::new("socket", Store::Outer),
    Cell::new("dind", Store::GraphDriver),
    Cell::new("dind", Store::Containerd),
    Cell::new("rootless", Store::GraphDriver),
    Cell::new("rootless", Store::Containerd),
    Cell::new("rootless", Store::GraphDriver).with_fewer_privileges(),
    Cell::new("sysbox", Store::GraphDriver),
    Cell::new("sysbox", Store::Containerd),
    Cell::new("podman", Store::Own),
    Cell::new("podman", Store::Own).with_fewer_privileges(),
];

/// A mode with a store of images.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    /// The mode's name.
    pub(crate) mode: &'static str,
    /// Where its engine keeps images.
    pub(crate) store: Store,
    /// Whether it is privileged as the mode asks for, or less.
    pub(crate) has_fewer_privileges: bool,
}

/// Where an engine keeps images.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// It is the engine around.
    Outer,
    /// Docker's own layers.
    GraphDriver,
    /// containerd's.
    Containerd,
    /// podman's own.
    Own,
}

/// What came of it.
pub(crate) enum Outcome {
    /// It ran, and was up and filled after this time.
    Runs(Duration),
    /// The plan refuses it, and says why.
    Refused(String),
    /// It did not; the log of the run says why.
    Fails,
}

impl Store {
    /// What it is called in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Store::Outer => "the outer engine's",
            Store::GraphDriver => "graph driver",
            Store::Containerd => "containerd",
            Store::Own => "podman's own",
        }
    }
}

impl Cell {
    const fn new(mode: &'static str, store: Store) -> Self {
        Self {
            mode,
            store,
            has_fewer_privileges: false,
        }
    }

    const fn with_fewer_privileges(self) -> Self {
        Self {
            has_fewer_privileges: true,
            ..self
        }
    }

    /// What it is called.
    pub(crate) fn name(&self) -> String {
        let fewer = if self.has_fewer_privileges {
            ", `privileged: false`"
        } else {
            ""
        };
        format!("{}, {}{fewer}", self.mode, self.store.name())
    }

    /// Up with an image and a volume, a container inside, nothing to do, a change in place, down, nothing left.
    pub(crate) async fn try_on(&self, engine: &Engine) -> Result<Outcome> {
        let folder = engine.temporary_folder.join("matrix");
        fs::create_dir_all(&folder)?;
        let nest = Nest {
            engine,
            folder: &folder,
        };
        let before = Objects::list(engine).await?;
        let tried = self.try_in(&nest).await;
        let down = nest.run(&["down", "--yes", "--volumes"]).await;
        let same = Objects::list(engine).await?.must_equal(&before);
        fs::remove_dir_all(&folder)?;
        let outcome = tried?;
        down?;
        same?;
        Ok(outcome)
    }

    async fn try_in(&self, nest: &Nest<'_>) -> Result<Outcome> {
        nest.write(&self.file("alpine:3.20"))?;
        if let Some(reason) = nest.refusal().await? {
            return Ok(Outcome::Refused(reason));
        }
        let begun = Instant::now();
        nest.run(&["up", "--yes"]).await?;
        let time = begun.elapsed();
        nest.run(&["plan", "--detailed-exitcode"]).await?;
        let said = nest
            .run(&[&["exec", "-T", "box"], &self.hello()[..]].concat())
            .await?;
        ensure!(said.trim() == "hello", "a container inside says `{said}`");
        self.has_its_store(nest).await?;
        nest.write(&self.file("busybox:1.36"))?;
        nest.run(&["up", "--yes"]).await?;
        nest.run(&["plan", "--detailed-exitcode"]).await?;
        Ok(Outcome::Runs(time))
    }

    /// Docker inside keeps its images where it is to keep them.
    async fn has_its_store(&self, nest: &Nest<'_>) -> Result<()> {
        if matches!(self.store, Store::Outer | Store::Own) {
            return Ok(());
        }
        let info = ["docker", "info", "--format", "{{json .DriverStatus}}"];
        let said = nest
            .run(&[&["exec", "-T", "box"], &info[..]].concat())
            .await?;
        let has_containerd = said.contains("io.containerd.snapshotter");
        ensure!(
            has_containerd == (self.store == Store::Containerd),
            "it keeps its images elsewhere: {said}"
        );
        Ok(())
    }

    /// A container inside, with the shared volume.
    fn hello(&self) -> Vec<&'static str> {
        let client = if self.mode == "podman" {
            "podman"
        } else {
            "docker"
        };
        let volume = match self.store {
            Store::Outer => "matrix_cache:/cache",
            _ => "cache:/cache",
        };
        vec![
            client,
            "run",
            "--rm",
            "-v",
            volume,
            "alpine:3.20",
            "echo",
            "hello",
        ]
    }

    fn file(&self, image: &str) -> String {
        let mut outer = format!("mode: {}", self.mode);
        if self.has_fewer_privileges {
            outer.push_str(", privileged: false");
        }
        if self.store == Store::Containerd {
            outer.push_str(", daemon: { features: { containerd-snapshotter: true } }");
        }
        let mut text = String::from("name: matrix\nvolumes: { cache: {} }\nenvironments:\n");
        let _ = writeln!(
            text,
            "  box: {{ outer: {{ {outer} }}, volumes: [cache:/cache], inner: {{ images: [{image}] }} }}"
        );
        text
    }
}

/// How nest is called.
struct Nest<'a> {
    engine: &'a Engine,
    folder: &'a Path,
}

impl Nest<'_> {
    fn write(&self, text: &str) -> Result<()> {
        let path = self.folder.join("nest.yaml");
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Runs nest and returns what it writes.
    async fn run(&self, arguments: &[&str]) -> Result<String> {
        steps::read(self.command(arguments)).await
    }

    /// Why the plan refuses what the file says; none if it does not.
    async fn refusal(&self) -> Result<Option<String>> {
        let mut command = self.command(&["plan", "--format", "json"]);
        let output = command.output().await.context("cannot start nest")?;
        let plan: Value = serde_json::from_slice(&output.stdout).context("nest prints no plan")?;
        let reason = plan["errors"][0]["message"].as_str();
        Ok(reason.map(str::to_owned))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = checkout::target_folder().join("debug/nest");
        let mut command: Command = self.engine.command(&program);
        command.args(arguments).current_dir(self.folder);
        command
    }
}
