//! How long planning takes, by the number of resources: `cargo bench --bench plan`.
//!
//! Measured is all that is done in memory: what the engines should hold, the comparison with what they hold, the steps,
//! and the summary. Reading the file and the engines is not. Prints a line for each case and size: the case, resources,
//! and the best time of a few rounds in microseconds, with tabs between. `-- NUMBER…` takes other sizes, `-- WORD` only the
//! cases whose name begins with it.

#[path = "plan/world.rs"]
mod world;

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::world::Case;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many resources the projects have.
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
/// Rounds of each.
const ROUNDS: u32 = 5;

fn main() {
    let mut output = std::io::stdout().lock();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<usize> = words.iter().filter_map(|it| it.parse().ok()).collect();
    let is_case = |name: &str| {
        let mut names = words
            .iter()
            .filter(|it| it.starts_with(char::is_alphabetic));
        names.clone().next().is_none() || names.any(|it| name.starts_with(it.as_str()))
    };
    let sizes = if asked.is_empty() {
        &SIZES
    } else {
        asked.as_slice()
    };
    for &size in sizes {
        for case in Case::all(size).iter().filter(|it| is_case(it.name)) {
            let best = (0..ROUNDS).map(|_| time(case)).min().unwrap_or_default();
            let line = format!("{}\t{size}\t{}", case.name, best.as_micros());
            // Whoever reads this may have gone.
            let _ = writeln!(output, "{line}");
        }
    }
}

fn time(case: &Case) -> Duration {
    let began = Instant::now();
    let planned = case.plan();
    let took = began.elapsed();
    drop(black_box(planned));
    took
}
