//! Where a change of a file can show: names in folders, along all links that lead to it.
//!
//! A file is often replaced, not written: by another of its name, or with the folder that it is in, or by a link that
//! leads elsewhere. So names are watched, in the folders that hold them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::normalized;

/// More links than this lead nowhere.
const MOST_LINKS: usize = 40;

/// Names of files, links and folders whose change matters, and folders of which everything does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Files, the folders above them that matter, and links on the way.
    pub names: BTreeSet<PathBuf>,
    /// Folders with all that is in them.
    pub trees: BTreeSet<PathBuf>,
}

impl Places {
    /// The places of these files. Of the folders above a file, its own and those from `root` on matter.
    pub fn of<'p>(
        files: impl IntoIterator<Item = &'p Path>,
        trees: impl IntoIterator<Item = &'p Path>,
        root: &Path,
    ) -> Self {
        let mut places = Self::default();
        for file in files {
            places.add(file, root, MOST_LINKS);
        }
        for tree in trees {
            places.add(tree, root, MOST_LINKS);
            places.trees.insert(tree.to_owned());
        }
        places
    }

    fn add(&mut self, path: &Path, root: &Path, links: usize) {
        let own_folder = path.parent();
        let matters = |above: &&Path| Some(*above) == own_folder || above.starts_with(root);
        let above = path.ancestors().skip(1).filter(matters);
        for name in std::iter::once(path).chain(above) {
            // The root of all has no folder that holds it.
            if name.parent().is_none() || !self.names.insert(name.to_owned()) {
                continue;
            }
            let target = fs::read_link(name).ok().filter(|_| links > 0);
            if let (Some(target), Some(folder)) = (target, name.parent()) {
                self.add(&normalized(&folder.join(target)), root, links - 1);
            }
        }
    }

    /// The folders to watch: those that hold the names, or the nearest above that is there.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let holding = |name: &PathBuf| {
            let mut above = name.ancestors().skip(1);
            above.find(|folder| folder.is_dir()).map(Path::to_owned)
        };
        self.names.iter().filter_map(holding).collect()
    }

    /// Whether a change of this name matters.
    pub fn have(&self, name: &Path) -> bool {
        let above_one = || {
            let later = self.names.range(name.to_owned()..).next();
            later.is_some_and(|later| later.starts_with(name))
        };
        self.names.contains(name)
            || self.trees.iter().any(|tree| name.starts_with(tree))
            || above_one()
    }
}
