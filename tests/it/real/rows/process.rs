//! Rows of what a container's processes are made with.

use serde_json::{Value, json};

use crate::real::rows::container::Tools;
use crate::real::rows::{REPLACE, Rows};

#[test]
fn what_processes_are_made_with() {
    let (mut tools, mut rows) = (Tools::new(), Rows::default());
    let keys: [(&str, &str, &str, &str, Value); 21] = [
        (
            "command",
            "[sleep, '1000']",
            "command",
            "/Config/Cmd/1",
            json!("1000"),
        ),
        (
            "hostname",
            "workshop",
            "hostname",
            "/Config/Hostname",
            json!("workshop"),
        ),
        (
            "environment",
            "{ COLOUR: red }",
            "environment.COLOUR",
            "/Config/Env/0",
            json!("COLOUR=red"),
        ),
        (
            "labels",
            "{ team: red }",
            "labels.team",
            "/Config/Labels/team",
            json!("red"),
        ),
        (
            "ports",
            "['127.0.0.1::80']",
            "port 80/tcp",
            "/HostConfig/PortBindings/80~1tcp/0/HostIp",
            json!("127.0.0.1"),
        ),
        (
            "privileged",
            "true",
            "privileged",
            "/HostConfig/Privileged",
            json!(true),
        ),
        (
            "stop_grace_period",
            "2s",
            "stop_timeout",
            "/Config/StopTimeout",
            json!(2),
        ),
        (
            "stop_signal",
            "SIGINT",
            "stop_signal",
            "/Config/StopSignal",
            json!("SIGINT"),
        ),
        ("user", "'0:0'", "user", "/Config/User", json!("0:0")),
        (
            "group_add",
            "['5']",
            "group_add",
            "/HostConfig/GroupAdd/0",
            json!("5"),
        ),
        (
            "working_dir",
            "/work",
            "working_dir",
            "/Config/WorkingDir",
            json!("/work"),
        ),
        (
            "tmpfs",
            "'/scratch:size=1m'",
            "tmpfs /scratch",
            "/HostConfig/Tmpfs/~1scratch",
            json!("size=1m"),
        ),
        (
            "shm_size",
            "32m",
            "shm_size",
            "/HostConfig/ShmSize",
            json!(32 << 20),
        ),
        (
            "ulimits",
            "{ nofile: 1024 }",
            "ulimits.nofile",
            "/HostConfig/Ulimits/0/Hard",
            json!(1024),
        ),
        (
            "sysctls",
            "{ net.core.somaxconn: 512 }",
            "sysctls.net.core.somaxconn",
            "/HostConfig/Sysctls/net.core.somaxconn",
            json!("512"),
        ),
        (
            "cap_add",
            "[NET_ADMIN]",
            "cap_add",
            "/HostConfig/CapAdd/0",
            json!("NET_ADMIN"),
        ),
        (
            "devices",
            "['/dev/null:/dev/nothing']",
            "devices",
            "/HostConfig/Devices/0/PathInContainer",
            json!("/dev/nothing"),
        ),
        (
            "extra_hosts",
            "['there:10.9.8.7']",
            "extra_hosts",
            "/HostConfig/ExtraHosts/0",
            json!("there:10.9.8.7"),
        ),
        (
            "dns",
            "10.9.8.7",
            "dns",
            "/HostConfig/Dns/0",
            json!("10.9.8.7"),
        ),
        (
            "security_opt",
            "['label=disable']",
            "security_opt",
            "/HostConfig/SecurityOpt/0",
            json!("label=disable"),
        ),
        ("init", "false", "init", "/HostConfig/Init", json!(false)),
    ];
    let count = keys.len();
    for (key, value, attribute, pointer, found) in keys {
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
    rows.end(count + 1);
}
