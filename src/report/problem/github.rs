//! Problems as annotations: lines that GitHub's runner shows beside the text of a change.

use std::fmt::Write as _;

use crate::report::problem::located::LocatedProblem;

/// One line for each problem.
pub fn github(problems: &[LocatedProblem]) -> String {
    let mut lines = String::new();
    for problem in problems {
        let mut properties = String::new();
        if let Some(place) = &problem.place {
            let file = property(&place.file);
            let _ = write!(properties, "file={file},line={}", place.line);
            // Columns have a meaning within one line only.
            if place.line == place.end_line {
                let last = place.end_column.saturating_sub(1).max(place.column);
                let _ = write!(properties, ",col={},endColumn={last}", place.column);
            } else {
                let _ = write!(properties, ",endLine={}", place.end_line);
            }
            properties.push(',');
        }
        let _ = write!(properties, "title={}", property(&problem.code));
        let mut message = problem.message.clone();
        if let Some(help) = &problem.help {
            message.push_str("\nhelp: ");
            message.push_str(help);
        }
        let _ = writeln!(
            lines,
            "::{} {properties}::{}",
            problem.severity,
            data(&message)
        );
    }
    lines
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
