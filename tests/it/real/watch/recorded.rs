//! Saves as editors were recorded doing them: `record-saves.py` wrote `recorded-saves.txt`, which is replayed here call by call.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::real::sandbox::Sandbox;
use crate::real::watch::saves::text;
use crate::real::watch::{SMALL, Watching};

const RECORDED: &str = include_str!("recorded-saves.txt");

/// The ways to save, each with its calls.
fn ways() -> Vec<(&'static str, Vec<&'static str>)> {
    let ways = RECORDED.split("\n== ").skip(1);
    let ways = ways.map(|way| {
        let (name, calls) = way.split_once('\n').expect("it has calls");
        (
            name,
            calls.lines().filter(|line| !line.is_empty()).collect(),
        )
    });
    ways.collect()
}

/// A piece of a text: the first of two is `1/2`.
fn piece<'t>(text: &'t str, which: &str) -> &'t [u8] {
    let (number, count) = which.split_once('/').expect("a piece of pieces");
    let number: usize = number.parse().expect("a number");
    let count: usize = count.parse().expect("a number");
    let size = text.len() / count;
    let end = if number == count {
        text.len()
    } else {
        size * number
    };
    &text.as_bytes()[size * (number - 1)..end]
}

/// The same permissions as the call has set.
fn permissions(mode: &str) -> Permissions {
    let mode = u32::from_str_radix(mode, 8).expect("a mode");
    Permissions::from_mode(mode & 0o7777)
}

fn open(path: &Path, flags: &str) -> File {
    let has = |flag: &str| flags.split('|').any(|it| it == flag);
    let mut options = OpenOptions::new();
    options
        .write(true)
        .read(has("O_RDWR"))
        .create(has("O_CREAT"))
        .create_new(has("O_EXCL"))
        .truncate(has("O_TRUNC"));
    options.open(path).expect("it can be opened")
}

/// Saves `new` in a folder by these calls.
fn replay(folder: &Path, calls: &[&str], new: &str) {
    let old = fs::read_to_string(folder.join("nest.yaml")).expect("it is there");
    let mut files: HashMap<&str, File> = HashMap::new();
    let place = |name: &str| folder.join(name);
    for call in calls {
        let words: Vec<&str> = call.split(' ').collect();
        let done = match *words {
            ["open", number, name, flags] => {
                files.insert(number, open(&place(name), flags));
                Ok(())
            }
            ["close", number] => {
                files.remove(number).expect("it is open");
                Ok(())
            }
            ["write", number, "new", which] => (&files[number]).write_all(piece(new, which)),
            ["write", number, "old", which] => (&files[number]).write_all(piece(&old, which)),
            ["write", number, "other"] => (&files[number]).write_all(b"other"),
            ["ftruncate", number, length] => {
                files[number].set_len(length.parse().expect("a number"))
            }
            ["fsync", number] => files[number].sync_all(),
            ["fdatasync", number] => files[number].sync_data(),
            ["fchmod", number, mode] => files[number].set_permissions(permissions(mode)),
            ["chmod", name, mode] => fs::set_permissions(place(name), permissions(mode)),
            ["rename", from, to] => fs::rename(place(from), place(to)),
            ["symlink", name] => symlink("me@host.1:1", place(name)),
            ["unlink", name] => fs::remove_file(place(name)),
            _ => panic!("`{call}` is not known"),
        };
        done.unwrap_or_else(|error| panic!("{call}: {error}"));
    }
    let saved = fs::read_to_string(folder.join("nest.yaml")).expect("it is there");
    assert_eq!(saved, new);
    // The next way begins without what this one left.
    if place("nest.yaml~").exists() {
        fs::remove_file(place("nest.yaml~")).expect("it is there");
    }
}

#[test]
fn each_recorded_save_is_one_plan_and_a_save_of_the_same_is_none() {
    let sandbox = Sandbox::new(SMALL);
    let folder = sandbox.folder.path();
    let watching = Watching::start(&sandbox, &[]);
    let ways = ways();
    for editor in ["GNU Emacs", "VIM", "VS Code"] {
        let is_of = |(way, _): &&(&str, Vec<&str>)| way.starts_with(editor);
        assert!(ways.iter().filter(is_of).count() > 1, "{editor}");
    }
    for (number, (way, calls)) in ways.iter().enumerate() {
        let text = text(&sandbox, 1000 + number);
        replay(folder, calls, &text);
        assert_eq!(watching.rounds(), ["in_step"], "{way}");
        replay(folder, calls, &text);
        assert_eq!(watching.rounds(), Vec::<String>::new(), "the same: {way}");
    }
}
