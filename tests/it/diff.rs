//! What differs between two declarations: the plan that an engine with the first would get for the second.

mod git;
mod markdown;
mod process;

use expect_test::expect;
use nest::plan::applied::applied;
use nest::plan::{Plan, plan};
use nest::report::diff::{Sides, text};
use nest::resource::label::Labels;

use crate::apply::bring_up;
use crate::memory::{MemoryEngine, MemoryVolume};
use crate::plan::{BUILDER, UP, plan_now};
use crate::yaml::wanted;

pub(crate) const SIDES: Sides<'_> = Sides {
    from: "old.yaml",
    to: "new.yaml",
    other_project: None,
};

/// The plan from one declaration to another, without an engine.
pub(crate) fn difference(old: &str, new: &str) -> Plan {
    let (old, new) = (wanted(old), wanted(new));
    plan(&new, &applied(&old, &new), &UP)
}

const WHOLE: &str = "
name: test
images: [busybox:1.36]
volumes:
  cache: {}
  team: { external: true, name: team-cache }
registries:
  local: { port: 5000 }
environments:
  builder:
    outer:
      mode: dind
      memory: 2g
      cpus: 2
      environment: { API_TOKEN: '${TOKEN:-hunter2}', PLAIN: here }
      daemon: { debug: false, mtu: 1400 }
    volumes: [cache:/cache]
    registries: [local]
    replicas: 2
    inner:
      images: [alpine:3.20, { image: 'docker:cli', source: outer }]
      environments:
        deeper: { outer: dind, inner: { images: [alpine:3.20] } }
  tools: { outer: socket, volumes: [cache:/cache], depends_on: [builder] }
";

/// What is edited, and into what.
const EDITS: &[(&str, &str)] = &[
    ("name: test", "name: test"),
    ("alpine:3.20, {", "{"),
    ("[alpine:3.20]", "[alpine:3.20, busybox:1.36]"),
    ("images: [busybox:1.36]", "images: [alpine:3.20]"),
    ("memory: 2g", "memory: 3g"),
    ("      memory: 2g\n", ""),
    ("mode: dind", "mode: dind\n      image: docker:28-dind"),
    ("debug: false", "debug: true"),
    ("mtu: 1400", "mtu: 1300"),
    (", mtu: 1400", ""),
    ("cpus: 2", "restart: always"),
    ("replicas: 2", "replicas: 1"),
    ("replicas: 2", "replicas: 3"),
    ("registries: [local]", "registries: []"),
    ("port: 5000", "port: 5001"),
    ("hunter2", "hunter3"),
    ("PLAIN: here", "PLAIN: there"),
    (
        "volumes: [cache:/cache]\n    reg",
        "volumes: [cache:/else]\n    reg",
    ),
    ("cache: {}", "cache: { driver_opts: { type: tmpfs } }"),
    (
        "deeper: { outer: dind",
        "deeper: { outer: { mode: dind, memory: 1g }",
    ),
    ("tools: { outer: socket", "tools: { outer: dind"),
    ("name: test", "name: other"),
    (
        "  tools: { outer: socket, volumes: [cache:/cache], depends_on: [builder] }\n",
        "",
    ),
    ("team: { external: true, name: team-cache }", "more: {}"),
];

/// What a plan says, apart from what only an engine knows.
fn said(plan: &Plan) -> String {
    let interrupted = plan.interruptions.iter();
    let interrupted: Vec<_> = interrupted
        .map(|it| (it.address.to_string(), it.comes_back))
        .collect();
    format!(
        "{:#?}",
        (
            &plan.changes,
            &plan.drift,
            &plan.kept,
            &plan.deferred,
            &plan.refusals,
            interrupted
        )
    )
}

#[test]
fn a_difference_is_the_plan_that_an_engine_with_the_first_gets() {
    let engine_with = |yaml: &str| {
        let engine = MemoryEngine::with_images(&["docker:dind", "docker:cli", "registry:2"]);
        engine.with(|state| {
            let theirs = MemoryVolume::new(Labels::new());
            state.volumes.insert("team-cache".to_owned(), theirs);
        });
        bring_up(&engine, yaml);
        engine
    };
    for (from, to) in EDITS {
        let edited = WHOLE.replacen(from, to, 1);
        assert!(edited != WHOLE || from == to, "`{from}` is not in the file");
        for (old, new) in [(WHOLE, edited.as_str()), (&edited, WHOLE)] {
            let real = plan_now(&engine_with(old), new, UP);
            let difference = difference(old, new);
            let what = format!("from {old}\nto {new}");
            assert_same(&said(&real), &said(&difference), &what);
        }
    }
}

#[track_caller]
fn assert_same(real: &str, difference: &str, what: &str) {
    let differs = real.lines().zip(difference.lines()).find(|(a, b)| a != b);
    assert!(
        real == difference,
        "{what}\nfirst difference: {differs:?}\nreal: {real}\nnot: {difference}"
    );
}

#[test]
fn a_difference_names_both_sides_and_claims_nothing_of_what_runs() {
    let new = BUILDER
        .replace("mode: dind", "mode: dind, image: docker:28-dind")
        .replace("alpine:3.20", "busybox:1.36");
    let shown = text(&difference(BUILDER, &new), &SIDES);
    expect![[r#"
        From old.yaml to new.yaml, nest would perform these actions:

          # environment.builder must be replaced
        -/+ container "test-builder-1"
              ~ image : docker:dind -> docker:28-dind   # forces replacement
                (14 unchanged attributes hidden)

          # environment.builder/image["busybox:1.36"] will be created
          + image "busybox:1.36"

          # environment.builder/image["alpine:3.20"] will be removed (no longer declared)
          - image "alpine:3.20"

        Difference: 2 to add, 0 to change, 2 to destroy.
        Impact: 1 engine restarts; data kept.
    "#]]
    .assert_eq(&anstream::adapter::strip_str(&shown).to_string());
}

#[test]
fn no_difference_is_no_claim_that_the_files_are_the_same() {
    let shown = text(&difference(BUILDER, BUILDER), &SIDES);
    expect![[r#"
        No changes. From old.yaml to new.yaml, nest would do nothing.
    "#]]
    .assert_eq(&anstream::adapter::strip_str(&shown).to_string());
}

#[test]
fn what_is_new_is_created_and_what_is_gone_is_removed() {
    let shown = text(&difference("name: test\n", BUILDER), &SIDES);
    assert!(
        shown.contains("7 to add, 0 to change, 0 to destroy"),
        "{shown}"
    );
    let plan = difference(BUILDER, "name: test\n");
    assert_eq!(plan.counts().add, 0);
    let kept: Vec<_> = plan.kept.iter().map(|kept| kept.object.as_str()).collect();
    assert_eq!(kept, ["test_builder-1-data", "test_cache"]);
}
