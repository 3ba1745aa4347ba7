//! Ctrl-C and SIGTERM: once to start nothing new, twice to stop now.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::apply::ApplyOptions;
use crate::apply::patience::Patience;
use crate::cli::options::Options;
use crate::cli::output::Output;

/// What is told at the first signal.
pub(crate) const STOPPING: &str = "stopping: what runs is finished; once more stops now";

/// Listens to signals until it is dropped.
#[must_use = "nobody listens once it is dropped"]
#[derive(Debug)]
pub(crate) struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Options for applying that are told of signals from now on.
pub(crate) fn apply_options(options: &Options, output: Output) -> (ApplyOptions, Listening) {
    listen(options, move || output.insist(&format!("\n{STOPPING}\n")))
}

/// The same, with something to be done at the first signal.
pub(crate) fn listen(
    options: &Options,
    tell: impl FnOnce() + Send + 'static,
) -> (ApplyOptions, Listening) {
    let (drain, abort) = (CancellationToken::new(), CancellationToken::new());
    let apply_options = ApplyOptions {
        parallel: usize::from(options.global.parallel),
        patience: Patience::new(None),
        drain: drain.clone(),
        abort: abort.clone(),
    };
    let listening = tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            return;
        };
        next(&mut interrupt, &mut terminate).await;
        tell();
        drain.cancel();
        next(&mut interrupt, &mut terminate).await;
        abort.cancel();
    });
    (apply_options, Listening(listening))
}

/// Waits until nest is asked to end. Where signals cannot be had, they end it anyway.
pub(crate) async fn asked_to_end() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    next(&mut interrupt, &mut terminate).await;
}

/// Signals that are meant for what nest runs, by name.
#[derive(Debug)]
pub(crate) struct Meant([(&'static str, Signal); 3]);

impl Meant {
    /// Listens from now on. None where signals cannot be had: they end nest then.
    pub(crate) fn listen() -> Option<Self> {
        let of = |kind| signal(kind).ok();
        Some(Self([
            ("SIGINT", of(SignalKind::interrupt())?),
            ("SIGTERM", of(SignalKind::terminate())?),
            ("SIGHUP", of(SignalKind::hangup())?),
        ]))
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> &'static str {
        let [interrupt, terminate, hang_up] = &mut self.0;
        tokio::select! {
            _ = interrupt.1.recv() => interrupt.0,
            _ = terminate.1.recv() => terminate.0,
            _ = hang_up.1.recv() => hang_up.0,
        }
    }
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
