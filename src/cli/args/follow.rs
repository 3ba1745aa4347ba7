//! `-f` after `logs`: there it means to follow, as docker's users know it, and elsewhere the nest file.

use std::ffi::OsString;

use clap::{Command, CommandFactory as _};

use crate::cli::args::Arguments;

/// The arguments with `--follow` written out.
pub(crate) fn written_out(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let command = Arguments::command();
    let mut written = Vec::new();
    let mut arguments = arguments.into_iter();
    // nest's own name.
    written.extend(arguments.next());
    let mut is_value = false;
    let mut is_logs = None;
    for argument in arguments {
        let text = argument.to_string_lossy();
        match is_logs {
            None if is_value => is_value = false,
            None if text.starts_with('-') => is_value = wants_value(&command, &text),
            None => is_logs = Some(text == "logs"),
            Some(true) if text == "--" => is_logs = Some(false),
            Some(true) => {
                if let Some(letters) = flags(&text) {
                    written.extend(letters);
                    continue;
                }
            }
            Some(false) => {}
        }
        written.push(argument);
    }
    written
}

/// Whether an option is followed by its value.
fn wants_value(command: &Command, text: &str) -> bool {
    let is_meant = |argument: &&clap::Arg| match text.strip_prefix("--") {
        Some(long) => argument.get_long() == Some(long),
        None => argument.get_short() == text.chars().nth(1) && text.chars().count() == 2,
    };
    let found = command.get_arguments().find(is_meant);
    found.is_some_and(|argument| argument.get_action().takes_values())
}

/// The flags that `-f`, `-ft` or `-tf` mean.
fn flags(text: &str) -> Option<Vec<OsString>> {
    let letters = text.strip_prefix('-').filter(|it| it.contains('f'))?;
    let flag = |letter| match letter {
        'f' => Some("--follow".into()),
        't' => Some("--timestamps".into()),
        _ => None,
    };
    letters.chars().map(flag).collect()
}

#[cfg(test)]
mod tests {
    use crate::cli::args::follow::written_out;

    #[test]
    fn only_after_logs() {
        for (given, meant) in [
            ("nest logs -f a", "nest logs --follow a"),
            (
                "nest -f logs logs -tf",
                "nest -f logs logs --timestamps --follow",
            ),
            (
                "nest -q --file=x logs a -f",
                "nest -q --file=x logs a --follow",
            ),
            ("nest up -f x", "nest up -f x"),
            ("nest exec logs tail -f x", "nest exec logs tail -f x"),
            ("nest logs -fx", "nest logs -fx"),
            ("nest", "nest"),
        ] {
            let words = |text: &str| text.split(' ').map(Into::into).collect::<Vec<_>>();
            assert_eq!(written_out(words(given)), words(meant), "{given}");
        }
    }
}
