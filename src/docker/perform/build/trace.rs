//! BuildKit's own account of a build, in the protocol buffers that Docker's API hands through: the few fields that people
//! read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message;

/// BuildKit's `StatusResponse`.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(message, repeated, tag = "1")]
    vertexes: Vec<Vertex>,
    #[prost(message, repeated, tag = "3")]
    logs: Vec<Log>,
}

/// A step of the build.
#[derive(Clone, PartialEq, Message)]
struct Vertex {
    #[prost(string, tag = "3")]
    name: String,
    #[prost(bool, tag = "4")]
    cached: bool,
    #[prost(message, optional, tag = "5")]
    started: Option<Time>,
    #[prost(message, optional, tag = "6")]
    completed: Option<Time>,
    #[prost(string, tag = "7")]
    error: String,
}

/// When something was; only whether it was is read.
#[derive(Clone, PartialEq, Message)]
struct Time {}

/// What a step's command said.
#[derive(Clone, PartialEq, Message)]
struct Log {
    #[prost(bytes = "vec", tag = "4")]
    message: Vec<u8>,
}

/// What a piece of the account tells, as lines; nothing where it is not understood.
pub(super) fn lines(encoded: &str) -> Vec<String> {
    let bytes = STANDARD.decode(encoded).unwrap_or_default();
    let status = Status::decode(bytes.as_slice()).unwrap_or_default();
    let steps = status.vertexes.iter().filter_map(|vertex| {
        let is_new = vertex.started.is_some() && vertex.completed.is_none();
        let name = &vertex.name;
        match (vertex.cached, vertex.error.as_str()) {
            (true, _) => Some(format!("{name} (cached)")),
            (false, "") => is_new.then(|| name.clone()),
            (false, error) => Some(format!("{name}: {error}")),
        }
    });
    let said = status.logs.iter();
    let said = said.map(|log| String::from_utf8_lossy(&log.message).into_owned());
    steps.chain(said).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use prost::Message as _;

    use crate::docker::perform::build::trace::{Log, Status, Time, Vertex, lines};

    #[test]
    fn steps_are_told_when_they_begin_or_fail_and_what_they_say() {
        let vertex = |name: &str| Vertex {
            name: name.to_owned(),
            started: Some(Time {}),
            ..Vertex::default()
        };
        let status = Status {
            vertexes: vec![
                vertex("[1/2] FROM a"),
                Vertex {
                    completed: Some(Time {}),
                    ..vertex("over")
                },
                Vertex {
                    cached: true,
                    ..vertex("known")
                },
                Vertex {
                    error: "exit code: 1".to_owned(),
                    ..vertex("[2/2] RUN b")
                },
            ],
            logs: vec![Log {
                message: b"hello\n".to_vec(),
            }],
        };
        let told = lines(&STANDARD.encode(status.encode_to_vec()));
        let wanted = [
            "[1/2] FROM a",
            "known (cached)",
            "[2/2] RUN b: exit code: 1",
            "hello\n",
        ];
        assert_eq!(told, wanted);
        assert!(lines("no base64!").is_empty());
    }
}
