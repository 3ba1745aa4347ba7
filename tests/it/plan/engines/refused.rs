//! Other outer engines that cannot be planned for.

use expect_test::expect;
use nest::model::name::EngineName;
use nest::plan::PlanOptions;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::memory::{EngineState, MemoryEngine};
use crate::plan::engines::{
    ONE, TWO, arm, changes, engines, forgetting, on_arm, records, take_down_by_name,
};
use crate::plan::{DOWN, UP, plan_now};

fn refusals(engine: &MemoryEngine, yaml: &str, options: PlanOptions) -> String {
    let plan = plan_now(engine, yaml, options);
    let refusals = plan.refusals.iter();
    let refusals = refusals.map(|refusal| {
        let place = refusal.place.as_ref();
        let place = place.map(|place| format!(" ({}:{})", place.start.0, place.start.1));
        let (address, place) = (&refusal.address, place.unwrap_or_default());
        format!(
            "{address}{place}: {}\n  {}",
            refusal.message(),
            refusal.help()
        )
    });
    refusals.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_engine_that_does_not_answer_is_refused_and_not_taken_for_empty() {
    let engine = engines();
    on_arm(&engine, |state| state.is_away = true);
    // Nothing has been made there.
    assert!(plan_now(&engine, TWO, DOWN).is_applicable());
    expect![[r#"
        engine.arm (3:12): the engine cannot be read: nothing answers there
          make it answer; or, if it is gone for good with all that it held, say so: `--forget-engine NAME`"#]].assert_eq(&refusals(&engine, TWO, UP));
    on_arm(&engine, |state| state.is_away = false);
    bring_up(&engine, TWO);
    on_arm(&engine, |state| state.is_away = true);
    expect![[r#"
        engine.arm: the engine cannot be read: nothing answers there
          make it answer; or, if it is gone for good with all that it held, say so: `--forget-engine NAME`"#]].assert_eq(&refusals(&engine, ONE, UP));
    assert!(!plan_now(&engine, TWO, DOWN).is_applicable());
    assert!(!take_down_by_name(&engine).is_applicable());
    // A part that is not about it can be planned.
    let part = |target: &str| {
        let targets = vec![target.parse().expect("an address")];
        plan_now(&engine, TWO, PlanOptions { targets, ..UP })
    };
    assert!(part("environment.here").is_applicable());
    assert!(!part("environment.there").is_applicable());
    // Who knows that it is gone says so.
    let forgotten = run(&engine, ONE, forgetting(UP));
    assert!(matches!(forgotten, Outcome::Done { changed: true }));
    assert!(records(&engine)[0].engines.is_empty());
    assert_eq!(changes(&engine, ONE, UP), Vec::<String>::new());
}

#[test]
fn one_engine_cannot_be_two() {
    let engine = engines();
    on_arm(&engine, |state| "outer".clone_into(&mut state.id));
    expect![[r#"
        engine.arm (3:12): it is the engine that nest connects to: one engine cannot be two
          leave `engine` out where it is named, or let the name lead to another engine"#]]
    .assert_eq(&refusals(&engine, TWO, UP));
    let engine = engines();
    engine.with(|state| {
        let other = state.others[&arm()].clone();
        state.others.insert(EngineName::new("big"), other);
    });
    let three = TWO.replace(
        "\nservices:",
        "\n  third: { outer: dind, engine: big }\nservices:",
    );
    expect![[r#"
        engine.big (3:53): it is the engine `arm`, too: one engine cannot be two
          leave `engine` out where it is named, or let the name lead to another engine"#]]
    .assert_eq(&refusals(&engine, &three, UP));
}

#[test]
fn another_engine_by_the_name_of_one_that_the_project_is_on() {
    let engine = engines();
    bring_up(&engine, TWO);
    on_arm(&engine, |state| *state = EngineState::new("new machine"));
    expect![[r#"
        engine.arm (3:12): another engine answers than the one that the project is on: `new machine`, not `arm machine`
          let the name lead to the former one and run `nest down` first; or, if it is gone for good with all that it held, say so: `--forget-engine NAME`"#]].assert_eq(&refusals(&engine, TWO, UP));
    let forgotten = run(&engine, TWO, forgetting(UP));
    assert!(matches!(forgotten, Outcome::Done { changed: true }));
    assert_eq!(records(&engine)[0].engines[&arm()].id, "new machine");
    assert_eq!(changes(&engine, TWO, UP), Vec::<String>::new());
}
