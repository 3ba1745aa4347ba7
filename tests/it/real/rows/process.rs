//! Rows of what a container's processes are made with.

use serde_json::{Value, json};

use crate::real::rows::container::Tools;
use crate::real::rows::{REPLACE, Rows};

/// A key, its value, the attribute that it is in a plan, and what the engine says of it, as JSON, at this pointer.
const KEYS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "command",
        "[sleep, '1000']",
        "command",
        "/Config/Cmd/1",
        "\"1000\"",
    ),
    (
        "hostname",
        "workshop",
        "hostname",
        "/Config/Hostname",
        "\"workshop\"",
    ),
    (
        "environment",
        "{ COLOUR: red }",
        "environment.COLOUR",
        "/Config/Env/0",
        "\"COLOUR=red\"",
    ),
    (
        "labels",
        "{ team: red }",
        "labels.team",
        "/Config/Labels/team",
        "\"red\"",
    ),
    (
        "ports",
        "['127.0.0.1::80']",
        "port 80/tcp",
        "/HostConfig/PortBindings/80~1tcp/0/HostIp",
        "\"127.0.0.1\"",
    ),
    (
        "privileged",
        "true",
        "privileged",
        "/HostConfig/Privileged",
        "true",
    ),
    (
        "stop_grace_period",
        "2s",
        "stop_timeout",
        "/Config/StopTimeout",
        "2",
    ),
    (
        "stop_signal",
        "SIGINT",
        "stop_signal",
        "/Config/StopSignal",
        "\"SIGINT\"",
    ),
    ("user", "'0:0'", "user", "/Config/User", "\"0:0\""),
    (
        "group_add",
        "['5']",
        "group_add",
        "/HostConfig/GroupAdd/0",
        "\"5\"",
    ),
    (
        "working_dir",
        "/work",
        "working_dir",
        "/Config/WorkingDir",
        "\"/work\"",
    ),
    (
        "tmpfs",
        "'/scratch:size=1m'",
        "tmpfs /scratch",
        "/HostConfig/Tmpfs/~1scratch",
        "\"size=1m\"",
    ),
    (
        "shm_size",
        "32m",
        "shm_size",
        "/HostConfig/ShmSize",
        "33554432",
    ),
    (
        "ulimits",
        "{ nofile: 1024 }",
        "ulimits.nofile",
        "/HostConfig/Ulimits/0/Hard",
        "1024",
    ),
    (
        "sysctls",
        "{ net.core.somaxconn: 512 }",
        "sysctls.net.core.somaxconn",
        "/HostConfig/Sysctls/net.core.somaxconn",
        "\"512\"",
    ),
    (
        "cap_add",
        "[NET_ADMIN]",
        "cap_add",
        "/HostConfig/CapAdd/0",
        "\"NET_ADMIN\"",
    ),
    (
        "devices",
        "['/dev/null:/dev/nothing']",
        "devices",
        "/HostConfig/Devices/0/PathInContainer",
        "\"/dev/nothing\"",
    ),
    (
        "extra_hosts",
        "['there:10.9.8.7']",
        "extra_hosts",
        "/HostConfig/ExtraHosts/0",
        "\"there:10.9.8.7\"",
    ),
    (
        "dns",
        "10.9.8.7",
        "dns",
        "/HostConfig/Dns/0",
        "\"10.9.8.7\"",
    ),
    (
        "security_opt",
        "['label=disable']",
        "security_opt",
        "/HostConfig/SecurityOpt/0",
        "\"label=disable\"",
    ),
    ("init", "false", "init", "/HostConfig/Init", "false"),
];

#[test]
fn what_processes_are_made_with() {
    let (mut tools, mut rows) = (Tools::new(), Rows::default());
    for (key, value, attribute, pointer, found) in KEYS {
        let found: Value = serde_json::from_str(found).expect("JSON");
        rows.row(key, || {
            tools
                .set(key, value)
                .go(attribute, REPLACE, pointer, &found);
        });
    }
    rows.row("init and labels removed", || {
        tools.unset("init");
        tools
            .unset("labels")
            .go("labels.team", REPLACE, "/HostConfig/Init", &json!(true));
    });
    rows.end(KEYS.len() + 1);
}
