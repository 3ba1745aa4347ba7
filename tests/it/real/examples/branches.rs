//! What a sandbox for each pull request must do: three branches at once on one host, and one cache of images.

use bollard::query_parameters::RemoveVolumeOptions;

use crate::real::examples::running::Running;
use crate::real::sandbox::Ran;

/// Brings up two more branches at once beside the one that is up, and takes them down.
pub(super) fn pull_request_sandbox(running: &Running<'_>) {
    let (example, sandbox) = (running.example, running.sandbox);
    let branches = ["17", "18"].map(|number| format!("{}-pr-{number}", sandbox.name));
    let command = |project: &str, arguments: &[&str]| {
        let mut command = sandbox.command(&[]);
        command
            .arg("-f")
            .arg(&example.files[0])
            .args(["-p", project])
            .args(arguments);
        command
    };
    let succeed = |project: &str, arguments: &[&str]| {
        let ran = Ran::from(command(project, arguments).output().expect("nest starts"));
        assert_eq!(
            ran.code, 0,
            "{project}: {arguments:?}: {}{}",
            ran.stdout, ran.stderr
        );
        ran
    };
    let seeds = sandbox.seeds();
    assert_eq!(
        seeds.len(),
        2,
        "the first branch left a seed and its mark: {seeds:?}"
    );
    for branch in &branches {
        let planned = succeed(branch, &["plan"]).stdout;
        assert!(planned.contains("layers linked to nest-seed-"), "{planned}");
    }
    let begun = branches.each_ref().map(|branch| {
        let mut command = command(branch, &["up"]);
        let command = command.stdout(std::process::Stdio::null());
        let child = command.stderr(std::process::Stdio::piped()).spawn();
        child.expect("nest starts")
    });
    for child in begun {
        let ran = Ran::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(
            !ran.stderr.contains("transferr"),
            "the images are there: {}",
            ran.stderr
        );
    }
    let all = [
        sandbox.name.clone(),
        branches[0].clone(),
        branches[1].clone(),
    ];
    let names = [
        "exec",
        "-T",
        "sandbox",
        "docker",
        "ps",
        "--format",
        "{{.Names}}",
    ];
    for project in &all {
        succeed(project, &["plan", "--detailed-exitcode"]);
        let running = succeed(project, &names).stdout;
        let mut running: Vec<&str> = running.lines().collect();
        running.sort_unstable();
        assert_eq!(running, ["db-1", "web-1"], "{project}");
    }
    // What one of them does is its own.
    let docker = |project: &str, arguments: &[&str]| {
        let words = [&["exec", "-T", "sandbox", "docker"], arguments].concat();
        succeed(project, &words).stdout
    };
    docker(&branches[0], &["rm", "--force", "web-1"]);
    docker(&branches[0], &["rmi", "--force", "nginx:1.27-alpine"]);
    docker(
        &branches[1],
        &["run", "--rm", "--entrypoint", "true", "nginx:1.27-alpine"],
    );
    for branch in &branches {
        succeed(branch, &["down", "--volumes", "--yes"]);
    }
    succeed(&sandbox.name, &["plan", "--detailed-exitcode"]);
    assert_eq!(sandbox.seeds(), seeds, "no branch takes the seed with it");
    for name in seeds {
        let removal = sandbox
            .docker
            .remove_volume(&name, None::<RemoveVolumeOptions>);
        sandbox.runtime.block_on(removal).expect("nobody uses it");
    }
}
