//! What ran where, for the terminal and for the book.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::bench::machine::Machine;
use crate::matrix::cell::{CELLS, Outcome};

/// All of the table.
pub(crate) struct Page {
    /// One for each engine around.
    pub(crate) columns: Vec<Column>,
}

/// What ran on one engine.
pub(crate) struct Column {
    /// The engine and its version.
    pub(crate) engine: String,
    /// What came of each cell, in their order.
    pub(crate) outcomes: Vec<Outcome>,
}

impl Page {
    /// The table, in Markdown, which reads well in a terminal too.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from("| mode | images inside | privileges |");
        for column in &self.columns {
            let _ = write!(text, " on {} |", column.engine);
        }
        text.push_str("\n|---|---|---|");
        text.push_str(&"---|".repeat(self.columns.len()));
        for (index, cell) in CELLS.iter().enumerate() {
            let privileges = if cell.has_fewer_privileges {
                "`privileged: false`"
            } else {
                "as the mode asks"
            };
            let _ = write!(
                text,
                "\n| `{}` | {} | {privileges} |",
                cell.mode,
                cell.store.name()
            );
            for column in &self.columns {
                let shown = match column.outcomes.get(index) {
                    Some(Outcome::Runs(time)) => format!("yes, {:.1} s", time.as_secs_f64()),
                    Some(Outcome::Refused(_)) => "refused by the plan".to_owned(),
                    Some(Outcome::Fails) | None => "no".to_owned(),
                };
                let _ = write!(text, " {shown} |");
            }
        }
        text
    }

    /// What the plan refuses, each with its reason, as a paragraph; nothing where it refuses nothing.
    fn refused(&self) -> String {
        let mut reasons = BTreeSet::new();
        for column in &self.columns {
            for (cell, outcome) in CELLS.iter().zip(&column.outcomes) {
                if let Outcome::Refused(reason) = outcome {
                    reasons.insert(format!(
                        "mode `{}` on {}: {reason}",
                        cell.mode, column.engine
                    ));
                }
            }
        }
        if reasons.is_empty() {
            return String::new();
        }
        let reasons: Vec<String> = reasons.into_iter().collect();
        format!(
            "Refused before anything is done, {}.\n\n",
            reasons.join("; ")
        )
    }

    /// The page of the book.
    pub(crate) fn markdown(&self) -> String {
        format!(
            "# What runs where

<!-- Written by `cargo xtask matrix --write`. -->

Every mode with every store of images inside, on every outer engine that nest is tried with. “Yes” means that all of this
held: `nest up` with an image and a shared volume, an empty plan, a container inside with that volume, another image in
place of the first, an empty plan again, and `nest down` that leaves nothing. The seconds are those of the first `nest up`,
from nothing to a filled engine.

{}

{}Mode `sysbox` ran with a stand-in for the runtime, which isolates nothing, and the images are stand-ins from Debian
packages; see [Contributing](contributing.md). Tried on {}.

What your own engine can run `nest doctor` tells; see [Commands](commands.md#nest-doctor).
",
            self.table(),
            self.refused(),
            Machine::this()
        )
    }
}
