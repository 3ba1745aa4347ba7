//! Telling what a command that applies does: text for people on standard error, or lines for programs on standard output.

use std::cell::RefCell;
use std::time::{Instant, SystemTime};

use crate::apply::ApplyReport;
use crate::apply::event::Event;
use crate::cli::args::RunFormat;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;
use crate::cli::run_plan::tell;
use crate::cli::screen::Screen;
use crate::model::name::ProjectName;
use crate::plan::Plan;
use crate::plan::prune::Due;
use crate::plan::step::Step;
use crate::report;
use crate::report::failure::incomplete;
use crate::report::problem::located::located;
use crate::report::stream::{Failure, Stream};
use crate::report::watch::{News, line};
use crate::report::words;
use crate::up::Outcome;

/// Tells what happens, in one format.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    output: &'a Output,
    begun: Instant,
    way: Way<'a>,
}

#[derive(Debug)]
enum Way<'a> {
    Human(Screen<'a>),
    Json(RefCell<Stream>),
}

impl<'a> Teller<'a> {
    /// Begins to tell.
    pub(crate) fn new(format: RunFormat, output: &'a Output) -> Self {
        let way = match format {
            RunFormat::Human => Way::Human(Screen::new(output)),
            RunFormat::Json => {
                let (stream, first) = Stream::begin(SystemTime::now());
                output.data(&first);
                Way::Json(RefCell::new(stream))
            }
        };
        let begun = Instant::now();
        Self { output, begun, way }
    }

    /// Whether a person reads along, who can be asked.
    pub(crate) fn is_for_people(&self) -> bool {
        matches!(self.way, Way::Human(_))
    }

    /// Tells people something that is no event.
    pub(crate) fn talk(&self, text: &str) {
        if let Way::Human(screen) = &self.way {
            screen.talk(text);
        }
    }

    /// Tells a plan.
    pub(crate) fn plan(&self, plan: &Plan) {
        match &self.way {
            Way::Human(screen) => {
                if plan.has_changes() || !plan.refusals.is_empty() || !plan.kept.is_empty() {
                    screen.talk(&format!("{}\n", report::plan::plan(plan)));
                }
            }
            Way::Json(stream) => {
                for refusal in &plan.refusals {
                    let why = format!("{}: {}", refusal.address, refusal.message());
                    self.output.error(&why);
                }
                let lines = stream.borrow_mut().plan(plan, SystemTime::now());
                self.output.data(&lines);
            }
        }
    }

    /// Tells that a project is taken down, and why: the next plan is its.
    pub(crate) fn project(&self, project: &ProjectName, due: Due) {
        match &self.way {
            Way::Human(screen) => {
                screen.talk(&format!("Project `{project}` {}:\n\n", words::due(due)));
            }
            Way::Json(stream) => {
                let line = stream.borrow().project(project, due, SystemTime::now());
                self.output.data(&line);
            }
        }
    }

    /// Notes that a plan which was told already is carried out from now on.
    pub(crate) fn begins(&self, plan: &Plan) {
        if let Way::Json(stream) = &self.way {
            stream.borrow_mut().begins(plan);
        }
    }

    /// Tells something that somebody should know.
    pub(crate) fn warning(&self, text: &str) {
        match &self.way {
            Way::Human(screen) => screen.insist(&format!("{text}\n")),
            Way::Json(stream) => {
                let line = stream.borrow().warning(text, SystemTime::now());
                self.output.data(&line);
            }
        }
    }

    /// Tells what happens to a step.
    pub(crate) fn event(&self, event: &Event<'_>) {
        match &self.way {
            Way::Human(screen) => screen.show(event),
            Way::Json(stream) => {
                let lines = stream.borrow_mut().event(event, SystemTime::now());
                self.output.data(&lines);
            }
        }
    }

    /// Begins to tell of another run.
    pub(crate) fn next_run(&self) {
        if let Way::Json(stream) = &self.way {
            stream.borrow_mut().next_run();
        }
    }

    /// Tells something that happens while nest watches.
    pub(crate) fn news(&self, news: &News<'_>) {
        match &self.way {
            Way::Human(screen) => screen.talk(&format!("{}\n", line(news))),
            Way::Json(stream) => {
                let lines = stream.borrow_mut().news(news, SystemTime::now());
                self.output.data(&lines);
            }
        }
    }

    /// Shows people how it stands, as lines that stay.
    pub(crate) fn stay(&self, lines: impl FnOnce() -> Vec<String>) {
        if let Way::Human(screen) = &self.way {
            screen.stay(lines);
        }
    }

    /// Tells that steps failed, and goes on.
    pub(crate) fn incomplete(&self, steps: &[Step], report: &ApplyReport) {
        match &self.way {
            Way::Human(screen) => {
                screen.clear();
                screen.insist(&incomplete(steps, report));
            }
            Way::Json(stream) => {
                let now = SystemTime::now();
                let lines = stream.borrow_mut().skipped(steps, report, now);
                self.output.data(&lines);
            }
        }
    }

    /// Tells what is wrong, and goes on.
    pub(crate) fn trouble(&self, error: &CommandError) {
        match &self.way {
            Way::Human(screen) => screen.suspended(|| {
                error.report(self.output);
            }),
            Way::Json(_) => self.why(error, |stream, why| stream.why(why, SystemTime::now())),
        }
    }

    /// Tells that watching has ended.
    pub(crate) fn watched(&self, outcome: &Outcome, status: ExitStatus) {
        if let Way::Json(stream) = &self.way {
            let now = SystemTime::now();
            let lines = stream.borrow_mut().outcome(outcome, status.code(), now);
            self.output.data(&lines);
        }
    }

    /// Waits for what is told here.
    pub(crate) async fn during<T>(&self, told: impl Future<Output = T>) -> T {
        match &self.way {
            Way::Human(screen) => screen.during(told).await,
            Way::Json(_) => told.await,
        }
    }

    /// Tells how it ended.
    pub(crate) fn outcome(&self, outcome: &Outcome) -> ExitStatus {
        match &self.way {
            Way::Human(screen) => {
                screen.clear();
                tell(outcome, self.output, self.begun)
            }
            Way::Json(stream) => {
                let status = tell(outcome, &self.output.quiet(), self.begun);
                let now = SystemTime::now();
                let lines = stream.borrow_mut().outcome(outcome, status.code(), now);
                self.output.data(&lines);
                status
            }
        }
    }

    /// Tells why a command ended early, where that is not told otherwise.
    pub(crate) fn error(&self, error: &CommandError) {
        let code = error.status().code();
        self.why(error, |stream, why| {
            stream.failed(why, code, SystemTime::now())
        });
    }

    fn why(&self, error: &CommandError, lines: impl FnOnce(&mut Stream, &Failure<'_>) -> String) {
        let Way::Json(stream) = &self.way else { return };
        let (message, help) = error.message();
        let problems;
        let why = match error {
            CommandError::Invalid(invalid) | CommandError::NotSupportedYet(invalid) => {
                problems = located(&invalid.problems, &invalid.sources);
                Failure::Problems(&problems)
            }
            CommandError::Engine(error) => Failure::Engine(error),
            _ => Failure::Other {
                summary: &message,
                help: &help,
            },
        };
        let lines = lines(&mut stream.borrow_mut(), &why);
        self.output.data(&lines);
    }
}
