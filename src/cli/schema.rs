//! `nest schema`

use crate::cli::args::SchemaArguments;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;
use crate::report::{json, stream};
use crate::spec::schema;

/// Prints the JSON schema of nest files, of plans, or of what happens.
pub(crate) fn run(arguments: &SchemaArguments, output: &Output) -> ExitStatus {
    let schema = if arguments.plan {
        json::schema()
    } else if arguments.events {
        stream::schema()
    } else {
        schema()
    };
    output.data(&format!("{schema:#}\n"));
    ExitStatus::Success
}
