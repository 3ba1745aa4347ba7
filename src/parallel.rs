//! The work of large plans on several processors. What comes out is the same as on one.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

/// From so many containers of an engine on, other processors are worth their while.
const LARGE: usize = 256;

/// Whether a plan of so many containers is large.
pub(crate) fn is_large(containers: usize) -> bool {
    containers >= LARGE
}

/// What both make, at once if it is worth it.
pub(crate) fn both<A: Send, B: Send>(
    at_once: bool,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if at_once {
        rayon::join(one, other)
    } else {
        (one(), other())
    }
}

/// What `make` makes of each, in their order.
pub(crate) fn map<'i, T: Sync, R: Send>(
    items: &'i BTreeMap<String, T>,
    make: impl Fn((&'i String, &'i T)) -> R + Sync + Send,
) -> Vec<R> {
    if is_large(items.len()) {
        items.into_par_iter().map(make).collect()
    } else {
        items.iter().map(make).collect()
    }
}

/// The same, of a list.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], make: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    if is_large(items.len()) {
        items.into_par_iter().map(make).collect()
    } else {
        items.iter().map(make).collect()
    }
}
