//! An editor, as far as the language server can tell: it opens files and asks about places in them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::editor::{program, published};

/// The longest time that an answer may take; the first one includes the server's start.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where the cursor stands in a text.
pub(super) const CURSOR: char = '‸';

/// A language server and what it has said.
pub(super) struct Client {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    /// What the server is told when it asks for settings.
    settings: Value,
    last_request: u64,
    diagnostics: HashMap<String, Vec<Value>>,
}

impl Client {
    /// Starts the server for a person who has associated the schemas with files by name.
    pub(super) fn with_associations() -> Self {
        let mut patterns = serde_json::Map::new();
        for (address, _) in published() {
            let pattern = if address.contains("override") {
                "nest.override.yaml"
            } else {
                "nest.yaml"
            };
            patterns.insert(address, json!(pattern));
        }
        Self::start(&json!({ "schemas": patterns, "schemaStore": { "enable": false } }))
    }

    /// Starts the server with settings of the section `yaml`.
    pub(super) fn start(settings: &Value) -> Self {
        let mut child = program("yaml-language-server")
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the language server can be started");
        let input = child.stdin.take().expect("it has an input");
        let output = child.stdout.take().expect("it has an output");
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = receive(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut yaml = json!({ "validate": true, "hover": true, "completion": true });
        for (key, value) in settings.as_object().expect("settings are a mapping") {
            yaml[key] = value.clone();
        }
        let mut client = Self {
            child,
            input,
            messages,
            settings: yaml,
            last_request: 0,
            diagnostics: HashMap::new(),
        };
        client.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": "file:///home/ann",
                "capabilities": {
                    "textDocument": {
                        "completion": { "completionItem": { "documentationFormat": ["markdown"] } },
                        "hover": { "contentFormat": ["markdown"] },
                        "publishDiagnostics": {},
                    },
                    "workspace": { "configuration": true },
                },
            }),
        );
        client.notify("initialized", &json!({}));
        // As VS Code does, the client fetches what stands behind an address.
        client.notify("yaml/registerContentRequest", &json!({}));
        let settings = json!({ "settings": { "yaml": client.settings } });
        client.notify("workspace/didChangeConfiguration", &settings);
        client
    }

    /// Changes a setting of the section `yaml`.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.settings[key] = value;
        let settings = json!({ "settings": { "yaml": self.settings } });
        self.notify("workspace/didChangeConfiguration", &settings);
    }

    /// Opens a file, by its name or its absolute path. A cursor in the text is no part of it.
    pub(super) fn open(&mut self, name: &str, text: &str) -> File {
        let address = if name.starts_with('/') {
            format!("file://{name}")
        } else {
            // No two files have one address, so that an answer about one is never taken for another's.
            self.last_request += 1;
            format!("file:///home/ann/{}/{name}", self.last_request)
        };
        let place = text.find(CURSOR).map(|at| position(text, at));
        let document = json!({
            "uri": address,
            "languageId": "yaml",
            "version": 1,
            "text": text.replace(CURSOR, ""),
        });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        File { address, place }
    }

    /// What is offered at the cursor.
    pub(super) fn completion(&mut self, file: &File) -> Vec<Value> {
        let answer = self.request("textDocument/completion", &file.cursor());
        let items = answer.get("items").unwrap_or(&answer);
        items.as_array().cloned().unwrap_or_default()
    }

    /// What a person sees who points at the cursor; nothing if there is nothing to see.
    pub(super) fn hover(&mut self, file: &File) -> String {
        let answer = self.request("textDocument/hover", &file.cursor());
        let text = answer["contents"]["value"].as_str().unwrap_or_default();
        text.to_owned()
    }

    /// What is underlined, once the server has looked at the file.
    pub(super) fn diagnostics(&mut self, file: &File) -> Vec<Value> {
        loop {
            if let Some(found) = self.diagnostics.get(&file.address) {
                return found.clone();
            }
            self.step();
        }
    }

    /// What is underlined, once something is.
    pub(super) fn first_diagnostics(&mut self, file: &File) -> Vec<Value> {
        loop {
            let found = self.diagnostics(file);
            if !found.is_empty() {
                return found;
            }
            self.step();
        }
    }

    fn notify(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    fn request(&mut self, method: &str, parameters: &Value) -> Value {
        self.last_request += 1;
        let id = self.last_request;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        loop {
            let message = self.step();
            if message.get("method").is_none() && message["id"] == id {
                assert!(
                    message.get("error").is_none(),
                    "{method} failed: {message:#}"
                );
                return message["result"].clone();
            }
        }
    }

    /// Takes one message; what the server asks is answered.
    fn step(&mut self) -> Value {
        let message = self
            .messages
            .recv_timeout(PATIENCE)
            .expect("the language server answers");
        let parameters = &message["params"];
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let address = parameters["uri"].as_str().unwrap_or_default().to_owned();
                let found = parameters["diagnostics"].as_array().cloned();
                self.diagnostics.insert(address, found.unwrap_or_default());
            }
            Some(method) if message.get("id").is_some() => {
                let result = self.answer(method, parameters);
                let id = &message["id"];
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
            }
            _ => {}
        }
        message
    }

    fn answer(&self, method: &str, parameters: &Value) -> Value {
        match method {
            "workspace/configuration" => {
                let items = parameters["items"].as_array().into_iter().flatten();
                items
                    .map(|item| match item["section"].as_str() {
                        Some("yaml") => self.settings.clone(),
                        _ => json!({}),
                    })
                    .collect()
            }
            "vscode/content" => {
                let address = parameters[0].as_str().unwrap_or_default();
                let name = address.rsplit('/').next();
                let text = published()
                    .into_iter()
                    .find(|(id, _)| id.rsplit('/').next() == name)
                    .map(|(_, text)| text);
                json!(text.unwrap_or_else(|| panic!("nothing stands behind {parameters}")))
            }
            _ => Value::Null,
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .expect("the language server takes messages");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An open file.
pub(super) struct File {
    address: String,
    place: Option<Value>,
}

impl File {
    fn cursor(&self) -> Value {
        let place = self.place.as_ref().expect("the text has a cursor");
        json!({ "textDocument": { "uri": self.address }, "position": place })
    }
}

/// The place of a byte, as the protocol counts: lines, and UTF-16 units in the line.
fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let character = before[start..].encode_utf16().count();
    json!({ "line": line, "character": character })
}

/// The next message; none if the server has ended.
fn receive(output: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(number) = line.strip_prefix("Content-Length: ") {
            length = number.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
