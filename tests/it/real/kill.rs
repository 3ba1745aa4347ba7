//! Killed at any moment: the next run converges, and taking down leaves nothing.

use std::time::Duration;

use crate::real::sandbox::Sandbox;

const PROJECT: &str = "
volumes: { cache: {} }
registries: { local: {} }
environments:
  builder:
    outer: { mode: dind, memory: 1g }
    volumes: [cache:/cache]
    registries: [local]
    inner: { images: [alpine:3.20, busybox:1.36] }
  tools: { outer: socket, volumes: [cache:/cache], depends_on: [builder] }
";

#[test]
fn up_converges_after_kill_at_ten_moments() {
    let sandbox = Sandbox::new(PROJECT);
    let begun = std::time::Instant::now();
    sandbox.succeed(&["up"]);
    let whole = begun.elapsed();
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    for moment in 0..10_u32 {
        let mut child = sandbox
            .command(&["up"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("nest starts");
        // Spread over the whole run, shifted a little by chance of the machine.
        std::thread::sleep(
            whole
                .mul_f64((f64::from(moment) + 0.5) / 10.0)
                .max(Duration::from_millis(5)),
        );
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        sandbox.succeed(&["up"]);
        let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
        assert_eq!(plan.code, 0, "killed at {moment}: {}", plan.stdout);
        sandbox.inside(
            "builder",
            &[
                "docker",
                "run",
                "--rm",
                "-v",
                "cache:/x",
                "alpine:3.20",
                "true",
            ],
        );
        sandbox.succeed(&["down", "--volumes", "--yes"]);
        assert!(
            sandbox.objects().is_empty(),
            "killed at {moment}: {:?} is left",
            sandbox.objects()
        );
    }
}
