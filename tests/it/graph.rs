//! Graphs of files and of plans: what needs what, and that Graphviz and Mermaid can read it whatever the names are.

mod dot;
mod mermaid;

use std::process::Command;

use expect_test::{Expect, expect, expect_file};
use nest::plan::Plan;
use nest::plan::change::Action;
use nest::report::graph::{self, Graph};
use nest::resource::Address;
use proptest::prelude::*;

use crate::apply::bring_up;
use crate::book::markdown::blocks;
use crate::diff::difference;
use crate::plan::{BUILDER, DOWN, UP, engine, plan_now};
use crate::tree::{file, package};
use crate::yaml::wanted;

/// The arrows of a graph, in both languages the same.
#[track_caller]
fn arrows(graph: &Graph) -> String {
    let (dot, mermaid) = (graph::dot(graph), graph::mermaid(graph));
    let parsed = dot::parse(&dot).unwrap_or_else(|error| panic!("{error}\n{dot}"));
    let chart = mermaid::parse(&mermaid).unwrap_or_else(|error| panic!("{error}\n{mermaid}"));
    assert_eq!(parsed.nodes.len(), chart.nodes.len(), "{dot}\n{mermaid}");
    assert_eq!(parsed.clusters, chart.clusters);
    let label = |id: &String| dot::drawn(&parsed.nodes[id]).replace('\n', ", ");
    let lines = parsed
        .edges
        .iter()
        .map(|(from, to)| format!("{} -> {}\n", label(from), label(to)));
    let arrows: String = lines.collect();
    let lines = chart.edges.iter().map(|(from, to)| {
        let label = |id: &String| chart.nodes[id].replace('\n', ", ");
        format!("{} -> {}\n", label(from), label(to))
    });
    assert_eq!(arrows, lines.collect::<String>());
    arrows
}

#[track_caller]
fn check(graph: &Graph, expected: &Expect) {
    expected.assert_eq(&arrows(graph));
}

const PROJECT: &str = "
name: test
volumes: { cache: {} }
registries: { local: { port: 5000 } }
environments:
  builder:
    outer: { mode: dind, memory: 2g }
    volumes: [cache:/cache]
    registries: [local]
    inner:
      images: [alpine:3.20]
      environments: { deeper: { outer: dind, inner: { images: [ghcr.io/a/b:1] } } }
  tools: { outer: socket, volumes: [cache:/cache], depends_on: [builder] }
";

#[test]
fn a_file_is_drawn_with_what_each_resource_needs() {
    check(
        &graph::declared(&wanted(PROJECT)),
        &expect![[r#"
            environment.builder -> network.default
            environment.builder -> volume.builder-1-data
            environment.builder -> volume.builder-1-socket
            environment.builder -> volume.cache
            environment.builder -> registry.local
            registry.local -> network.default
            registry.local -> volume.local-data
            environment.tools -> network.default
            environment.tools -> volume.cache
            environment.tools -> environment.builder
            environment.builder/network.default -> environment.builder
            environment.builder/volume.cache -> environment.builder
            environment.builder/volume.deeper-1-data -> environment.builder
            environment.builder/volume.deeper-1-socket -> environment.builder
            environment.builder/image["alpine:3.20"] -> environment.builder
            environment.builder/image["docker:dind"] -> environment.builder
            environment.builder/environment.deeper -> environment.builder
            environment.builder/environment.deeper -> environment.builder/network.default
            environment.builder/environment.deeper -> environment.builder/volume.deeper-1-data
            environment.builder/environment.deeper -> environment.builder/volume.deeper-1-socket
            environment.builder/environment.deeper -> environment.builder/image["docker:dind"]
            environment.builder/environment.deeper/image["ghcr.io/a/b:1"] -> environment.builder/environment.deeper
        "#]],
    );
}

#[test]
fn a_plan_is_drawn_with_what_becomes_of_each_resource() {
    let engine = engine();
    check(
        &graph::changes(&plan_now(&engine, BUILDER, UP)),
        &expect![[r#"
            environment.builder, will be created -> network.default, will be created
            environment.builder, will be created -> volume.builder-1-data, will be created
            environment.builder, will be created -> volume.builder-1-socket, will be created
            environment.builder, will be created -> volume.cache, will be created
            environment.builder/volume.cache, will be created -> environment.builder, will be created
            environment.builder/image["alpine:3.20"], will be created -> environment.builder, will be created
        "#]],
    );
    bring_up(&engine, PROJECT);
    let new = PROJECT
        .replace(
            "mode: dind, memory",
            "mode: dind, image: docker:28-dind, memory",
        )
        .replace("port: 5000", "port: 5001")
        .replace("[alpine:3.20]", "[busybox:1.36]");
    check(
        &graph::changes(&plan_now(&engine, &new, UP)),
        &expect![[r#"
            environment.builder/image["busybox:1.36"], will be created -> environment.builder, must be replaced
            environment.builder/image["alpine:3.20"], will be removed (no longer declared) -> environment.builder, must be replaced
            environment.builder/image["alpine:3.20"], will be removed (no longer declared) -> environment.builder/image["busybox:1.36"], will be created
            environment.builder/environment.deeper, is started again -> environment.builder, must be replaced
        "#]],
    );
    check(
        &graph::changes(&plan_now(&engine, PROJECT, DOWN)),
        &expect![[r#"
            network.default, will be destroyed -> environment.builder, will be destroyed
            network.default, will be destroyed -> registry.local, will be destroyed
            network.default, will be destroyed -> environment.tools, will be destroyed
            volume.builder-1-socket, will be destroyed -> environment.builder, will be destroyed
        "#]],
    );
    assert_eq!(arrows(&graph::changes(&plan_now(&engine, PROJECT, UP))), "");
}

#[test]
fn every_step_is_drawn_with_what_it_waits_for() {
    let plan = plan_now(&engine(), BUILDER, UP);
    let graph = graph::steps(&plan);
    let arrows = arrows(&graph);
    let waits: usize = plan.steps.iter().map(|step| step.after.len()).sum();
    assert_eq!(arrows.lines().count(), waits);
    let expected = "environment.builder, starting test-builder-1 -> \
                    environment.builder, writing the engine's configuration\n";
    assert!(arrows.contains(expected), "{arrows}");
}

#[test]
fn the_text_is_the_same_every_time() {
    let small = "name: test\nvolumes: { cache: {} }\nenvironments: { ci: { outer: dind, inner: { images: [alpine:3.20] } } }\n";
    let graph = graph::declared(&wanted(small));
    expect![[r#"
        // An arrow leads from what needs to what is needed.
        digraph "test" {
          rankdir=LR;
          node [shape=box, fontname="monospace"];
          "network.default" [label="network.default", shape=ellipse];
          "volume.cache" [label="volume.cache", shape=cylinder];
          "volume.ci-1-data" [label="volume.ci-1-data", shape=cylinder];
          "volume.ci-1-socket" [label="volume.ci-1-socket", shape=cylinder];
          "environment.ci" [label="environment.ci"];
          subgraph "cluster test-ci-1" {
            label="engine in test-ci-1";
            "environment.ci/image[\"alpine:3.20\"]" [label="environment.ci/image[\"alpine:3.20\"]", shape=note];
          }
          "environment.ci" -> "network.default";
          "environment.ci" -> "volume.ci-1-data";
          "environment.ci" -> "volume.ci-1-socket";
          "environment.ci/image[\"alpine:3.20\"]" -> "environment.ci";
        }
    "#]]
    .assert_eq(&graph::dot(&graph));
    expect![[r#"
        %% An arrow leads from what needs to what is needed.
        flowchart LR
          n0(["network.default"])
          n1[("volume.cache")]
          n2[("volume.ci-1-data")]
          n3[("volume.ci-1-socket")]
          n4["environment.ci"]
          subgraph e0["engine in test-ci-1"]
            n5>"environment.ci/image#91;#34;alpine:3.20#34;#93;"]
          end
          n4 --> n0
          n4 --> n2
          n4 --> n3
          n5 --> n4
    "#]]
    .assert_eq(&graph::mermaid(&graph));
    let plan = plan_now(&engine(), small, UP);
    expect![[r#"
        %% An arrow leads from what needs to what is needed.
        flowchart LR
          n0(["network.default<br/>will be created"]):::create
          n1[("volume.cache<br/>will be created")]:::create
          n2[("volume.ci-1-data<br/>will be created")]:::create
          n3[("volume.ci-1-socket<br/>will be created")]:::create
          n4["environment.ci<br/>will be created"]:::create
          subgraph e0["engine in test-ci-1"]
            n5>"environment.ci/image#91;#34;alpine:3.20#34;#93;<br/>will be created"]:::create
          end
          n4 --> n0
          n4 --> n2
          n4 --> n3
          n5 --> n4
          classDef create stroke:#2a2
    "#]]
    .assert_eq(&graph::mermaid(&graph::changes(&plan)));
}

/// Pieces that mean something to Graphviz, Mermaid, HTML or a terminal.
const PIECES: [&str; 20] = [
    "\"",
    "\\",
    "\\\"",
    "\\N",
    "\n",
    "]",
    "\"]",
    ";",
    "-->",
    "->",
    "%%{init: {}}%%",
    "<b>",
    "`",
    "#quot;",
    "&amp;",
    "end",
    "{",
    "\u{1b}[2J",
    "name",
    "é",
];

fn tampered(names: &[String]) -> Plan {
    let new = BUILDER.replace("2g", "3g").replace("alpine", "busybox");
    let mut plan = difference(BUILDER, &new);
    let changing = plan.changes.iter_mut();
    for change in changing.filter(|change| change.action != Action::NoOp) {
        let old = change.address.clone();
        change.address = Address::from_label(&format!("{}{old}", names[0]));
        for address in plan.steps.iter_mut().flat_map(|step| &mut step.addresses) {
            if *address == old {
                address.clone_from(&change.address);
            }
        }
    }
    plan
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn nothing_in_a_name_leaves_its_quotes(
        names in prop::collection::vec(prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8), 1)
    ) {
        let names: Vec<String> = names.into_iter().map(|pieces| pieces.concat()).collect();
        let plan = tampered(&names);
        let shown = nest::report::words::escaped(&names[0]);
        for graph in [graph::changes(&plan), graph::steps(&plan)] {
            let arrows = arrows(&graph);
            prop_assert!(!arrows.contains('\u{1b}'), "{}", arrows);
            prop_assert!(arrows.is_empty() || arrows.contains(&shown), "{}", arrows);
        }
    }
}

#[test]
fn the_command_draws_a_file_without_an_engine() {
    let folder = tempfile::tempdir().expect("there is room");
    std::fs::write(folder.path().join("nest.yaml"), BUILDER).expect("there is room");
    let nest = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nest"));
        command.current_dir(folder.path()).args(arguments);
        command.env("DOCKER_HOST", "unix:///there/is/none.sock");
        let output = command.output().expect("it runs");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("it is text"),
        )
    };
    let graph = graph::declared(&wanted(BUILDER));
    assert_eq!(nest(&["graph"]), (Some(0), graph::dot(&graph)));
    let drawn = nest(&["graph", "--format", "mermaid"]);
    assert_eq!(drawn, (Some(0), graph::mermaid(&graph)));
    assert_eq!(nest(&["graph", "--plan"]).0, Some(4));
    assert_eq!(nest(&["graph", "--steps"]).0, Some(1));
    assert_eq!(nest(&["graph", "nest.yaml"]).0, Some(1));
    std::fs::write(folder.path().join("nest.yaml"), "volumez: {}\n").expect("there is room");
    assert_eq!(nest(&["graph"]), (Some(3), String::new()));
}

/// `UPDATE_EXPECT=1` draws it anew.
#[test]
fn the_drawing_in_the_book_is_that_of_the_file_above_it() {
    let page = file("book/src/commands.md");
    let blocks = blocks(&page);
    let at = blocks.iter().position(|block| block.info == ["mermaid"]);
    let at = at.expect("the page has a drawing");
    let drawing = graph::mermaid(&graph::declared(&wanted(&blocks[at - 1].text)));
    let old = format!("```mermaid\n{}```", blocks[at].text);
    let new = page
        .text
        .replace(&old, &format!("```mermaid\n{drawing}```"));
    expect_file![package().join(&page.path)].assert_eq(&new);
}
