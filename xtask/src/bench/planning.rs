//! How long planning takes by itself, without an engine: what `cargo bench --bench plan` measures.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::bench::page::Goal;
use crate::checkout;
use crate::steps;

/// The size of the project that has a goal, in resources.
const SIZE: u64 = 10_000;
/// How long planning it may take.
const LIMIT: Duration = Duration::from_millis(100);
/// How much longer than at that size a resource of the largest project may take: caches of processors are small.
const GROWTH: f64 = 2.0;

/// What was measured.
pub(crate) struct Planning(Vec<Figure>);

/// One kind of plan for a project of one size.
struct Figure {
    /// What the plan is about.
    case: String,
    /// How many resources there are.
    size: u64,
    time: Duration,
}

impl Planning {
    /// Measures it.
    pub(crate) async fn measure() -> Result<Self> {
        let mut command = Command::new("cargo");
        command
            .args(["bench", "--quiet", "--bench", "plan"])
            .current_dir(checkout::folder());
        let lines = steps::read(command).await?;
        let figures = lines.lines().map(Figure::parse);
        Ok(Self(figures.collect::<Result<_>>()?))
    }

    /// What nest set out to reach.
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        for figure in self.0.iter().filter(|figure| figure.size == SIZE) {
            let time = figure.time.as_secs_f64() * 1000.0;
            goals.push(Goal {
                text: format!(
                    "{} of {SIZE} resources: at most {} ms ({time:.0} ms)",
                    figure.case,
                    LIMIT.as_millis()
                ),
                is_met: figure.time <= LIMIT,
            });
            let same = self.0.iter().filter(|other| other.case == figure.case);
            let Some(largest) = same.max_by_key(|other| other.size) else {
                continue;
            };
            let growth = largest.each() / figure.each();
            goals.push(Goal {
                text: format!(
                    "{} of {} resources: each takes at most {GROWTH} times as long as of {SIZE} ({growth:.2})",
                    figure.case, largest.size
                ),
                is_met: growth <= GROWTH,
            });
        }
        goals
    }

    /// The figures as a table of the book.
    pub(crate) fn markdown(&self) -> String {
        let mut text = "| planning | resources | time | each |\n|---|---|---|---|\n".to_owned();
        for figure in &self.0 {
            let Figure { case, size, time } = figure;
            let time = time.as_secs_f64() * 1000.0;
            let each = figure.each();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| {case} | {size} | {time:.1} ms | {each:.1} µs |");
        }
        text
    }
}

impl Figure {
    /// Reads a line that the benchmark prints.
    fn parse(line: &str) -> Result<Self> {
        let mut parts = line.split('\t');
        let mut next = || {
            let part = parts.next();
            part.with_context(|| format!("the benchmark printed `{line}`"))
        };
        let (case, size, time) = (next()?.to_owned(), next()?.parse()?, next()?.parse()?);
        let time = Duration::from_micros(time);
        Ok(Self { case, size, time })
    }

    /// How long each resource takes, in microseconds.
    fn each(&self) -> f64 {
        let size = u32::try_from(self.size).map_or(f64::INFINITY, f64::from);
        self.time.as_secs_f64() * 1_000_000.0 / size
    }
}
