//! What a service came to, in words, whichever of the two programs wrote it.

use serde_json::Value;

/// How one key of a service is put into words, whichever of the two wrote it.
type InWords = fn(&Value) -> Vec<String>;

/// The keys that are compared.
const KEYS: &[(&str, InWords)] = &[
    ("environment", entries),
    ("labels", entries),
    ("sysctls", entries),
    ("command", list),
    ("entrypoint", list),
    ("expose", list),
    ("dns", list),
    ("dns_search", list),
    ("tmpfs", list),
    ("cap_add", set),
    ("cap_drop", set),
    ("group_add", list),
    ("security_opt", options),
    ("ports", ports),
    ("volumes", volumes),
    ("networks", networks),
    ("depends_on", dependencies),
    ("healthcheck", healthcheck),
    ("ulimits", ulimits),
    ("extra_hosts", hosts),
    ("secrets", grants),
    ("configs", grants),
    ("devices", devices),
    ("logging", logging),
    ("hostname", one),
];

/// What a service came to, in one line.
pub(super) fn projected(service: &Value) -> String {
    let mut parts = Vec::new();
    for (key, in_words) in KEYS {
        let words = in_words(&service[*key]);
        if !words.is_empty() {
            parts.push(format!("{key} {}", words.join(" ")));
        }
    }
    parts.join("; ")
}

/// One part of a mapping as text.
fn part(item: &Value, key: &str) -> String {
    one(&item[key]).pop().unwrap_or_default()
}

fn one(value: &Value) -> Vec<String> {
    Vec::from_iter((!value.is_null()).then(|| text(value)))
}

fn list(value: &Value) -> Vec<String> {
    let items = items(value).map(text);
    items
        .map(|item| item.trim_end_matches("/tcp").to_owned())
        .collect()
}

fn set(value: &Value) -> Vec<String> {
    let mut items = list(value);
    items.sort();
    items
}

/// Both `:` and `=` stand between an option and its value.
fn options(value: &Value) -> Vec<String> {
    let items = items(value).map(text);
    items.map(|item| item.replacen(':', "=", 1)).collect()
}

/// The entries of a mapping, each in its own words, in order.
fn sorted(value: &Value, entry: impl Fn(&String, &Value) -> String) -> Vec<String> {
    let entries = value.as_object().into_iter().flatten();
    let mut entries: Vec<String> = entries.map(|(name, value)| entry(name, value)).collect();
    entries.sort();
    entries
}

fn entries(value: &Value) -> Vec<String> {
    let mut entries = sorted(value, |name, value| match value {
        // A variable that is not set is left out by the engine.
        Value::Null => String::new(),
        value => format!("{name}={}", text(value)),
    });
    entries.retain(|entry| !entry.is_empty());
    entries
}

fn ports(value: &Value) -> Vec<String> {
    let port = |port: &Value| {
        let published = part(port, "published");
        format!(
            "{published}:{}/{}",
            part(port, "target"),
            part(port, "protocol")
        )
    };
    items(value).map(port).collect()
}

fn volumes(value: &Value) -> Vec<String> {
    let volume = |volume: &Value| {
        let read_only = if volume["read_only"] == true {
            ":ro"
        } else {
            ""
        };
        let (kind, source) = (part(volume, "type"), part(volume, "source"));
        format!("{kind} {source}:{}{read_only}", part(volume, "target"))
    };
    items(value).map(volume).collect()
}

fn networks(value: &Value) -> Vec<String> {
    let networks = sorted(value, |name, network| {
        format!("{name}({})", list(&network["aliases"]).join(","))
    });
    // nest leaves out what every container has.
    if networks.is_empty() {
        vec!["default()".to_owned()]
    } else {
        networks
    }
}

fn dependencies(value: &Value) -> Vec<String> {
    sorted(value, |name, dependency| {
        let optional = if dependency["required"] == false {
            "?"
        } else {
            ""
        };
        format!("{name}{optional}={}", part(dependency, "condition"))
    })
}

fn healthcheck(value: &Value) -> Vec<String> {
    let mut words = list(&value["test"]);
    words.extend(one(&value["retries"]));
    words
}

fn ulimits(value: &Value) -> Vec<String> {
    sorted(value, |name, limit| match limit {
        Value::Object(_) => format!("{name}={}:{}", part(limit, "soft"), part(limit, "hard")),
        both => format!("{name}={0}:{0}", text(both)),
    })
}

fn grants(value: &Value) -> Vec<String> {
    let grant = |grant: &Value| {
        let target = part(grant, "target");
        let target = target.trim_start_matches("/run/secrets/");
        format!("{}:{target}", part(grant, "source"))
    };
    items(value).map(grant).collect()
}

fn devices(value: &Value) -> Vec<String> {
    let device = |device: &Value| {
        let ends = [part(device, "source"), part(device, "target")];
        format!("{}:{}", ends.join(":"), part(device, "permissions"))
    };
    items(value).map(device).collect()
}

fn logging(value: &Value) -> Vec<String> {
    let mut words = one(&value["driver"]);
    words.extend(entries(&value["options"]));
    words
}

fn hosts(value: &Value) -> Vec<String> {
    let mut hosts: Vec<String> = match value {
        Value::Object(entries) => entries
            .iter()
            .flat_map(|(name, addresses)| {
                items(addresses).map(move |address| format!("{name}={}", text(address)))
            })
            .collect(),
        list => items(list).map(text).collect(),
    };
    hosts.sort();
    hosts
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace("$$", "$"),
        other => other.to_string(),
    }
}
