//! `nest explain`

use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;
use crate::problem::page::{code_of, sections};
use crate::problem::suggestion::nearest;

/// Prints what the book says about a problem.
pub(crate) fn run(code: &str, output: &Output) -> Result<ExitStatus, CommandError> {
    let wanted = match code.strip_prefix("nest::") {
        Some(_) => code.to_owned(),
        None => format!("nest::{code}"),
    };
    let Some(section) = sections().find(|section| code_of(section) == wanted) else {
        let hint = nearest(&wanted, sections().map(code_of)).map_or_else(
            || "`nest validate` prints the code of every problem that it finds".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("no problem has the code `{wanted}`");
        return Err(CommandError::Usage { message, hint });
    };
    output.data(&plain(section));
    Ok(ExitStatus::Success)
}

/// A section without the marks of its heading and of the text that is shown as it is.
fn plain(section: &str) -> String {
    let lines = section
        .trim_end()
        .lines()
        .filter(|line| !line.starts_with("```"));
    lines.fold(String::new(), |text, line| text + line + "\n")
}
