//! The engines inside containers: which container holds one, and the client that leads to it.

use std::sync::Arc;

use serde_json::Value;

use crate::docker::Docker;
use crate::docker::answer::ContainerInspected;
use crate::docker::client::Client;
use crate::docker::entrance::{Container, Entering, Entrance};
use crate::docker::tunnel::Tunnel;
use crate::docker::way::Way;
use crate::engine::EngineError;
use crate::mode::{Mode, OwnEngine, log_level};
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels};

/// The engine of its own that a container has.
#[derive(Debug, Clone)]
pub(crate) struct InnerEngine {
    /// How its mode starts and reaches it.
    pub(crate) own: &'static OwnEngine,
    /// What the container's log says when it listens; none where an image or a command of the user's starts it, or where
    /// the command has it say less.
    pub(crate) log_line: Option<&'static str>,
    /// Path of its socket in the container.
    socket: String,
}

impl InnerEngine {
    /// Reads the labels of a container, which anyone may have written, another version of nest too: only what leads to
    /// its engine is looked at.
    pub(crate) fn of(labels: &Labels) -> Option<Self> {
        let settings: Value = serde_json::from_str(labels.get(label::SETTINGS)?).ok()?;
        let text = |key: &str| settings.get(key).and_then(Value::as_str);
        let own = Mode::named(text("mode")?)?.own_engine()?;
        let socket = text("socket").filter(|socket| socket.starts_with('/'));
        let command = settings.get("command").and_then(Value::as_array);
        let words = command.into_iter().flatten().map(Value::as_str);
        let words: Vec<&str> = words.flatten().collect();
        // What begins with a flag, the image's own entrypoint puts behind the name of the engine.
        let is_nests = words.starts_with(own.daemon_command)
            || words.first().is_some_and(|word| word.starts_with('-'));
        let speaks = is_nests && !log_level::is_quiet(words, None);
        Some(Self {
            own,
            log_line: speaks.then_some(own.log_line),
            socket: socket.unwrap_or(own.socket).to_owned(),
        })
    }

    /// The way in, for a run of a container. Nothing that the image sets leads it elsewhere.
    fn way(&self, outer: &Client, run: &ContainerRun, entering: Entering) -> Way {
        let mut environment = vec![format!("DOCKER_HOST=unix://{}", self.socket)];
        environment.extend(self.own.dial_environment.iter().copied().map(str::to_owned));
        let tunnel = Tunnel {
            parent: Arc::clone(&outer.transport),
            container_id: run.id.clone(),
            command: self.own.dial.iter().copied().map(str::to_owned).collect(),
            environment,
        };
        let container = Container {
            id: run.id.clone(),
            process: run.process,
            socket: self.socket.clone(),
        };
        Way::Inside(Entrance::new(tunnel, container, entering))
    }
}

/// A container while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContainerRun {
    /// Its id.
    pub(crate) id: String,
    /// Its first process, as the engine that it runs on counts them; 0 where that is not known.
    pub(crate) process: i64,
}

/// A client of an inner engine, and the run of the container that it leads into.
#[derive(Debug)]
pub(crate) struct Inside {
    run: ContainerRun,
    client: Arc<Client>,
}

impl Docker {
    /// The client of the engine at `path`.
    pub(crate) async fn client(&self, path: &EnginePath) -> Result<Arc<Client>, EngineError> {
        let Some((outer_path, container)) = path.split_last() else {
            return match path.outermost() {
                None => Ok(Arc::clone(&self.outer)),
                Some(name) => self.other(&name).await,
            };
        };
        if let Some(inside) = self.inside().get(path) {
            return Ok(Arc::clone(&inside.client));
        }
        let outer = Box::pin(self.client(&outer_path)).await?;
        let phrase = "find the engine in a container";
        let found: Option<ContainerInspected> = outer
            .get(&format!("/containers/{container}/json"), phrase)
            .await?;
        let Some(found) = found else {
            return Err(outer
                .attempt(phrase)
                .refused(404, &format!("there is no container `{container}`")));
        };
        let run = found.run();
        let Some(engine) = InnerEngine::of(&found.config.labels.unwrap_or_default()) else {
            return Err(EngineError::Unsupported {
                subject: format!("container `{container}`"),
                reason: "it has no engine of its own".to_owned(),
            });
        };
        self.enter(&outer, container, run, &engine)
    }

    /// The client of the engine inside the container of this name, in this run of it. One that leads into this very run
    /// is used again.
    pub(crate) fn enter(
        &self,
        outer: &Client,
        container: &str,
        run: ContainerRun,
        engine: &InnerEngine,
    ) -> Result<Arc<Client>, EngineError> {
        let path = outer.path.inside(container);
        let mut inside = self.inside();
        if let Some(known) = inside.get(&path)
            && known.run == run
        {
            return Ok(Arc::clone(&known.client));
        }
        let way = engine.way(outer, &run, self.entering);
        let client = Arc::new(Client::new(path.clone(), way)?);
        let entry = Inside {
            run,
            client: Arc::clone(&client),
        };
        inside.insert(path, entry);
        Ok(client)
    }

    /// Forgets the ways into a container whose engine is about to go or to start anew, and into all engines in it.
    pub(crate) fn forget(&self, path: &EnginePath) {
        self.inside()
            .retain(|known, _| !known.is_at_or_inside(path));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::docker::inner::InnerEngine;
    use crate::resource::label;

    fn read(settings: &str) -> Option<(String, bool)> {
        let labels = BTreeMap::from([(label::SETTINGS.to_owned(), settings.to_owned())]);
        let engine = InnerEngine::of(&labels)?;
        Some((engine.socket, engine.log_line.is_some()))
    }

    #[test]
    fn labels_may_say_anything() {
        let socket = "/var/run/docker.sock".to_owned();
        for settings in [
            "",
            "[]",
            "{}",
            r#"{"mode": 1}"#,
            r#"{"mode": "socket"}"#,
            r#"{"mode": "new"}"#,
        ] {
            assert_eq!(read(settings), None, "{settings}");
        }
        let odd =
            r#"{"mode": "dind", "socket": "tcp://elsewhere", "command": ["x", 1], "mounts": "?"}"#;
        assert_eq!(read(odd), Some((socket.clone(), false)));
        let nests = r#"{"mode": "dind", "command": ["dockerd", "--host=unix:///var/run/docker.sock",
            "--host=unix:///nest/docker.sock", "--debug"]}"#;
        assert_eq!(read(nests), Some((socket, true)));
        let own = r#"{"mode": "dind", "socket": "/x.sock", "command": ["dockerd"]}"#;
        assert_eq!(read(own), Some(("/x.sock".to_owned(), false)));
    }
}
