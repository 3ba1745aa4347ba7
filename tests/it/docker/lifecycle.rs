//! Objects from their making to their end, on the outer engine and on inner ones.

use std::collections::{BTreeMap, BTreeSet};

use nest::engine::{EngineError, Progress, Rung};
use nest::observed::{ContainerState, ObservedInner};
use nest::plan::step::Operation;
use nest::resource::container::{LiveSettings, RestartPolicy};
use nest::resource::engine_path::EnginePath;
use nest::resource::label::Labels;
use nest::resource::storage::{VolumeSettings, VolumeSpec};

use crate::docker::sandbox::{awake, by_name, chain, run, wait_for_engine};

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
            restart: RestartPolicy {
                name: "unless-stopped".to_owned(),
                retries: 0,
            },
            networks: BTreeMap::from([(network.clone(), aliases)]),
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
