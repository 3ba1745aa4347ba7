//! Seeds on a real engine: what a second project starts from, what it shares, and what is left of killed runs.

use std::collections::BTreeSet;
use std::time::Duration;

use bollard::query_parameters::RemoveVolumeOptions;

use crate::real::archive::save;
use crate::real::sandbox::{Ran, Sandbox};

/// Two images in an engine that starts from a seed. What follows the data root sets the seeds of one test apart from
/// those of another.
fn project(seed: &str, apart: &str) -> String {
    format!(
        "
environments:
  box:
    outer: {{ mode: dind, daemon: {{ features: {{ {apart}: true }} }}, data: {{ keep: false, seed: {seed} }} }}
    inner: {{ images: [alpine:3.20, busybox:1.36] }}
"
    )
}

/// Projects that may share seeds.
struct Seeding(Sandbox);

impl Seeding {
    fn new(yaml: &str) -> Self {
        Self(Sandbox::new(yaml))
    }

    /// The project of another name with the same file.
    fn other(&self, name: &str, arguments: &[&str]) -> Ran {
        let name = format!("{}-{name}", self.0.name);
        let arguments: Vec<&str> = ["-p", &name]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        self.0.succeed(&arguments)
    }

    /// Brings the second project up from the seeds that there are: nothing is loaded.
    fn other_is_up_without_a_transfer(&self) {
        let up = self.other("two", &["up"]);
        assert!(!up.stderr.contains("transferr"), "{}", up.stderr);
    }
}

/// The first project makes the seed, another starts from it, and neither can change the other's images.
fn carry_out(seed: &str, apart: &str, said: &str, made: &str) -> Seeding {
    let seeding = Seeding::new(&project(seed, apart));
    let sandbox = &seeding.0;
    let planned = sandbox.succeed(&["plan"]);
    assert!(planned.stdout.contains(made), "{}", planned.stdout);
    assert_eq!(seeding.0.seeds(), BTreeSet::new(), "a plan only reads");
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    let seeds = seeding.0.seeds();
    assert_eq!(seeds.len(), 2, "a seed and its mark: {seeds:?}");
    let seed = seeds.iter().max().expect("there are two").clone();

    let planned = seeding.other("two", &["plan"]);
    assert!(
        planned
            .stdout
            .contains(&format!("{said} {seed} (2 images)")),
        "{}",
        planned.stdout
    );
    seeding.other_is_up_without_a_transfer();
    seeding.other("two", &["plan", "--detailed-exitcode"]);
    let run = [
        "exec",
        "-T",
        "box",
        "docker",
        "run",
        "--rm",
        "alpine:3.20",
        "sh",
        "-c",
    ];
    let run = |command: &'static str| [run.as_slice(), &[command]].concat();
    seeding.other("two", &run("rm /bin/ls && touch /bin/new"));
    seeding.other(
        "two",
        &["exec", "-T", "box", "docker", "rmi", "busybox:1.36"],
    );
    let listed = sandbox.inside("box", &["docker", "images", "-q", "busybox:1.36"]);
    assert!(!listed.is_empty(), "the other still has it");
    sandbox.succeed(&run("test -e /bin/ls && test ! -e /bin/new"));
    let id = ["exec", "-T", "box", "docker", "info", "-f", "{{.ID}}"];
    let other = seeding.other("two", &id).stdout;
    assert_ne!(sandbox.succeed(&id).stdout, other, "each engine is its own");

    // What was taken away comes back, from where it came.
    seeding.other("two", &["up"]);
    seeding.other(
        "two",
        &[
            "exec",
            "-T",
            "box",
            "docker",
            "run",
            "--rm",
            "busybox:1.36",
            "true",
        ],
    );
    seeding.other("two", &["down", "--volumes", "--yes"]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    let left: Vec<_> = sandbox.objects().into_iter().collect();
    assert_eq!(left, [format!("volume {seed}")], "only the seed stays");
    seeding
}

#[test]
fn another_project_starts_from_a_copy_and_shares_nothing() {
    carry_out("copy", "one", "copy of", "is made beside it and kept");
}

#[test]
fn another_project_starts_from_linked_layers_and_changes_none() {
    let seeding = carry_out(
        "link",
        "two",
        "layers linked to",
        "which is made first and kept",
    );
    // A third one without a word about seeds finds the seed.
    let silent = project("link", "two").replace(", seed: link", "");
    seeding.0.write(&silent);
    let planned = seeding.other("three", &["plan"]);
    assert!(
        planned.stdout.contains("copy of nest-seed-"),
        "{}",
        planned.stdout
    );
}

#[test]
fn two_projects_that_want_one_seed_at_once_both_come_up() {
    let seeding = Seeding::new(&project("copy", "three"));
    let names = ["one", "two"].map(|name| format!("{}-{name}", seeding.0.name));
    let begun = names.each_ref().map(|name| {
        let mut command = seeding.0.command(&["-p", name, "up"]);
        command
            .stderr(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null());
        command.spawn().expect("nest starts")
    });
    for child in begun {
        let ran = child.wait_with_output().expect("it ends");
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
    assert_eq!(seeding.0.seeds().len(), 2, "one seed and its mark");
    for name in ["one", "two"] {
        seeding.other(name, &["plan", "--detailed-exitcode"]);
        seeding.other(
            name,
            &[
                "exec",
                "-T",
                "box",
                "docker",
                "run",
                "--rm",
                "alpine:3.20",
                "true",
            ],
        );
        seeding.other(name, &["down", "--volumes", "--yes"]);
    }
}

#[test]
fn a_killed_run_leaves_no_half_seed_and_no_half_data_root() {
    let seeding = Seeding::new(&project("copy", "four"));
    let sandbox = &seeding.0;
    let begun = std::time::Instant::now();
    sandbox.succeed(&["up"]);
    let whole = begun.elapsed();
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    for moment in 1..8_u32 {
        for volume in seeding.0.seeds() {
            let removal = sandbox
                .docker
                .remove_volume(&volume, None::<RemoveVolumeOptions>);
            sandbox.runtime.block_on(removal).expect("nothing uses it");
        }
        let mut child = sandbox.command(&["up"]);
        let child = child.stderr(std::process::Stdio::null()).spawn();
        let mut child = child.expect("nest starts");
        std::thread::sleep(
            whole
                .mul_f64(f64::from(moment) / 8.0)
                .max(Duration::from_millis(5)),
        );
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        if moment % 2 == 0 {
            sandbox.succeed(&["up"]);
            let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
            assert_eq!(
                plan.code, 0,
                "killed at {moment}/8 of {whole:?}: {}",
                plan.stdout
            );
            sandbox.inside("box", &["docker", "run", "--rm", "alpine:3.20", "true"]);
        }
        sandbox.succeed(&["down", "--volumes", "--yes"]);
        let seeds = seeding.0.seeds();
        let is_seed = |name: &String| seeds.contains(name.trim_start_matches("volume "));
        let left: Vec<_> = sandbox
            .objects()
            .into_iter()
            .filter(|name| !is_seed(name))
            .collect();
        assert!(
            left.is_empty(),
            "killed at {moment}/8 of {whole:?}: {left:?} is left"
        );
        assert!(
            matches!(seeds.len(), 0 | 2),
            "killed at {moment}/8: {seeds:?} is no whole seed"
        );
    }
}

/// Engines of both stores and without root's rights, with images from an archive and from outside.
const CELLS: &str = "
environments:
  store:
    outer: { mode: dind, daemon: { features: { containerd-snapshotter: true, five: true } }, data: { keep: false, seed: copy } }
    replicas: 2
    inner: { images: [{ image: alpine:3.20, source: outer }, busybox:1.36] }
  linked:
    outer: { mode: dind, daemon: { features: { containerd-snapshotter: true, five: true } }, data: { keep: false, seed: link } }
    inner: { images: [{ image: alpine:3.20, source: { archive: ./app.tar } }] }
  less:
    outer: { mode: rootless, daemon: { features: { five: true } }, data: { keep: false, seed: link } }
    inner: { images: [alpine:3.20] }
";
/// An engine that itself has no seed.
const AROUND: &str = "
  box:
    outer: { mode: dind, data: { keep: false, seed: none } }
    inner:
      images: [docker:dind, alpine:3.20]
";
/// One in it that asks for a seed.
const INSIDE: &str = "
      environments:
        deep: { outer: { mode: dind, data: { keep: false, seed: copy } }, inner: { images: [alpine:3.20] } }
";

#[test]
fn engines_of_either_store_without_rights_and_in_engines_start_from_seeds() {
    let seeding = Seeding::new(&format!("{CELLS}{AROUND}"));
    let sandbox = &seeding.0;
    save(sandbox, "alpine:3.20");
    sandbox.succeed(&["up"]);
    assert_eq!(sandbox.seeds().len(), 6, "three seeds and their marks");
    sandbox.write(&format!("{CELLS}{AROUND}{INSIDE}"));
    let up = sandbox.succeed(&["up"]);
    assert!(
        up.stderr.contains("nest-seed-") && up.stderr.contains("deep-1-data"),
        "{}",
        up.stderr
    );
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    let run = ["docker", "run", "--rm", "alpine:3.20", "true"];
    sandbox.inside(
        "box",
        &[&["docker", "exec", "deep-1"], run.as_slice()].concat(),
    );

    sandbox.write(CELLS);
    seeding.other_is_up_without_a_transfer();
    seeding.other("two", &["plan", "--detailed-exitcode"]);
    for environment in ["store", "linked", "less"] {
        let words = [&["exec", "-T", environment], run.as_slice()].concat();
        seeding.other("two", &words);
        sandbox.succeed(&words);
    }
    seeding.other("two", &["down", "--volumes", "--yes"]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert_eq!(sandbox.seeds().len(), 6, "seeds are nobody's");
}
