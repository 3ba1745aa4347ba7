//! `depends_on` with `required: false` on a real engine.

use crate::real::sandbox::Sandbox;

const FILE: &str = "
services:
  cache:
    image: alpine:3.20
    command: [sh, -c, 'exit 3']
    healthcheck: { test: [CMD, 'false'], interval: 1s, retries: 1 }
  app:
    image: alpine:3.20
    command: [sleep, infinity]
    stop_grace_period: 0s
    depends_on: { cache: { condition: service_healthy, required: false } }
  needy:
    image: alpine:3.20
    command: [sleep, infinity]
    depends_on: { cache: { condition: service_healthy } }
";

#[test]
fn what_does_without_a_service_that_ends_is_started_and_what_needs_it_is_not() {
    let sandbox = Sandbox::new(FILE);
    let ran = sandbox.nest(&["up"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let warning = "`service.cache` did not come up and is not required: going on without it";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    let runs = |name: &str| {
        let found = sandbox.inspect(&format!("{}-{name}-1", sandbox.name));
        found.state.and_then(|state| state.running)
    };
    assert_eq!(
        ["app", "needy"].map(runs),
        [Some(true), Some(false)],
        "{}",
        ran.stderr
    );

    // Where it comes up, it is waited for, and all is well.
    sandbox.write(
        &FILE
            .replace("exit 3", "exec sleep infinity")
            .replace("'false'", "'true'"),
    );
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    assert_eq!(["app", "needy"].map(runs), [Some(true); 2]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
