//! What nobody is shown of what a project wants.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::desired::{Desired, DesiredEngine, DesiredImageSource};
use crate::resource::container::file::{ContainerFile, FileContent};
use crate::resource::login::Account;
use crate::resource::secret::SecretKey;

impl Desired {
    /// The values of all secrets of the project, which engines may repeat in what they say.
    pub fn secret_values(&self) -> BTreeSet<String> {
        let mut values = BTreeSet::new();
        add_engine(&mut values, &self.engine);
        values
    }
}

fn add_engine(values: &mut BTreeSet<String>, engine: &DesiredEngine) {
    let key = &SecretKey::default();
    for volume in engine.volumes.values() {
        let settings = &volume.settings;
        add_hidden(values, settings, &*settings.without_secrets(key));
    }
    for network in engine.networks.values() {
        let settings = &network.settings;
        add_hidden(values, settings, &*settings.without_secrets(key));
    }
    for image in engine.images.values() {
        if let DesiredImageSource::Build(build) = &image.source {
            let settings = &build.settings;
            add_hidden(values, settings, &settings.without_secrets(key));
            values.extend(build.how.secrets.values().filter_map(text));
        }
    }
    for container in engine.containers.values() {
        let fixed = &container.fixed;
        add_hidden(values, fixed, &*fixed.without_secrets(key));
        let files = fixed.files.values().chain(container.access.values());
        values.extend(files.filter_map(|file| match file {
            ContainerFile::Regular { content, .. } | ContainerFile::Private(content) => {
                text(content)
            }
            ContainerFile::Link(_) => None,
        }));
        if let Some(inner) = &container.engine {
            values.extend(inner.daemon_secrets.values().flatten().cloned());
            add_engine(values, &inner.engine);
        }
    }
    let pushes = engine.pushes.values();
    let pushes = pushes.filter_map(|push| push.place.login.as_ref());
    for login in engine.logins.values().chain(pushes) {
        let (Account::User { password: word, .. } | Account::Token(word)) = &login.account;
        values.insert(word.clone());
    }
    for other in engine.others.values() {
        add_engine(values, &other.engine);
    }
}

/// Adds what is in the one and not in the other, in which hashes stand for secrets.
fn add_hidden<T: Serialize + PartialEq>(values: &mut BTreeSet<String>, whole: &T, hidden: &T) {
    if whole != hidden {
        let json = |it: &T| serde_json::to_value(it).unwrap_or_default();
        add_different(values, &json(whole), Some(&json(hidden)));
    }
}

fn add_different(values: &mut BTreeSet<String>, whole: &Value, hidden: Option<&Value>) {
    match whole {
        Value::Object(members) => {
            for (name, member) in members {
                add_different(values, member, hidden.and_then(|it| it.get(name)));
            }
        }
        Value::String(text) if hidden != Some(whole) => {
            values.insert(text.clone());
        }
        _ => {}
    }
}

/// What a file says that is given to somebody, if it is text.
fn text(content: &FileContent) -> Option<String> {
    let FileContent::Bytes(bytes) = content else {
        return None;
    };
    let text = str::from_utf8(bytes).ok()?;
    Some(text.trim().to_owned())
}
