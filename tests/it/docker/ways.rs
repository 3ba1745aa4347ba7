//! The ways into an inner engine: each ends there or nowhere.

use std::time::{Duration, Instant};

use nest::docker::Entering;
use nest::engine::Engine as _;
use nest::mode::Mode;
use nest::model::image::ImageReference;
use nest::observed::ObservedInner;
use nest::plan::step::Operation;
use nest::resource::container::{ContainerMount, ContainerMountSource, MountOptions};
use nest::resource::engine_path::EnginePath;

use crate::docker::sandbox::{
    Sandbox, awake, by_name, chain, connect, readiness, run, run_entering, wait_for_engine,
};

/// Says what an engine says, and is none.
const SAYS: &str = "echo API listen on; exec sleep 600";

/// Runs a test once for each way into a container.
async fn by_each_way(name: &str, test: impl AsyncFn(&Sandbox)) {
    run_entering(Entering::Shortest, name, &test).await;
    run_entering(Entering::Exec, &format!("{name}-exec"), &test).await;
}

/// Whether the processes of a container are seen here, by one who may look into all of them: then its engine's socket
/// can be opened itself.
fn is_seen(container_id: &str) -> bool {
    let mut processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_in = |process: std::fs::DirEntry| {
        let groups = std::fs::read_to_string(process.path().join("cgroup")).unwrap_or_default();
        groups.contains(container_id)
    };
    rustix::process::geteuid().is_root() && processes.any(is_in)
}

/// The reason why an engine is silent.
async fn silence(sandbox: &Sandbox, name: &str) -> String {
    match &sandbox.observe(&[]).await.containers[name].engine {
        ObservedInner::Silent(reason) => reason.clone(),
        other => panic!("not silent: {other:?}"),
    }
}

#[tokio::test]
async fn an_outer_socket_at_the_inner_sockets_path_is_found_out() {
    by_each_way("outer-socket", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("trap");
        let mut spec = sandbox.pretender(&name, "docker:dind", SAYS);
        // `/run` and not `/var/run`: mounts do not follow the link.
        spec.fixed.mounts.push(ContainerMount {
            target: "/run/docker.sock".to_owned(),
            source: ContainerMountSource::Bind {
                path: "/run/docker.sock".to_owned(),
                create: false,
            },
            read_only: false,
            options: MountOptions::default(),
        });
        sandbox.start(&outer, spec).await;
        let waited = sandbox.try_perform(&outer, wait_for_engine(&name)).await;
        let error = waited.expect_err("it is the outer engine");
        assert!(
            chain(&error).contains("nothing was sent to it"),
            "{}",
            chain(&error)
        );
        let inner = outer.inside(&name);
        let made = sandbox
            .try_perform(&inner, sandbox.volume(&sandbox.name("stray")))
            .await;
        let error = made.expect_err("it is the outer engine");
        assert!(
            chain(&error).contains("nothing was sent to it"),
            "{}",
            chain(&error)
        );
        let reason = silence(sandbox, &name).await;
        assert!(reason.contains("nothing was sent to it"), "{reason}");
        assert!(sandbox.observe(&[]).await.volumes.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_absolute_link_on_the_sockets_path_is_followed_inside_the_container() {
    by_each_way("link", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("linked");
        for volume in ["data", "client"] {
            let volume = sandbox.volume(&format!("{name}-{volume}"));
            sandbox.perform(&outer, volume).await;
        }
        let mut spec = sandbox.dind(&name);
        let start = spec.fixed.command.join(" ");
        let script =
            format!("rm -rf /var/run && ln -s /run /var/run && exec dockerd-entrypoint.sh {start}");
        spec.fixed.command = ["sh", "-c", &script].map(str::to_owned).to_vec();
        sandbox.start(&outer, spec).await;
        sandbox.perform(&outer, wait_for_engine(&name)).await;
        let inner = outer.inside(&name);
        sandbox.perform(&inner, sandbox.volume("inside")).await;
        let observed = sandbox.observe(&[]).await;
        let engine = awake(&observed.containers[&name]);
        assert!(engine.volumes.contains_key("inside"));
        assert!(!observed.volumes.contains_key("inside"));
    })
    .await;
}

#[tokio::test]
async fn an_environment_that_names_the_outer_engine_leads_nowhere_else() {
    by_each_way("docker-host", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("misled");
        for volume in ["data", "client"] {
            sandbox
                .perform(&outer, sandbox.volume(&format!("{name}-{volume}")))
                .await;
        }
        let mut spec = sandbox.dind(&name);
        spec.fixed.mounts.push(ContainerMount {
            target: "/outer.sock".to_owned(),
            source: ContainerMountSource::Bind {
                path: "/run/docker.sock".to_owned(),
                create: false,
            },
            read_only: false,
            options: MountOptions::default(),
        });
        for (key, value) in [
            ("DOCKER_HOST", "unix:///outer.sock"),
            ("DOCKER_CONTEXT", "elsewhere"),
            ("DOCKER_TLS_VERIFY", "1"),
        ] {
            spec.fixed
                .environment
                .insert(key.to_owned(), value.to_owned());
        }
        spec.labels = sandbox.labelled(&name, &spec.fixed);
        sandbox.start(&outer, spec).await;
        sandbox.perform(&outer, wait_for_engine(&name)).await;
        sandbox
            .perform(&outer.inside(&name), sandbox.volume("cache"))
            .await;
        let observed = sandbox.observe(&[]).await;
        let engine = awake(&observed.containers[&name]);
        assert!(engine.volumes.contains_key("cache"));
        assert!(!observed.volumes.contains_key("cache"));
    })
    .await;
}

#[tokio::test]
async fn an_image_without_the_docker_cli_is_told_what_it_lacks() {
    run_entering(Entering::Exec, "no-cli", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("bare");
        sandbox
            .start(&outer, sandbox.pretender(&name, "alpine:3.20", SAYS))
            .await;
        let waited = sandbox.try_perform(&outer, wait_for_engine(&name)).await;
        let error = waited.expect_err("there is no docker CLI");
        assert!(
            chain(&error).contains("the image lacks the program"),
            "{}",
            chain(&error)
        );
        let reason = silence(sandbox, &name).await;
        assert!(reason.contains("the image lacks the program"), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn a_container_without_nests_labels_is_never_entered() {
    by_each_way("stranger", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("copy");
        let mut spec = sandbox.pretender(&name, "docker:dind", SAYS);
        // As a committed image hands them on: the name is another's.
        spec.labels
            .insert("dev.nest.name".to_owned(), "another".to_owned());
        sandbox.start(&outer, spec).await;
        let observed = sandbox.observe(&[]).await;
        assert_eq!(observed.containers[&name].engine, ObservedInner::None);
    })
    .await;
}

#[tokio::test]
async fn an_engine_in_an_engine_is_reached_like_any_other() {
    by_each_way("deep", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("shell");
        let inner = sandbox.start_dind(&outer, &name).await;
        let mode = Mode::named("dind").expect("there is a mode `dind`");
        let transfer = Operation::TransferImages {
            from: outer.clone(),
            references: vec![ImageReference::new(mode.image)],
            engines: 1,
        };
        sandbox.perform(&inner, transfer).await;
        let deep = sandbox.start_dind(&inner, "core").await;
        sandbox.perform(&deep, sandbox.volume("deepest")).await;

        let observed = sandbox.observe(&[]).await;
        let engine = awake(&observed.containers[&name]);
        let core = awake(&engine.containers["core"]);
        assert!(core.volumes.contains_key("deepest"));
        for around in [&observed.volumes, &engine.volumes] {
            assert!(!around.contains_key("deepest"));
        }

        let container = by_name("core");
        sandbox
            .perform(
                &inner,
                Operation::StopContainer {
                    container: container.clone(),
                },
            )
            .await;
        let gone = sandbox.try_perform(&deep, sandbox.volume("late")).await;
        gone.expect_err("its container has stopped");
        let observed = sandbox.observe(&[]).await;
        let engine = awake(&observed.containers[&name]);
        assert_eq!(engine.containers["core"].engine, ObservedInner::Asleep);
    })
    .await;
}

#[tokio::test]
async fn where_the_socket_itself_can_be_opened_nothing_is_started_in_the_container() {
    run("no-command", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("bare");
        for volume in ["data", "client"] {
            let volume = sandbox.volume(&format!("{name}-{volume}"));
            sandbox.perform(&outer, volume).await;
        }
        let mut spec = sandbox.dind(&name);
        let start = spec.fixed.command.join(" ");
        // A command that nest starts there would fail.
        let script = format!("mv \"$(which docker)\" /gone; exec dockerd-entrypoint.sh {start}");
        spec.fixed.command = ["sh", "-c", &script].map(str::to_owned).to_vec();
        sandbox.start(&outer, spec).await;
        let waited = sandbox.try_perform(&outer, wait_for_engine(&name)).await;
        let observed = sandbox.observe(&[]).await;
        let container = &observed.containers[&name];
        if is_seen(&container.id) {
            waited.expect("the engine is reached by its socket");
            awake(container);
        } else {
            let error = waited.expect_err("there is no docker CLI");
            let said = chain(&error);
            assert!(said.contains("the image lacks the program"), "{said}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_socket_that_nobody_listens_at_is_told() {
    run("no-listener", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("deaf");
        let script = format!("mkdir -p /var/run; {SAYS}");
        sandbox
            .start(&outer, sandbox.pretender(&name, "alpine:3.20", &script))
            .await;
        let mut wait = readiness();
        wait.timeout = Duration::from_secs(2);
        let operation = Operation::WaitForEngine {
            container: by_name(&name),
            readiness: wait,
        };
        let began = Instant::now();
        let waited = sandbox.try_perform(&outer, operation).await;
        assert!(began.elapsed() < Duration::from_secs(30));
        let said = chain(&waited.expect_err("there is no engine"));
        let observed = sandbox.observe(&[]).await;
        let expected = if is_seen(&observed.containers[&name].id) {
            "nobody listens at `/var/run/docker.sock`"
        } else {
            "the image lacks the program"
        };
        assert!(said.contains(expected), "{said}");
        let reason = silence(sandbox, &name).await;
        assert!(reason.contains(expected), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn a_container_that_somebody_else_restarted_is_entered_anew() {
    by_each_way("restarted", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("again");
        let inner = sandbox.start_dind(&outer, &name).await;
        sandbox.perform(&inner, sandbox.volume("before")).await;
        let somebody = connect(Entering::Exec).await;
        for operation in [
            Operation::StopContainer {
                container: by_name(&name),
            },
            Operation::StartContainer {
                container: by_name(&name),
            },
            wait_for_engine(&name),
        ] {
            let done = somebody.perform(&outer, &operation, &|_| {}).await;
            done.expect("the container is restarted");
        }
        let observed = sandbox.observe(&[]).await;
        let engine = awake(&observed.containers[&name]);
        assert!(engine.volumes.contains_key("before"));
    })
    .await;
}
