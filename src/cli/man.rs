//! `nest man`

use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::cli::args::{Arguments, ManArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;

/// Prints a page of the manual, or writes all of them.
pub(crate) fn run(arguments: &ManArguments, output: &Output) -> Result<ExitStatus, CommandError> {
    let mut nest = Arguments::command().disable_help_subcommand(true);
    nest.build();
    let about = match &arguments.about {
        None => &nest,
        Some(name) => nest
            .find_subcommand(name)
            .ok_or_else(|| CommandError::Usage {
                message: format!("there is no command `{name}`"),
                hint: "`nest --help` lists them".to_owned(),
            })?,
    };
    if let Some(folder) = &arguments.dir {
        return match write_all(&nest, folder) {
            Ok(()) => Ok(ExitStatus::Success),
            Err(source) => Err(CommandError::File {
                path: folder.clone(),
                attempt: "write into",
                source,
            }),
        };
    }
    let mut page = Vec::new();
    // Memory takes all that is written to it.
    let _ = Man::new(about.clone()).render(&mut page);
    output.data(&String::from_utf8_lossy(&page));
    Ok(ExitStatus::Success)
}

/// Writes the page of a command and those of the commands below it.
fn write_all(command: &clap::Command, folder: &Path) -> io::Result<()> {
    let page = Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    std::fs::write(folder.join(page.get_filename()), text)?;
    for command in command.get_subcommands() {
        write_all(command, folder)?;
    }
    Ok(())
}
