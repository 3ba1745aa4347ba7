//! Showing a plan and asking for it.

use std::io::{BufRead as _, Write as _};

use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::teller::Teller;
use crate::plan::Plan;
use crate::plan::change::Impact;
use crate::up::Approval;

/// When a plan must not be applied without somebody's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caution {
    /// When something is removed or replaced.
    Destruction,
    /// When data is lost.
    DataLoss,
}

/// Shows the plan and asks, as far as asking is needed and possible.
pub(crate) fn approve(
    plan: &Plan,
    caution: Caution,
    yes: bool,
    teller: &Teller<'_>,
    (options, output): (&Options, &Output),
) -> Approval {
    teller.plan(plan);
    consent(&[plan], caution, yes, teller, (options, output))
}

/// Asks for plans that were shown, as far as asking is needed and possible.
pub(crate) fn consent(
    plans: &[&Plan],
    caution: Caution,
    yes: bool,
    teller: &Teller<'_>,
    (options, output): (&Options, &Output),
) -> Approval {
    let plans = plans.iter().filter(|plan| plan.is_applicable());
    let plans: Vec<&&Plan> = plans.filter(|plan| plan.has_changes()).collect();
    if yes || plans.is_empty() {
        return Approval::Go;
    }
    if options.interactive && teller.is_for_people() {
        return ask("Perform these actions", output);
    }
    let needs_word = match caution {
        Caution::Destruction => plans.iter().any(|plan| plan.destroys()),
        Caution::DataLoss => {
            let mut changes = plans.iter().flat_map(|plan| &plan.changes);
            changes.any(|change| change.impact == Impact::DataLoss)
        }
    };
    if needs_word {
        Approval::Unconfirmed
    } else {
        Approval::Go
    }
}

/// Asks a question that is answered by `yes`, or not.
pub(crate) fn ask(question: &str, output: &Output) -> Approval {
    output.insist(&format!("{question}? Only `yes` is taken as consent: "));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    let agreed = read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if agreed {
        Approval::Go
    } else {
        Approval::Declined
    }
}
