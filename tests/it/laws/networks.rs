//! Networks, and containers on them.

use std::collections::{BTreeMap, BTreeSet};

use nest::engine::Engine;
use nest::observed::{ContainerState, EngineMake};
use nest::plan::step::Operation;
use nest::resource::label::Labels;
use nest::resource::storage::{NetworkSettings, NetworkSpec};

use crate::docker::sandbox::by_name;
use crate::laws::subject::{
    Says, Subject, aliases, connect, create, disconnect, remove, start, stop,
};

pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    let name = subject.name("net");
    subject.must(subject.network(&name)).await;
    let found = subject.look().await;
    let id = found.networks[&name].id.clone();
    assert_eq!(found.networks[&name].labels, subject.labels(&name));
    assert_eq!(
        subject.ask(subject.network(&name)).await,
        Says::Done,
        "the same again"
    );
    assert_eq!(subject.look().await.networks[&name].id, id);
    let other = Operation::CreateNetwork(NetworkSpec {
        name: name.clone(),
        settings: NetworkSettings::default(),
        labels: Labels::from([("whose".to_owned(), "theirs".to_owned())]),
    });
    assert_eq!(subject.ask(other).await, Says::No(409), "the name is taken");

    let mut spec = subject.sleeper(&subject.name("box"));
    let one = BTreeSet::from(["one".to_owned()]);
    spec.live.networks = BTreeMap::from([(name.clone(), one.clone())]);
    let container = by_name(&spec.name);
    subject.must(create(&spec)).await;
    subject.must(start(&container)).await;
    let found = subject.look().await;
    assert_eq!(aliases(&found.containers[&spec.name], &name), Some(one));
    let gone = |id: &str| Operation::RemoveNetwork {
        name: name.clone(),
        id: id.to_owned(),
    };
    assert_eq!(subject.ask(gone(&id)).await, Says::No(403), "it is in use");
    let again = subject.ask(connect(&container, &name, "two")).await;
    assert_eq!(again, Says::No(403), "it is on it");
    changes(subject, &container.name, &name).await;

    // What does not run does not keep its network, and cannot be started without: it has to be connected anew.
    subject.must(stop(&container)).await;
    assert_eq!(subject.ask(gone(&id)).await, Says::Done);
    assert_eq!(
        subject.ask(gone(&id)).await,
        Says::Done,
        "it is gone already"
    );
    let found = subject.look().await;
    assert_eq!(aliases(&found.containers[&spec.name], &name), None);
    assert_eq!(subject.ask(start(&container)).await, Says::No(404));
    let lost = &found.containers[&spec.name].lost_networks;
    assert_eq!(*lost, BTreeSet::from([name.clone()]));
    subject.must(subject.network(&name)).await;
    let found = subject.look().await;
    assert_ne!(found.networks[&name].id, id, "it is another");
    if found.identity.make == EngineMake::Podman {
        // It goes by the name of a network.
        let one = Some(BTreeSet::from(["one".to_owned()]));
        assert_eq!(aliases(&found.containers[&spec.name], &name), one);
    } else {
        assert_eq!(aliases(&found.containers[&spec.name], &name), None);
        assert_eq!(
            subject.ask(start(&container)).await,
            Says::No(404),
            "still the old one"
        );
    }
    subject.must(connect(&container, &name, "three")).await;
    subject.must(start(&container)).await;
    let found = subject.look().await;
    let running = &found.containers[&spec.name];
    assert_eq!(running.state, ContainerState::Running);
    assert_eq!(
        aliases(running, &name),
        Some(BTreeSet::from(["three".to_owned()]))
    );

    subject.must(stop(&container)).await;
    subject.must(gone(&found.networks[&name].id)).await;
    if found.identity.make != EngineMake::Podman {
        // What does not run leaves one that is gone.
        subject.must(disconnect(&container, &name)).await;
        let found = subject.look().await;
        assert!(found.containers[&spec.name].lost_networks.is_empty());
        assert_eq!(subject.ask(start(&container)).await, Says::Done);
        subject.must(stop(&container)).await;
    }
    subject.must(remove(&container)).await;
    assert!(subject.look().await.networks.is_empty());
}

/// Connections of a container that runs.
async fn changes<E: Engine>(subject: &Subject<'_, E>, container: &str, network: &str) {
    let reference = by_name(container);
    let second = subject.name("second");
    subject.must(subject.network(&second)).await;
    let id = subject.look().await.networks[&second].id.clone();
    subject.must(connect(&reference, &second, "two")).await;
    let found = subject.look().await;
    let two = Some(BTreeSet::from(["two".to_owned()]));
    assert_eq!(aliases(&found.containers[container], &second), two);
    assert!(
        found.containers[container]
            .live
            .networks
            .contains_key(network)
    );
    subject.must(disconnect(&reference, &second)).await;
    let found = subject.look().await;
    assert_eq!(aliases(&found.containers[container], &second), None);
    assert_ne!(
        subject.ask(disconnect(&reference, &second)).await,
        Says::Done
    );
    subject
        .must(Operation::RemoveNetwork {
            name: second.clone(),
            id,
        })
        .await;
    let missing = subject.ask(connect(&reference, &second, "two")).await;
    assert_eq!(missing, Says::No(404), "there is no such network");
}
