//! Keys of containers that are right, chosen by chance.

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Map, Value, json};

/// Any of the keys that services and outer containers share, each in one of its forms.
pub(super) fn keys() -> impl Strategy<Value = Map<String, Value>> {
    let pool = pool();
    let count = pool.len();
    subsequence(pool, 0..=count).prop_map(|chosen| {
        let chosen = chosen.into_iter();
        chosen.map(|(key, value)| (key.to_owned(), value)).collect()
    })
}

fn pool() -> Vec<(&'static str, Value)> {
    let mut pool = process();
    pool.extend(host());
    pool
}

fn process() -> Vec<(&'static str, Value)> {
    vec![
        ("entrypoint", json!("/entry 'a b' $$x")),
        ("entrypoint", json!(["/entry", "$$x", 1.10, true])),
        ("working_dir", json!("/a $$b")),
        ("user", json!(1000)),
        ("user", json!("app:docker")),
        ("group_add", json!(["docker", 999])),
        ("labels", json!(["a=b", "c"])),
        ("labels", json!({ "a": "$$b", "n": 1.10, "none": null })),
        ("expose", json!([80, "90-91/udp"])),
        ("hostname", json!("a.test")),
        ("pull_policy", json!("weekly")),
        ("pull_policy", json!("always")),
        ("platform", json!("arm64")),
        ("platform", json!("linux/arm/v7")),
        ("init", json!(true)),
        ("init", json!(false)),
        ("tty", json!(true)),
        ("stdin_open", json!(true)),
        ("stop_grace_period", json!("1m30s500ms")),
        ("stop_signal", json!("int")),
        ("stop_signal", json!(9)),
        ("healthcheck", json!({ "disable": true })),
        ("healthcheck", json!({ "test": ["NONE"] })),
        (
            "healthcheck",
            json!({ "test": "curl $$HOST", "interval": "1.5s", "retries": 3 }),
        ),
        (
            "healthcheck",
            json!({ "test": ["CMD", "a"], "start_period": "1m", "timeout": "1ms" }),
        ),
        ("healthcheck", json!({ "start_interval": "0s" })),
        (
            "logging",
            json!({ "driver": "local", "options": { "max-size": "10m", "n": 3 } }),
        ),
        ("logging", json!({})),
        ("tmpfs", json!("/run:size=64m,mode=1777")),
        ("tmpfs", json!(["/run", "/cache:ro"])),
        ("secrets", json!(["token"])),
        (
            "secrets",
            json!([{ "source": "token", "target": "a", "uid": "1", "mode": 440 }]),
        ),
        ("configs", json!(["settings"])),
        (
            "configs",
            json!([{ "source": "settings", "target": "/etc/a", "gid": 5, "mode": "0o400" }]),
        ),
    ]
}

fn host() -> Vec<(&'static str, Value)> {
    vec![
        ("networks", json!(["default", "backend"])),
        (
            "networks",
            json!({ "default": null, "backend": { "ipv4_address": "192.0.2.9", "aliases": ["a"] } }),
        ),
        (
            "networks",
            json!({ "backend": {
                "mac_address": "02-42-AC-11-65-43",
                "gw_priority": 5,
                "priority": -1,
                "interface_name": "eth9",
                "link_local_ips": ["169.254.8.8"],
                "driver_opts": { "a": 1 },
            } }),
        ),
        (
            "extra_hosts",
            json!(["a=10.0.0.1", "b:[::1]", "a:10.0.0.2", "h=host-gateway"]),
        ),
        (
            "extra_hosts",
            json!({ "a": "10.0.0.1", "b": ["::1", "10.0.0.1"] }),
        ),
        ("dns", json!("10.0.0.2")),
        ("dns", json!(["10.0.0.2", "::1", "10.0.0.2"])),
        ("dns_search", json!(".")),
        ("dns_search", json!(["a.test", "b.test"])),
        (
            "ulimits",
            json!({ "nofile": { "soft": 1024, "hard": -1 }, "nproc": 5 }),
        ),
        ("sysctls", json!({ "net.core.somaxconn": 1024 })),
        (
            "sysctls",
            json!(["kernel.shmmax=5", "net.ipv4.ip_forward=1"]),
        ),
        ("shm_size", json!("64m")),
        ("cpuset", json!("0-3,7")),
        ("cpu_shares", json!(512)),
        ("mem_reservation", json!("1m")),
        ("memswap_limit", json!(-1)),
        ("pids_limit", json!(0)),
        ("pids_limit", json!("200")),
        (
            "deploy",
            json!({ "resources": { "reservations": { "cpus": "0.01" } } }),
        ),
        (
            "cap_add",
            json!(["cap_sys_ptrace", "NET_ADMIN", "SYS_PTRACE"]),
        ),
        ("cap_drop", json!(["all"])),
        (
            "security_opt",
            json!(["no-new-privileges", "label:disable", "seccomp=./a.json"]),
        ),
        ("read_only", json!(true)),
        ("ipc", json!("shareable")),
        ("cgroup", json!("private")),
        ("cgroup_parent", json!("/ci")),
        (
            "devices",
            json!(["/dev/fuse", "/dev/a:/dev/b:r", "nvidia.com/gpu=all"]),
        ),
        (
            "devices",
            json!([{ "source": "/dev/fuse", "permissions": "rw" }]),
        ),
        ("device_cgroup_rules", json!(["c 1:3 mr"])),
        ("gpus", json!("all")),
        (
            "gpus",
            json!([{ "device_ids": [0, "b"], "driver": "nvidia", "options": { "a": "b" } }]),
        ),
    ]
}
