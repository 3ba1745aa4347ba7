//! `nest init`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::cli::args::InitArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::{FILE_NAMES, Options};
use crate::cli::output::Output;
use crate::mode::{MODES, Mode};
use crate::model::converted::from_compose;
use crate::problem::suggestion::did_you_mean;
use crate::report::words;

/// What tells editors the schema.
const MODELINE: &str = "# yaml-language-server: $schema=https://json.schemastore.org/nest.json\n\n";

/// Writes a nest file to start from.
pub(crate) fn run(
    arguments: &InitArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    if arguments.list {
        for mode in MODES {
            output.data(&format!("{:<8} {}\n", mode.name, mode.summary));
        }
        return Ok(ExitStatus::Success);
    }
    let text = match &arguments.from {
        Some(compose) => converted(&options.working_folder.join(compose), compose, output)?,
        None => starter(&arguments.mode)?.to_owned(),
    };
    let named = &options.global.file;
    let path = match named.as_slice() {
        [] => {
            let folder = &options.working_folder;
            // Another one would be found instead of the new one, or the other way round.
            let existing = FILE_NAMES.iter().map(|name| folder.join(name));
            if let Some(existing) = existing.into_iter().find(|path| path.exists()) {
                return Err(exists(&existing));
            }
            folder.join(FILE_NAMES[0])
        }
        [path] => options.working_folder.join(path),
        _ => {
            let message = "more than one file is named".to_owned();
            let hint = "`nest init` writes one file".to_owned();
            return Err(CommandError::Usage { message, hint });
        }
    };
    write(&path, &text)?;
    output.talk(&format!(
        "Wrote `{}`. `nest plan` shows what it means, `nest up` does it.\n",
        path.display()
    ));
    Ok(ExitStatus::Success)
}

/// The starter for a mode.
fn starter(mode: &str) -> Result<&'static str, CommandError> {
    let known = Mode::named(mode).map(|mode| mode.starter);
    known.ok_or_else(|| CommandError::Usage {
        message: format!("there is no mode `{mode}`"),
        hint: did_you_mean(mode, MODES.iter().map(|mode| mode.name), || {
            "`nest init --list` shows those that there are".to_owned()
        }),
    })
}

/// A Compose file as a nest file. What could not be carried over is told.
fn converted(path: &Path, shown: &Path, output: &Output) -> Result<String, CommandError> {
    let failed = |source: std::io::Error| CommandError::File {
        path: path.to_owned(),
        attempt: "read",
        source,
    };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let converted = from_compose(shown.to_owned(), &text)
        .map_err(|invalid| CommandError::Invalid(Box::new(invalid)))?;
    for left_out in &converted.left_out {
        output.talk(&words::escaped(&format!("left out {left_out}")));
        output.talk("\n");
    }
    let yaml = serde_yaml::to_string(&converted.file)
        .map_err(|error| failed(std::io::Error::other(error)))?;
    Ok(format!("{MODELINE}{yaml}"))
}

/// Writes a file that is not there yet.
fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => CommandError::File {
            path: path.to_owned(),
            attempt: "write",
            source,
        },
    })
}

fn exists(path: &Path) -> CommandError {
    CommandError::Usage {
        message: format!("`{}` is there already", path.display()),
        hint: "edit it, remove it, or name another file with `-f FILE`".to_owned(),
    }
}
