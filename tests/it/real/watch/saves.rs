//! Saves: as editors and other programs do them, one by one and a thousand at once.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::real::sandbox::Sandbox;
use crate::real::watch::{SMALL, Watching, is, round};

/// A text that differs from all others, and asks for the same.
pub(crate) fn text(sandbox: &Sandbox, number: usize) -> String {
    format!("# {number}\nname: {}\n{SMALL}", sandbox.name)
}

fn write(path: &Path, text: &str) {
    let mut file = File::create(path).expect("it can be written");
    file.write_all(text.as_bytes()).expect("there is room");
    file.sync_all().expect("it is kept");
}

pub(crate) fn run(folder: &Path, command: &str) {
    let ran = Command::new("sh")
        .args(["-ec", command])
        .current_dir(folder)
        .output();
    let ran = ran.expect("a shell");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{command}: {said}");
}

/// One way to save a file.
type Save = (&'static str, fn(&Path, &str));

/// Ways to save, by the system calls that the programs were seen to make.
const SAVES: [Save; 9] = [
    ("written in place, as by `>`", |folder, text| {
        write(&folder.join("nest.yaml"), text);
    }),
    ("vim, backupcopy=yes", |folder, text| {
        let file = folder.join("nest.yaml");
        write(&folder.join("4913"), "");
        fs::remove_file(folder.join("4913")).expect("it is there");
        fs::copy(&file, folder.join("nest.yaml~")).expect("it is there");
        write(&file, text);
        fs::remove_file(folder.join("nest.yaml~")).expect("it is there");
    }),
    ("vim, backupcopy=no", |folder, text| {
        let file = folder.join("nest.yaml");
        fs::rename(&file, folder.join("nest.yaml~")).expect("it is there");
        write(&file, text);
        run(folder, "chmod 644 nest.yaml");
        fs::remove_file(folder.join("nest.yaml~")).expect("it is there");
    }),
    ("emacs", |folder, text| {
        let lock = folder.join(".#nest.yaml");
        symlink("me@host.1:1", &lock).expect("it is free");
        let file = folder.join("nest.yaml");
        fs::rename(&file, folder.join("nest.yaml~")).expect("it is there");
        write(&file, text);
        run(folder, "chmod 644 nest.yaml");
        fs::remove_file(lock).expect("it is there");
    }),
    ("VS Code", |folder, text| {
        let file = OpenOptions::new()
            .write(true)
            .open(folder.join("nest.yaml"));
        let mut file = file.expect("it is there");
        file.set_len(0).expect("it can be written");
        file.write_all(text.as_bytes()).expect("there is room");
        file.sync_data().expect("it is kept");
    }),
    ("renamed over it, as by `mv` and by IDEs", |folder, text| {
        write(&folder.join("nest.yaml___jb_tmp___"), text);
        let (from, to) = ("nest.yaml___jb_tmp___", "nest.yaml");
        fs::rename(folder.join(from), folder.join(to)).expect("it is there");
    }),
    ("removed and written anew, slowly", |folder, text| {
        fs::remove_file(folder.join("nest.yaml")).expect("it is there");
        std::thread::sleep(std::time::Duration::from_millis(200));
        write(&folder.join("nest.yaml"), text);
    }),
    ("a link that leads elsewhere", |folder, text| {
        fs::create_dir_all(folder.join("elsewhere")).expect("there is room");
        write(&folder.join("elsewhere/one.yaml"), text);
        fs::remove_file(folder.join("nest.yaml")).expect("it is there");
        symlink("elsewhere/one.yaml", folder.join("nest.yaml")).expect("it is free");
    }),
    ("the file that the link leads to", |folder, text| {
        write(&folder.join("elsewhere/two.yaml"), text);
        let (from, to) = ("elsewhere/two.yaml", "elsewhere/one.yaml");
        fs::rename(folder.join(from), folder.join(to)).expect("it is there");
    }),
];

#[test]
fn each_way_to_save_is_one_plan_and_a_save_of_the_same_is_none() {
    let sandbox = Sandbox::new(SMALL);
    let folder = sandbox.folder.path();
    let watching = Watching::start(&sandbox, &[]);
    for (number, (way, save)) in SAVES.iter().enumerate() {
        let text = text(&sandbox, number);
        save(folder, &text);
        assert_eq!(watching.rounds(), ["in_step"], "{way}");
        save(folder, &text);
        assert_eq!(watching.rounds(), Vec::<String>::new(), "the same: {way}");
    }
}

#[test]
fn programs_save_as_they_do() {
    let sandbox = Sandbox::new(SMALL);
    let folder = sandbox.folder.path();
    run(
        folder,
        "git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm one
         git checkout -qb other && echo '# other' >> nest.yaml
         git -c user.name=a -c user.email=a@b commit -qam two && git checkout -q -",
    );
    let watching = Watching::start(&sandbox, &[]);
    for (command, rounds) in [
        ("sed -i 's/^name/# x\\nname/' nest.yaml", 1),
        ("touch nest.yaml; chmod 600 nest.yaml; cat nest.yaml", 0),
        (
            "cp nest.yaml new && echo '# n' >> new && mv new nest.yaml",
            1,
        ),
        ("mv nest.yaml away && mv away nest.yaml", 0),
        ("git checkout -q . && git checkout -q other", 1),
        ("git checkout -q -", 1),
        ("echo hello > unrelated.txt; rm unrelated.txt", 0),
    ] {
        run(folder, command);
        assert_eq!(watching.rounds().len(), rounds, "{command}");
    }
    let vim = Command::new("vim").arg("--version").output();
    assert!(
        vim.is_ok(),
        "this test saves by `vim`: install it, or run `cargo xtask test`, which does"
    );
    for (copy, number) in [("yes", 1), ("no", 2), ("auto", 3)] {
        run(
            folder,
            &format!(
                "vim -es -u NONE -N -c 'set backupcopy={copy} backup' -c 'normal ggO# vim {number}' -c wq nest.yaml </dev/null"
            ),
        );
        assert_eq!(watching.rounds(), ["in_step"], "vim, backupcopy={copy}");
    }
}

#[test]
fn of_a_thousand_saves_the_last_one_wins() {
    let sandbox = Sandbox::new(SMALL);
    let watching = Watching::start(&sandbox, &[]);
    let of = |memory: usize| {
        format!("environments: {{ tools: {{ outer: {{ mode: socket, memory: {memory}m }} }} }}\n")
    };
    for save in 0..1000 {
        sandbox.write(&of(64 + save % 100));
    }
    sandbox.write(&of(200));
    let lines = watching.calm();
    let container = sandbox.inspect(&format!("{}-tools-1", sandbox.name));
    let memory = container.host_config.and_then(|host| host.memory);
    assert_eq!(memory, Some(200 << 20), "{lines:#?}");
    // No step begins before the last round has ended: one apply at a time.
    let mut open = 0;
    let mut applied = 0;
    for line in &lines {
        match line["type"].as_str() {
            Some("apply_start") => open += 1,
            Some("apply_complete") => open -= 1,
            Some("round") => {
                assert_eq!(open, 0, "{lines:#?}");
                applied += usize::from(line["result"] == "applied");
            }
            _ => {}
        }
    }
    assert!((1..=4).contains(&applied), "{applied} plans were applied");
}

#[test]
fn a_bad_edit_shows_its_problems_and_a_good_one_goes_on() {
    let sandbox = Sandbox::new(SMALL);
    let watching = Watching::start(&sandbox, &[]);
    sandbox.write("environments: { tools: { outer: sokket } }\n");
    let (_, problem) = watching.until(is("diagnostic"));
    assert_eq!(problem["diagnostic"]["code"], "nest::unknown_word");
    assert_eq!(problem["diagnostic"]["range"]["start"]["line"], 2);
    assert_eq!(watching.rounds(), ["kept"]);
    sandbox.inspect(&format!("{}-tools-1", sandbox.name));
    fs::remove_file(sandbox.folder.path().join("nest.yaml")).expect("it is there");
    watching.until(is("files_absent"));
    assert_eq!(watching.rounds(), ["kept"]);
    sandbox.write(&format!("{SMALL}volumes: {{ more: {{}} }}\n"));
    watching.until(round("applied"));
    let more = format!("volume {}_more", sandbox.name);
    assert!(sandbox.objects().contains(&more));
}

#[test]
fn what_is_beside_the_file_counts_as_well() {
    let sandbox = Sandbox::new(
        "include: [parts/more.yaml]\nenvironments: { tools: { outer: { mode: socket, memory: '${MEMORY:-64m}' } } }\n",
    );
    let folder = sandbox.folder.path();
    fs::create_dir(folder.join("parts")).expect("there is room");
    write(&folder.join("parts/more.yaml"), "volumes: { one: {} }\n");
    let watching = Watching::start(&sandbox, &[]);
    let has = |name: &str| {
        sandbox
            .objects()
            .contains(&format!("volume {}_{name}", sandbox.name))
    };
    write(
        &folder.join("parts/more.yaml"),
        "volumes: { one: {}, two: {} }\n",
    );
    watching.until(round("applied"));
    assert!(has("two"));
    // An override and a file of variables that were not there.
    write(
        &folder.join("nest.override.yaml"),
        "volumes: { three: {} }\n",
    );
    watching.until(round("applied"));
    assert!(has("three"));
    write(&folder.join(".env"), "MEMORY=96m\n");
    watching.until(round("applied"));
    let container = sandbox.inspect(&format!("{}-tools-1", sandbox.name));
    let memory = container.host_config.and_then(|host| host.memory);
    assert_eq!(memory, Some(96 << 20));
    // The folder is put in place of another, as by a checkout.
    run(
        folder,
        "cp -r parts new && echo 'volumes: { four: {} }' > new/more.yaml && mv parts old && mv new parts",
    );
    watching.until(round("applied"));
    assert!(has("four"));
    write(&folder.join("parts/more.yaml"), "volumes: { five: {} }\n");
    watching.until(round("applied"));
    assert!(has("five"));
}

#[test]
fn what_a_build_is_sent_counts_and_what_it_ignores_does_not() {
    let sandbox = Sandbox::new("");
    let yaml = format!(
        "images: [{{ image: \"{}-app:1\", source: {{ build: ./app }} }}]\n{SMALL}",
        sandbox.name
    );
    sandbox.write(&yaml);
    let app = sandbox.folder.path().join("app");
    fs::create_dir_all(app.join("deep")).expect("there is room");
    write(&app.join("Dockerfile"), "FROM alpine:3.20\nCOPY . /app\n");
    write(&app.join(".dockerignore"), "**/*.log\n");
    write(&app.join("deep/content"), "one");
    let watching = Watching::start(&sandbox, &["--yes"]);
    let name = format!("{}-app:1", sandbox.name);
    let image = || {
        let inspected = sandbox.docker.inspect_image(&name);
        let inspected = sandbox.runtime.block_on(inspected);
        inspected.expect("it is built").id
    };
    let first = image();
    write(&app.join("deep/some.log"), "noise");
    write(&app.join("deep/content"), "one");
    assert!(watching.rounds().is_empty());
    write(&app.join("deep/content"), "two");
    watching.until(round("applied"));
    assert_ne!(image(), first);
    // A folder that was not there.
    fs::create_dir(app.join("more")).expect("there is room");
    write(&app.join("more/content"), "three");
    watching.until(round("applied"));
    assert!(watching.rounds().len() <= 1);
    let again = image();
    write(
        &app.join("Dockerfile"),
        "FROM alpine:3.20\nCOPY deep /app\n",
    );
    watching.until(round("applied"));
    assert_ne!(image(), again);
}

#[test]
fn what_stops_something_waits_for_a_word() {
    let sandbox = Sandbox::new(SMALL);
    let container = format!("{}-tools-1", sandbox.name);
    let watching = Watching::start(&sandbox, &[]);
    let before = sandbox.id(&container);
    let other = "environments: { tools: { outer: { mode: socket, environment: { A: b } } } }\n";
    sandbox.write(other);
    watching.until(is("files_changed"));
    assert_eq!(watching.rounds(), ["needs_yes"]);
    assert_eq!(sandbox.id(&container), before);
    drop(watching);
    let _watching = Watching::start(&sandbox, &["--yes"]);
    assert_ne!(sandbox.id(&container), before);
}
