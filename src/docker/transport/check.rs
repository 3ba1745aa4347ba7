//! The check that a connection ends at the engine that is meant, before anything else is sent.
//!
//! No engine is inside itself: one that a way into a container leads to is none of those that the way goes through. Over
//! a tunnel nest asks it who it is: two engines on one path never share an id. (A data root that was copied may, so only
//! the path is compared.) Where it has been made sure that a process in the container listens, it is enough to begin
//! with that the engine does not hold the containers that the way goes through; who it is is asked before anything is
//! changed.

use hyper::client::conn::http1::SendRequest;
use tokio::time::{sleep, timeout};

use crate::docker::answer::ContainerListed;
use crate::docker::identity::EngineInfo;
use crate::docker::lost_setup::{BETWEEN_STARTS, STARTS, is_lost_setup};
use crate::docker::transport::ask::{ask_containers, ask_info, ask_ping};
use crate::docker::transport::{Body, OPEN_TIMEOUT, Transport, TransportError};
use crate::docker::way::Way;
use crate::docker::wire::Wire;

/// What an engine told when a connection was checked.
#[derive(Debug)]
pub(super) enum Told {
    /// Nothing.
    Nothing,
    /// Who it is.
    Info(Box<EngineInfo>),
    /// The containers that it holds.
    Containers(Vec<ContainerListed>),
}

impl Transport {
    /// Opens a connection and checks it. Hands over what the engine told by that.
    ///
    /// A tunnel whose command the runtime lost before it began is opened again: nothing else has been sent then.
    pub(super) async fn open(&self) -> Result<(SendRequest<Body>, Told), TransportError> {
        // The first connection tells how to speak over the others.
        let is_first = self.known().greeting.is_none();
        let _others_wait = if is_first {
            Some(self.opening.lock().await)
        } else {
            None
        };
        let mut tries = 1;
        loop {
            let mut sender = self.connect().await?;
            match self.check(&mut sender).await {
                Ok(told) => return Ok((sender, told)),
                Err(TransportError::Tunnel(complaint))
                    if is_lost_setup(&complaint.0) && tries < STARTS =>
                {
                    tries += 1;
                    sleep(BETWEEN_STARTS).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// A connection of its own, by the way that has been found to lead to the engine.
    pub(crate) async fn stream(&self) -> Result<Wire, TransportError> {
        self.info().await?;
        let opened = timeout(OPEN_TIMEOUT, self.way.open()).await;
        let opened = opened.unwrap_or(Err(TransportError::Late(OPEN_TIMEOUT)));
        opened.map(|opened| opened.wire)
    }

    async fn check(&self, sender: &mut SendRequest<Body>) -> Result<Told, TransportError> {
        if self.way.is_tunnel() {
            let info = self.identify(sender).await?;
            return Ok(Told::Info(Box::new(info)));
        }
        let through = self.passed();
        if through.is_empty() {
            if self.known().greeting.is_none() {
                self.known().greeting = Some(ask_ping(sender).await?);
            }
            return Ok(Told::Nothing);
        }
        let (greeting, containers) = ask_containers(sender).await?;
        if containers.iter().any(|one| through.contains(&one.id)) {
            return Err(TransportError::WrongEngine);
        }
        self.known().greeting = Some(greeting);
        Ok(Told::Containers(containers))
    }

    /// Asks the engine who it is, and makes sure that it is none of those that the way goes through.
    pub(super) async fn identify(
        &self,
        sender: &mut SendRequest<Body>,
    ) -> Result<EngineInfo, TransportError> {
        let info = ask_info(sender).await?;
        let id = &info.identity.id;
        if self.way.parent().is_some() && id.is_empty() {
            return Err(TransportError::Nameless);
        }
        let mut way = &self.way;
        while let Some(parent) = way.parent() {
            if Box::pin(parent.info()).await?.identity.id == *id {
                return Err(TransportError::WrongEngine);
            }
            way = &parent.way;
        }
        let mut known = self.known();
        known.greeting = Some(info.greeting.clone());
        known.info = Some(info.clone());
        Ok(info)
    }

    /// Ids of the containers that the way goes through, the innermost first.
    fn passed(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let mut way = &self.way;
        while let Way::Inside(entrance) = way {
            ids.push(entrance.container_id().to_owned());
            way = &entrance.parent().way;
        }
        ids
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use crate::docker::doorway::Doorway;
    use crate::docker::entrance::{Container, Entrance};
    use crate::docker::transport::{Transport, TransportError};
    use crate::docker::tunnel::Tunnel;
    use crate::docker::way::Way;

    type Asked = Arc<Mutex<Vec<String>>>;

    /// An engine that holds one container, and what it is asked.
    fn engine(socket: &Path, id: &'static str, container: &'static str) -> Asked {
        let listener = UnixListener::bind(socket).expect("a socket");
        let asked = Asked::default();
        let noted = Arc::clone(&asked);
        let serve = move |mut stream: std::os::unix::net::UnixStream| {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..count]);
                let request = text.lines().next().unwrap_or_default().to_owned();
                if !request.ends_with("HTTP/1.1") {
                    continue;
                }
                let body = if request.contains("/info") {
                    format!(r#"{{"ID": "{id}"}}"#)
                } else if request.contains("/containers/json") {
                    format!(r#"[{{"Id": "{container}"}}]"#)
                } else {
                    "{}".to_owned()
                };
                noted.lock().expect("no test has panicked").push(request);
                let length = body.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nContent-Length: {length}");
                let _ = write!(stream, "{head}\r\n\r\n{body}");
            }
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serve = serve.clone();
                std::thread::spawn(move || serve(stream));
            }
        });
        asked
    }

    /// A way into `container`, by the socket of an engine that is one of `id` and holds `held`.
    fn way_in(folder: &Path, id: &'static str, held: &'static str) -> (Transport, Asked) {
        let outer = folder.join("outer.sock");
        engine(&outer, "outer", "container");
        let inner = folder.join("inner.sock");
        let asked = engine(&inner, id, held);
        let tunnel = Tunnel {
            parent: Arc::new(Transport::new(Way::Unix(outer))),
            container_id: "container".to_owned(),
            command: Vec::new(),
            environment: Vec::new(),
        };
        let container = Container {
            id: "container".to_owned(),
            process: 1,
            socket: inner.to_string_lossy().into_owned(),
        };
        let doorway = Doorway::of_this_process().expect("this process has a root folder");
        let entrance = Entrance::through(tunnel, container, doorway);
        (Transport::new(Way::Inside(entrance)), asked)
    }

    fn taken(asked: &Asked) -> Vec<String> {
        asked
            .lock()
            .expect("no test has panicked")
            .drain(..)
            .collect()
    }

    #[tokio::test]
    async fn an_engine_that_holds_the_container_on_the_way_is_asked_nothing_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let (transport, asked) = way_in(folder.path(), "another", "container");
        let read = transport.get::<Value>("/volumes").await;
        assert!(matches!(read, Err(TransportError::WrongEngine)), "{read:?}");
        assert_eq!(taken(&asked), ["GET /containers/json?all=1 HTTP/1.1"]);
        let written = transport
            .post::<Value>("/volumes/create", &Value::Null)
            .await;
        assert!(
            matches!(written, Err(TransportError::WrongEngine)),
            "{written:?}"
        );
        assert_eq!(taken(&asked), ["GET /containers/json?all=1 HTTP/1.1"]);
    }

    #[tokio::test]
    async fn an_engine_is_asked_who_it_is_before_anything_is_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (transport, asked) = way_in(folder.path(), "outer", "other");
        let read = transport.get::<Value>("/volumes").await;
        read.expect("it may be read");
        let written = transport
            .post::<Value>("/volumes/create", &Value::Null)
            .await;
        assert!(
            matches!(written, Err(TransportError::WrongEngine)),
            "{written:?}"
        );
        assert_eq!(
            taken(&asked),
            [
                "GET /containers/json?all=1 HTTP/1.1",
                "GET /v1.45/volumes HTTP/1.1",
                "GET /info HTTP/1.1",
            ]
        );
    }

    #[tokio::test]
    async fn an_engine_of_its_own_may_be_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (transport, asked) = way_in(folder.path(), "inner", "other");
        let written = transport
            .post::<Value>("/volumes/create", &Value::Null)
            .await;
        written.expect("it is another engine");
        assert_eq!(
            taken(&asked),
            [
                "GET /containers/json?all=1 HTTP/1.1",
                "GET /info HTTP/1.1",
                "POST /v1.45/volumes/create HTTP/1.1",
            ]
        );
    }
}
