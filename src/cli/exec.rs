//! `nest exec`

use crate::cli::args::ExecArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::terminal::{self, RawTerminal};
use crate::desired::Desired;
use crate::docker::ExecOptions;
use crate::engine::EngineError;
use crate::resource::Kind;
use crate::resource::engine_path::EnginePath;

/// Runs a command in an environment.
pub(crate) async fn run(
    arguments: ExecArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let container = container(&desired, &arguments.name, arguments.index)?;
    let has_terminal = !arguments.no_tty && terminal::is_there();
    let raw = if has_terminal {
        RawTerminal::enter()
    } else {
        None
    };
    let exec_options = ExecOptions {
        command: arguments.command,
        environment: environment(&arguments.env, options),
        working_folder: arguments.workdir,
        user: arguments.user,
        terminal: has_terminal.then(terminal::size),
        resizes: if has_terminal {
            terminal::resizes()
        } else {
            None
        },
        stdin: Some(Box::new(tokio::io::stdin())),
        stdout: Box::new(tokio::io::stdout()),
        stderr: Box::new(tokio::io::stderr()),
    };
    let ended = engine
        .exec(&EnginePath::outer(), &container, exec_options)
        .await;
    drop(raw);
    match ended {
        // Codes of Linux processes have eight bits.
        Ok(code) => Ok(ExitStatus::Command(u8::try_from(code).unwrap_or(u8::MAX))),
        Err(EngineError::Refused {
            status: 404 | 409,
            message,
            ..
        }) => Err(CommandError::Usage {
            message: format!("`{}` does not run: {message}", arguments.name),
            hint: "bring it up with `nest up`".to_owned(),
        }),
        Err(error) => Err(error.into()),
    }
}

/// The variables of the command; one without a value is passed on from this process.
fn environment(given: &[String], options: &Options) -> Vec<String> {
    let pass_on = |variable: &String| match options.variables.get(variable) {
        Some(value) if !variable.contains('=') => Some(format!("{variable}={value}")),
        None if !variable.contains('=') => None,
        _ => Some(variable.clone()),
    };
    given.iter().filter_map(pass_on).collect()
}

/// The container that a name means: `builder`, `builder[2]`, `builder-2`, or a name with an index beside it.
fn container(desired: &Desired, name: &str, index: Option<u32>) -> Result<String, CommandError> {
    let with_index = index.map(|index| format!("{name}[{index}]"));
    let asked = with_index.as_deref().unwrap_or(name);
    let environments = desired
        .engine
        .containers
        .iter()
        .filter(|(_, wanted)| wanted.kind == Kind::Environment);
    let names: Vec<(String, &String)> = environments
        .map(|(container, wanted)| (spoken(wanted.address.as_str()), container))
        .collect();
    let with_dash = |spoken: &str| {
        spoken
            .strip_suffix(']')
            .map(|replica| replica.replace('[', "-"))
    };
    let only = |spoken: &str| {
        [format!("{spoken}-1"), format!("{spoken}[1]")]
            .iter()
            .any(|other| other == asked)
    };
    let first = format!("{asked}[1]");
    let found = names
        .iter()
        .find(|(spoken, _)| spoken == asked)
        .or_else(|| {
            names
                .iter()
                .find(|(spoken, _)| with_dash(spoken).as_deref() == Some(asked))
        })
        .or_else(|| {
            names
                .iter()
                .find(|(spoken, _)| only(spoken) || *spoken == first)
        });
    if let Some((_, container)) = found {
        return Ok((*container).clone());
    }
    let known: Vec<&str> = names.iter().map(|(spoken, _)| spoken.as_str()).collect();
    let nearest = known
        .iter()
        .min_by_key(|known| strsim::damerau_levenshtein(known, asked));
    let hint = match nearest {
        Some(near) if strsim::damerau_levenshtein(near, asked) <= 1 + near.len() / 4 => {
            format!("did you mean `{near}`?")
        }
        Some(_) => format!("the file has {}", known.join(", ")),
        None => "the file declares no environment".to_owned(),
    };
    Err(CommandError::Usage {
        message: format!("no environment `{asked}`"),
        hint,
    })
}

/// An address as the user says it.
fn spoken(address: &str) -> String {
    address
        .strip_prefix("environment.")
        .unwrap_or(address)
        .to_owned()
}
