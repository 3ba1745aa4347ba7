//! How long planning takes in memory, and how that grows: what `cargo bench --bench plan` prints.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::bench::page::Goal;
use crate::checkout;
use crate::steps::{self, Steps};

/// How many resources are to be planned in how long.
const SIZE: usize = 10_000;
const LIMIT: Duration = Duration::from_millis(100);
/// How many times as long ten times as many resources may take.
const GROWTH: f64 = 12.0;

/// The best times by number of resources, for each thing that is planned.
pub(crate) struct Planning(Vec<(String, BTreeMap<usize, Duration>)>);

impl Planning {
    /// Measures; none if that fails.
    pub(crate) async fn measure(steps: &mut Steps) -> Option<Self> {
        let measure = async {
            let mut bench = Command::new("cargo");
            bench
                .args(["bench", "--quiet", "--bench", "plan"])
                .current_dir(checkout::folder());
            Self::parse(&steps::read(bench).await?)
        };
        steps.run("planning", measure).await
    }

    fn parse(text: &str) -> Result<Self> {
        let mut cases: Vec<(String, BTreeMap<usize, Duration>)> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let parse = || {
                let mut parts = line.split('\t');
                let case = parts.next()?;
                let size = parts.next()?.parse().ok()?;
                let time = Duration::from_micros(parts.next()?.parse().ok()?);
                Some((case, size, time))
            };
            let (case, size, time) =
                parse().with_context(|| format!("`{line}` is no measurement"))?;
            match cases.iter_mut().find(|(name, _)| name == case) {
                Some((_, times)) => drop(times.insert(size, time)),
                None => cases.push((case.to_owned(), BTreeMap::from([(size, time)]))),
            }
        }
        Ok(Self(cases))
    }

    /// What nest set out to reach.
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let slowest = self.0.iter().filter_map(|(_, times)| times.get(&SIZE));
        let slowest = slowest.max().copied();
        let growth = |times: &BTreeMap<usize, Duration>| {
            let times: Vec<f64> = times.values().map(Duration::as_secs_f64).collect();
            let steps = times.windows(2).map(|pair| pair[1] / pair[0]);
            steps.fold(0.0, f64::max)
        };
        let most = self.0.iter().map(|(_, times)| growth(times));
        let most = most.fold(0.0, f64::max);
        vec![
            Goal {
                text: format!(
                    "{SIZE} resources are planned within {} ms ({:.0} ms)",
                    LIMIT.as_millis(),
                    slowest.unwrap_or_default().as_secs_f64() * 1000.0
                ),
                is_met: slowest.is_some_and(|slowest| slowest < LIMIT),
            },
            Goal {
                text: format!(
                    "ten times as many resources take less than {GROWTH} times as long ({most:.1})"
                ),
                is_met: most > 0.0 && most < GROWTH,
            },
        ]
    }

    /// A table for the page.
    pub(crate) fn table(&self) -> String {
        let sizes: Vec<usize> = match self.0.first() {
            Some((_, times)) => times.keys().copied().collect(),
            None => Vec::new(),
        };
        let mut text = "| planning, by resources |".to_owned();
        // Writing to a string cannot fail.
        for size in &sizes {
            let _ = write!(text, " {size} |");
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(sizes.len()));
        for (case, times) in &self.0 {
            let _ = write!(text, "| {case} |");
            for time in times.values() {
                let _ = write!(text, " {:.2} ms |", time.as_secs_f64() * 1000.0);
            }
            text.push('\n');
        }
        text.trim_end().to_owned()
    }
}
