//! What engines tell while it happens, from all engines at once, over and over where a connection ends.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SelectAll, unfold};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::docker::Docker;
use crate::engine::EngineError;
use crate::observed::happening::Happening;
use crate::resource::engine_path::EnginePath;

/// The pause after a connection ended, and the first after one that could not be had.
const SHORTEST: Duration = Duration::from_millis(200);
/// The longest pause between two tries at the outer engine, and at an inner one.
const LONGEST: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];

/// What comes from an engine.
#[derive(Debug)]
pub(crate) enum News {
    /// It tells what happens from now on. What happened before may have been missed.
    Opened,
    /// Something happened.
    Happened(Happening),
    /// It tells nothing more.
    Lost,
}

type Told = Pin<Box<dyn Stream<Item = (EnginePath, News)>>>;
type Happenings = Pin<Box<dyn Stream<Item = Result<Happening, EngineError>>>>;

/// The streams of all engines of a project.
pub(crate) struct Streams {
    engine: Arc<Docker>,
    told: SelectAll<Told>,
    wanted: BTreeMap<EnginePath, Wanted>,
}

struct Wanted {
    /// Cancelled when the engine is of interest no more.
    end: CancellationToken,
    /// Told when trying again is likely to work.
    again: Rc<Notify>,
}

impl Streams {
    /// Listens to no engine yet.
    pub(crate) fn new(engine: Arc<Docker>) -> Self {
        Self {
            engine,
            told: SelectAll::new(),
            wanted: BTreeMap::new(),
        }
    }

    /// Listens to these engines from now on, and to no others.
    pub(crate) fn want(&mut self, paths: &[EnginePath]) {
        self.wanted.retain(|path, wanted| {
            let stays = paths.contains(path);
            if !stays {
                wanted.end.cancel();
            }
            stays
        });
        for path in paths {
            if let Some(wanted) = self.wanted.get(path) {
                wanted.again.notify_waiters();
                continue;
            }
            let wanted = Wanted {
                end: CancellationToken::new(),
                again: Rc::default(),
            };
            let end = wanted.end.clone();
            let told = stream(Arc::clone(&self.engine), path.clone(), &wanted.again);
            self.told
                .push(Box::pin(told.take_until(end.cancelled_owned())));
            self.wanted.insert(path.clone(), wanted);
        }
    }

    /// What comes next.
    pub(crate) async fn next(&mut self) -> (EnginePath, News) {
        match self.told.next().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }
}

enum State {
    /// To be opened after a pause.
    Closed(Duration),
    Open(Happenings),
}

fn stream(
    engine: Arc<Docker>,
    path: EnginePath,
    again: &Rc<Notify>,
) -> impl Stream<Item = (EnginePath, News)> + use<> {
    let again = Rc::clone(again);
    let longest = LONGEST[usize::from(!path.containers().is_empty())];
    let step = move |mut state: State| {
        let (engine, path, again) = (Arc::clone(&engine), path.clone(), Rc::clone(&again));
        async move {
            loop {
                state = match state {
                    State::Closed(pause) => {
                        let reminded = timeout(pause, again.notified()).await.is_ok();
                        match engine.happenings(&path).await {
                            Ok(happenings) => {
                                let open = State::Open(Box::pin(happenings));
                                return Some(((path, News::Opened), open));
                            }
                            Err(_) if reminded => State::Closed(SHORTEST),
                            Err(_) => State::Closed((pause * 2).clamp(SHORTEST, longest)),
                        }
                    }
                    State::Open(mut happenings) => {
                        return Some(match happenings.next().await {
                            Some(Ok(happening)) => {
                                let news = News::Happened(happening);
                                ((path, news), State::Open(happenings))
                            }
                            Some(Err(_)) | None => ((path, News::Lost), State::Closed(SHORTEST)),
                        });
                    }
                }
            }
        }
    };
    unfold(State::Closed(Duration::ZERO), step)
}
