//! Applying on an engine in memory: it converges, after failures too, and leaves nothing behind.

mod expiry;
mod optional;
mod waiting;

use std::cell::RefCell;
use std::time::Duration;

use nest::apply::ApplyOptions;
use nest::apply::lock::{LockOptions, this_process};
use nest::apply::patience::Patience;
use nest::plan::PlanOptions;
use nest::up::{Approval, Outcome, UpError, up};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::memory::MemoryEngine;
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP, engine};
use crate::yaml::wanted;

/// How a command of this process takes the lock, on a machine of its own that lasts as long as the folder.
pub(crate) fn lock_options(command: &str) -> (LockOptions, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let options = LockOptions {
        holder: this_process(command, "ann"),
        folder: folder.path().to_owned(),
        timeout: Duration::ZERO,
    };
    (options, folder)
}

/// Runs waves until they end.
pub(crate) fn run(engine: &MemoryEngine, yaml: &str, options: PlanOptions) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let mut approve = |_: &nest::plan::Plan, _: usize| Approval::Go;
    let (lock_options, _folder) = lock_options("nest up");
    runtime
        .block_on(run_with(engine, yaml, options, &lock_options, &mut approve))
        .expect("an engine in memory always answers")
}

/// Runs waves until they end, with what is asked for and how the lock is taken.
pub(crate) async fn run_with(
    engine: &MemoryEngine,
    yaml: &str,
    options: PlanOptions,
    lock_options: &LockOptions,
    approve: &mut dyn FnMut(&nest::plan::Plan, usize) -> Approval,
) -> Result<Outcome, UpError> {
    let apply_options = ApplyOptions {
        parallel: 4,
        patience: Patience::new(None),
        drain: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    let desired = wanted(yaml);
    let how = (&apply_options, lock_options);
    up(engine, &desired, &options, how, approve, &|_| {}).await
}

/// Brings a project up, which must work.
pub(crate) fn bring_up(engine: &MemoryEngine, yaml: &str) {
    let outcome = run(engine, yaml, UP);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

const PROJECT: &str = "
name: test
volumes: { cache: {} }
registries:
  local: { port: 5000 }
environments:
  builder:
    outer: { mode: dind, memory: 2g }
    volumes: [cache:/cache]
    registries: [local]
    inner: { images: [alpine:3.20, busybox:1.36] }
    replicas: 2
  tools: { outer: socket, volumes: [cache:/cache], depends_on: [builder] }
";

#[test]
fn a_second_up_changes_nothing_and_writes_nothing() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    engine.take_log();
    assert!(matches!(
        run(&engine, PROJECT, UP),
        Outcome::Done { changed: false }
    ));
    assert_eq!(engine.take_log(), Vec::<String>::new());
}

#[test]
fn up_converges_after_a_failure_at_any_step_and_down_leaves_nothing() {
    let whole = engine();
    bring_up(&whole, PROJECT);
    let operations = whole.take_log().len();
    for failing in 0..operations {
        let engine = engine();
        engine.fail_after(failing);
        assert!(
            matches!(run(&engine, PROJECT, UP), Outcome::Incomplete { .. }),
            "after {failing} operations"
        );
        engine.fail_after(usize::MAX);
        bring_up(&engine, PROJECT);
        assert!(
            matches!(run(&engine, PROJECT, UP), Outcome::Done { changed: false }),
            "after {failing} operations"
        );
        assert!(matches!(
            run(&engine, PROJECT, DOWN_WITH_VOLUMES),
            Outcome::Done { .. }
        ));
        assert_eq!(
            engine.with(|state| state.objects()),
            Vec::<String>::new(),
            "after {failing} operations"
        );
    }
}

#[test]
fn an_edit_converges_after_a_failure_at_any_step() {
    let edits = [
        PROJECT.replace("alpine:3.20, ", ""),
        PROJECT.replace("2g", "3g"),
        PROJECT.replace(", memory: 2g", ""),
        PROJECT.replace("mode: dind", "mode: dind, image: docker:28-dind"),
        PROJECT.replace("mode: dind", "mode: dind, daemon: { mtu: 1400 }"),
        PROJECT.replace("mode: dind", "mode: dind, daemon: { debug: true }"),
        PROJECT.replace("mode: dind", "mode: dind, cpus: 2, restart: always"),
        PROJECT.replace("replicas: 2", "replicas: 1"),
        PROJECT.replace("registries: [local]", "registries: []"),
        PROJECT.replace(
            "volumes: [cache:/cache]\n    reg",
            "volumes: [cache:/elsewhere]\n    reg",
        ),
    ];
    for edited in &edits {
        assert_ne!(edited, PROJECT);
        for failing in 0.. {
            let engine = engine();
            bring_up(&engine, PROJECT);
            engine.fail_after(failing);
            let failed = matches!(run(&engine, edited, UP), Outcome::Incomplete { .. });
            engine.fail_after(usize::MAX);
            bring_up(&engine, edited);
            configured(&engine, edited);
            let again = run(&engine, edited, UP);
            assert!(
                matches!(again, Outcome::Done { changed: false }),
                "after {failing} operations of {edited}"
            );
            if !failed {
                break;
            }
        }
    }
}

#[test]
fn down_keeps_volumes_and_the_next_up_finds_the_images_again() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    assert!(matches!(
        run(&engine, PROJECT, DOWN),
        Outcome::Done { changed: true }
    ));
    let left = engine.with(|state| state.objects());
    let data = [
        "volume test_builder-1-data",
        "volume test_builder-2-data",
        "volume test_cache",
        "volume test_local-data",
    ];
    assert_eq!(left, data);
    engine.take_log();
    bring_up(&engine, PROJECT);
    let transfers = engine
        .take_log()
        .iter()
        .filter(|name| name.starts_with("Transfer"))
        .count();
    assert_eq!(transfers, 0, "the data roots still hold the images");
}

#[test]
fn a_plan_that_is_not_approved_does_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let engine = engine();
    let asked = RefCell::new(0);
    let mut approve = |_: &nest::plan::Plan, _: usize| {
        *asked.borrow_mut() += 1;
        Approval::Declined
    };
    let (lock_options, _folder) = lock_options("nest up");
    let outcome = runtime.block_on(run_with(&engine, PROJECT, UP, &lock_options, &mut approve));
    assert!(matches!(
        outcome,
        Ok(Outcome::NotApproved(Approval::Declined))
    ));
    assert_eq!((asked.take(), engine.take_log()), (1, Vec::new()));
}

/// The engines inside have read the configuration that the file declares.
fn configured(engine: &MemoryEngine, yaml: &str) {
    for (name, container) in wanted(yaml).engine.containers {
        let Some(inner) = container.engine else {
            continue;
        };
        let in_force = engine.with(|state| state.containers[&name].daemon.clone());
        assert_eq!(in_force, inner.daemon, "{name}");
    }
}
