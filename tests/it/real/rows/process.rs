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
        "/Config/Env/*",
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
    // It hides what is given besides, on podman.
    (
        "privileged",
        "true",
        "privileged",
        "/HostConfig/Privileged",
        "true",
    ),
    ("init", "false", "init", "/HostConfig/Init", "false"),
];

/// What podman says otherwise of a key: it tells the number of a signal, all options of a mount, and nothing of what is in
/// the container's own namespaces or not asked for.
const PODMAN: &[(&str, &str)] = &[
    ("stop_signal", "\"2\""),
    ("tmpfs", "\"size=1m,rw,rprivate,nosuid,nodev,tmpcopyup\""),
    ("sysctls", "null"),
    ("init", "null"),
];

/// What the container's processes see of the keys, whatever the engine says of them.
const SEEN: &[(&str, &str)] = &[
    ("cat /proc/sys/net/core/somaxconn", "512"),
    ("test -c /dev/nothing && echo there", "there"),
    ("grep -c ' /scratch tmpfs ' /proc/mounts", "1"),
    ("ulimit -n", "1024"),
    ("pwd", "/work"),
    ("hostname", "workshop"),
    ("echo $COLOUR", "red"),
    ("id -u", "0"),
    ("grep there /etc/hosts | cut -f1", "10.9.8.7"),
    ("tr '\\0' ' ' < /proc/1/cmdline", "sleep 1000"),
];

#[test]
fn what_processes_are_made_with() {
    let (mut tools, mut rows) = (Tools::new(), Rows::default());
    let is_podman = tools.sandbox.is_podman();
    for (key, value, attribute, pointer, found) in KEYS {
        let mut others = PODMAN.iter().filter(|(other, _)| is_podman && other == key);
        let found = others.next().map_or(found, |(_, found)| found);
        let found: Value = serde_json::from_str(found).expect("JSON");
        rows.row(key, || {
            tools
                .set(key, value)
                .go(attribute, REPLACE, pointer, &found);
        });
    }
    rows.row("what processes see", || {
        for (line, wanted) in SEEN {
            let said = tools.sandbox.inside("tools", &["sh", "-c", line]);
            assert_eq!(said, *wanted, "{line}");
        }
    });
    rows.row("init and labels removed", || {
        tools.unset("init");
        tools
            .unset("labels")
            .go("labels.team", REPLACE, "/HostConfig/Init", &json!(true));
    });
    rows.end(KEYS.len() + 2);
}
