//! What differs between two declarations, as text: a plan from one to the other.

use std::fmt::Write as _;

use crate::model::name::ProjectName;
use crate::plan::Plan;
use crate::report::plan::{body, fate_of_data, loses_data, stopping_engines};
use crate::report::style::{BOLD, styled};
use crate::report::words;

/// What is compared, as the user named it.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What is there.
    pub from: &'a str,
    /// What is wanted.
    pub to: &'a str,
    /// The name of the first, where it is of another project: nothing of it is touched then.
    pub other_project: Option<&'a ProjectName>,
}

/// Whether there is a difference that a plan acts on, refuses, or mentions.
pub fn differs(plan: &Plan) -> bool {
    plan.has_changes() || !plan.refusals.is_empty() || !plan.kept.is_empty()
}

/// The difference as text.
pub fn text(plan: &Plan, sides: &Sides<'_>) -> String {
    let (from, to) = (words::escaped(sides.from), words::escaped(sides.to));
    if !differs(plan) {
        let nothing = styled(BOLD, "No changes.");
        return format!("{nothing} From {from} to {to}, nest would do nothing.\n");
    }
    let heading = format!("From {from} to {to}, nest would perform these actions:");
    let mut text = format!("{}\n\n", styled(BOLD, heading));
    if let Some(note) = other_project(plan, sides) {
        let _ = writeln!(text, "  {note}\n");
    }
    body(&mut text, plan);
    let _ = writeln!(text, "{} {}.", styled(BOLD, "Difference:"), counts(plan));
    if let Some(impact) = impact(plan) {
        let _ = writeln!(text, "{} {impact}.", styled(BOLD, "Impact:"));
    }
    text
}

/// How many resources are added, changed and destroyed.
pub(crate) fn counts(plan: &Plan) -> String {
    let counts = plan.counts();
    format!(
        "{} to add, {} to change, {} to destroy",
        counts.add, counts.change, counts.destroy
    )
}

/// What happens to what runs. What runs inside engines is in no file.
pub(crate) fn impact(plan: &Plan) -> Option<String> {
    if plan.interruptions.is_empty() && !loses_data(plan) {
        return None;
    }
    let data = fate_of_data(plan);
    Some(if plan.interruptions.is_empty() {
        data
    } else {
        format!("{}; {data}", stopping_engines(plan))
    })
}

/// That the two are of different projects.
pub(crate) fn other_project(plan: &Plan, sides: &Sides<'_>) -> Option<String> {
    let other = sides.other_project?;
    let project = &plan.project;
    Some(format!(
        "The name differs: `{project}` is another project than `{other}`, of which nothing is touched."
    ))
}
