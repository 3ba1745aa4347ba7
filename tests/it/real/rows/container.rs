//! Rows of a container's own keys.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::real::rows::{Expected, REPLACE, Rows, UPDATE, check, plan, settle};
use crate::real::sandbox::Sandbox;

const ADDRESS: &str = "environment.tools";

/// An environment whose keys are set one after another.
pub(super) struct Tools {
    pub(super) sandbox: Sandbox,
    outer: BTreeMap<&'static str, String>,
    volumes: Vec<&'static str>,
}

impl Tools {
    pub(super) fn new() -> Self {
        let tools = Self {
            sandbox: Sandbox::new(""),
            outer: BTreeMap::from([
                ("mode", "socket".to_owned()),
                ("stop_grace_period", "1s".to_owned()),
            ]),
            volumes: vec!["work:/work"],
        };
        tools.write();
        tools.sandbox.succeed(&["up"]);
        tools
    }

    fn write(&self) {
        let keys: Vec<String> = self
            .outer
            .iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        self.sandbox.write(&format!(
            "volumes: {{ work: {{}}, spare: {{}} }}\nenvironments:\n  tools:\n    outer: {{ {} }}\n    volumes: [{}]\n",
            keys.join(", "),
            self.volumes.join(", ")
        ));
    }

    fn container(&self) -> String {
        format!("{}-tools-1", self.sandbox.name)
    }

    fn inspected(&self) -> Value {
        serde_json::to_value(self.sandbox.inspect(&self.container())).expect("JSON")
    }

    /// Plans the file as it stands, applies it, and compares: the plan, whether the container is still the same one,
    /// and what the engine says of it at `pointer`; one that ends with `*` is to a list, in which that is.
    pub(super) fn go(&self, attribute: &str, expected: Expected<'_>, pointer: &str, value: &Value) {
        self.write();
        check(&plan(&self.sandbox, &[]), ADDRESS, attribute, expected);
        let id = self.sandbox.id(&self.container());
        settle(&self.sandbox, &[]);
        let kept = self.sandbox.id(&self.container()) == id;
        assert_eq!(
            kept,
            expected.actions == "update",
            "whether it is the same container"
        );
        let inspected = self.inspected();
        if let Some(list) = pointer.strip_suffix("/*") {
            let mut found = inspected
                .pointer(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let is_there = found.any(|found| has(found, value));
            assert!(is_there, "{value} in {list}: {inspected:#}");
            return;
        }
        let found = inspected.pointer(pointer).unwrap_or(&Value::Null);
        assert_eq!(found, value, "{pointer}");
    }

    pub(super) fn set(&mut self, key: &'static str, value: &str) -> &Self {
        self.outer.insert(key, value.to_owned());
        self
    }

    pub(super) fn unset(&mut self, key: &'static str) -> &Self {
        self.outer.remove(key);
        self
    }
}

/// Whether a value is another, or has all keys of the other.
fn has(value: &Value, other: &Value) -> bool {
    let Value::Object(keys) = other else {
        return value == other;
    };
    keys.iter()
        .all(|(key, wanted)| value.get(key) == Some(wanted))
}

const LIFTED: Expected<'static> = REPLACE.because("replace_because_limit_removed");

#[test]
fn limits_and_policies() {
    let (mut tools, mut rows) = (Tools::new(), Rows::default());
    let nano_cpus = "/HostConfig/NanoCpus";
    let memory = "/HostConfig/Memory";
    rows.row("cpus added", || {
        tools
            .set("cpus", "0.5")
            .go("cpus", UPDATE, nano_cpus, &json!(500_000_000));
    });
    rows.row("cpus changed", || {
        tools
            .set("cpus", "1.5")
            .go("cpus", UPDATE, nano_cpus, &json!(1_500_000_000));
    });
    rows.row("cpus removed", || {
        tools.unset("cpus").go("cpus", LIFTED, nano_cpus, &json!(0));
    });
    rows.row("memory added", || {
        tools
            .set("memory", "64m")
            .go("memory", UPDATE, memory, &json!(64 << 20));
    });
    rows.row("memory raised above its swap", || {
        tools
            .set("memory", "512m")
            .go("memory", UPDATE, memory, &json!(512 << 20));
    });
    rows.row("memory lowered", || {
        tools
            .set("memory", "128m")
            .go("memory", UPDATE, memory, &json!(128 << 20));
    });
    rows.row("memory removed", || {
        tools
            .unset("memory")
            .go("memory", LIFTED, memory, &json!(0));
    });
    let pids = "/HostConfig/PidsLimit";
    rows.row("pids_limit added", || {
        tools
            .set("pids_limit", "100")
            .go("pids_limit", UPDATE, pids, &json!(100));
    });
    rows.row("pids_limit unlimited", || {
        tools.set("pids_limit", "-1").write();
        check(&plan(&tools.sandbox, &[]), ADDRESS, "pids_limit", UPDATE);
        settle(&tools.sandbox, &[]);
    });
    rows.row("restart changed", || {
        let policy = json!("unless-stopped");
        tools.set("restart", "unless-stopped").go(
            "restart",
            UPDATE,
            "/HostConfig/RestartPolicy/Name",
            &policy,
        );
    });
    rows.row("restart removed", || {
        tools.unset("restart").go(
            "restart",
            UPDATE,
            "/HostConfig/RestartPolicy/Name",
            &json!("no"),
        );
    });
    rows.row("pids_limit and a limit that stays", || {
        tools.set("pids_limit", "50");
        tools.set("cpus", "1").go("cpus", UPDATE, pids, &json!(50));
    });
    rows.row("pids_limit removed", || {
        let lifted = tools.unset("pids_limit");
        lifted.write();
        check(&plan(&lifted.sandbox, &[]), ADDRESS, "pids_limit", UPDATE);
        settle(&lifted.sandbox, &[]);
        let limit = lifted.inspected().pointer(pids).and_then(Value::as_i64);
        assert!(limit.is_none_or(|limit| limit <= 0), "{limit:?}");
    });
    rows.end(13);
}

#[test]
fn mounts_and_images() {
    let (mut tools, mut rows) = (Tools::new(), Rows::default());
    rows.row("a mount added", || {
        tools.volumes.push("spare:/spare");
        tools.go(
            "mount /spare",
            REPLACE,
            "/Mounts/*",
            &json!({ "Destination": "/spare", "RW": true }),
        );
    });
    rows.row("a mount read-only", || {
        tools.volumes[1] = "spare:/spare:ro";
        tools.go(
            "mount /spare",
            REPLACE,
            "/Mounts/*",
            &json!({ "Destination": "/spare", "RW": false }),
        );
    });
    rows.row("a mount removed", || {
        tools.volumes.pop();
        tools.go("mount /spare", REPLACE, "/Mounts/2", &Value::Null);
    });
    rows.row("a file of variables", || {
        let file = tools.sandbox.folder.path().join("colours.env");
        std::fs::write(&file, "SHADE=dark\n").expect("the folder can be written to");
        let found = json!("SHADE=dark");
        tools.set("env_file", "colours.env").go(
            "environment.SHADE",
            REPLACE,
            "/Config/Env/*",
            &found,
        );
        std::fs::write(&file, "SHADE=light\n").expect("the folder can be written to");
        let found = json!("SHADE=light");
        tools.go("environment.SHADE", REPLACE, "/Config/Env/*", &found);
    });
    let tag = |tools: &Tools, from: &str| {
        let options = bollard::query_parameters::TagImageOptionsBuilder::default()
            .repo(&tools.sandbox.name)
            .tag("mine")
            .build();
        let tagging = tools.sandbox.docker.tag_image(from, Some(options));
        tools
            .sandbox
            .runtime
            .block_on(tagging)
            .expect("it can be tagged");
    };
    let mine = format!("{}:mine", tools.sandbox.name);
    // Podman tells whole names.
    let shown = if tools.sandbox.is_podman() {
        json!(format!("docker.io/library/{mine}"))
    } else {
        json!(mine)
    };
    rows.row("another image", || {
        tag(&tools, "docker:cli");
        tools
            .set("image", &format!("'{mine}'"))
            .go("image", REPLACE, "/Config/Image", &shown);
    });
    rows.row("an image name that stands for another image", || {
        tag(&tools, "alpine:3.20");
        let updated = REPLACE.because("replace_because_image_updated");
        tools.go("image id", updated, "/Config/Image", &shown);
    });
    let removal = tools.sandbox.docker.remove_image(
        &mine,
        Some(
            bollard::query_parameters::RemoveImageOptionsBuilder::default()
                .force(true)
                .build(),
        ),
        None,
    );
    tools.sandbox.succeed(&["down", "--volumes", "--yes"]);
    drop(tools.sandbox.runtime.block_on(removal));
    rows.end(6);
}

#[test]
fn what_others_do_and_replacement_on_request() {
    let (tools, mut rows) = (Tools::new(), Rows::default());
    let container = tools.container();
    rows.row("replacement requested", || {
        let requested = REPLACE.because("replace_by_request");
        let options = ["--replace", ADDRESS];
        check(&plan(&tools.sandbox, &options), ADDRESS, "", requested);
        let id = tools.sandbox.id(&tools.container());
        settle(&tools.sandbox, &options);
        assert_ne!(tools.sandbox.id(&tools.container()), id);
    });
    rows.row("taken from its network by hand", || {
        let network = format!("{}_default", tools.sandbox.name);
        let request = bollard::models::NetworkDisconnectRequest {
            container: tools.container(),
            force: Some(true),
        };
        let leaving = tools.sandbox.docker.disconnect_network(&network, request);
        tools.sandbox.runtime.block_on(leaving).expect("it leaves");
        let attribute = format!("network {network}");
        let pointer = format!("/NetworkSettings/Networks/{network}/Aliases/0");
        tools.go(&attribute, UPDATE, &pointer, &json!("tools"));
    });
    rows.row("stopped by hand", || {
        let stopping = tools.sandbox.docker.stop_container(&container, None);
        tools.sandbox.runtime.block_on(stopping).expect("it stops");
        let started = UPDATE.because("update_because_not_running");
        tools.go("", started, "/State/Running", &json!(true));
    });
    rows.row("removed by hand", || {
        let force = bollard::query_parameters::RemoveContainerOptionsBuilder::default()
            .force(true)
            .build();
        let removing = tools
            .sandbox
            .docker
            .remove_container(&container, Some(force));
        tools.sandbox.runtime.block_on(removing).expect("it goes");
        check(
            &plan(&tools.sandbox, &[]),
            ADDRESS,
            "",
            crate::real::rows::CREATE,
        );
        settle(&tools.sandbox, &[]);
    });
    rows.end(4);
}
