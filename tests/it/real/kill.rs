//! Killed at any moment: the next run converges, and taking down leaves nothing.

use std::io::{BufRead as _, Read as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
        // One moment in each tenth of the run, by chance.
        let nanoseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.subsec_nanos());
        let fraction = (f64::from(moment) + f64::from(nanoseconds % 1000) / 1000.0) / 10.0;
        std::thread::sleep(whole.mul_f64(fraction).max(Duration::from_millis(5)));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        sandbox.succeed(&["up"]);
        let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
        assert_eq!(
            plan.code, 0,
            "killed at {fraction} of {whole:?}: {}",
            plan.stdout
        );
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
            "killed at {fraction} of {whole:?}: {:?} is left",
            sandbox.objects()
        );
    }
}

#[test]
fn an_interrupt_finishes_what_runs_starts_nothing_new_and_ends_with_130() {
    let sandbox = Sandbox::new(PROJECT);
    let mut child = sandbox
        .command(&["up"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("nest starts");
    let mut stderr = std::io::BufReader::new(child.stderr.take().expect("it is piped"));
    let mut said = String::new();
    // Once the first container is there, much is still to be done.
    while !said.contains("created (") {
        assert_ne!(
            stderr.read_line(&mut said).expect("it can be read"),
            0,
            "{said}"
        );
    }
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT)
        .expect("it can be signalled");
    stderr.read_to_string(&mut said).expect("it can be read");
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{said}");
    assert!(
        said.contains("Interrupted:") && said.contains("0 failed"),
        "{said}"
    );
    sandbox.succeed(&["up"]);
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn a_job_whose_engine_was_stopped_by_a_killed_run_does_its_work_again() {
    // It ends well when it is told to end, as if it had done its work.
    let file = |variable: &str| {
        format!(
            "
environments:
  builder:
    outer: {{ mode: dind, environment: {{ VARIABLE: {variable} }} }}
    inner:
      volumes: {{ log: {{}} }}
      services:
        job:
          image: alpine:3.20
          command: [sh, -c, 'echo begun >> /log/runs; trap \"exit 0\" TERM; sleep 600 & wait']
          volumes: [log:/log]
"
        )
    };
    let sandbox = Sandbox::new(&file("one"));
    sandbox.succeed(&["up"]);
    sandbox.write(&file("two"));
    let mut child = sandbox
        .command(&["up", "--yes"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("nest starts");
    let mut stderr = std::io::BufReader::new(child.stderr.take().expect("it is piped"));
    let mut said = String::new();
    while !said.contains("-builder-1 stopped") {
        let read = stderr.read_line(&mut said).expect("it can be read");
        assert_ne!(read, 0, "{said}");
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    sandbox.succeed(&["up", "--yes"]);
    let state = [
        "docker",
        "inspect",
        "--format",
        "{{.State.Running}}",
        "job-1",
    ];
    assert_eq!(sandbox.inside("builder", &state), "true");
    let runs = ["docker", "exec", "job-1", "cat", "/log/runs"];
    assert_eq!(sandbox.inside("builder", &runs), "begun\nbegun");
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    // Told to end by somebody else, it is done.
    sandbox.inside("builder", &["docker", "stop", "job-1"]);
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
