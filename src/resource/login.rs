//! How to log in to a registry, and the file by which programs are told.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The name under which Docker's programs keep what logs in to Docker Hub.
pub const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// What logs in to one registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryLogin {
    /// The registry, in the words of Docker's programs: its host, or the address of Docker Hub.
    pub server: String,
    /// Who logs in.
    pub account: Account,
}

/// Who logs in to a registry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Account {
    /// Somebody with a password.
    User {
        /// The name.
        name: String,
        /// The password.
        password: String,
    },
    /// Whoever has this token.
    Token(String),
}

/// Never the password or the token.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { name, .. } => write!(f, "User({name})"),
            Self::Token(_) => f.write_str("Token"),
        }
    }
}

impl RegistryLogin {
    /// The name under which Docker's programs keep what logs in to the host of an image.
    pub fn server_of(host: &str) -> String {
        match host {
            "docker.io" => DOCKER_HUB.to_owned(),
            _ => host.to_owned(),
        }
    }
}

/// The file `config.json` of Docker's programs that logs in to these registries
/// (<https://docs.docker.com/reference/cli/docker/login/#default-behavior>).
pub fn credentials_file<'a>(logins: impl IntoIterator<Item = (&'a str, &'a Account)>) -> Vec<u8> {
    let entries: BTreeMap<&str, Value> = logins
        .into_iter()
        .map(|(server, account)| (server, entry(account)))
        .collect();
    let entries = entries
        .into_iter()
        .map(|(server, entry)| (server.to_owned(), entry));
    let file = json!({ "auths": entries.collect::<Map<_, _>>() });
    let mut text = format!("{file:#}").into_bytes();
    text.push(b'\n');
    text
}

fn entry(account: &Account) -> Value {
    match account {
        Account::User { name, password } => {
            json!({ "auth": STANDARD.encode(format!("{name}:{password}")) })
        }
        Account::Token(token) => json!({ "identitytoken": token }),
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::login::{Account, credentials_file};

    #[test]
    fn a_file_has_what_the_docker_cli_reads() {
        let user = Account::User {
            name: "ci".to_owned(),
            password: "a:b".to_owned(),
        };
        let token = Account::Token("t".to_owned());
        let file = credentials_file([("b.org", &user), ("a.org", &token)]);
        let text = String::from_utf8(file).expect("text");
        let expected = r#"{
  "auths": {
    "a.org": {
      "identitytoken": "t"
    },
    "b.org": {
      "auth": "Y2k6YTpi"
    }
  }
}
"#;
        assert_eq!(text, expected);
        assert!(!format!("{user:?}{token:?}").contains("a:b"));
    }
}
