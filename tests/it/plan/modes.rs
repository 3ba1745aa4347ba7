//! What each mode asks the engine for, and what an engine that cannot give it is told.

use std::collections::BTreeSet;

use expect_test::expect;
use nest::engine::Engine as _;
use nest::plan::change::Change;
use nest::plan::refusal::{Refusal, RefusalCause};
use nest::plan::{PlanOptions, plan};
use nest::up::{Outcome, question};

use crate::apply::{bring_up, run};
use crate::plan::{UP, engine, futures, plan_now, rendered};
use crate::yaml::wanted;

const SYSBOX: &str = "
name: test
environments:
  box: { outer: { mode: sysbox } }
";

/// The attributes of the container that a mode is planned with, one a line.
fn asked(keys: &str) -> String {
    let yaml = format!("name: test\nenvironments:\n  box: {{ outer: {{ {keys} }} }}\n");
    let plan = plan_now(&engine(), &yaml, UP);
    let is_box = |change: &&Change| change.address.as_str() == "environment.box";
    let change = plan.changes.iter().find(is_box).expect("it is planned");
    let lines = change.fields.iter().filter_map(|field| {
        let rights = [
            "privileged",
            "cap_add",
            "security_opt",
            "devices",
            "runtime",
            "environment.DOCKER_HOST",
        ];
        let value = field.after.as_ref()?;
        let is_right = rights.contains(&field.name.as_str());
        is_right.then(|| format!("{} = {value}\n", field.name))
    });
    lines.collect()
}

#[test]
fn each_mode_asks_for_what_it_needs_and_no_more() {
    expect![[r#"
        privileged = true
    "#]]
    .assert_eq(&asked("mode: dind"));
    expect![[r#""#]].assert_eq(&asked("mode: socket"));
    expect![[r#"
        environment.DOCKER_HOST = "unix:///run/user/1000/docker.sock"
        privileged = true
    "#]]
    .assert_eq(&asked("mode: rootless"));
    expect![[r#"
        environment.DOCKER_HOST = "unix:///run/user/1000/docker.sock"
        security_opt = ["seccomp=unconfined","apparmor=unconfined","systempaths=unconfined"]
        devices = ["/dev/net/tun:/dev/net/tun:rwm","/dev/fuse:/dev/fuse:rwm"]
    "#]]
    .assert_eq(&asked("mode: rootless, privileged: false"));
    expect![[r#"
        runtime = "sysbox-runc"
    "#]]
    .assert_eq(&asked("mode: sysbox"));
    expect![[r#"
        privileged = true
    "#]]
    .assert_eq(&asked("mode: podman"));
    expect![[r#"
        cap_add = ["MKNOD","SYS_ADMIN"]
        security_opt = ["seccomp=unconfined","apparmor=unconfined","label=disable"]
        devices = ["/dev/fuse:/dev/fuse:rwm"]
    "#]]
    .assert_eq(&asked("mode: podman, privileged: false"));
}

#[test]
fn what_the_file_gives_besides_is_joined_with_what_the_mode_needs() {
    let keys = "mode: podman, privileged: false, cap_add: [NET_ADMIN], security_opt: ['seccomp=unconfined'], \
                devices: [/dev/fuse, /dev/kvm]";
    expect![[r#"
        cap_add = ["MKNOD","NET_ADMIN","SYS_ADMIN"]
        security_opt = ["seccomp=unconfined","apparmor=unconfined","label=disable"]
        devices = ["/dev/fuse:/dev/fuse:rwm","/dev/kvm:/dev/kvm:rwm"]
    "#]]
    .assert_eq(&asked(keys));
}

#[test]
fn a_runtime_that_the_engine_lacks_is_refused_in_the_plan() {
    let desired = wanted(SYSBOX);
    let observed = futures(engine().observe(&question(&desired)));
    let mut observed = observed.expect("an engine in memory always answers");
    let runtimes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    observed.identity.runtimes = runtimes(&["runc", "io.containerd.runc.v2"]);
    let refused = plan(&desired, &observed, &UP);
    let causes: Vec<_> = refused.refusals.iter().map(|it| &it.cause).collect();
    let known: BTreeSet<String> = observed.identity.runtimes.clone();
    let runtime = "sysbox-runc".to_owned();
    assert_eq!(causes, [&RefusalCause::RuntimeMissing { runtime, known }]);
    let text = rendered(&refused);
    let said = text.find("error:").map_or("", |place| &text[place..]);
    expect![[r#"
        error: environment.box: the engine has no runtime `sysbox-runc`, only `io.containerd.runc.v2`, `runc`
          --> /project/test/nest.yaml:4:19
          hint: install Sysbox on the engine's host (https://github.com/nestybox/sysbox), or choose mode `rootless`, which needs no runtime, or mode `dind`, which is privileged

        Plan: 4 to add, 0 to change, 0 to destroy.
    "#]].assert_eq(said);

    observed.identity.runtimes = runtimes(&["runc", "sysbox-runc"]);
    assert!(plan(&desired, &observed, &UP).refusals.is_empty());
    // An engine that does not tell is asked.
    observed.identity.runtimes.clear();
    assert!(plan(&desired, &observed, &UP).refusals.is_empty());
}

#[test]
fn any_other_runtime_is_refused_too_and_says_what_helps() {
    let desired = wanted(&SYSBOX.replace("sysbox", "dind, runtime: kata"));
    let observed = futures(engine().observe(&question(&desired)));
    let mut observed = observed.expect("an engine in memory always answers");
    observed.identity.runtimes.insert("runc".to_owned());
    let plan = plan(&desired, &observed, &UP);
    let helps: Vec<String> = plan.refusals.iter().map(Refusal::help).collect();
    assert_eq!(helps.len(), 1);
    assert!(helps[0].contains("`runtimes`"), "{helps:?}");
}

#[test]
fn the_data_of_a_mode_is_given_to_no_other_that_keeps_it_elsewhere() {
    let yaml = |mode: &str| {
        format!(
            "name: test\nenvironments:\n  box: {{ outer: {mode}, inner: {{ images: [alpine:3.20] }} }}\n"
        )
    };
    let engine = engine();
    bring_up(&engine, &yaml("dind"));
    let refused = plan_now(&engine, &yaml("rootless"), UP);
    let causes: Vec<_> = refused.refusals.iter().map(|it| &it.cause).collect();
    let (wrote, comes) = ("dind".to_owned(), "rootless".to_owned());
    assert_eq!(causes, [&RefusalCause::OtherMode { wrote, comes }]);
    // Both keep it in the same place, in the same way.
    assert!(plan_now(&engine, &yaml("sysbox"), UP).refusals.is_empty());

    let consent = PlanOptions {
        allow_data_loss: true,
        ..UP
    };
    let outcome = run(&engine, &yaml("rootless"), consent.clone());
    assert!(
        matches!(outcome, Outcome::Done { changed: true }),
        "{outcome:?}"
    );
    let again = run(&engine, &yaml("rootless"), UP);
    assert!(
        matches!(again, Outcome::Done { changed: false }),
        "{again:?}"
    );
}

#[test]
fn registries_of_podman_are_those_of_any_host() {
    let plan = plan_now(
        &engine(),
        "
name: test
registries: { local: {}, quay: { mirror: quay.io } }
environments:
  box: { outer: podman, registries: [local, quay] }
",
        UP,
    );
    let text = rendered(&plan);
    let line = text.lines().find(|line| line.contains("daemon.registry"));
    expect![[r#"      + daemon.registry           : [{"location":"quay.io","mirror":[{"location":"quay.nest:5000","insecure":true}]}, {"location":"local:5000","insecure":true}, {"location":"local.nest:5000","insecure":true}, {"location":"quay:5000","insecure":true}, {"location":"quay.nest:5000","insecure":true}]"#]].assert_eq(line.expect("it is told of registries"));
}
