//! Secrets that come from variables and files.

use crate::apply::bring_up;
use crate::plan::{UP, engine, plan_now, rendered};

const WITH_SECRETS: &str = "
name: test
registries: { hub: { mirror: docker.io, environment: { PLAIN: { env: FIRST_SECRET } } } }
environments:
  builder: { outer: { mode: dind, environment: { ALSO: { env: FIRST_SECRET } } } }
";

#[test]
fn secrets_are_made_and_compared_and_shown_nowhere() {
    let engine = engine();
    let text = rendered(&plan_now(&engine, WITH_SECRETS, UP));
    for variable in ["environment.PLAIN", "environment.ALSO"] {
        let mut lines = text.lines().filter(|line| line.contains(variable));
        assert!(
            lines.any(|line| line.contains("(sensitive value)")),
            "{text}"
        );
    }
    assert!(!text.contains("hunter"), "{text}");
    bring_up(&engine, WITH_SECRETS);
    for (name, variable) in [("test-builder-1", "ALSO"), ("test-hub-1", "PLAIN")] {
        let container = engine.with(|state| state.containers[name].clone());
        assert_eq!(container.fixed.environment[variable], "hunter2");
        assert!(!format!("{:?}", container.labels).contains("hunter"));
    }
    assert!(!plan_now(&engine, WITH_SECRETS, UP).has_changes());
    let next = WITH_SECRETS.replace("FIRST_SECRET", "NEXT_SECRET");
    let text = rendered(&plan_now(&engine, &next, UP));
    assert!(
        text.contains("environment.ALSO : (sensitive value) -> (sensitive value)"),
        "{text}"
    );
    assert!(!text.contains("hunter"), "{text}");
}
