//! The way into an inner engine: it ends there or nowhere.

use nest::mode::Mode;
use nest::model::image::ImageReference;
use nest::observed::ObservedInner;
use nest::plan::step::Operation;
use nest::resource::container::{ContainerMount, ContainerMountSource};
use nest::resource::engine_path::EnginePath;

use crate::docker::sandbox::{Sandbox, awake, by_name, chain, run, wait_for_engine};

/// Says what an engine says, and is none.
const SAYS: &str = "echo API listen on; exec sleep 600";

/// The reason why an engine is silent.
async fn silence(sandbox: &Sandbox, name: &str) -> String {
    match &sandbox.observe(&[]).await.containers[name].engine {
        ObservedInner::Silent(reason) => reason.clone(),
        other => panic!("not silent: {other:?}"),
    }
}

#[tokio::test]
async fn an_outer_socket_at_the_inner_sockets_path_is_found_out() {
    run("outer-socket", async |sandbox| {
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
    run("link", async |sandbox| {
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
        let observed = sandbox.observe(&[]).await;
        let engine = awake(&observed.containers[&name]);
        assert_ne!(engine.identity.id, observed.identity.id);
    })
    .await;
}

#[tokio::test]
async fn an_environment_that_names_the_outer_engine_leads_nowhere_else() {
    run("docker-host", async |sandbox| {
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
        assert_ne!(engine.identity.id, observed.identity.id);
        assert!(engine.volumes.contains_key("cache"));
        assert!(!observed.volumes.contains_key("cache"));
    })
    .await;
}

#[tokio::test]
async fn an_image_without_the_docker_cli_is_told_what_it_lacks() {
    run("no-cli", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("bare");
        sandbox
            .start(&outer, sandbox.pretender(&name, "alpine:3.20", SAYS))
            .await;
        let waited = sandbox.try_perform(&outer, wait_for_engine(&name)).await;
        let error = waited.expect_err("there is no docker CLI");
        assert!(
            chain(&error).contains("the image has no docker CLI"),
            "{}",
            chain(&error)
        );
        let reason = silence(sandbox, &name).await;
        assert!(reason.contains("the image has no docker CLI"), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn a_container_without_nests_labels_is_never_entered() {
    run("stranger", async |sandbox| {
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
    run("deep", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("shell");
        let inner = sandbox.start_dind(&outer, &name).await;
        let mode = Mode::named("dind").expect("there is a mode `dind`");
        let transfer = Operation::TransferImages {
            from: outer.clone(),
            references: vec![ImageReference::new(mode.image)],
        };
        sandbox.perform(&inner, transfer).await;
        let deep = sandbox.start_dind(&inner, "core").await;
        sandbox.perform(&deep, sandbox.volume("deepest")).await;

        let observed = sandbox.observe(&[]).await;
        let engine = awake(&observed.containers[&name]);
        let core = awake(&engine.containers["core"]);
        assert!(core.volumes.contains_key("deepest"));
        let ids = [
            &observed.identity.id,
            &engine.identity.id,
            &core.identity.id,
        ];
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);

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
