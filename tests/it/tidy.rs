//! Rules of the code that no lint knows: who may import whom, who may touch the world, how files are laid out.

mod paths;

use crate::tidy::paths::{NamedPath, paths};
use crate::tree::{TextFile, file, files};

/// Every room, in reading order, and the rooms that it may import. None imports a later one, and nothing imports `cli`.
const ROOMS: &[(&str, &[&str])] = &[
    // Text to project.
    ("source", &[]),
    ("problem", &["source"]),
    ("document", &["source", "problem"]),
    ("mode", &[]),
    ("spec", &["source", "problem", "document", "mode"]),
    ("model", &["source", "problem", "document", "mode", "spec"]),
    // Decisions.
    ("parallel", &[]),
    ("resource", &["model"]),
    ("observed", &["model", "resource"]),
    ("doctor", &["mode", "observed"]),
    ("desired", &["mode", "model", "parallel", "resource"]),
    (
        "plan",
        &[
            "mode", "model", "parallel", "resource", "observed", "desired",
        ],
    ),
    ("watch", &["resource", "observed", "desired", "plan"]),
    // The world.
    ("engine", &["model", "resource", "observed", "plan"]),
    ("files", &["source"]),
    ("images", &["model", "resource"]),
    (
        "docker",
        &[
            "mode", "model", "resource", "observed", "plan", "engine", "images",
        ],
    ),
    ("apply", &["model", "resource", "plan", "engine"]),
    ("up", &["observed", "desired", "plan", "engine", "apply"]),
    // Outside.
    (
        "report",
        &[
            "source", "problem", "model", "resource", "observed", "doctor", "desired", "plan",
            "watch", "engine", "apply", "up",
        ],
    ),
    (
        "cli",
        &[
            "source", "problem", "mode", "spec", "model", "resource", "observed", "doctor",
            "desired", "plan", "watch", "engine", "files", "images", "docker", "apply", "up",
            "report",
        ],
    ),
];

/// The last of the core rooms: those up to it are pure.
const LAST_CORE_ROOM: &str = "watch";

/// What core rooms do not name: the outside world and whatever waits for it.
const NOT_IN_CORE: &[&str] = &[
    "bollard",
    "clap",
    "futures_util",
    "hyper",
    "indicatif",
    "notify",
    "std::env",
    "std::fs",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "tokio",
    "tokio_util",
];

/// What only some files may name.
const RESERVED: &[(&str, &[&str], &str)] = &[
    (
        "bollard",
        &["src/docker.rs", "src/docker/"],
        "only `docker` names bollard",
    ),
    (
        "clap",
        &["src/cli.rs", "src/cli/"],
        "only `cli` knows the command line",
    ),
    (
        "indicatif",
        &["src/cli/"],
        "only `cli` draws on the terminal",
    ),
    (
        "notify",
        &["src/files/notice.rs"],
        "only `files::notice` is told of files",
    ),
    (
        "rayon",
        &["src/parallel.rs"],
        "only `parallel` shares work out",
    ),
    (
        "std::env",
        &["src/main.rs", "src/cli/options.rs"],
        "only `cli::options` reads the process environment",
    ),
];

/// Text that only some files may hold.
const RESERVED_TEXT: &[(&str, &[&str], &str)] = &[
    (
        "println!",
        &["src/cli/output.rs"],
        "only `cli::output` prints",
    ),
    (
        "eprintln!",
        &["src/cli/output.rs"],
        "only `cli::output` prints",
    ),
    (
        "print!(",
        &["src/cli/output.rs"],
        "only `cli::output` prints",
    ),
    (
        "stdout()",
        &["src/cli/"],
        "only `cli` has a standard output",
    ),
    ("stderr()", &["src/cli/"], "only `cli` has a standard error"),
    (
        " env = \"",
        &["src/cli/args.rs", "src/cli/args/"],
        "variables of the command line are declared in `cli::args`",
    ),
];

/// The most lines of a source file.
const MOST_LINES: usize = 400;

/// Fails with all violations, each with its file and line.
#[track_caller]
fn check(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

fn sources() -> Vec<TextFile> {
    files("src", ".rs")
}

/// The room that a file belongs to; none for `main.rs` and `lib.rs`, which only lead to rooms.
fn room(path: &str) -> Option<&str> {
    let name = path.strip_prefix("src/")?.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (!["main", "lib"].contains(&name)).then_some(name)
}

fn violation(file: &TextFile, line: usize, text: &str) -> String {
    format!("{}:{line}: {text}", file.path)
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_in(file: &TextFile, places: &[&str]) -> bool {
    places
        .iter()
        .any(|place| file.path == *place || (place.ends_with('/') && file.path.starts_with(place)))
}

#[test]
fn no_room_imports_a_later_one() {
    for (index, (room, imports)) in ROOMS.iter().enumerate() {
        for import in *imports {
            let earlier = ROOMS[..index].iter().any(|(other, _)| other == import);
            assert!(
                earlier,
                "the table lets `{room}` import `{import}`, which is no earlier room"
            );
        }
    }
    let mut violations = Vec::new();
    for file in sources() {
        let Some(room) = room(&file.path) else {
            continue;
        };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            violations.push(violation(
                &file,
                1,
                &format!("the table of rooms has no `{room}`"),
            ));
            continue;
        };
        for NamedPath { line, path } in paths(&file.text) {
            let Some(rest) = path.strip_prefix("crate::") else {
                continue;
            };
            let imported = rest.split("::").next().unwrap_or_default();
            if imported != room && !allowed.contains(&imported) {
                let text = format!("`{room}` may not import `{imported}`");
                violations.push(violation(&file, line, &text));
            }
        }
    }
    check(&violations);
}

#[test]
fn the_library_lists_its_rooms_in_reading_order() {
    let library = file("src/lib.rs");
    let declared: Vec<&str> = library
        .text
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "))
        .filter_map(|rest| rest.strip_suffix(';'))
        .collect();
    let rooms: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert_eq!(declared, rooms, "src/lib.rs beside the table of rooms");
}

#[test]
fn core_rooms_do_not_touch_the_world() {
    let last = ROOMS
        .iter()
        .position(|(room, _)| *room == LAST_CORE_ROOM)
        .expect("it is a room");
    let mut violations = Vec::new();
    for file in sources() {
        let core = ROOMS[..=last]
            .iter()
            .any(|(name, _)| room(&file.path) == Some(*name));
        if !core {
            continue;
        }
        for NamedPath { line, path } in paths(&file.text) {
            if NOT_IN_CORE.iter().any(|root| is_below(&path, root)) {
                let text = format!("a core room may not name `{path}`");
                violations.push(violation(&file, line, &text));
            }
        }
    }
    check(&violations);
}

#[test]
fn what_touches_the_world_has_one_place() {
    let mut violations = Vec::new();
    for file in sources() {
        let named = paths(&file.text);
        for (root, places, rule) in RESERVED {
            if is_in(&file, places) {
                continue;
            }
            let wrong = named.iter().filter(|named| is_below(&named.path, root));
            violations.extend(wrong.map(|named| violation(&file, named.line, rule)));
        }
        for (text, places, rule) in RESERVED_TEXT {
            if is_in(&file, places) {
                continue;
            }
            for (index, line) in file.text.lines().enumerate() {
                if !line.trim_start().starts_with("//") && line.contains(text) {
                    violations.push(violation(&file, index + 1, rule));
                }
            }
        }
    }
    check(&violations);
}

#[test]
fn files_are_short_and_named_after_their_module() {
    let mut violations = Vec::new();
    for file in sources().into_iter().chain(files("xtask/src", ".rs")) {
        let lines = file.text.lines().count();
        if lines > MOST_LINES {
            let text = format!("{lines} lines are more than {MOST_LINES}");
            violations.push(violation(&file, MOST_LINES + 1, &text));
        }
        if file.path.ends_with("/mod.rs") {
            violations.push(violation(&file, 1, "call it `foo.rs` beside `foo/`"));
        }
        if !file.text.starts_with("//!") {
            violations.push(violation(
                &file,
                1,
                "it does not say what it is for (`//!`)",
            ));
        }
        for NamedPath { line, path } in paths(&file.text) {
            if is_below(&path, "super") {
                violations.push(violation(
                    &file,
                    line,
                    "write `crate::…` in place of `super::…`",
                ));
            }
        }
    }
    check(&violations);
}
