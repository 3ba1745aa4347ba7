//! The configuration file of an inner engine: the file's `daemon` keys joined with nest's.

use serde_json::Value;

use crate::desired::{json_list, registry};
use crate::model::Project;
use crate::model::environment::Environment;
use crate::resource::container::DaemonSettings;

/// List keys that nest writes, with the flag of `dockerd` that sets the same.
pub(crate) const REGISTRY_LISTS: [(&str, &str); 2] = [
    ("registry-mirrors", "--registry-mirror"),
    ("insecure-registries", "--insecure-registry"),
];

/// What the configuration file of the environment's engine says.
///
/// The lists of registries are always written, since reloading a file that no longer has a key leaves its old value in
/// force; except where the command sets them by flag, since a key that is both a flag and in the file is fatal.
pub(crate) fn settings(project: &Project, environment: &Environment) -> DaemonSettings {
    let used = || {
        environment
            .registries
            .iter()
            .filter_map(|name| project.registries.get_key_value(name))
    };
    let own = [
        registry::mirrors(used()).collect::<Vec<_>>(),
        registry::insecure(used()).collect(),
    ];
    let declared = environment.outer.daemon.iter();
    let mut settings: DaemonSettings = declared
        .map(|(key, value)| (key.clone(), value.reveal()))
        .collect();
    for ((key, flag), own) in REGISTRY_LISTS.into_iter().zip(own) {
        let declared = match settings.get(key) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        let mut list: Vec<String> = declared;
        for entry in own {
            if !list.contains(&entry) {
                list.push(entry);
            }
        }
        let by_flag = environment
            .outer
            .container
            .command
            .iter()
            .flatten()
            .any(|argument| argument.starts_with(flag));
        if list.is_empty() && by_flag {
            settings.remove(key);
        } else {
            settings.insert(key.to_owned(), json_list(list));
        }
    }
    settings
}
