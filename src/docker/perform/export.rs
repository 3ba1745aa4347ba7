//! Images that one engine hands out to several: they are exported once, into a file that has no name, and each engine
//! that takes them reads that file at its own pace.
//!
//! A file and not memory, since a slow engine may be far behind. What is not there yet is waited for; an engine that fails
//! holds up no other.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::watch::{self, Receiver, Sender};
use tokio::task::spawn_blocking;

use crate::model::image::ImageReference;
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;

/// How much is written or read at a time.
const PIECE: usize = 256 * 1024;

/// What is handed out: images of an engine with what they contain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Handout {
    pub(crate) from: EnginePath,
    pub(crate) images: Vec<(ImageReference, Digest)>,
}

/// The exports that are under way or done, while engines are expected that take them.
#[derive(Debug, Default)]
pub(crate) struct Exports(Mutex<HashMap<Handout, Expected>>);

#[derive(Debug)]
struct Expected {
    export: Arc<Export>,
    /// How many engines have not come yet.
    left: usize,
}

impl Exports {
    /// The export of these images, begun with `start` if this is the first of so many engines.
    pub(crate) fn join<S>(
        &self,
        handout: Handout,
        engines: usize,
        start: impl FnOnce() -> S,
    ) -> io::Result<Arc<Export>>
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let mut exports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(expected) = exports.get_mut(&handout) {
            let export = Arc::clone(&expected.export);
            expected.left -= 1;
            if expected.left == 0 {
                exports.remove(&handout);
            }
            return Ok(export);
        }
        let export = Arc::new(Export::begin(start())?);
        if let Some(left) = engines.checked_sub(1).filter(|left| *left > 0) {
            let expected = Expected {
                export: Arc::clone(&export),
                left,
            };
            exports.insert(handout, expected);
        }
        Ok(export)
    }
}

/// An archive on its way into a file.
#[derive(Debug)]
pub(crate) struct Export {
    file: Arc<File>,
    state: Receiver<State>,
}

/// How far an archive has come.
#[derive(Debug, Clone, Default)]
struct State {
    written: u64,
    end: Option<Result<(), Failure>>,
}

/// Why an archive does not get into its file.
#[derive(Debug, Clone)]
enum Failure {
    /// It broke off.
    Archive(Arc<io::Error>),
    /// The file cannot be written; there may be no room for it.
    File(Arc<io::Error>),
}

impl Export {
    fn begin(archive: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> io::Result<Self> {
        let file = Arc::new(tempfile::tempfile()?);
        let (sender, state) = watch::channel(State::default());
        let target = Arc::clone(&file);
        tokio::spawn(async move {
            let end = write(archive, &target, &sender).await;
            sender.send_modify(|state| state.end = Some(end));
        });
        Ok(Self { file, state })
    }

    /// Whether the archive is whole where it comes from, and this machine could not keep it.
    pub(crate) fn could_not_be_kept(&self) -> bool {
        matches!(self.state.borrow().end, Some(Err(Failure::File(_))))
    }

    /// The archive from its beginning.
    pub(crate) fn read(&self) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let reader = (Arc::clone(&self.file), self.state.clone(), 0);
        stream::try_unfold(reader, |(file, mut state, offset)| async move {
            let known = {
                let moved = state.wait_for(|state| state.written > offset || state.end.is_some());
                let broken_off = |_| io::Error::other("the export broke off");
                moved.await.map_err(broken_off)?.clone()
            };
            if known.written == offset {
                return match known.end {
                    Some(Err(Failure::Archive(error) | Failure::File(error))) => {
                        Err(io::Error::new(error.kind(), error))
                    }
                    _ => Ok(None),
                };
            }
            let wanted = (known.written - offset).min(PIECE as u64);
            let source = Arc::clone(&file);
            let read = spawn_blocking(move || read_at(&source, offset, wanted)).await;
            let bytes = read.map_err(io::Error::other)??;
            let next = offset + bytes.len() as u64;
            Ok(Some((bytes, (file, state, next))))
        })
    }
}

async fn write(
    archive: impl Stream<Item = io::Result<Bytes>>,
    file: &Arc<File>,
    sender: &Sender<State>,
) -> Result<(), Failure> {
    let archive_failed = |error| Failure::Archive(Arc::new(error));
    let file_failed = |error| Failure::File(Arc::new(error));
    let mut archive = std::pin::pin!(archive);
    let mut gathered = BytesMut::with_capacity(PIECE);
    loop {
        let piece = archive.next().await.transpose().map_err(archive_failed)?;
        let is_end = piece.is_none();
        gathered.extend_from_slice(&piece.unwrap_or_default());
        if is_end || gathered.len() >= PIECE {
            let bytes = gathered.split().freeze();
            let count = bytes.len() as u64;
            let target = Arc::clone(file);
            let written = spawn_blocking(move || io::Write::write_all(&mut &*target, &bytes)).await;
            let written = written.map_err(io::Error::other).flatten();
            written.map_err(file_failed)?;
            sender.send_modify(|state| state.written += count);
        }
        if is_end {
            return Ok(());
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, count: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(count).unwrap_or(PIECE)];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, offset)?;
    Ok(bytes.into())
}

#[cfg(windows)]
fn read_at(file: &File, offset: u64, count: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(count).unwrap_or(PIECE)];
    let read = std::os::windows::fs::FileExt::seek_read(file, &mut bytes, offset)?;
    bytes.truncate(read);
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use futures_util::{StreamExt as _, TryStreamExt as _, stream};

    use crate::docker::perform::export::{Exports, Handout, PIECE};
    use crate::resource::engine_path::EnginePath;

    fn handout() -> Handout {
        Handout {
            from: EnginePath::outer(),
            images: Vec::new(),
        }
    }

    /// Pieces that add up to several of those that are written, and none alike.
    fn archive() -> Vec<io::Result<Bytes>> {
        let piece = |number: u8| Ok(vec![number; PIECE / 3].into());
        (0..10).map(piece).collect()
    }

    #[tokio::test]
    async fn an_archive_is_exported_once_and_read_by_each_at_its_own_pace() {
        let exports = Exports::default();
        let count = AtomicUsize::new(0);
        let begin = || {
            count.fetch_add(1, Ordering::Relaxed);
            stream::iter(archive())
        };
        let mut slow = Box::pin(exports.join(handout(), 3, begin).expect("a file").read());
        let first = slow.next().await.expect("a piece").expect("it is read");
        let mut all: Vec<Vec<u8>> = Vec::new();
        for _ in 0..2 {
            let export = exports.join(handout(), 3, begin).expect("a file");
            let pieces: Vec<Bytes> = export.read().try_collect().await.expect("it is read");
            all.push(pieces.concat());
        }
        let rest: Vec<Bytes> = slow.try_collect().await.expect("it is read");
        all.push([&first[..], &rest.concat()].concat());
        let expected: Vec<u8> = archive().into_iter().flatten().flatten().collect();
        assert!(all.iter().all(|read| *read == expected));
        assert_eq!(count.load(Ordering::Relaxed), 1);
        // Nobody is expected any more: the next is a new one.
        drop(exports.join(handout(), 1, begin).expect("a file"));
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn an_export_that_fails_fails_for_all_that_read_it() {
        let exports = Exports::default();
        let pieces = || {
            let failure = Err(io::Error::other("the engine went away"));
            stream::iter(archive().into_iter().chain([failure]))
        };
        for _ in 0..2 {
            let export = exports.join(handout(), 2, pieces).expect("a file");
            let read: io::Result<Vec<Bytes>> = export.read().try_collect().await;
            let error = read.expect_err("it broke off").to_string();
            assert!(error.contains("the engine went away"), "{error}");
        }
    }
}
