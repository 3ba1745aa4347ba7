//! What an engine tells while it happens.

use std::io;
use std::time::Duration;

use bollard::models::{EventMessage, EventMessageTypeEnum};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::time::timeout;
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::io::StreamReader;
use url::form_urlencoded;

use crate::docker::Docker;
use crate::docker::transport::TransportError;
use crate::engine::EngineError;
use crate::observed::happening::{Happening, HappeningTo};
use crate::resource::engine_path::EnginePath;
use crate::resource::label;

/// The size of an event at most: labels of a container are in it.
const MOST_BYTES: usize = 4 << 20;
/// How long an engine may take to begin.
const BEGIN_TIMEOUT: Duration = Duration::from_secs(30);
const PHRASE: &str = "tell what happens";

/// What is listened to. Commands in containers, which checks of health and nest's own way in are, are left out by the
/// engine, as far as it can.
const ACTIONS: [&str; 21] = [
    "create",
    "connect",
    "delete",
    "destroy",
    "die",
    "disconnect",
    "health_status",
    "import",
    "load",
    "oom",
    "pause",
    "prune",
    "pull",
    "reload",
    "rename",
    "start",
    "stop",
    "tag",
    "unpause",
    "untag",
    "update",
];
/// What podman calls otherwise.
const OTHER_ACTIONS: [&str; 3] = ["died", "loadfromarchive", "remove"];

impl Docker {
    /// What happens on the engine at `path` from now on: when this is answered, the engine has begun to tell. The stream
    /// ends with the connection.
    pub async fn happenings(
        &self,
        path: &EnginePath,
    ) -> Result<impl Stream<Item = Result<Happening, EngineError>> + Unpin + use<>, EngineError>
    {
        let client = self.client(path).await?;
        let mut filters = json!({ "type": ["container", "image", "network", "volume"] });
        // podman refuses words that it does not know.
        if !client.is_podman() {
            filters["event"] = json!(ACTIONS);
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("filters", &filters.to_string())
            .finish();
        let request = Request::builder()
            .uri(format!("/events?{query}"))
            .body(bollard::body_full(Bytes::new()))
            .map_err(|error| client.attempt(PHRASE).broken(io::Error::other(error)))?;
        let begun = timeout(BEGIN_TIMEOUT, client.transport.request(request)).await;
        let response = begun
            .unwrap_or(Err(TransportError::Late(BEGIN_TIMEOUT)))
            .map_err(|error| client.attempt(PHRASE).unanswered(error))?;
        let status = response.status();
        if !status.is_success() {
            let said = format!("it answered {status}");
            return Err(client.attempt(PHRASE).refused(status.as_u16(), &said));
        }
        let body = response.into_body().into_data_stream();
        let reader = StreamReader::new(body.map_err(io::Error::other));
        let lines = FramedRead::new(reader, LinesCodec::new_with_max_length(MOST_BYTES));
        let happenings = lines.filter_map(move |line| {
            let happening = match line {
                Ok(line) => happening(&line).map(Ok),
                Err(error) => Some(Err(client.attempt(PHRASE).broken(error))),
            };
            std::future::ready(happening)
        });
        Ok(Box::pin(happenings))
    }
}

/// Reads one event; nothing where it is of no interest.
fn happening(line: &str) -> Option<Happening> {
    let message: EventMessage = serde_json::from_str(line).ok()?;
    let action = message.action?;
    let action = action.split(':').next().unwrap_or_default();
    if !ACTIONS.contains(&action) && !OTHER_ACTIONS.contains(&action) {
        return None;
    }
    let object = match message.typ? {
        EventMessageTypeEnum::CONTAINER => HappeningTo::Container,
        EventMessageTypeEnum::NETWORK => HappeningTo::Network,
        EventMessageTypeEnum::VOLUME => HappeningTo::Volume,
        EventMessageTypeEnum::IMAGE => HappeningTo::Image,
        _ => return None,
    };
    let actor = message.actor?;
    let mut attributes = actor.attributes.unwrap_or_default();
    let name = attributes.remove("name").or(actor.id).unwrap_or_default();
    Some(Happening {
        object,
        name,
        project: attributes.remove(label::PROJECT),
    })
}

#[cfg(test)]
mod tests {
    use crate::docker::events::happening;
    use crate::observed::happening::{Happening, HappeningTo};

    #[test]
    fn an_event_tells_what_happened_to_whom() {
        let died = r#"{"status":"die","id":"f00","Type":"container","Action":"die","Actor":{"ID":"f00","Attributes":
            {"dev.nest.project":"ci","exitCode":"137","name":"ci-builder-1"}},"scope":"local","time":1}"#;
        let expected = Happening {
            object: HappeningTo::Container,
            name: "ci-builder-1".to_owned(),
            project: Some("ci".to_owned()),
        };
        assert_eq!(happening(&died.replace('\n', "")), Some(expected));
        let gone = r#"{"Type":"volume","Action":"destroy","Actor":{"ID":"cache","Attributes":{"driver":"local"}}}"#;
        assert_eq!(happening(gone).expect("it matters").name, "cache");
        for of_no_interest in [
            "",
            "{}",
            "[1]",
            r#"{"Type":"container","Action":"exec_start: docker system dial-stdio","Actor":{"ID":"f00"}}"#,
            r#"{"Type":"container","Action":"top","Actor":{"ID":"f00"}}"#,
            r#"{"Type":"daemon","Action":"reload","Actor":{"ID":"f00"}}"#,
            r#"{"Type":"something new","Action":"create","Actor":{"ID":"f00"}}"#,
        ] {
            assert_eq!(happening(of_no_interest), None, "{of_no_interest}");
        }
        let healthy =
            r#"{"Type":"container","Action":"health_status: unhealthy","Actor":{"ID":"f00"}}"#;
        assert_eq!(happening(healthy).expect("it matters").name, "f00");
    }
}
