//! How secrets are remembered and compared: by a hash in their place, under a key that is the project's own, so that
//! whoever reads a plan or a label cannot try out words that it might be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::resource::digest::push_hex;

/// The key of the object that stands for a secret value where a plan is made; what it holds is a hash.
pub const SENSITIVE: &str = "sensitive";
/// How hashes begin. A part that tells one key from another comes next.
const SCHEME: &str = "hmac-sha256";

/// What secrets are hashed under. It stands in the record of each engine, and nowhere else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretKey(String);

/// Never the key itself.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.id())
    }
}

impl SecretKey {
    /// A key of random bytes.
    pub fn of_bytes(bytes: &[u8; 32]) -> Self {
        Self(hex(bytes))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of the engine in a container, while that engine has none of its own.
    #[must_use]
    pub fn inside(&self, container: &str) -> Self {
        Self(self.mac(b"engine", container.as_bytes()))
    }

    /// What stands for a secret.
    pub fn hash(&self, secret: &[u8]) -> String {
        format!("{SCHEME}:{}:{}", self.id(), self.mac(b"secret", secret))
    }

    /// Puts hashes in the place of the values of these names.
    pub fn hide(&self, values: &mut BTreeMap<String, String>, names: &BTreeSet<String>) {
        for (name, value) in values {
            if names.contains(name) {
                *value = self.hash(value.as_bytes());
            }
        }
    }

    /// Whether a hash was made under this key, so that it can be told whether the secret is still the same.
    pub fn made(&self, hash: &str) -> bool {
        let rest = hash.strip_prefix(SCHEME);
        let rest = rest.and_then(|rest| rest.strip_prefix(':')?.strip_prefix(self.id().as_str()));
        rest.is_some_and(|rest| rest.starts_with(':'))
    }

    /// Tells this key from others without telling it.
    fn id(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes())[..4])
    }

    fn mac(&self, purpose: &[u8], text: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes());
        let mac = mac.map(|mac| {
            mac.chain_update(purpose)
                .chain_update(b":")
                .chain_update(text)
        });
        // A key of any length will do, so there is always one.
        mac.map_or_else(|_| String::new(), |mac| hex(&mac.finalize().into_bytes()))
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push_hex(&mut text, bytes);
    text
}

/// What stands for a secret value whose hash this is.
pub fn sensitive(hash: &str) -> Value {
    json!({ SENSITIVE: hash })
}

/// Whether a value stands for a secret one.
pub fn is_sensitive(value: &Value) -> bool {
    hash_of(value).is_some()
}

/// The hash of a value that stands for a secret one.
pub fn hash_of(value: &Value) -> Option<&str> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get(SENSITIVE)?.as_str()
}
