//! Being told of changes, by the system and by looking.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nest::files::notice::Notice;
use nest::files::places::Places;
use tokio::time::timeout;

/// The ways to be told: by the system, and by looking.
const WAYS: [Option<Duration>; 2] = [None, Some(Duration::from_millis(50))];
/// How long something may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long there must be silence.
const SILENCE: Duration = Duration::from_millis(300);

struct Watched {
    notice: Notice,
    folder: tempfile::TempDir,
    files: Vec<PathBuf>,
    trees: Vec<PathBuf>,
}

impl Watched {
    fn of(way: Option<Duration>, files: &[&str], trees: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("it is there");
        let below = |names: &[&str]| names.iter().map(|name| root.join(name)).collect();
        let (files, trees) = (below(files), below(trees));
        Self {
            notice: Notice::new(way),
            folder,
            files,
            trees,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        let root = self.folder.path().canonicalize().expect("it is there");
        root.join(name)
    }

    /// Follows until nothing is new, as a reading does.
    fn follow(&mut self) {
        for _ in 0..10 {
            let files = self.files.iter().map(PathBuf::as_path);
            let trees = self.trees.iter().map(PathBuf::as_path);
            let root = self.folder.path().canonicalize().expect("it is there");
            let followed = self.notice.follow(Places::of(files, trees, &root));
            assert!(followed.failed.is_none(), "{:?}", followed.failed);
            if !followed.has_new {
                return;
            }
        }
        panic!("there is always something new");
    }

    /// Waits for noise, and until it is over.
    async fn noise(&mut self, what: &str) {
        let noise = timeout(PATIENCE, self.notice.noise()).await;
        assert!(noise.is_ok(), "{what} is not told");
        while timeout(SILENCE, self.notice.noise()).await.is_ok() {}
    }

    async fn silence(&mut self, what: &str) {
        let noise = timeout(SILENCE, self.notice.noise()).await;
        assert!(noise.is_err(), "{what} is told");
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("there is room");
}

#[tokio::test]
async fn a_file_that_is_written_replaced_by_an_older_one_removed_and_made_is_told() {
    for way in WAYS {
        let mut watched = Watched::of(way, &["nest.yaml"], &[]);
        let file = watched.path("nest.yaml");
        write(&file, "one");
        watched.follow();
        watched.silence("nothing").await;
        write(&file, "two");
        watched.noise("a write").await;
        // As large as the other, and older by far.
        let older = watched.path("older");
        write(&older, "old");
        let written = fs::File::options().write(true).open(&older);
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let set = written.and_then(|file| file.set_modified(long_ago));
        set.expect("it can be set");
        fs::rename(&older, &file).expect("it is there");
        watched.noise("an older file").await;
        fs::remove_file(&file).expect("it is there");
        watched.noise("a removal").await;
        write(&file, "three");
        watched.noise("a file that is made").await;
        write(&watched.path("unrelated"), "text");
        fs::read(&file).expect("it is there");
        watched.silence("what does not matter").await;
    }
}

#[tokio::test]
async fn a_folder_that_is_made_anew_is_watched_again_however_its_number_is() {
    for way in WAYS {
        let mut watched = Watched::of(way, &["parts/more.yaml"], &[]);
        let folder = watched.path("parts");
        for turn in 0..5 {
            // Many file systems give the number of the folder that went to the next one.
            fs::create_dir(&folder).expect("it is free");
            write(&folder.join("more.yaml"), "one");
            watched.follow();
            while timeout(SILENCE, watched.notice.noise()).await.is_ok() {
                watched.follow();
            }
            write(&folder.join("more.yaml"), "two");
            watched
                .noise(&format!("{way:?}: a write in folder {turn}"))
                .await;
            fs::remove_dir_all(&folder).expect("it is there");
            if turn % 2 == 0 {
                // Nothing is read in between.
                continue;
            }
            watched.noise("the removal").await;
            watched.follow();
        }
    }
}

#[tokio::test]
async fn all_that_is_in_a_tree_is_told() {
    for way in WAYS {
        let mut watched = Watched::of(way, &[], &["app"]);
        let deep = watched.path("app/deep");
        fs::create_dir_all(&deep).expect("there is room");
        write(&deep.join("one"), "1");
        watched.follow();
        write(&deep.join("one"), "2");
        watched.noise("a write").await;
        fs::create_dir(deep.join("deeper")).expect("there is room");
        watched.noise("a folder").await;
        watched.follow();
        write(&deep.join("deeper/two"), "1");
        watched.noise("a file in a new folder").await;
        fs::remove_dir_all(&deep).expect("it is there");
        watched.noise("a removal").await;
    }
}

#[tokio::test]
async fn what_changed_between_two_looks_is_told_though_places_were_followed_anew() {
    let mut watched = Watched::of(Some(Duration::from_millis(200)), &["nest.yaml"], &[]);
    let file = watched.path("nest.yaml");
    write(&file, "one");
    watched.follow();
    write(&file, "two");
    watched.files.push(watched.path("more.yaml"));
    watched.follow();
    watched.noise("a write before it was followed anew").await;
}
