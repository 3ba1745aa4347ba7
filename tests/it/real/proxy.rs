//! A proxy in front of the engine's socket that writes down every request.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The proxy. It serves until the process ends.
pub(crate) struct Proxy {
    socket: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Serves on `socket` what the engine at DOCKER_HOST answers.
    pub(crate) fn start(socket: PathBuf) -> Self {
        let endpoint = std::env::var("DOCKER_HOST").expect("DOCKER_HOST is set");
        let engine = PathBuf::from(
            endpoint
                .strip_prefix("unix://")
                .expect("the tests' engine has a unix socket"),
        );
        let listener = UnixListener::bind(&socket).expect("the socket is free");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = UnixStream::connect(&engine) else {
                    return;
                };
                let (Ok(client_back), Ok(server_back)) = (client.try_clone(), server.try_clone())
                else {
                    return;
                };
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || pump(client, server, Some(&seen)));
                std::thread::spawn(move || pump(server_back, client_back, None));
            }
        });
        Self { socket, requests }
    }

    /// The endpoint to give to nest.
    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// The requests since the last call, as method and path.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("no thread panicked"))
    }
}

/// Copies bytes; with `seen`, writes down each request: its method and path, the name of what it makes where its body
/// says so, and `inside` before what goes through a tunnel. nest sends one request at a time on a connection, and each
/// begins a read.
fn pump(mut from: UnixStream, mut to: UnixStream, seen: Option<&Mutex<Vec<String>>>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut inside = "";
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if let Some(seen) = seen {
            let text = String::from_utf8_lossy(&buffer[..count]);
            let first = text.lines().next().unwrap_or_default();
            if let Some(request) = first.strip_suffix(" HTTP/1.1") {
                let name = made_name(request, &text);
                seen.lock()
                    .expect("no thread panicked")
                    .push(format!("{inside}{request}{name}"));
                if request.contains("/exec/") && request.ends_with("/start") {
                    inside = "inside ";
                }
            }
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The name of the volume or network that a request makes, which stands in its body.
fn made_name(request: &str, text: &str) -> String {
    if !request.ends_with("/volumes/create") && !request.ends_with("/networks/create") {
        return String::new();
    }
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let name = body["Name"].as_str();
    name.map(|name| format!(" {name}")).unwrap_or_default()
}
