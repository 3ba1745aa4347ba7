//! Files that are right, made by chance.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::config::container::keys;

/// A nest file with two volumes, two registries and up to three environments.
pub(super) fn file() -> impl Strategy<Value = String> {
    (vec(environment(), 0..4), option::of(text()), volume()).prop_map(
        |(environments, label, volume)| {
            let environments = environments.into_iter().enumerate();
            let environments: Map<String, Value> = environments
                .map(|(number, mut environment)| {
                    // Two engines on one data root would be a problem.
                    if environment["outer"]["data"] == "/srv/data" {
                        environment["outer"]["data"] = json!(format!("/srv/data{number}"));
                    }
                    (format!("env{number}"), environment)
                })
                .collect();
            let file = json!({
                "name": "made-up",
                "registries": {
                    "hub": { "mirror": "docker.io", "environment": { "LABEL": label } },
                    "local": { "port": 5000, "volume": "store" },
                },
                "volumes": { "cache": volume, "store": null },
                "networks": { "backend": { "ipam": { "config": [{ "subnet": "172.30.0.0/16" }] } } },
                "secrets": { "token": { "environment": "SET" } },
                "configs": { "settings": { "content": "a" } },
                "images": ["alpine:3.20"],
                "environments": environments,
            });
            serde_yaml::to_string(&file).expect("it is YAML")
        },
    )
}

/// Any text, and text that YAML could take for something else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC*",
        prop::sample::select(vec![
            "",
            "~",
            "null",
            "true",
            "no",
            "yes",
            "1.10",
            "0x1f",
            "007",
            "1e3",
            ".5",
            "-",
            "a: b",
            "# x",
            "&a",
            "*a",
            "!reset",
            "a\nb\n",
            "\ttab",
            " space ",
            "'",
            "\"",
            "%",
            "@",
            "`",
            "[",
            "{",
            "|",
            ">",
            "=",
            "<<",
            "2026-01-01",
            "é\u{2028}",
        ])
        .prop_map(str::to_owned),
    ]
    .prop_map(|text| text.replace('$', "$$"))
}

fn volume() -> impl Strategy<Value = Value> {
    (
        btree_map("[a-z]{1,8}", text(), 0..3),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(options, external, protect)| {
            if external {
                json!({ "external": true, "name": "team-cache", "protect": protect })
            } else {
                json!({ "driver_opts": options, "protect": protect })
            }
        })
}

fn environment() -> impl Strategy<Value = Value> {
    let outer = (
        prop::sample::select(vec!["dind", "socket", "rootless", "sysbox", "podman"]),
        btree_map("[A-Z]{1,8}", text(), 0..4),
        option::of(vec(
            "\\PC{1,12}".prop_map(|text| text.replace('$', "$$")),
            1..4,
        )),
        option::of(1_i64..200_000),
        option::of(6_i64 << 20..1 << 45),
        prop::sample::select(vec![
            "no",
            "always",
            "unless-stopped",
            "on-failure",
            "on-failure:3",
        ]),
        option::of(1_u64..100_000),
    );
    let mounts = vec(mount(), 0..4);
    let data = prop::sample::select(vec![
        json!(null),
        json!("/srv/data"),
        json!({ "tmpfs": true, "keep": false }),
        json!({ "keep": false, "seed": "link" }),
    ]);
    let reach = (
        prop::sample::select(vec![
            json!(null),
            json!("socket"),
            json!("tls"),
            json!("tcp"),
        ]),
        option::of("/[a-z]{1,8}/engine.sock"),
        keys(),
    );
    (outer, mounts, data, vec(text(), 0..2), any::<bool>(), reach).prop_map(
        |(
            (mode, environment, command, millicpus, memory, restart, ready),
            mounts,
            data,
            labels,
            protect,
            (listen, socket, keys),
        )| {
            let cpus = millicpus.filter(|millicpus| *millicpus >= 10);
            let mut outer = json!({
                "mode": mode,
                "environment": environment,
                "cpus": cpus.map(|cpus| format!("{}.{:03}", cpus / 1000, cpus % 1000)),
                "memory": memory,
                "restart": restart,
                "ready": ready.map(|millis| format!("{millis}ms")),
                "command": command,
                "ports": [80, "127.0.0.1::90/udp"],
            });
            outer["socket"] = json!(socket);
            for (key, value) in keys {
                outer[key] = value;
            }
            if mode == "podman" {
                outer["data"] = data;
            } else if mode != "socket" {
                outer["listen"] = listen;
                outer["daemon"] = json!({ "labels": labels, "mtu": 1400, "features": { "x": true } });
                outer["data"] = data;
            }
            let mounts: Vec<Value> = mounts
                .into_iter()
                .enumerate()
                .map(|(number, mut mount)| {
                    mount["target"] = json!(format!("/mnt/{number}"));
                    if mount["type"] == "volume" && number > 0 {
                        mount["inner"] = json!(false);
                    }
                    mount
                })
                .collect();
            json!({
                "outer": outer,
                "volumes": mounts,
                "registries": ["hub"],
                "inner": { "images": ["busybox:1", { "image": "app:1", "source": { "archive": "a b.tar" } }] },
                "protect": protect,
            })
        },
    )
}

fn mount() -> impl Strategy<Value = Value> {
    (0..3, any::<bool>(), "[a-z$ ]{1,8}").prop_map(|(kind, read_only, folder)| match kind {
        0 => json!({ "type": "volume", "source": "cache", "read_only": read_only }),
        1 => json!({
            "type": "bind",
            "source": format!("./{}", folder.replace('$', "$$")),
            "read_only": read_only,
            "bind": { "create_host_path": read_only },
        }),
        _ => json!({ "type": "tmpfs" }),
    })
}
