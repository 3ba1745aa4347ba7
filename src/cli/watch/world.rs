//! All that can happen while nest watches, as one stream.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::cli::terminal::KeyTerminal;
use crate::cli::watch::source::Source;
use crate::cli::watch::streams::{News, Streams};
use crate::docker::Docker;
use crate::files::notice::Notice;
use crate::resource::engine_path::EnginePath;

/// Files, engines and keys.
pub(crate) struct World<'o> {
    pub(crate) source: Source<'o>,
    pub(crate) notice: Notice,
    pub(crate) streams: Streams,
    keys: Option<KeyTerminal>,
    end: CancellationToken,
}

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// Files may say something else.
    Noise,
    /// An engine tells something.
    Engine(EnginePath, News),
    /// A key was pressed.
    Key(u8),
    /// nest is asked to end.
    End,
}

impl<'o> World<'o> {
    /// Listens to keys where there is a terminal that can be asked, and to the wish to end.
    pub(crate) fn new(
        (source, notice): (Source<'o>, Notice),
        engine: Arc<Docker>,
        keys: Option<KeyTerminal>,
        end: CancellationToken,
    ) -> Self {
        Self {
            source,
            notice,
            streams: Streams::new(engine),
            keys,
            end,
        }
    }

    /// Whether keys can be pressed.
    pub(crate) fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// What happens next.
    pub(crate) async fn next(&mut self) -> Input {
        let key = async {
            match &mut self.keys {
                Some(keys) => keys.pressed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.end.cancelled() => Input::End,
            byte = key => Input::Key(byte),
            () = self.notice.noise() => Input::Noise,
            (path, news) = self.streams.next() => Input::Engine(path, news),
        }
    }
}
