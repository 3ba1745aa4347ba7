//! Every example that this version carries out whole: up, nothing to change, what its scenario must show, down, nothing
//! left.

mod branches;
mod engines;
mod runners;
mod running;
mod stand_ins;
mod workplaces;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use nest::model::Project;

use crate::examples::{Example, REFUSED_ON_PODMAN, examples, not_acted_on};
use crate::real::examples::running::Running;
use crate::real::examples::stand_ins::{Builds, StandIns};
use crate::real::modes::{has_runtime, refused};
use crate::real::sandbox::Sandbox;

pub(crate) use crate::real::examples::running::listening;

/// One test for each example: its name, and what must hold while it is up.
macro_rules! carried_out {
    ($($test:ident: $name:literal $(, $must:path)?;)*) => {
        /// The examples that have such a test.
        const CARRIED_OUT: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                carry_out($name, &[$($must as fn(&Running<'_>))?]);
            }
        )*
    };
}

carried_out! {
    agents: "agents";
    dev_container: "dev-container", workplaces::dev_container;
    dev_container_socket: "dev-container-socket", workplaces::dev_container_socket;
    dind: "dind", engines::dind;
    dind_without_tls: "dind-without-tls", engines::dind_without_tls;
    drone: "drone", runners::drone;
    engine_matrix: "engine-matrix", engines::engine_matrix;
    github_actions_runner: "github-actions-runner", runners::github;
    gitlab_runner: "gitlab-runner", runners::gitlab;
    gitlab_runner_office: "gitlab-runner with nest.office.yaml", runners::gitlab;
    gitlab_runner_plain: "gitlab-runner with nest.plain.yaml", runners::gitlab;
    jenkins: "jenkins", runners::jenkins;
    jenkins_agent: "jenkins-agent", runners::jenkins_agent;
    kind: "kind", workplaces::kind;
    kubernetes_node: "kubernetes-node";
    low_mtu: "low-mtu", engines::low_mtu;
    podman: "podman", engines::podman;
    pull_request_sandbox: "pull-request-sandbox", branches::pull_request_sandbox;
    socket: "socket", engines::socket;
    sysbox: "sysbox", engines::sysbox;
    testcontainers: "testcontainers", workplaces::testcontainers;
    three_deep: "three-deep";
    workspace: "workspace", engines::workspace;
}

/// The examples that have tests of their own, with registries that they use.
const ELSEWHERE: [&str; 3] = ["air-gapped", "company-mirror", "quickstart"];

#[test]
fn every_example_that_is_carried_out_whole_has_a_test() {
    let mut whole: Vec<String> = Vec::new();
    for example in examples() {
        if not_acted_on(example.read()).is_none() {
            whole.push(example.name);
        }
    }
    let mut tested = [CARRIED_OUT, &ELSEWHERE].concat();
    tested.sort_unstable();
    assert_eq!(whole, tested);
}

fn carry_out(name: &str, must: &[fn(&Running<'_>)]) {
    let mut found = examples().into_iter();
    let example = found.find(|example| example.name == name);
    let example = &example.expect("there is such an example");
    let project = example.read().project;
    let sandbox = &Sandbox::new("");
    if sandbox.is_podman() && is_refused_on_podman(example, sandbox) {
        return;
    }
    let environments = project.scope.environments.values();
    let mut modes = environments.map(|environment| environment.outer.mode);
    if let Some(mode) = modes.find(|mode| !has_runtime(sandbox, mode)) {
        let text = format!("environments: {{ box: {{ outer: {} }} }}\n", mode.name);
        sandbox.write(&text);
        return refused(sandbox, mode);
    }
    let _stand_ins = StandIns::new(sandbox, &project);
    let _folders = Folders::of(&example.files[0]);
    let builds = &Builds::of(sandbox, &project);
    let running = Running {
        example,
        sandbox,
        builds,
    };
    running.nest(&["up"]);
    running.nest(&["plan", "--detailed-exitcode"]);
    running.nest(&["status"]);
    if builds.over.is_some() {
        builds.write("LABEL changed=yes\n");
        let plan = running.run(&[], &["plan", "--detailed-exitcode"]);
        assert_eq!(plan.code, 2, "{name}: {}", plan.stdout);
        running.nest(&["up", "--yes"]);
        running.nest(&["plan", "--detailed-exitcode"]);
    }
    for must in must {
        must(&running);
    }
    let down = ["down", "--volumes", "--yes"];
    let unprotected = unprotected(&project);
    if unprotected.is_empty() {
        running.nest(&down);
    } else {
        assert_eq!(running.run(&[], &down).code, 1, "{name}: is protected");
        let over = running.over("unprotected.yaml", &unprotected);
        running.nest_over(&[&over], &["up"]);
        running.nest_over(&[&over], &down);
    }
    let left = sandbox.objects();
    assert!(left.is_empty(), "{name}: {left:?}");
}

/// Whether this example is one that podman cannot carry out: then the plan must say why.
fn is_refused_on_podman(example: &Example, sandbox: &Sandbox) -> bool {
    let mut refusals = REFUSED_ON_PODMAN.iter();
    let Some((name, reason)) = refusals.find(|(name, _)| *name == example.name) else {
        return false;
    };
    let path = example.files[0].to_str().expect("it is text");
    let ran = sandbox.nest(&["-f", path, "-p", &sandbox.name, "plan"]);
    let said = ran.stdout + &ran.stderr;
    assert_eq!(ran.code, 1, "{name}: {said}");
    assert!(said.contains(reason), "{name}: {said}");
    true
}

/// What goes over a project so that it can be taken down; empty if nothing of it is protected.
fn unprotected(project: &Project) -> String {
    let mut text = String::new();
    let written = project.written();
    for section in ["volumes", "environments"] {
        for (name, settings) in written[section].as_object().into_iter().flatten() {
            if settings["protect"] == true {
                if !text.contains(section) {
                    let _ = writeln!(text, "{section}:");
                }
                let _ = writeln!(text, "  {name}: {{ protect: false }}");
            }
        }
    }
    text
}

/// The folder of an example, in which engines make the folders that are mounted and not there. None of them stays.
struct Folders {
    example: PathBuf,
    before: BTreeSet<PathBuf>,
}

impl Folders {
    fn of(file: &Path) -> Self {
        let example = file.parent().expect("a file is in a folder").to_owned();
        let before = Self::inside(&example);
        Self { example, before }
    }

    fn inside(folder: &Path) -> BTreeSet<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let entries = entries.filter_map(|entry| Some(entry.ok()?.path()));
        entries.filter(|path| path.is_dir()).collect()
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for new in Self::inside(&self.example).difference(&self.before) {
            let removed = std::fs::remove_dir(new);
            assert!(
                removed.is_ok() || std::thread::panicking(),
                "{}: {removed:?}",
                new.display()
            );
        }
    }
}
