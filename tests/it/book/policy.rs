//! The policies of the book are run, as jq and OPA would, on plans that they allow and plans that they stop.

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, unwrap_valr};
use jaq_json::{Val, read};
use nest::report::json;
use serde_json::Value;

use crate::apply::bring_up;
use crate::book::markdown::{blocks, commands};
use crate::plan::{BUILDER, DOWN_WITH_VOLUMES, UP, engine, plan_now};
use crate::tree::file;

/// The one jq program of a page whose command line contains `word`.
pub(crate) fn jq_program(page: &str, word: &str) -> String {
    let page = file(page);
    let found: Vec<String> = blocks(&page)
        .iter()
        .filter(|block| block.info == ["console"])
        .flat_map(|block| commands(&block.text))
        .filter(|command| command.contains("jq ") && command.contains(word))
        .collect();
    let [command] = found.as_slice() else {
        panic!("one command with jq and `{word}`, not {found:?}");
    };
    let words = shlex::split(command).expect("its quotes are closed");
    let jq = words.iter().position(|word| word == "jq");
    let arguments = &words[jq.expect("it runs jq") + 1..];
    let program = arguments.iter().find(|word| !word.starts_with('-'));
    program.expect("jq has a program").clone()
}

/// What a jq program makes of a value.
pub(crate) fn jq(program: &str, input: &Value) -> Vec<Value> {
    let (code, path) = (program, ());
    let definitions = jaq_core::defs();
    let functions = jaq_core::funs();
    let arena = Arena::default();
    let modules = Loader::new(definitions)
        .load(&arena, File { code, path })
        .unwrap_or_else(|errors| panic!("{program}: {errors:?}"));
    let filter = Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .unwrap_or_else(|errors| panic!("{program}: {errors:?}"));
    let context = Ctx::<JustLut<Val>>::new(&filter.lut, Vars::new([]));
    let input = read::parse_single(input.to_string().as_bytes()).expect("it is JSON");
    let results = filter.id.run((context, input)).map(unwrap_valr);
    results
        .map(|result| {
            let text = result.unwrap_or_else(|error| panic!("{program}: {error:?}"));
            serde_json::from_str(&text.to_string()).expect("it is JSON")
        })
        .collect()
}

#[test]
fn the_policy_for_jq_stops_what_loses_data_or_restarts_engines() {
    let program = jq_program("book/src/plans.md", "data_loss");
    let with = |keys: &str| BUILDER.replace("memory: 2g", &format!("daemon: {{ {keys} }}"));
    let old = with("debug: false, mtu: 1400");
    let engine = engine();
    let new_project = plan_now(&engine, &old, UP);
    bring_up(&engine, &old);
    let plans = [
        (new_project, true),
        (plan_now(&engine, &old, UP), true),
        (plan_now(&engine, &with("debug: true, mtu: 1400"), UP), true),
        (
            plan_now(&engine, &with("debug: false, mtu: 1300"), UP),
            false,
        ),
        (
            plan_now(
                &engine,
                &with("debug: false, mtu: 1400 }, environment: { A: b"),
                UP,
            ),
            false,
        ),
        (plan_now(&engine, &old, DOWN_WITH_VOLUMES), false),
    ];
    for (plan, allowed) in plans {
        let plan = json::plan(&plan);
        assert_eq!(jq(&program, &plan), [Value::Bool(allowed)], "{plan:#}");
    }
}

#[test]
fn the_policy_for_opa_stops_privileged_containers_of_other_names() {
    let page = file("book/src/plans.md");
    let policies: Vec<String> = blocks(&page)
        .into_iter()
        .filter(|block| block.info == ["rego"])
        .map(|block| block.text)
        .collect();
    let [policy] = policies.as_slice() else {
        panic!("one policy for OPA, not {}", policies.len());
    };
    let denied = |yaml: &str| {
        let mut opa = regorus::Engine::new();
        opa.add_policy("policy.rego".to_owned(), policy.clone())
            .expect("it is a policy");
        let plan = json::plan(&plan_now(&engine(), yaml, UP)).to_string();
        opa.set_input(regorus::Value::from_json_str(&plan).expect("it is JSON"));
        let messages = opa.eval_rule("data.main.deny".to_owned());
        messages
            .expect("it is decided")
            .to_json_str()
            .expect("it is JSON")
    };
    let compact = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        compact(denied(BUILDER)),
        "[ \"environment.builder is privileged\" ]"
    );
    assert_eq!(
        compact(denied(&BUILDER.replace("builder:", "ci-build:"))),
        "[]"
    );
    let shared = BUILDER.replace("{ mode: dind, memory: 2g }", "socket");
    assert_eq!(compact(denied(&shared)), "[]");
}
