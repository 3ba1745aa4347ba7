//! What an engine can and cannot run, by what it says of itself.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use nest::doctor::examine;
use nest::observed::EngineIdentity;
use nest::observed::profile::EngineProfile;
use nest::report::doctor::{examination, json};

fn profile() -> EngineProfile {
    EngineProfile {
        identity: EngineIdentity {
            name: "box".to_owned(),
            version: "28.5.2".to_owned(),
            api_version: "1.51".to_owned(),
            driver: "overlay2".to_owned(),
            platform: "linux/amd64".to_owned(),
            runtimes: set(&["runc", "sysbox-runc"]),
            ..EngineIdentity::default()
        },
        kernel: "6.12.0".to_owned(),
        cgroup_version: Some(2),
        security: set(&["seccomp"]),
        unlimited: BTreeSet::new(),
    }
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn check(profile: &EngineProfile, expected: &Expect) {
    let text = examination(profile, &examine(profile));
    expected.assert_eq(&anstream::adapter::strip_str(&text).to_string());
}

#[test]
fn an_engine_that_can_run_everything() {
    check(
        &profile(),
        &expect![[r#"
            engine box  version 28.5.2, API 1.51, linux/amd64, kernel 6.12.0, cgroup v2, storage driver overlay2, runtimes runc, sysbox-runc
            ✓ socket   can run
            ✓ dind     can run
            ✓ rootless can run
            ✓ sysbox   can run
            ✓ podman   can run
        "#]],
    );
}

#[test]
fn an_old_host_without_the_runtime() {
    let mut old = profile();
    old.identity.runtimes = set(&["runc"]);
    "vfs".clone_into(&mut old.identity.driver);
    old.cgroup_version = Some(1);
    "5.4.0-42-generic".clone_into(&mut old.kernel);
    check(
        &old,
        &expect![[r#"
            engine box  version 28.5.2, API 1.51, linux/amd64, kernel 5.4.0-42-generic, cgroup v1, storage driver vfs, runtimes runc
                it copies every layer (storage driver `vfs`), which is slow and takes much disk
                  fix: move its data root to a file system that overlays can be on, such as ext4 or xfs
            ✓ socket   can run
            ✓ dind     can run
            ! rootless can run, but
                the host has cgroup v1: the engine inside cannot limit what its containers use
                  fix: start the host with cgroup v2 (`systemd.unified_cgroup_hierarchy=1`); limits of `outer` hold in any case
                kernel 5.4.0-42-generic does not overlay layers for users
                  fix: use a kernel from 5.11 on, or have `/dev/fuse` on the host (`modprobe fuse`)
            ✗ sysbox   cannot run
                the engine has no runtime `sysbox-runc`
                  fix: install Sysbox on the engine's host (https://github.com/nestybox/sysbox), or choose mode `rootless`, which needs no runtime, or mode `dind`, which is privileged
            ✓ podman   can run
        "#]],
    );
}

#[test]
fn a_rootless_engine() {
    let mut rootless = profile();
    rootless.security = set(&["rootless", "selinux"]);
    rootless.unlimited = BTreeSet::from(["cpus", "memory"]);
    check(
        &rootless,
        &expect![[r#"
            engine box  version 28.5.2, API 1.51, linux/amd64, kernel 6.12.0, cgroup v2, storage driver overlay2, runtimes runc, sysbox-runc
                it cannot limit what a container uses: `cpus` has no effect
                  fix: enable the controller on its host: a rootless engine needs cgroup v2 and delegation of its controllers
                it cannot limit what a container uses: `memory` has no effect
                  fix: enable the controller on its host: a rootless engine needs cgroup v2 and delegation of its controllers
            ✗ socket   cannot run
                the engine is rootless, and does not listen at `/var/run/docker.sock` on its host
                  fix: choose a mode with an engine of its own
                SELinux keeps containers from the socket
                  fix: say `security_opt: [label=disable]` in `outer`
            ! dind     can run, but
                the engine is rootless: what is privileged in it has the rights of its user only
                  fix: use an engine that runs as root, where the engine inside does not come up
            ! rootless can run, but
                the engine is rootless: what is privileged in it has the rights of its user only
                  fix: use an engine that runs as root, where the engine inside does not come up
            ✓ sysbox   can run
            ! podman   can run, but
                the engine is rootless: what is privileged in it has the rights of its user only
                  fix: use an engine that runs as root, where the engine inside does not come up
        "#]],
    );
}

#[test]
fn an_engine_that_maps_users_or_runs_no_linux() {
    let mut mapped = profile();
    mapped.security = set(&["userns"]);
    "windows/amd64".clone_into(&mut mapped.identity.platform);
    check(
        &mapped,
        &expect![[r#"
            engine box  version 28.5.2, API 1.51, windows/amd64, kernel 6.12.0, cgroup v2, storage driver overlay2, runtimes runc, sysbox-runc
            ✗ socket   cannot run
                it runs containers of windows/amd64
                  fix: name an engine that runs Linux containers with `--host`, `--context` or `DOCKER_HOST`
            ✗ dind     cannot run
                it runs containers of windows/amd64
                  fix: name an engine that runs Linux containers with `--host`, `--context` or `DOCKER_HOST`
                the engine gives its containers users of their own (`userns-remap`), who cannot be privileged
                  fix: take `userns-remap` out of the engine's configuration
            ✗ rootless cannot run
                it runs containers of windows/amd64
                  fix: name an engine that runs Linux containers with `--host`, `--context` or `DOCKER_HOST`
                the engine gives its containers users of their own (`userns-remap`), who cannot be privileged
                  fix: take `userns-remap` out of the engine's configuration
            ✗ sysbox   cannot run
                it runs containers of windows/amd64
                  fix: name an engine that runs Linux containers with `--host`, `--context` or `DOCKER_HOST`
            ✗ podman   cannot run
                it runs containers of windows/amd64
                  fix: name an engine that runs Linux containers with `--host`, `--context` or `DOCKER_HOST`
                the engine gives its containers users of their own (`userns-remap`), who cannot be privileged
                  fix: take `userns-remap` out of the engine's configuration
        "#]],
    );
}

#[test]
fn as_data_it_says_the_same() {
    let mut old = profile();
    old.identity.runtimes = set(&["runc"]);
    let value = json(&old, &examine(&old), None);
    assert_eq!(value["format_version"], "1.0");
    assert_eq!(value["engine"]["cgroup_version"], 2);
    let modes = value["modes"].as_array().expect("a list");
    let refused: Vec<_> = modes
        .iter()
        .filter(|mode| mode["can_run"] == false)
        .collect();
    assert_eq!(refused.len(), 1, "{value:#}");
    assert_eq!(refused[0]["mode"], "sysbox");
    let finding = &refused[0]["findings"][0];
    assert_eq!(finding["severity"], "error");
    assert!(
        finding["fix"]
            .as_str()
            .is_some_and(|fix| fix.contains("Sysbox"))
    );
}
