//! The user whom a container runs as, by number.

use std::io::Read as _;

use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use futures_util::TryStreamExt as _;
use serde::Deserialize;

use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::engine::EngineError;
use crate::resource::container::ContainerRef;

/// Where images keep the names of their users.
const USERS: &str = "/etc/passwd";
/// The longest archive of that file that is read.
const LONGEST: usize = 1 << 20;

/// `/containers/NAME/json`, as far as it is about the user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    config: Config,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    user: String,
}

/// The numbers of the user and of the group that a container's first process runs as. A name is looked up in the
/// container, which need not have been started.
pub(super) async fn user_of(
    client: &Client,
    container: &ContainerRef,
    attempt: Attempt<'_>,
) -> Result<(u32, u32), EngineError> {
    let path = format!("/containers/{}/json", container.handle());
    let inspected: Option<Inspected> = client
        .transport
        .get(&path)
        .await
        .map_err(|error| attempt.unanswered(error))?;
    let user = inspected.map(|it| it.config.user).unwrap_or_default();
    let users = match user.split(':').next() {
        None | Some("" | "0") => String::new(),
        Some(_) => users(client, container).await,
    };
    numbers(&user, &users).ok_or_else(|| {
        attempt.without_effect(format!("`{USERS}` in it does not name the user `{user}`"))
    })
}

/// The text of the file in a container; nothing where it has none.
async fn users(client: &Client, container: &ContainerRef) -> String {
    let options = DownloadFromContainerOptionsBuilder::default()
        .path(USERS)
        .build();
    let mut pieces = client
        .bollard
        .download_from_container(container.handle(), Some(options));
    let mut archive = Vec::new();
    while let Ok(Some(piece)) = pieces.try_next().await {
        if archive.len() + piece.len() > LONGEST {
            return String::new();
        }
        archive.extend_from_slice(&piece);
    }
    let mut text = String::new();
    let mut archive = tar::Archive::new(archive.as_slice());
    if let Ok(mut entries) = archive.entries()
        && let Some(Ok(mut entry)) = entries.next()
        && entry.read_to_string(&mut text).is_err()
    {
        return String::new();
    }
    text
}

/// The numbers of a user as a container names it, `NAME`, `NUMBER` or either with a group.
fn numbers(user: &str, users: &str) -> Option<(u32, u32)> {
    let (name, group) = user.split_once(':').unwrap_or((user, ""));
    if name.is_empty() {
        return Some((0, 0));
    }
    let known = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (known, _) = (fields.next()?, fields.next()?);
        let (uid, gid) = (fields.next()?, fields.next()?);
        let is_it = known == name || uid == name;
        is_it.then(|| Some((uid.parse().ok()?, gid.parse().ok()?)))?
    });
    let (uid, gid) = match known {
        Some(known) => known,
        None => (name.parse().ok()?, 0),
    };
    Some((uid, group.parse().unwrap_or(gid)))
}

#[cfg(test)]
mod tests {
    use crate::docker::perform::user::numbers;

    #[test]
    fn users_are_looked_up() {
        let users = "root:x:0:0:root:/root:/bin/sh\njenkins:x:1000:1001::/home/j:/bin/sh\n";
        for (user, expected) in [
            ("", Some((0, 0))),
            ("0", Some((0, 0))),
            ("jenkins", Some((1000, 1001))),
            ("1000", Some((1000, 1001))),
            ("1234", Some((1234, 0))),
            ("1234:5", Some((1234, 5))),
            ("jenkins:7", Some((1000, 7))),
            ("jenkins:docker", Some((1000, 1001))),
            ("nobody", None),
        ] {
            assert_eq!(numbers(user, users), expected, "{user}");
        }
    }
}
