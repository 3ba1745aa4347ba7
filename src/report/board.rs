//! How a watched project stands, as a few lines that stay on the screen: its environments as a tree, each with its state.

use crate::desired::{Desired, DesiredEngine};
use crate::plan::change::{Action, Change};
use crate::report::style::{ADD, BOLD, CHANGE, DIM, REMOVE, styled};
use crate::report::words;
use crate::resource::engine_path::EnginePath;

/// More lines than this are no calm view.
const MOST_LINES: usize = 18;

/// How a project stands.
#[derive(Debug, Clone, Copy)]
pub struct Stand<'a> {
    /// What is done, or waited for, in a few words.
    pub phrase: &'a str,
    /// What is to change; nothing where all is as declared.
    pub changes: &'a [Change],
    /// What is wrong, in a line.
    pub trouble: Option<&'a str>,
}

/// The lines of a project.
pub fn board(desired: &Desired, stand: &Stand<'_>) -> Vec<String> {
    let project = styled(BOLD, words::escaped(desired.project.as_str()));
    let mut lines = vec![format!("{project}  {}", stand.phrase)];
    let mut rows = Vec::new();
    for (path, engine) in desired.engine.outermost() {
        if let Some(name) = path.outermost() {
            rows.push(format!("engine {}", words::escaped(name.as_str())));
        }
        add_rows(&mut rows, engine, (&path, ""), stand.changes);
    }
    let room = MOST_LINES - lines.len() - usize::from(stand.trouble.is_some());
    let hidden = rows.len().saturating_sub(room);
    if hidden > 0 {
        rows.truncate(room - 1);
        rows.push(styled(DIM, format!("… and {} more", hidden + 1)));
    }
    lines.extend(rows);
    if let Some(trouble) = stand.trouble {
        let trouble = words::escaped(trouble);
        lines.push(format!("{} {trouble}", styled(REMOVE, "✗")));
    }
    lines
}

fn add_rows(
    rows: &mut Vec<String>,
    engine: &DesiredEngine,
    (path, indent): (&EnginePath, &str),
    changes: &[Change],
) {
    let count = engine.containers.len();
    for (index, (name, container)) in engine.containers.iter().enumerate() {
        let is_last = index + 1 == count;
        let (branch, below) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let inside = path.inside(name);
        let own = changes.iter().find(|it| it.address == container.address);
        let own = own.filter(|it| it.action != Action::NoOp);
        let within = changes
            .iter()
            .filter(|it| it.engine == inside && it.action != Action::NoOp)
            .count();
        let (mark, state) = state(own, within);
        let kind = container.kind.word();
        let name = words::escaped(name);
        rows.push(format!("{indent}{branch}{mark} {kind} {name}{state}"));
        if let Some(inner) = &container.engine {
            let indent = format!("{indent}{below}");
            add_rows(rows, &inner.engine, (&inside, &indent), changes);
        }
    }
}

/// The mark of a container, and what is to become of it and of what is inside.
fn state(own: Option<&Change>, within: usize) -> (String, String) {
    let Some(change) = own else {
        if within == 0 {
            return (styled(ADD, "✓"), String::new());
        }
        let within = words::count(within as u64, "change");
        return (styled(CHANGE, "~"), format!("  {within} inside"));
    };
    let (style, mark, becomes) = match change.action {
        Action::NoOp => (ADD, "✓", "as declared"),
        Action::Create => (ADD, "+", "to be created"),
        Action::Update => (CHANGE, "~", "to be updated"),
        Action::Replace => (REMOVE, "±", "to be replaced"),
        Action::Delete => (REMOVE, "-", "to be removed"),
    };
    let reason = change.reason.as_ref().map(|reason| {
        let phrase = reason.phrase();
        format!(": {}", words::escaped(&phrase))
    });
    let reason = reason.unwrap_or_default();
    (styled(style, mark), format!("  {becomes}{reason}"))
}
