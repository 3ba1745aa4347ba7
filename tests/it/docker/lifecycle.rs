//! Objects from their making to their end, on the outer engine and on inner ones.

use std::collections::{BTreeMap, BTreeSet};

use nest::engine::{EngineError, Progress, Rung};
use nest::observed::{ContainerState, ObservedInner};
use nest::plan::step::{ContainerUpdate, Operation};
use nest::resource::container::{
    ContainerMount, ContainerMountSource, ContainerRef, LiveSettings, MountOptions, PortBinding,
    RestartPolicy,
};
use nest::resource::engine_path::EnginePath;
use nest::resource::label::Labels;
use nest::resource::storage::{VolumeSettings, VolumeSpec};

use crate::docker::sandbox::{awake, by_name, chain, eventually, run, wait_for_engine};

#[tokio::test]
async fn an_inner_engine_is_made_observed_and_removed() {
    run("inner", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("builder-1");
        let network = sandbox.name("net");
        sandbox.perform(&outer, sandbox.network(&network)).await;
        for volume in ["data", "client"] {
            let volume = sandbox.volume(&format!("{name}-{volume}"));
            sandbox.perform(&outer, volume).await;
        }
        let mut spec = sandbox.dind(&name);
        let aliases = BTreeSet::from(["builder".to_owned()]);
        let live = LiveSettings {
            nano_cpus: Some(1_500_000_000),
            memory: Some(1 << 30),
            pids: None,
            restart: RestartPolicy {
                name: "unless-stopped".to_owned(),
                retries: 0,
            },
            networks: BTreeMap::from([(network.clone(), aliases)]),
            endpoints: BTreeMap::new(),
        };
        spec.live = live.clone();
        sandbox
            .perform(&outer, Operation::CreateContainer(Box::new(spec.clone())))
            .await;
        let observed = sandbox.observe(&[]).await;
        let created = &observed.containers[&name];
        assert_eq!(created.state, ContainerState::Created);
        assert_eq!(created.engine, ObservedInner::Asleep);
        assert_eq!(created.live, live);
        // The image's own labels are handed on.
        let made_of = |(key, value): (&String, &String)| created.labels.get(key) == Some(value);
        assert!(spec.labels.iter().all(made_of), "{:?}", created.labels);
        assert_eq!(created.anonymous_volumes, BTreeMap::new());

        let container = by_name(&name);
        sandbox
            .perform(
                &outer,
                Operation::StartContainer {
                    container: container.clone(),
                },
            )
            .await;
        sandbox
            .perform(
                &outer,
                Operation::StartContainer {
                    container: container.clone(),
                },
            )
            .await;
        let told = sandbox.perform(&outer, wait_for_engine(&name)).await;
        let rungs = [
            Rung::Running,
            Rung::LogLine,
            Rung::Transport,
            Rung::Ping,
            Rung::Info,
        ];
        assert_eq!(told, rungs.map(Progress::Rung));

        let inner = outer.inside(&name);
        sandbox.perform(&inner, sandbox.volume("cache")).await;
        let observed = sandbox.observe(&["alpine:3.20", "no.such/image:1"]).await;
        let found = &observed.containers[&name];
        let engine = awake(found);
        assert_ne!(engine.identity.id, observed.identity.id);
        assert_eq!(engine.volumes.keys().collect::<Vec<_>>(), ["cache"]);
        assert!(engine.foreign_networks.contains("bridge"));
        assert!(engine.images.is_empty());
        assert_eq!(observed.images.len(), 1);
        assert_eq!(found.live, live);
        assert!(observed.networks.contains_key(&network));

        sandbox
            .perform(
                &outer,
                Operation::StopContainer {
                    container: container.clone(),
                },
            )
            .await;
        sandbox
            .perform(
                &outer,
                Operation::StopContainer {
                    container: container.clone(),
                },
            )
            .await;
        let observed = sandbox.observe(&[]).await;
        assert_eq!(observed.containers[&name].engine, ObservedInner::Asleep);
        let remove = Operation::RemoveContainer {
            container,
            anonymous_volumes: true,
        };
        sandbox.perform(&outer, remove.clone()).await;
        sandbox.perform(&outer, remove).await;
        assert!(sandbox.observe(&[]).await.containers.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_volume_of_other_labels_is_not_taken_for_the_one_declared() {
    run("volumes", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("cache");
        sandbox.perform(&outer, sandbox.volume(&name)).await;
        sandbox.perform(&outer, sandbox.volume(&name)).await;
        let foreign = Operation::CreateVolume(VolumeSpec {
            name: name.clone(),
            settings: VolumeSettings::default(),
            labels: Labels::new(),
        });
        let error = sandbox
            .try_perform(&outer, foreign)
            .await
            .expect_err("the labels differ");
        assert!(
            matches!(error, EngineError::NoEffect { .. }),
            "{}",
            chain(&error)
        );
    })
    .await;
}

#[tokio::test]
async fn limits_and_networks_change_in_place() {
    run("in-place", async |sandbox| {
        let outer = EnginePath::outer();
        let (first, second) = (sandbox.name("first"), sandbox.name("second"));
        for network in [&first, &second] {
            sandbox.perform(&outer, sandbox.network(network)).await;
        }
        let name = sandbox.name("box");
        let mut spec = sandbox.sleeper(&name);
        let aliases = |names: &[&str]| names.iter().copied().map(str::to_owned).collect();
        spec.live = LiveSettings {
            nano_cpus: Some(500_000_000),
            memory: Some(64 << 20),
            pids: Some(100),
            restart: RestartPolicy {
                name: "on-failure".to_owned(),
                retries: 3,
            },
            networks: BTreeMap::from([
                (first.clone(), aliases(&["one", &name])),
                (second.clone(), aliases(&["two"])),
            ]),
            endpoints: BTreeMap::new(),
        };
        let made = spec.live.clone();
        sandbox.start(&outer, spec).await;
        let observed = sandbox.observe(&[]).await;
        let found = &observed.containers[&name];
        assert_eq!(found.live, made);
        let container = ContainerRef {
            name: name.clone(),
            id: Some(found.id.clone()),
        };

        // More than the limit of swap that was stored with the old limit of memory.
        let update = Operation::UpdateContainer {
            container: container.clone(),
            update: ContainerUpdate {
                nano_cpus: Some(750_000_000),
                memory: Some(512 << 20),
                pids: Some(200),
                restart: Some(RestartPolicy {
                    name: "unless-stopped".to_owned(),
                    retries: 0,
                }),
            },
        };
        sandbox.perform(&outer, update).await;
        let disconnect = Operation::DisconnectNetwork {
            container: container.clone(),
            network: first.clone(),
        };
        sandbox.perform(&outer, disconnect.clone()).await;
        let connect = Operation::ConnectNetwork {
            container: container.clone(),
            network: first.clone(),
            aliases: vec!["another".to_owned()],
            endpoint: None,
        };
        sandbox.perform(&outer, connect).await;
        let observed = sandbox.observe(&[]).await;
        let found = &observed.containers[&name];
        assert_eq!(Some(&found.id), container.id.as_ref());
        let changed = LiveSettings {
            nano_cpus: Some(750_000_000),
            memory: Some(512 << 20),
            pids: Some(200),
            restart: RestartPolicy {
                name: "unless-stopped".to_owned(),
                retries: 0,
            },
            networks: BTreeMap::from([
                (first.clone(), aliases(&["another"])),
                (second, aliases(&["two"])),
            ]),
            endpoints: BTreeMap::new(),
        };
        assert_eq!(found.live, changed);

        sandbox.perform(&outer, disconnect.clone()).await;
        let error = sandbox
            .try_perform(&outer, disconnect)
            .await
            .expect_err("it is not on it");
        assert!(
            matches!(error, EngineError::Refused { .. }),
            "{}",
            chain(&error)
        );
    })
    .await;
}

#[tokio::test]
async fn a_missing_folder_is_made_only_where_that_is_declared() {
    run("folders", async |sandbox| {
        let outer = EnginePath::outer();
        let bind = |path: &str, create: bool| ContainerMount {
            target: "/seen".to_owned(),
            source: ContainerMountSource::Bind {
                path: path.to_owned(),
                create,
            },
            read_only: true,
            options: MountOptions::default(),
        };
        let name = sandbox.name("strict");
        let mut spec = sandbox.sleeper(&name);
        spec.fixed.mounts = vec![bind("/tmp/nest-it-folders/missing", false)];
        let create = Operation::CreateContainer(Box::new(spec));
        let error = sandbox
            .try_perform(&outer, create)
            .await
            .expect_err("there is no such folder");
        assert!(
            chain(&error).contains("/tmp/nest-it-folders/missing"),
            "{}",
            chain(&error)
        );

        let name = sandbox.name("lenient");
        let mut spec = sandbox.sleeper(&name);
        spec.fixed.mounts = vec![bind("/tmp/nest-it-folders/made", true)];
        spec.fixed.ports = vec![PortBinding {
            container: "80/tcp".to_owned(),
            host_ip: "127.0.0.1".to_owned(),
            host_port: None,
        }];
        sandbox.start(&outer, spec).await;
        let observed = sandbox.observe(&[]).await;
        assert_eq!(observed.containers[&name].state, ContainerState::Running);

        // What was made lies on the engine's host, where only a container gets at it.
        let name = sandbox.name("broom");
        let mut spec = sandbox.sleeper(&name);
        spec.fixed.mounts = vec![ContainerMount {
            target: "/host".to_owned(),
            source: ContainerMountSource::Bind {
                path: "/tmp".to_owned(),
                create: false,
            },
            read_only: false,
            options: MountOptions::default(),
        }];
        spec.fixed.command = ["busybox", "rm", "-rf", "/host/nest-it-folders"]
            .map(str::to_owned)
            .to_vec();
        sandbox.start(&outer, spec).await;
        eventually("the folder is swept away", async || {
            let observed = sandbox.observe(&[]).await;
            observed.containers[&name].state == ContainerState::Exited(0)
        })
        .await;
    })
    .await;
}
