//! What is applied without a word.

use crate::plan::Plan;
use crate::plan::change::{Action, Change, Impact};
use crate::resource::Kind;

/// Whether nothing that runs stops for a plan: no engine is restarted, and no container goes.
pub fn is_safe(plan: &Plan) -> bool {
    plan.changes.iter().all(is_safe_change)
}

fn is_safe_change(change: &Change) -> bool {
    if change.action == Action::NoOp {
        return true;
    }
    let is_container = matches!(
        change.kind,
        Kind::Environment | Kind::Service | Kind::Registry
    );
    change.impact <= Impact::Reload && !(is_container && change.removes())
}
