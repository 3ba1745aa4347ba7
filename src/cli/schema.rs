//! `nest schema`

use crate::cli::args::SchemaArguments;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;
use crate::report::json;
use crate::spec::schema;

/// Prints the JSON schema of nest files, or of plans.
pub(crate) fn run(arguments: &SchemaArguments, output: &Output) -> ExitStatus {
    let schema = if arguments.plan {
        json::schema()
    } else {
        schema()
    };
    output.data(&format!("{schema:#}\n"));
    ExitStatus::Success
}
