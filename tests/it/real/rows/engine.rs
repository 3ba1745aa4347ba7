//! Rows of the engine inside a container: its configuration, its images, its registries.

use bytes::Bytes;
use serde_json::Value;

use crate::real::rows::{
    CREATE, DELETE, Expected, NO_CHANGE, RELOAD, REPLACE, RESTART, Rows, UPDATE, check, plan,
    settle,
};
use crate::real::sandbox::Sandbox;

const ADDRESS: &str = "environment.builder";

/// An environment with an engine of its own.
struct Builder {
    sandbox: Sandbox,
    daemon: &'static str,
    images: &'static str,
    registries: &'static str,
}

impl Builder {
    fn new() -> Self {
        let builder = Self {
            sandbox: Sandbox::new(""),
            daemon: "",
            images: "alpine:3.20",
            registries: "",
        };
        builder.write();
        builder.sandbox.succeed(&["up"]);
        builder
    }

    fn write(&self) {
        let (daemon, images, registries) = (self.daemon, self.images, self.registries);
        let listed = if registries.is_empty() { "" } else { "local" };
        self.sandbox.write(&format!(
            "registries: {{ {registries} }}\nenvironments:\n  builder:\n    outer: {{ mode: dind, daemon: {{ {daemon} }} }}\n    \
             registries: [{listed}]\n    inner: {{ images: [{images}] }}\n"
        ));
    }

    fn container(&self) -> String {
        format!("{}-builder-1", self.sandbox.name)
    }

    /// Id of the container, and when it was started.
    fn run(&self) -> (String, Option<String>) {
        let inspected = self.sandbox.inspect(&self.container());
        let started = inspected.state.and_then(|state| state.started_at);
        (inspected.id.expect("an id"), started)
    }

    /// Plans, applies and compares. The container stays; it stops only where the impact says so.
    fn go(&self, attribute: &str, expected: Expected<'_>) {
        self.write();
        check(&plan(&self.sandbox, &[]), ADDRESS, attribute, expected);
        let (id, started) = self.run();
        settle(&self.sandbox, &[]);
        let (now, restarted) = self.run();
        assert_eq!(now, id);
        assert_eq!(restarted != started, expected.impact == "engine_restart");
    }

    fn info(&self) -> Value {
        let info = self
            .sandbox
            .inside("builder", &["docker", "info", "--format", "{{json .}}"]);
        serde_json::from_str(&info).expect("JSON")
    }

    /// Puts a file in place of the engine's configuration, as somebody in the container would.
    fn edit(&self, text: &str) {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o600);
        header.set_size(text.len() as u64);
        archive
            .append_data(&mut header, "daemon.json", text.as_bytes())
            .expect("memory can be written to");
        let archive = archive.into_inner().expect("memory can be written to");
        let options = bollard::query_parameters::UploadToContainerOptionsBuilder::default()
            .path("/etc/docker")
            .build();
        let container = self.container();
        let body = bollard::body_full(Bytes::from(archive));
        let upload = self
            .sandbox
            .docker
            .upload_to_container(&container, Some(options), body);
        self.sandbox
            .runtime
            .block_on(upload)
            .expect("it is written");
    }
}

#[test]
fn keys_of_the_daemon() {
    let (mut builder, mut rows) = (Builder::new(), Rows::default());
    rows.row("a reloadable key added", || {
        builder.daemon = "debug: true";
        builder.go("daemon.debug", RELOAD);
        assert_eq!(builder.info()["Debug"], true);
    });
    rows.row("a reloadable key changed", || {
        builder.daemon = "debug: false";
        builder.go("daemon.debug", RELOAD);
        assert_eq!(builder.info()["Debug"], false);
    });
    rows.row("the file edited by hand, a reloadable key", || {
        builder.edit(r#"{"debug": true, "registry-mirrors": [], "insecure-registries": []}"#);
        let drifted = plan(&builder.sandbox, &["--refresh-only"]);
        let drift = &drifted["resource_drift"][0];
        assert_eq!(drift["address"], ADDRESS, "{drifted:#}");
        assert_eq!(drift["change"]["after"]["daemon.debug"], true, "{drift:#}");
        builder.go("daemon.debug", RELOAD);
        assert_eq!(builder.info()["Debug"], false);
    });
    rows.row("another key added", || {
        builder.daemon = "debug: false, mtu: 1400";
        builder.go("daemon.mtu", RESTART);
    });
    rows.row("the file edited by hand, another key", || {
        builder.edit(
            r#"{"debug": false, "mtu": 1300, "default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "1400"}}, "registry-mirrors": [], "insecure-registries": []}"#,
        );
        builder.go("daemon.mtu", RESTART);
    });
    rows.row("the file broken by hand", || {
        builder.edit("{");
        builder.go("daemon.mtu", RESTART);
        let text = builder
            .sandbox
            .inside("builder", &["cat", "/etc/docker/daemon.json"]);
        let file: Value = serde_json::from_str(&text).expect("it is JSON again");
        assert_eq!(file["mtu"], 1400);
    });
    rows.row("a reloadable key removed", || {
        builder.daemon = "mtu: 1400";
        builder.go("daemon.debug", RESTART);
    });
    rows.row("another key removed", || {
        builder.daemon = "";
        builder.go("daemon.mtu", RESTART);
    });
    rows.row("a secret by name, and another one", || {
        builder.daemon = "labels: [{ file: ./label }]";
        builder.write();
        for label in ["team=hunter2", "team=correct"] {
            let path = builder.sandbox.folder.path().join("label");
            std::fs::write(path, format!("{label}\n")).expect("there is room");
            let said = builder.sandbox.succeed(&["plan"]).stdout;
            assert!(!said.contains("team="), "{said}");
            let before = builder.run();
            builder.sandbox.succeed(&["up"]);
            builder.sandbox.succeed(&["plan", "--detailed-exitcode"]);
            assert_eq!(builder.run(), before, "it only reads it again");
            assert_eq!(builder.info()["Labels"], serde_json::json!([label]));
        }
    });
    rows.end(9);
}

#[test]
fn images_and_registries() {
    let (mut builder, mut rows) = (Builder::new(), Rows::default());
    let image = |name: &str| format!("{ADDRESS}/image[\"{name}\"]");
    let ids = |builder: &Builder| {
        let names = [
            "docker",
            "images",
            "--no-trunc",
            "--format",
            "{{.Repository}}:{{.Tag}} {{.ID}}",
        ];
        builder.sandbox.inside("builder", &names)
    };
    rows.row("an inner image added", || {
        builder.images = "alpine:3.20, busybox:1.36";
        builder.write();
        check(
            &plan(&builder.sandbox, &[]),
            &image("busybox:1.36"),
            "",
            CREATE,
        );
        builder.go("", NO_CHANGE);
        assert!(ids(&builder).contains("busybox:1.36"));
    });
    rows.row("an inner image removed", || {
        builder.images = "alpine:3.20";
        builder.write();
        check(
            &plan(&builder.sandbox, &[]),
            &image("busybox:1.36"),
            "",
            DELETE,
        );
        builder.go("", NO_CHANGE);
        assert!(!ids(&builder).contains("busybox:1.36"));
    });
    rows.row("an inner image that others removed", || {
        builder
            .sandbox
            .inside("builder", &["docker", "rmi", "alpine:3.20"]);
        let plan = plan(&builder.sandbox, &[]);
        check(&plan, &image("alpine:3.20"), "", CREATE);
        assert_eq!(plan["resource_drift"][0]["address"], image("alpine:3.20"));
        builder.go("", NO_CHANGE);
        assert!(ids(&builder).contains("alpine:3.20"));
    });
    rows.row(
        "the source of an inner image, which has another image now",
        || {
            builder.images = "{ image: 'alpine:3.20', source: outer }";
            builder.go("", NO_CHANGE);
            // Inside, its name is given to nothing that the outer engine has.
            builder.sandbox.inside(
                "builder",
                &[
                    "sh",
                    "-c",
                    "docker create --name other alpine:3.20 true && \
            docker commit other alpine:3.20 && docker rm other",
                ],
            );
            let changed = UPDATE.because("update_because_moved");
            let before = ids(&builder);
            let plan = plan(&builder.sandbox, &[]);
            check(&plan, &image("alpine:3.20"), "content", changed);
            builder.go("", NO_CHANGE);
            assert_ne!(ids(&builder), before);
        },
    );
    rows.row("a registry added", || {
        builder.registries = "local: {}";
        builder.write();
        check(&plan(&builder.sandbox, &[]), "registry.local", "", CREATE);
        builder.go("daemon.insecure-registries", RELOAD);
    });
    let registry = format!("{}-local-1", builder.sandbox.name);
    rows.row("a registry changed", || {
        builder.registries = "local: { environment: { REGISTRY_LOG_LEVEL: warn } }";
        builder.write();
        let plan = plan(&builder.sandbox, &[]);
        check(
            &plan,
            "registry.local",
            "environment.REGISTRY_LOG_LEVEL",
            REPLACE,
        );
        let id = builder.sandbox.id(&registry);
        builder.go("", NO_CHANGE);
        assert_ne!(builder.sandbox.id(&registry), id);
    });
    rows.row("a registry removed", || {
        builder.registries = "";
        builder.write();
        check(&plan(&builder.sandbox, &[]), "registry.local", "", DELETE);
        builder.go("daemon.insecure-registries", RELOAD);
        let kept = format!("volume {}_local-data", builder.sandbox.name);
        assert!(builder.sandbox.objects().contains(&kept));
    });
    rows.end(7);
}
