//! Examples that a field's own attribute cannot hold well: lists and mappings.

use serde_json::{Map, Value, json};

/// The definition, nothing for any; the key; and the example, as YAML.
///
/// An example at the field itself goes first.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("NestFile", "include", "[../common/nest.yaml]"),
    ("", "compose", "compose.yaml"),
    ("NestFile", "registries", "{ hub: { mirror: docker.io } }"),
    ("", "images", "[alpine:3.20]"),
    (
        "Environment",
        "volumes",
        "[cache:/cache, ./src:/workspace:ro]",
    ),
    ("Environment", "outer", "dind"),
    ("Environment", "inner", "{ images: [alpine:3.20] }"),
    ("Environment", "registries", "[hub]"),
    ("Environment", "replicas", "2"),
    (
        "",
        "volumes",
        "{ cache: {}, team: { external: true, name: team-cache } }",
    ),
    ("", "environments", "{ builder: { outer: dind } }"),
    ("", "services", "{ web: { image: 'nginx:1.27' } }"),
    ("", "depends_on", "[database]"),
    ("", "protect", "true"),
    ("NestFile", "policy", "{ tcp: deny, socket: deny }"),
    (
        "NestFile",
        "engines",
        "{ remote: { host: 'ssh://ci@build.example' } }",
    ),
    ("Environment", "engine", "remote"),
    ("PortMapping", "mode", "host"),
    ("PortMapping", "name", "web"),
    ("PortMapping", "app_protocol", "http"),
    ("", "compose", "./compose.yaml"),
    ("", "networks", "{ backend: { internal: true } }"),
    ("", "secrets", "{ token: { environment: CI_TOKEN } }"),
    ("", "configs", "{ settings: { file: ./settings.json } }"),
    ("Network", "ipam", "{ config: [{ subnet: 172.30.0.0/16 }] }"),
    ("OuterMapping", "mode", "dind"),
    ("OuterMapping", "listen", "socket"),
    ("OuterMapping", "data", "engine-data"),
    ("OuterMapping", "daemon", "{ log-level: warn }"),
    ("OuterMapping", "ready", "90s"),
    ("", "environment", "{ CI: 'true' }"),
    ("", "ports", "['8080:80']"),
    ("", "healthcheck", "{ test: [CMD, 'true'], interval: 10s }"),
    ("", "ulimits", "{ nofile: 65536 }"),
    ("", "sysctls", "{ net.core.somaxconn: 1024 }"),
    ("", "labels", "{ team: ci }"),
    ("", "deploy", "{ resources: { limits: { memory: 512m } } }"),
    ("", "cgroup", "private"),
    (
        "",
        "logging",
        "{ driver: json-file, options: { max-size: 10m } }",
    ),
    ("DataMapping", "volume", "engine-data"),
    ("DataMapping", "path", "/srv/engine"),
    ("DataMapping", "tmpfs", "true"),
    ("DataMapping", "keep", "false"),
    ("IncludeMapping", "path", "../common/nest.yaml"),
    ("IncludeMapping", "env_file", "../common/.env"),
    ("Registry", "volume", "registry-data"),
    ("ImageMapping", "source", "outer"),
    ("Volume", "external", "true"),
    (
        "",
        "driver_opts",
        "{ type: nfs, o: 'addr=10.0.0.5', device: ':/export' }",
    ),
    ("PortMapping", "protocol", "udp"),
    ("DeviceRequest", "options", "{ virtualization: 'false' }"),
    ("Deploy", "resources", "{ limits: { memory: 512m } }"),
    ("Resources", "limits", "{ cpus: '0.5', memory: 512m }"),
    ("Resources", "reservations", "{ memory: 256m }"),
    (
        "Reservations",
        "devices",
        "[{ driver: nvidia, count: 1, capabilities: [gpu] }]",
    ),
    ("Logging", "options", "{ max-size: 10m }"),
    ("MountMapping", "type", "volume"),
    ("", "read_only", "true"),
    ("MountMapping", "bind", "{ create_host_path: false }"),
    ("MountMapping", "inner", "build-cache"),
    ("Bind", "create_host_path", "false"),
    ("Dependency", "condition", "service_healthy"),
];

/// Adds the examples of a definition's keys.
pub(super) fn add_examples(name: &str, properties: &mut Map<String, Value>) {
    for (key, property) in properties {
        let Some(property) = property.as_object_mut() else {
            continue;
        };
        if property.contains_key("examples") {
            continue;
        }
        let example = EXAMPLES
            .iter()
            .find(|(definition, it, _)| it == key && [name, ""].contains(definition))
            .and_then(|(_, _, text)| serde_yaml::from_str::<Value>(text).ok());
        if let Some(example) = example {
            property.insert("examples".to_owned(), json!([example]));
        }
    }
}
