//! Files that are right, made by chance.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::config::container::keys;

/// A nest file with two volumes, two registries and up to three environments.
pub(super) fn file() -> impl Strategy<Value = String> {
    (
        vec(environment(), 0..4),
        option::of(text()),
        volume(),
        network(),
        vec(environment(), 0..2),
        image(),
    )
        .prop_map(|(environments, label, volume, network, deeper, image)| {
            let environments = environments.into_iter().enumerate();
            let environments: Map<String, Value> = environments
                .map(|(number, mut environment)| {
                    // Two engines on one data root would be a problem.
                    if environment["outer"]["data"] == "/srv/data" {
                        environment["outer"]["data"] = json!(format!("/srv/data{number}"));
                    }
                    let deeper = deeper.iter().enumerate();
                    let cpus = environment["outer"]["cpus"].clone();
                    let deeper: Map<String, Value> = deeper
                        .map(|(number, deeper)| {
                            let mut deeper = inside(deeper);
                            // It cannot have more than what is around it.
                            if !cpus.is_null() {
                                deeper["outer"]["cpus"] = cpus.clone();
                            }
                            (format!("deeper{number}"), deeper)
                        })
                        .collect();
                    environment["inner"]["environments"] = json!(deeper);
                    environment["depends_on"] = waits_for(number);
                    (format!("env{number}"), environment)
                })
                .collect();
            let services: Map<String, Value> = environments
                .iter()
                .map(|(name, environment)| (format!("svc-{name}"), service(name, environment)))
                .collect();
            let file = json!({
                "name": "made-up",
                "registries": {
                    "hub": { "mirror": "docker.io", "environment": { "LABEL": label } },
                    "local": { "port": 5000, "volume": "store", "networks": ["back", "default"] },
                    "ghcr": {
                        "host": "ghcr.io",
                        "username": label.clone().unwrap_or_default(),
                        "password": { "env": "SET" },
                        "images": [image],
                    },
                    "company": { "mirror": "docker.io", "host": "https://mirror.example", "insecure": true, "credentials": "docker" },
                    "filled": { "images": ["app:1"], "environment": { "SECRET": { "env": "SET" } } },
                },
                "engines": {
                    "default": { "context": "a b" },
                    "arm": { "host": "tcp://arm.example:2376", "tls": "./certs" },
                },
                "volumes": { "cache": volume, "store": null },
                "networks": {
                    "default": null,
                    "back": network,
                    "backend": { "ipam": { "config": [{ "subnet": "192.0.2.0/24" }] } },
                },
                "secrets": {
                    "token": { "file": "./a b" },
                    "other": { "environment": "SET", "name": "team-token" },
                },
                "configs": { "settings": { "content": "a" }, "app": { "content": label.clone().unwrap_or_default() } },
                "images": ["alpine:3.20"],
                "environments": environments,
                "services": services,
            });
            serde_yaml::to_string(&file).expect("it is YAML")
        },
    )
}

/// A client of an environment that is made of the same.
fn service(name: &str, environment: &Value) -> Value {
    let mut volumes = environment["volumes"].clone();
    for volume in volumes.as_array_mut().into_iter().flatten() {
        if let Some(keys) = volume.as_object_mut() {
            keys.remove("inner");
        }
    }
    let outer = &environment["outer"];
    json!({
        "image": "maven:3",
        "docker_host": name,
        "environment": outer["environment"],
        "command": outer["command"],
        "memory": outer["memory"],
        "restart": outer["restart"],
        "volumes": volumes,
        "depends_on": { name: { "condition": "service_started", "restart": environment["protect"] } },
        "replicas": 3,
    })
}

/// An image that is built, with most of what a build can say.
fn image() -> impl Strategy<Value = Value> {
    let build = (
        btree_map("[A-Z]{1,8}", text(), 0..3),
        btree_map("[a-z]{1,8}", text(), 0..3),
        any::<bool>(),
        option::of(text()),
        option::of(0_i64..1 << 40),
    );
    build.prop_map(|(args, labels, flag, inline, shm_size)| {
        let mut args: Map<String, Value> = args.into_iter().map(|(k, v)| (k, json!(v))).collect();
        args.insert("TOKEN".to_owned(), json!({ "env": "SET" }));
        let build = json!({
            "context": if flag { "./a b" } else { "https://example.org/app.git#main" },
            "dockerfile_inline": inline,
            "args": args,
            "labels": labels,
            "no_cache": flag,
            "pull": flag,
            "target": "final",
            "cache_from": ["app:cache"],
            "additional_contexts": { "base": "docker-image://alpine:3.20", "more": "./more" },
            "platforms": ["linux/arm64", "linux/arm/v7"],
            "tags": ["app:2"],
            "shm_size": shm_size,
            "ssh": ["default", "id=./key"],
            "secrets": ["token", { "source": "other", "target": "/x", "mode": "0400", "uid": "1" }],
            "extra_hosts": { "one.example": ["10.0.0.1", "::1"], "two.example": "host-gateway" },
            "ulimits": { "nofile": 1024, "nproc": { "soft": 1, "hard": -1 } },
            "entitlements": ["network.host"],
            "provenance": "mode=max",
            "sbom": flag,
        });
        json!({ "image": "built:1", "platform": "arm64", "as": ["built:2"], "source": { "build": build } })
    })
}

/// An environment as one inside another: without what only the scope outside has.
fn inside(environment: &Value) -> Value {
    let mut inside = environment.clone();
    if let Some(outer) = inside["outer"].as_object_mut() {
        for key in ["data", "networks", "secrets", "configs"] {
            outer.remove(key);
        }
        // It does not run inside itself.
        if outer["mode"] == "sysbox" {
            outer.insert("mode".to_owned(), json!("dind"));
        }
    }
    let mounts = inside["volumes"].as_array().into_iter().flatten();
    let mounts: Vec<&Value> = mounts.filter(|mount| mount["source"] != "cache").collect();
    inside["volumes"] = json!(mounts);
    inside
}

/// What an environment waits for, in each form.
fn waits_for(number: usize) -> Value {
    match number {
        0 => json!(null),
        1 => json!(["env0"]),
        _ => json!({
            "env0": { "condition": "service_started", "restart": true },
            "env1": { "required": false },
        }),
    }
}

fn network() -> impl Strategy<Value = Value> {
    (
        any::<[bool; 4]>(),
        option::of(68_u32..65_535),
        option::of(0_u8..255),
        text(),
    )
        .prop_map(
            |([external, internal, attachable, ipv6], mtu, subnet, option)| {
                if external {
                    return json!({ "external": true });
                }
                let pool = subnet.map(|subnet| {
                    json!({
                        "subnet": format!("10.{subnet}.0.0/16"),
                        "ip_range": format!("10.{subnet}.4.0/24"),
                        "gateway": format!("10.{subnet}.0.1"),
                        "aux_addresses": { "router": format!("10.{subnet}.0.2") },
                    })
                });
                let pools: Vec<Value> = pool.into_iter().collect();
                json!({
                    "internal": internal,
                    "attachable": attachable,
                    "enable_ipv6": ipv6,
                    "mtu": mtu,
                    "driver_opts": { "some.option": option },
                    "labels": ["a=b"],
                    "ipam": { "config": pools, "options": { "x": option } },
                })
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
    (0..4, any::<bool>(), "[a-z$ ]{1,8}").prop_map(|(kind, read_only, folder)| match kind {
        0 => json!({
            "type": "volume",
            "source": "cache",
            "read_only": read_only,
            "volume": { "nocopy": read_only, "subpath": folder.replace('$', "$$") },
        }),
        1 => json!({
            "type": "bind",
            "source": format!("./{}", folder.replace('$', "$$")),
            "read_only": read_only,
            "bind": { "create_host_path": true, "propagation": "rslave", "selinux": "Z" },
            "consistency": "cached",
        }),
        2 => json!({ "type": "volume" }),
        _ => json!({ "type": "tmpfs", "tmpfs": { "size": 65_536, "mode": "0700" } }),
    })
}
