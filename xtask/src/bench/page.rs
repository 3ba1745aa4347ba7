//! What came out, for the terminal and for the book.

use std::fmt::Write;

use crate::bench::contest::Contest;
use crate::bench::deed::Deed;
use crate::bench::machine::Machine;
use crate::bench::planning::Planning;
use crate::bench::ready::Ready;
use crate::bench::sample::megabytes;

/// The figures with what they depend on.
pub(crate) struct Page {
    /// Where they come from.
    pub(crate) machine: Machine,
    /// What was measured: programs with their versions.
    pub(crate) versions: Vec<String>,
    /// How often each project was brought up from nothing.
    pub(crate) cold: u32,
    /// How often each project that was up was brought up again.
    pub(crate) again: u32,
    /// The figures.
    pub(crate) contests: Vec<Contest>,
    /// How long planning takes by itself.
    pub(crate) planning: Planning,
    /// How long engines take to become ready.
    pub(crate) ready: Ready,
    /// What nest set out to reach, and whether it did.
    pub(crate) goals: Vec<Goal>,
}

/// Something that nest set out to reach.
pub(crate) struct Goal {
    /// What is to be reached, and what was measured.
    pub(crate) text: String,
    /// Whether it is.
    pub(crate) is_met: bool,
}

impl Page {
    /// A table for a terminal.
    pub(crate) fn table(&self) -> String {
        let length = |contest: &Contest| contest.title().chars().count();
        let width = self.contests.iter().map(length).max().unwrap_or_default();
        let mut lines = vec![
            format!(
                "{:width$} | time                               | peak memory",
                ""
            ),
            format!(
                "{:width$} | ratio (low-high)     nest  Compose | ratio     nest  Compose",
                "nest by Compose"
            ),
        ];
        for contest in self.ordered() {
            let (low, high) = contest.time_ratio_range();
            lines.push(format!(
                "{:width$} | {:>5.2} {:<11} {:>6.2} s {:>6.2} s | {:>5.2} {:>5.1} MB {:>5.1} MB",
                contest.title(),
                contest.time_ratio(),
                format!("({low:.2}-{high:.2})"),
                contest.nest_time().as_secs_f64(),
                contest.compose_time().as_secs_f64(),
                contest.memory_ratio(),
                megabytes(contest.nest_memory()),
                megabytes(contest.compose_memory()),
            ));
        }
        lines.extend(self.goals.iter().map(Goal::line));
        lines.push(self.versions.join(", "));
        lines.push(self.machine.to_string());
        lines.join("\n")
    }

    /// The page of the book.
    pub(crate) fn markdown(&self) -> String {
        let Self { cold, again, .. } = self;
        let goals = self.goals.iter().map(|goal| format!("* {}", goal.line()));
        let versions = self.versions.iter().map(|version| format!("* {version}"));
        format!(
            "# Performance

<!-- Written by `cargo xtask bench --write`. -->

nest beside Docker Compose, on one engine and in one run. Both make the same containers. Below 1 nest is faster, or
smaller.

{}
{}

Each ratio of times is the median of the ratios of single pairs of runs, with the lowest and the highest; the seconds
are medians; memory is the most that the program had resident at once in any run. Projects were brought up from
nothing and taken down {cold} times, and brought up again {again} times.

{}
Planning alone: what the file declares and what the engines hold are in memory already, and the steps are when it ends.
The best of a few rounds.

{}
## Goals

{}

## Where nest is slower

{}

## What is compared

* *From nothing to ready*: `nest up` ends when every inner engine answers and holds its images and volumes.
  `docker compose up -d` ends when the containers are started, so a script follows it: `docker exec … docker info` every
  50 ms until each engine answers, then `docker save | docker exec -i … docker load` into all engines at once.
* *From nothing; Compose: containers started*: the same `nest up` beside `docker compose up -d` alone.
* *Up again*: both find that all is as it should be. nest has looked into every inner engine: by its socket, as root may
  on the engine's machine, or *by exec*, as from anywhere else (`--tunnel exec`).
* *Down*: both remove containers, networks and volumes once the engines have stopped.
* *Validate*: `nest validate` beside `docker compose config --quiet`. Both files mean the same containers, with
  limits, variables, a port, a volume and a folder each; the environments have two images inside besides.
* The images are small, a few megabytes each, so that the figures show the programs and not the disk.
* *Up again* is beside `docker compose up -d`, as people type it, and beside *the plugin alone*: `docker-compose`,
  without the docker CLI in front, which adds its own time. All else is beside the plugin alone. The memory of the
  script's `docker` commands counts where the script is part of what is compared.

## Versions and machine

{}
* {}

`cargo xtask bench` prints the same table for your machine.
",
            self.time_table(),
            self.memory_table(),
            self.planning.markdown(),
            self.ready.markdown(),
            bullets(goals),
            bullets(Deed::ALL.into_iter().filter_map(|deed| self.losses(deed))),
            bullets(versions),
            self.machine,
        )
    }

    /// The contests, deed by deed.
    fn ordered(&self) -> impl Iterator<Item = &Contest> {
        let of = |deed| self.contests.iter().filter(move |it| it.deed == deed);
        Deed::ALL.into_iter().flat_map(of)
    }

    /// Says in which projects nest takes longer, and what for.
    fn losses(&self, deed: Deed) -> Option<String> {
        let losses: Vec<String> = self
            .contests
            .iter()
            .filter(|contest| contest.deed == deed && contest.time_ratio() > 1.0)
            .map(|contest| format!("{} {:.2}", contest.project, contest.time_ratio()))
            .collect();
        (!losses.is_empty()).then(|| {
            format!(
                "* *{}* (times as long: {}): {}.",
                deed.title(),
                losses.join(", "),
                deed.extra_work()
            )
        })
    }

    fn time_table(&self) -> String {
        let mut text = "| time | nest / Compose | nest | Compose |\n|---|---|---|---|\n".to_owned();
        for contest in self.ordered() {
            let (low, high) = contest.time_ratio_range();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "| {} | **{:.2}** ({low:.2} – {high:.2}) | {:.2} s | {:.2} s |",
                contest.title(),
                contest.time_ratio(),
                contest.nest_time().as_secs_f64(),
                contest.compose_time().as_secs_f64(),
            );
        }
        text
    }

    fn memory_table(&self) -> String {
        let mut text =
            "| peak memory | nest / Compose | nest | Compose |\n|---|---|---|---|\n".to_owned();
        for contest in self.ordered() {
            let _ = writeln!(
                text,
                "| {} | **{:.2}** | {:.1} MB | {:.1} MB |",
                contest.title(),
                contest.memory_ratio(),
                megabytes(contest.nest_memory()),
                megabytes(contest.compose_memory()),
            );
        }
        text.trim_end().to_owned()
    }
}

impl Goal {
    fn line(&self) -> String {
        let outcome = if self.is_met { "met" } else { "NOT met" };
        format!("{}: {outcome}", self.text)
    }
}

fn bullets(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return "Nowhere in these figures.".to_owned();
    }
    lines.join("\n")
}
