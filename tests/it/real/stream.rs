//! `--format json`: what a real run tells, line by line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::real::sandbox::{Ran, Sandbox};
use crate::stream::{lines, of};

const PROJECT: &str = "
volumes: { cache: {} }
environments:
  builder: { outer: dind, volumes: [cache:/cache], inner: { images: [alpine:3.20] } }
";

/// The outcome, after checking that the lines begin and end as they should.
#[track_caller]
fn outcome<'a>(lines: &'a [Value], ran: &Ran) -> &'a str {
    assert_eq!(lines[0]["type"], "version", "{}", ran.stderr);
    let last = lines.last().expect("it ends");
    assert_eq!(last["type"], "outcome", "{last:#}");
    assert_eq!(last["exit_code"], ran.code);
    last["result"].as_str().expect("it is a word")
}

#[test]
fn every_line_of_a_real_run_follows_the_schema_and_has_its_figures() {
    let sandbox = Sandbox::new(PROJECT);
    let ran = sandbox.nest(&["up", "--format", "json"]);
    let up = lines(&ran.stdout);
    assert_eq!(outcome(&up, &ran), "done", "{}{}", ran.stdout, ran.stderr);
    let mut ended: BTreeMap<u64, &Value> = BTreeMap::new();
    for line in &up {
        let hook = &line["hook"];
        let step = hook["step"].as_u64();
        match line["type"].as_str() {
            Some("apply_start") => {
                if let Some(last) = hook["waited"]["for_step"].as_u64() {
                    assert!(ended.contains_key(&last), "{line:#}");
                }
            }
            Some("apply_complete") => {
                ended.insert(step.expect("it has a number"), line);
            }
            _ => {}
        }
    }
    let operation = |name: &str| {
        let found = ended
            .values()
            .find(|line| line["hook"]["operation"] == name);
        &found.unwrap_or_else(|| panic!("no {name}"))["hook"]
    };
    let transfer = operation("transfer_images");
    assert!(transfer["bytes"].as_u64() > Some(1000), "{transfer:#}");
    let wait = operation("wait_for_engine");
    assert!(wait["elapsed_seconds"].as_f64() > Some(0.0), "{wait:#}");
    let start = operation("start_container");
    assert_eq!(wait["waited"]["for_step"], start["step"]);
    let waited = |hook: &Value| hook["waited"]["seconds"].as_f64().expect("a number");
    assert!(waited(wait) >= waited(start), "{wait:#}{start:#}");
    let rungs = of(&up, "apply_progress").filter(|line| line["hook"]["waiting_for"].is_string());
    assert!(rungs.count() > 0, "{}", ran.stdout);
    assert!(of(&up, "planned_change").count() >= 6, "{}", ran.stdout);

    let ran = sandbox.nest(&["apply", "--format", "json"]);
    assert_eq!(outcome(&lines(&ran.stdout), &ran), "no_changes");

    sandbox.succeed(&["plan", "--destroy", "--out", "down.plan"]);
    let ran = sandbox.nest(&["apply", "down.plan", "--format", "json"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert_eq!(outcome(&lines(&ran.stdout), &ran), "unconfirmed");
    let ran = sandbox.nest(&["apply", "down.plan", "--yes", "--format", "json"]);
    let down = lines(&ran.stdout);
    assert_eq!(outcome(&down, &ran), "done", "{}", ran.stdout);
    let applied = of(&down, "change_summary").last().expect("it is told");
    assert_eq!(applied["changes"]["operation"], "destroy");
    let ran = sandbox.nest(&["apply", "down.plan", "--yes", "--format", "json"]);
    let stale = lines(&ran.stdout);
    assert_eq!(outcome(&stale, &ran), "failed");
    let said = of(&stale, "diagnostic").next().expect("it says why");
    let summary = said["diagnostic"]["summary"].as_str();
    assert!(
        summary.is_some_and(|text| text.contains("stale")),
        "{said:#}"
    );
    let ran = sandbox.nest(&["down", "--volumes", "--yes", "--format", "json"]);
    assert_eq!(outcome(&lines(&ran.stdout), &ran), "done");
}

#[test]
fn a_failing_run_says_what_failed_and_what_was_not_done_because_of_it() {
    let sandbox = Sandbox::new(
        "environments:\n  builder: { outer: { mode: dind, image: 'localhost:1/none:1' }, inner: { images: [alpine:3.20] } }\n  \
         tools: { outer: socket }\n",
    );
    let ran = sandbox.nest(&["up", "--format", "json"]);
    let lines = lines(&ran.stdout);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(outcome(&lines, &ran), "incomplete");
    let failed: Vec<&Value> = of(&lines, "apply_errored").collect();
    let [failed] = failed.as_slice() else {
        panic!("{failed:#?}");
    };
    assert_eq!(failed["hook"]["operation"], "pull_image");
    let skipped: Vec<&Value> = of(&lines, "apply_skipped").collect();
    assert!(skipped.len() > 3, "{}", ran.stdout);
    let because = serde_json::json!([failed["hook"]["step"]]);
    assert!(skipped.iter().all(|line| line["because_of"] == because));
    let of_tools = |line: &&&Value| line["hook"]["resources"][0]["addr"] == "environment.tools";
    assert_eq!(skipped.iter().filter(of_tools).count(), 0);
    assert!(
        ran.stderr
            .contains("not started because of it:\n  environment.builder: creating"),
        "{}",
        ran.stderr
    );
    let human = sandbox.nest(&["up"]);
    assert_eq!(human.code, 1);
    assert!(
        human
            .stderr
            .contains("✗ environment.builder: pulling localhost:1/none:1 ("),
        "{}",
        human.stderr
    );
}

#[test]
fn what_keeps_a_run_from_beginning_is_told_too() {
    let sandbox = Sandbox::new("volumez: {}\n");
    let ran = sandbox.nest(&["up", "--format", "json"]);
    let invalid = lines(&ran.stdout);
    assert_eq!((ran.code, outcome(&invalid, &ran)), (3, "failed"));
    let problem = &of(&invalid, "diagnostic").next().expect("it says why")["diagnostic"];
    assert_eq!(problem["code"], "nest::unknown_key");
    assert_eq!(problem["range"]["start"]["line"], 2);
    sandbox.write(PROJECT);
    let endpoint = format!("unix://{}/nothing.sock", sandbox.folder.path().display());
    let output = sandbox
        .command_to(&endpoint, &["down", "--format", "json"])
        .output();
    let ran = Ran::from(output.expect("nest starts"));
    let unreachable = lines(&ran.stdout);
    assert_eq!((ran.code, outcome(&unreachable, &ran)), (4, "failed"));
}
