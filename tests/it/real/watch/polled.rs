//! Where the system does not tell of changes: nest looks for them.

use std::fs;
use std::process::Command;

use crate::real::sandbox::Sandbox;
use crate::real::watch::saves::{run, text};
use crate::real::watch::{SMALL, Watching, is, round};

#[test]
fn with_poll_each_save_is_one_plan_and_a_save_of_the_same_is_none() {
    let sandbox = Sandbox::new(SMALL);
    let folder = sandbox.folder.path();
    let watching = Watching::start(&sandbox, &["--poll", "100ms"]);
    for (command, rounds) in [
        ("sed -i 's/^name/# x\\nname/' nest.yaml", 1),
        ("touch nest.yaml; chmod 600 nest.yaml; cat nest.yaml", 0),
        (
            "cp nest.yaml new && echo '# n' >> new && mv new nest.yaml",
            1,
        ),
        // Older than what it replaces.
        (
            "cp nest.yaml new && echo '# o' >> new && touch -d 2001-01-01 new && mv new nest.yaml",
            1,
        ),
        ("echo hello > unrelated.txt; rm unrelated.txt", 0),
    ] {
        run(folder, command);
        assert_eq!(watching.rounds().len(), rounds, "{command}");
    }
    fs::remove_file(folder.join("nest.yaml")).expect("it is there");
    watching.until(is("files_absent"));
    sandbox.write(&format!("{SMALL}volumes: {{ more: {{}} }}\n"));
    watching.until(round("applied"));
}

/// nest as it watches where the system lets it have only so much.
fn limited(sandbox: &Sandbox, limit: &str) -> Watching {
    let nest = sandbox.command(&["watch", "--format", "json"]);
    let script = format!("echo {limit} && exec \"$@\"");
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "sh", "-ec", &script, "nest"])
        .arg(nest.get_program())
        .args(nest.get_args())
        .current_dir(sandbox.folder.path())
        .stdin(std::process::Stdio::null());
    for (name, value) in nest.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    Watching::of(command)
}

#[test]
fn where_the_system_cannot_tell_of_changes_that_is_told_once_and_they_are_looked_for() {
    for limit in [
        "0 >/proc/sys/user/max_inotify_instances",
        "1 >/proc/sys/user/max_inotify_watches",
    ] {
        let sandbox = Sandbox::new(&format!("include: [parts/more.yaml]\n{SMALL}"));
        let folder = sandbox.folder.path();
        fs::create_dir(folder.join("parts")).expect("there is room");
        let more = folder.join("parts/more.yaml");
        fs::write(&more, "volumes: { one: {} }\n").expect("there is room");
        let watching = limited(&sandbox, limit);
        let (_, told) = watching.until(is("diagnostic"));
        let what = told["diagnostic"]["summary"].as_str().unwrap_or_default();
        assert!(what.contains("cannot be told of changes"), "{told:#}");
        watching.until(round("applied"));
        fs::write(&more, "volumes: { one: {}, two: {} }\n").expect("there is room");
        watching.until(is("files_changed"));
        let (_, line) = watching.until(|line| is("diagnostic")(line) || round("applied")(line));
        assert_eq!(line["result"], "applied", "it is told once: {line:#}");
        let two = format!("volume {}_two", sandbox.name);
        assert!(sandbox.objects().contains(&two), "{limit}");
        fs::write(folder.join("nest.yaml"), text(&sandbox, 1)).expect("there is room");
        watching.until(is("files_changed"));
    }
}
