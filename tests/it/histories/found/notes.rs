//! A run for a part of the project notes in records what it is about, and nothing else.

use std::collections::BTreeSet;

use nest::model::image::ImageReference;
use nest::plan::PlanOptions;
use nest::up::{Outcome, question};
use serde_json::{Value, json};

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{UP, engine};
use crate::yaml::wanted;

/// What is edited in a half of the file.
const EDITS: [&str; 9] = [
    "nothing", "cpus", "variable", "mtu", "keep", "image", "push", "network", "gone",
];

/// A file of two halves, of which each has its edit.
fn file(edits: [&str; 2]) -> String {
    let mut file = json!({ "name": "test" });
    for (half, edit) in ["one", "two"].into_iter().zip(edits) {
        if edit == "gone" {
            continue;
        }
        let is = |it: &str| edit == it;
        let named = |what: &str| format!("{what}-{half}");
        let image = named("img") + ":1";
        let images = if is("image") {
            json!([])
        } else {
            json!([image])
        };
        let pushed = if is("push") {
            json!([image])
        } else {
            json!([])
        };
        file["volumes"][named("cache")] = json!({});
        file["networks"][named("net")] = json!({ "internal": is("network") });
        file["registries"][named("reg")] = json!({ "images": pushed });
        file["environments"][named("env")] = json!({
            "outer": {
                "mode": "dind",
                "cpus": if is("cpus") { 2 } else { 1 },
                "environment": { "VARIABLE": is("variable").to_string() },
                "daemon": { "mtu": if is("mtu") { 1300 } else { 1400 } },
                "data": { "keep": !is("keep"), "seed": "link" },
            },
            "volumes": [named("cache") + ":/cache"],
            "registries": [named("reg")],
            "inner": {
                "images": images,
                "services": { named("job"): { "image": "alpine:3.20" } },
            },
        });
        file["services"][named("svc")] = json!({
            "image": "alpine:3.20",
            "networks": [named("net")],
            "depends_on": { named("env"): { "condition": "service_healthy", "restart": true } },
        });
    }
    file.to_string()
}

/// What the records of the outer engine and of the one in `env-two` say of the second half.
fn notes_of_two(engine: &MemoryEngine) -> BTreeSet<String> {
    let question = question(&wanted("{ name: test }"));
    engine.with(|state| {
        let outer = state.record(&question);
        let inner = state.data_of_mut("test-env-two-1");
        let inner = inner.map(|inner| inner.record(&question));
        let value = serde_json::to_value((&outer, &inner)).expect("it is JSON");
        let mut notes = BTreeSet::new();
        for (name, note) in value[0].as_object().expect("a record is a mapping") {
            let entries: Vec<String> = match note {
                Value::Object(entries) => entries.iter().map(|it| format!("{it:?}")).collect(),
                Value::Array(entries) => entries.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            };
            let of_two = entries.into_iter().filter(|entry| entry.contains("-two"));
            notes.extend(of_two.map(|entry| format!("{name}: {entry}")));
        }
        notes.insert(format!("inside: {}", value[1]));
        notes
    })
}

#[test]
fn a_part_notes_in_records_only_what_it_is_about() {
    let images = ["img-one:1", "img-two:1"];
    let targets = [
        "environment.env-one",
        "service.svc-one",
        "volume.cache-one",
        "network.net-one",
        "registry.reg-one",
    ];
    let part = PlanOptions {
        targets: targets.map(|it| it.parse().expect("an address")).to_vec(),
        ..UP
    };
    for edit in EDITS {
        let engine = || {
            let engine = engine();
            for image in images {
                let content = format!("{image} as built");
                engine.with(|state| state.images.insert(ImageReference::new(image), content));
            }
            bring_up(&engine, &file(["nothing"; 2]));
            engine
        };
        let edited = file([edit; 2]);
        let whole = engine();
        let before = notes_of_two(&whole);
        assert!(before.len() > 5, "{before:#?}");
        drop(whole.take_log());
        let outcome = run(&whole, &edited, part.clone());
        assert!(
            matches!(outcome, Outcome::Done { .. }),
            "{edit}: {outcome:?}"
        );
        assert_eq!(notes_of_two(&whole), before, "{edit}");
        for at in 0..whole.take_log().len() {
            let engine = engine();
            let kind = FaultKind::FailsFromHere;
            engine.set_faults(vec![Fault { at, kind }]);
            run(&engine, &edited, part.clone());
            assert_eq!(notes_of_two(&engine), before, "{edit}, failed at {at}");
        }
        bring_up(&whole, &edited);
        // Settings that only labels hold.
        let is_label = ["nothing", "variable", "network"].contains(&edit);
        assert_eq!(is_label, notes_of_two(&whole) == before, "{edit}");
    }
}

#[test]
fn what_an_engine_has_not_read_is_not_in_force_though_the_record_is_lost() {
    let file = |mirror: &str| {
        format!(
            "{{ name: test, registries: {{ reg0: {{ {mirror} }} }}, environments: {{ \
             box: {{ outer: dind, registries: [reg0] }} }} }}"
        )
    };
    let (before, after) = (file(""), file("mirror: docker.io"));
    let read =
        |engine: &MemoryEngine| engine.with(|state| state.containers["test-box-1"].daemon.clone());
    let right = {
        let engine = engine();
        bring_up(&engine, &after);
        read(&engine)
    };
    for at in 0..30 {
        let engine = engine();
        bring_up(&engine, &before);
        assert_ne!(read(&engine), right);
        engine.with(|state| state.volumes.retain(|name, _| !name.contains("-record-")));
        let kind = FaultKind::FailsFromHere;
        engine.set_faults(vec![Fault { at, kind }]);
        run(&engine, &after, UP);
        engine.set_faults(Vec::new());
        bring_up(&engine, &after);
        assert_eq!(read(&engine), right, "broken off at {at}");
        settled(&engine, &after);
    }
}
