//! Ctrl-C and SIGTERM: once to start nothing new, twice to stop now.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::apply::ApplyOptions;
use crate::cli::options::Options;
use crate::cli::output::Output;

/// Options for applying that listen to signals from now on.
pub(crate) fn apply_options(options: &Options, output: Output) -> ApplyOptions {
    let (drain, abort) = (CancellationToken::new(), CancellationToken::new());
    let apply_options = ApplyOptions {
        parallel: usize::from(options.global.parallel),
        drain: drain.clone(),
        abort: abort.clone(),
    };
    tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            return;
        };
        next(&mut interrupt, &mut terminate).await;
        output.insist("\nstopping: what runs is finished; once more stops now\n");
        drain.cancel();
        next(&mut interrupt, &mut terminate).await;
        abort.cancel();
    });
    apply_options
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

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
