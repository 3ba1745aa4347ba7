//! Services in the namespaces of others, and the ports at which they are reached.

use nest::observed::ContainerState;

use crate::apply::bring_up;
use crate::plan::services::becomes;
use crate::plan::{UP, engine, plan_now};

/// A server, and one that is in its network.
const SIDECAR: &str = "
name: test
services:
  srv: { image: alpine:3.20, command: serve }
  side: { image: alpine:3.20, network_mode: service:srv, restart: always }
";

#[test]
fn who_shares_the_namespaces_of_one_that_is_done_has_it_started_first() {
    let ended = |side: i64| {
        move |engine: &crate::memory::MemoryEngine| {
            engine.with(|state| {
                for (name, code) in [("test-srv-1", 0), ("test-side-1", side)] {
                    let container = state.containers.get_mut(name).expect("it is there");
                    container.state = ContainerState::Exited(code);
                }
            });
        }
    };
    assert_eq!(
        becomes(SIDECAR, SIDECAR, ended(137)),
        [
            "Update service.side (it does not run)",
            "Update service.srv (it does not run)",
        ]
    );
    let other = SIDECAR.replace("restart: always", "environment: { A: b }");
    assert_eq!(
        becomes(SIDECAR, &other, ended(0)),
        [
            "Replace service.side",
            "Update service.srv (it does not run)",
        ]
    );
    // Both are done.
    let both = SIDECAR.replace(", restart: always", "");
    assert_eq!(becomes(&both, &both, ended(0)), [""; 0]);
    let engine = engine();
    bring_up(&engine, SIDECAR);
    ended(137)(&engine);
    bring_up(&engine, SIDECAR);
    assert!(!plan_now(&engine, SIDECAR, UP).has_changes());
}

#[test]
fn each_place_of_the_host_for_a_port_counts() {
    let file = |ports: &str| {
        format!(
            "{{ name: test, services: {{ app: {{ image: \"alpine:3.20\", ports: [{ports}] }} }} }}"
        )
    };
    let (two, one) = (file("\"8081:80\", \"8082:80\""), file("\"8082:80\""));
    let (app, other) = ("Replace service.app", file("\"8083:80\", \"8082:80\""));
    for (before, after) in [(&two, &one), (&one, &two), (&two, &other)] {
        assert_eq!(becomes(before, after, |_| {}), [app]);
    }
    let turned = file("\"8082:80\", \"8081:80\"");
    assert_eq!(becomes(&two, &turned, |_| {}), [""; 0]);
}
