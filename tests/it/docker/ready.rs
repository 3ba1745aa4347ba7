//! The readiness ladder, and engines that fall from it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nest::docker::Entering;
use nest::engine::{EngineError, Progress, Rung};
use nest::observed::ObservedInner;
use nest::plan::step::{Operation, Readiness};
use nest::resource::container::{ContainerSpec, DaemonSettings, RestartPolicy};
use nest::resource::engine_path::EnginePath;
use serde_json::json;

use crate::docker::sandbox::{Sandbox, by_name, chain, readiness, run, run_entering};

fn script(sandbox: &Sandbox, name: &str, script: &str) -> ContainerSpec {
    sandbox.pretender(name, "docker:dind", script)
}

async fn fall(sandbox: &Sandbox, name: &str, readiness: Readiness) -> (Rung, String, Vec<String>) {
    let operation = Operation::WaitForEngine {
        container: by_name(name),
        readiness,
    };
    match sandbox.try_perform(&EnginePath::outer(), operation).await {
        Err(EngineError::NotReady {
            rung,
            reason,
            log,
            container,
            ..
        }) => {
            assert_eq!(container, name);
            (rung, reason, log)
        }
        Err(error) => panic!("another error: {}", chain(&error)),
        Ok(told) => panic!("ready: {told:?}"),
    }
}

fn within(timeout: Duration) -> Readiness {
    Readiness {
        timeout,
        ..readiness()
    }
}

#[tokio::test]
async fn a_container_that_ends_fails_at_once_with_its_last_words() {
    run("ends", async |sandbox| {
        let name = sandbox.name("short");
        let words = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; printf 'a\\033[31mred\\n'; sleep 1; exit 3";
        sandbox.start(&EnginePath::outer(), script(sandbox, &name, words)).await;
        let began = Instant::now();
        let (rung, reason, log) = fall(sandbox, &name, readiness()).await;
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(rung, Rung::LogLine);
        assert_eq!(reason, "the container ended with code 3");
        assert_eq!(log.len(), 10);
        assert_eq!(log[8], "line 12");
        assert_eq!(log[9], "a\\u{1b}[31mred");

        let (rung, reason, _) = fall(sandbox, &name, readiness()).await;
        assert_eq!((rung, reason.as_str()), (Rung::Running, "the container ended with code 3"));
    })
    .await;
}

#[tokio::test]
async fn a_container_that_is_restarted_fails_at_once_too() {
    run("restarts", async |sandbox| {
        let name = sandbox.name("again");
        let mut spec = sandbox.pretender(&name, "docker:dind", "echo once more; sleep 1; exit 4");
        spec.live.restart = RestartPolicy {
            name: "always".to_owned(),
            retries: 0,
        };
        sandbox.start(&EnginePath::outer(), spec).await;
        let began = Instant::now();
        let (rung, reason, log) = fall(sandbox, &name, readiness()).await;
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(rung, Rung::LogLine);
        assert!(reason.contains("restarted"), "{reason}");
        assert_eq!(log[0], "once more");
    })
    .await;
}

#[tokio::test]
async fn an_engine_that_never_listens_fails_in_its_time() {
    run_entering(Entering::Exec, "mute", async |sandbox| {
        let name = sandbox.name("mute");
        sandbox
            .start(
                &EnginePath::outer(),
                script(sandbox, &name, "echo starting; exec sleep 600"),
            )
            .await;
        let began = Instant::now();
        let (rung, _, log) = fall(sandbox, &name, within(Duration::from_secs(2))).await;
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!((rung, log), (Rung::LogLine, vec!["starting".to_owned()]));
        let observed = sandbox.observe(&[]).await;
        let ObservedInner::Silent(reason) = &observed.containers[&name].engine else {
            panic!("it is not silent");
        };
        assert!(reason.contains("still starting"), "{reason}");

        let alone = Readiness {
            log_line: None,
            ..within(Duration::from_secs(3))
        };
        let (rung, reason, _) = fall(sandbox, &name, alone).await;
        assert_eq!(rung, Rung::Transport);
        assert!(
            reason.contains("program that leads to the engine says"),
            "{reason}"
        );
    })
    .await;
}

#[tokio::test]
async fn settings_are_written_read_again_and_confirmed() {
    run("reload", async |sandbox| {
        let outer = EnginePath::outer();
        let name = sandbox.name("builder");
        for volume in ["data", "client"] {
            sandbox
                .perform(&outer, sandbox.volume(&format!("{name}-{volume}")))
                .await;
        }
        sandbox
            .perform(
                &outer,
                Operation::CreateContainer(Box::new(sandbox.dind(&name))),
            )
            .await;
        let container = by_name(&name);
        let write = |settings: DaemonSettings| Operation::WriteDaemonFile {
            container: by_name(&name),
            path: "/etc/docker/daemon.json".to_owned(),
            owner: 0,
            settings,
        };
        let settings = |mirrors: serde_json::Value| {
            BTreeMap::from([
                ("registry-mirrors".to_owned(), mirrors),
                ("insecure-registries".to_owned(), json!(["hub:5000"])),
            ])
        };
        let first = settings(json!(["http://hub:5000"]));
        sandbox.perform(&outer, write(first.clone())).await;
        sandbox
            .perform(
                &outer,
                Operation::StartContainer {
                    container: container.clone(),
                },
            )
            .await;
        let other = Readiness {
            expected: settings(json!([])),
            ..readiness()
        };
        let (rung, reason, _) = fall(sandbox, &name, other.clone()).await;
        assert_eq!(rung, Rung::Info);
        assert_eq!(
            reason,
            "the engine has other `registry-mirrors` than declared: http://hub:5000 instead of none"
        );
        let same = Readiness {
            expected: first,
            ..readiness()
        };
        let wait = Operation::WaitForEngine {
            container: container.clone(),
            readiness: same,
        };
        sandbox.perform(&outer, wait).await;

        sandbox.perform(&outer, write(settings(json!([])))).await;
        let reload = Operation::ReloadEngine {
            container: container.clone(),
            readiness: other.clone(),
        };
        sandbox.perform(&outer, reload).await;
        let wait = Operation::WaitForEngine {
            container: container.clone(),
            readiness: other,
        };
        sandbox.perform(&outer, wait).await;

        // An engine that cannot understand its file goes on as before and says so in its log only.
        let broken = BTreeMap::from([("registry-mirrors".to_owned(), json!("text"))]);
        sandbox.perform(&outer, write(broken)).await;
        let reload = Operation::ReloadEngine {
            container,
            readiness: within(Duration::from_secs(2)),
        };
        let error = sandbox
            .try_perform(&outer, reload)
            .await
            .expect_err("the file is broken");
        let EngineError::NotReady { log, reason, .. } = &error else {
            panic!("{}", chain(&error));
        };
        assert!(reason.contains("its log may say why"), "{reason}");
        assert!(
            log.iter().any(|line| line.contains("registry-mirrors")),
            "{log:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_container_that_ends_is_a_warning_to_who_waits_for_it() {
    run("moment", async |sandbox| {
        let outer = EnginePath::outer();
        let stays = sandbox.name("stays");
        sandbox.start(&outer, sandbox.sleeper(&stays)).await;
        let wait = |name: &str| Operation::WaitForContainer {
            container: by_name(name),
            log_line: None,
            lasting: None,
        };
        assert_eq!(sandbox.perform(&outer, wait(&stays)).await, []);

        let ends = sandbox.name("ends");
        sandbox
            .start(&outer, script(sandbox, &ends, "echo no upstream; exit 2"))
            .await;
        let told = sandbox.perform(&outer, wait(&ends)).await;
        let [Progress::Warning(warning)] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert!(
            warning.contains("it ended with code 2; its last words: no upstream"),
            "{warning}"
        );
    })
    .await;
}
