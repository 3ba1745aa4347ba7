//! `nest logs`

use std::io::Write as _;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::{iter, select_all};

use crate::cli::args::LogsArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::signals;
use crate::docker::{Docker, LogPiece, LogQuestion};
use crate::engine::EngineError;
use crate::report::failure::with_causes;

/// Shows what containers said: of one that is named as it stands; of several each line with the name of who said it, in
/// order of time.
pub(crate) async fn run(
    arguments: &LogsArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let containers = named::some(&desired, &arguments.names)?;
    let shown = async {
        match containers.as_slice() {
            [only] if !arguments.names.is_empty() => {
                as_it_stands(&engine, only, arguments, output).await
            }
            several => together(&engine, several, arguments, output).await,
        }
    };
    tokio::select! {
        shown = shown => shown?,
        () = signals::asked_to_end() => {}
    }
    Ok(ExitStatus::Success)
}

fn question(arguments: &LogsArguments, timestamps: bool) -> LogQuestion {
    LogQuestion {
        follow: arguments.follow,
        tail: arguments.tail,
        since: arguments.since,
        until: arguments.until,
        timestamps,
    }
}

async fn as_it_stands(
    engine: &Docker,
    one: &Named<'_>,
    arguments: &LogsArguments,
    output: &Output,
) -> Result<(), CommandError> {
    let question = question(arguments, arguments.timestamps);
    let mut log = engine.logs(&one.engine, one.container, question).await?;
    while let Some(piece) = log.next().await {
        let piece = piece.map_err(|error| one.failed(error))?;
        if piece.is_error {
            // There is nowhere to tell that.
            let _ = std::io::stderr().write_all(&piece.bytes);
        } else {
            output.pass_on(&piece.bytes);
        }
    }
    Ok(())
}

/// A line of a log.
struct Line {
    /// Which of the containers said it.
    who: usize,
    /// When, in a form that can be compared.
    time: String,
    text: String,
}

async fn together(
    engine: &Docker,
    containers: &[Named<'_>],
    arguments: &LogsArguments,
    output: &Output,
) -> Result<(), CommandError> {
    let open = |one: &Named<'_>| {
        let (path, container) = (one.engine.clone(), one.container.to_owned());
        async move {
            engine
                .logs(&path, &container, question(arguments, true))
                .await
        }
    };
    let opened = join_all(containers.iter().map(open)).await;
    let logs = opened.into_iter().enumerate().map(|(who, log)| {
        let (log, failed) = match log {
            Ok(log) => (Some(log), None),
            Err(error) => (None, Some(error)),
        };
        let pieces = iter(log).flatten().chain(iter(failed.map(Err)));
        pieces.flat_map(move |piece| iter(lines(who, piece)))
    });
    let width = containers.iter().map(|one| one.name.len()).max();
    let width = width.unwrap_or_default();
    let print = |line: Result<Line, (usize, EngineError)>| match line {
        Ok(line) => {
            let name = &containers[line.who].name;
            let time = Some(line.time).filter(|_| arguments.timestamps);
            let time = time.map(|time| format!("{time} ")).unwrap_or_default();
            // As bytes, so that colours of the log's own stay where Compose would leave them too.
            let line = format!("{name:width$} | {time}{}\n", line.text);
            output.pass_on(line.as_bytes());
            Ok(())
        }
        // One that is not there has said nothing, unless it is asked for.
        Err((_, EngineError::Refused { status: 404, .. })) if arguments.names.is_empty() => Ok(()),
        Err((who, error)) if arguments.names.is_empty() => {
            output.error(&format!(
                "`{}`: {}",
                containers[who].name,
                with_causes(&error)
            ));
            Ok(())
        }
        Err((who, error)) => Err(containers[who].failed(error)),
    };
    if arguments.follow {
        let mut all = select_all(logs.map(Box::pin));
        while let Some(line) = all.next().await {
            print(line)?;
        }
        return Ok(());
    }
    let mut logs: Vec<_> = logs.map(Box::pin).collect();
    let mut heads = join_all(logs.iter_mut().map(|log| log.next())).await;
    loop {
        let time = |head: &Option<Result<Line, _>>| match head {
            Some(Ok(line)) => Some(line.time.clone()),
            Some(Err(_)) => Some(String::new()),
            None => None,
        };
        let times = heads.iter().enumerate();
        let times = times.filter_map(|(who, head)| Some((time(head)?, who)));
        let Some((_, first)) = times.min() else {
            return Ok(());
        };
        let line = heads[first].take();
        line.map(&print).transpose()?;
        heads[first] = logs[first].next().await;
    }
}

/// The lines of a piece, each with its time.
fn lines(
    who: usize,
    piece: Result<LogPiece, EngineError>,
) -> Vec<Result<Line, (usize, EngineError)>> {
    let bytes = match piece {
        Ok(piece) => piece.bytes,
        Err(error) => return vec![Err((who, error))],
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = |line: &str| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (time, text) = line.split_once(' ').unwrap_or((line, ""));
        Ok(Line {
            who,
            time: time.to_owned(),
            text: text.to_owned(),
        })
    };
    text.lines().map(line).collect()
}
