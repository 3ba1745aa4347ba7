//! Progress on standard error: live on a terminal, lines otherwise.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::apply::event::Event;
use crate::cli::output::Output;
use crate::report::progress::{lasting_line, running_line};

/// How often a spinner moves.
const TURN: Duration = Duration::from_millis(120);

/// The running steps of one apply.
#[derive(Debug)]
pub(crate) struct Screen<'a> {
    output: &'a Output,
    live: Option<MultiProgress>,
    running: RefCell<HashMap<usize, ProgressBar>>,
    /// Lines that stay at the bottom.
    board: RefCell<Vec<ProgressBar>>,
}

impl<'a> Screen<'a> {
    /// An empty screen.
    pub(crate) fn new(output: &'a Output) -> Self {
        let live = output.is_live().then(MultiProgress::new);
        Self {
            output,
            live,
            running: RefCell::new(HashMap::new()),
            board: RefCell::default(),
        }
    }

    /// Shows these lines at the bottom from now on, where lines can be drawn over.
    pub(crate) fn stay(&self, lines: impl FnOnce() -> Vec<String>) {
        let Some(live) = &self.live else { return };
        let lines = lines();
        let mut board = self.board.borrow_mut();
        let kept = lines.len().min(board.len());
        for gone in board.drain(kept..) {
            gone.finish_and_clear();
            live.remove(&gone);
        }
        for (index, line) in lines.into_iter().enumerate() {
            if index == board.len() {
                // It is cut where the terminal ends.
                let style = ProgressStyle::with_template("{wide_msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner());
                let bar = ProgressBar::new_spinner().with_style(style);
                board.push(live.add(bar));
            }
            if board[index].message() != line {
                board[index].set_message(line);
                board[index].tick();
            }
        }
    }

    /// Waits for what is shown here. One timer turns all spinners: none has a thread of its own.
    pub(crate) async fn during<T>(&self, shown: impl Future<Output = T>) -> T {
        let turning = async || -> Infallible {
            loop {
                tokio::time::sleep(TURN).await;
                for bar in self.running.borrow().values() {
                    bar.tick();
                }
            }
        };
        if self.live.is_none() {
            return shown.await;
        }
        tokio::select! {
            outcome = shown => outcome,
            never = turning() => match never {},
        }
    }

    /// Takes away what is drawn over again and again.
    pub(crate) fn clear(&self) {
        for (_, bar) in self.running.borrow_mut().drain() {
            bar.finish_and_clear();
        }
    }

    /// Shows an event.
    pub(crate) fn show(&self, event: &Event<'_>) {
        if let Some(live) = &self.live {
            self.redraw(live, event);
        }
        if let Some(line) = lasting_line(event, self.output.verbose) {
            self.talk(&format!("{line}\n"));
        }
    }

    /// Writes above what is drawn over again and again.
    pub(crate) fn talk(&self, text: &str) {
        self.suspended(|| self.output.talk(text));
    }

    /// The same, however quiet the user wants it.
    pub(crate) fn insist(&self, text: &str) {
        self.suspended(|| self.output.insist(text));
    }

    /// Takes what is drawn away while something is written.
    pub(crate) fn suspended(&self, write: impl FnOnce()) {
        match &self.live {
            Some(live) => live.suspend(write),
            None => write(),
        }
    }

    fn redraw(&self, live: &MultiProgress, event: &Event<'_>) {
        match event {
            Event::Waiting { .. } => {}
            Event::Started { index, step, .. } => {
                let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner());
                let bar = live.add(ProgressBar::new_spinner().with_style(style));
                bar.set_message(running_line(step, None));
                self.running.borrow_mut().insert(*index, bar);
            }
            Event::Progress {
                index,
                step,
                progress,
            } => {
                if let Some(bar) = self.running.borrow().get(index) {
                    bar.set_message(running_line(step, Some(progress)));
                }
            }
            Event::Done { done, .. } => self.ended(live, done.step),
            Event::Failed { failed, .. } => self.ended(live, failed.step),
        }
    }

    fn ended(&self, live: &MultiProgress, index: usize) {
        if let Some(bar) = self.running.borrow_mut().remove(&index) {
            bar.finish_and_clear();
            live.remove(&bar);
        }
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.stay(Vec::new);
        self.clear();
    }
}
