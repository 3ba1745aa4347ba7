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

/// A file to start from, for each mode.
const STARTERS: [(&str, &str); 2] = [
    ("dind", include_str!("init/dind.yaml")),
    ("socket", include_str!("init/socket.yaml")),
];

/// Writes a nest file to start from.
pub(crate) fn run(
    arguments: &InitArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    if arguments.list {
        for mode in modes() {
            output.data(&format!("{:<8} {}\n", mode.name, mode.summary));
        }
        return Ok(ExitStatus::Success);
    }
    let starter = STARTERS.iter().find(|(mode, _)| *mode == arguments.mode);
    let Some((_, text)) = starter else {
        let message = format!("there is no starter for the mode `{}`", arguments.mode);
        let hint = "`nest init --list` shows those that there are".to_owned();
        return Err(CommandError::Usage { message, hint });
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
    write(&path, text)?;
    output.talk(&format!(
        "Wrote `{}`. `nest plan` shows what it means, `nest up` does it.\n",
        path.display()
    ));
    Ok(ExitStatus::Success)
}

/// The modes that there is a starter for.
fn modes() -> impl Iterator<Item = &'static Mode> {
    let has_starter = |mode: &&'static Mode| STARTERS.iter().any(|(name, _)| *name == mode.name);
    MODES.iter().copied().filter(has_starter)
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
