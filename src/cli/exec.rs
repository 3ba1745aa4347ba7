//! `nest exec`

use crate::cli::args::ExecArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::terminal::{self, RawTerminal};
use crate::desired::{Desired, DesiredEngine};
use crate::docker::ExecOptions;
use crate::engine::EngineError;
use crate::plan::step::Readiness;
use crate::problem::suggestion::did_you_mean;
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
    let found = container(&desired, &arguments.name, arguments.index)?;
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
        .exec(&found.engine, &found.container, exec_options)
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

/// The container of an environment, and what the user calls that.
pub(crate) struct Named {
    /// What the user calls it.
    pub(crate) name: String,
    /// The engine that it is on.
    pub(crate) engine: EnginePath,
    /// Its real name.
    pub(crate) container: String,
    /// How the engine inside it is recognised, if it has one of its own.
    pub(crate) readiness: Option<Readiness>,
}

/// The environments of an engine and of those inside it, those further out first.
fn named(engine: &DesiredEngine, path: &EnginePath) -> Vec<Named> {
    let containers = || engine.containers.iter();
    let environments = containers().filter(|(_, wanted)| wanted.kind == Kind::Environment);
    let own = environments.map(|(container, wanted)| Named {
        name: spoken(wanted.address.as_str()),
        engine: path.clone(),
        container: container.clone(),
        readiness: wanted.engine.as_ref().map(Readiness::of),
    });
    let inside = containers().filter_map(|(container, wanted)| {
        let inner = wanted.engine.as_ref()?;
        Some(named(&inner.engine, &path.inside(container)))
    });
    own.chain(inside.flatten()).collect()
}

/// The container that a name means: `builder`, `builder[2]`, `builder-2`, `builder/deeper`, or a name with an index beside
/// it.
pub(crate) fn container(
    desired: &Desired,
    name: &str,
    index: Option<u32>,
) -> Result<Named, CommandError> {
    let with_index = index.map(|index| format!("{name}[{index}]"));
    let asked = with_index.as_deref().unwrap_or(name);
    let mut names = named(&desired.engine, &EnginePath::outer());
    let exact = names.iter().position(|known| known.name == asked);
    let found = exact.or_else(|| names.iter().position(|known| is_meant(&known.name, asked)));
    if let Some(place) = found {
        return Ok(names.swap_remove(place));
    }
    let names: Vec<String> = names
        .into_iter()
        .map(|known| known.name.replace("[1]", ""))
        .collect();
    let hint = did_you_mean(asked, names.iter().map(String::as_str), || {
        if names.is_empty() {
            "the file declares no environment".to_owned()
        } else {
            format!("the file has {}", names.join(", "))
        }
    });
    Err(CommandError::Usage {
        message: format!("no environment `{asked}`"),
        hint,
    })
}

/// Whether a name can be said so: at each depth with its replica, `agent[2]` or `agent-2`, or without it for the first.
fn is_meant(name: &str, asked: &str) -> bool {
    let parts = || name.split('/').zip(asked.split('/'));
    let first = |part: &str| part.strip_suffix("[1]").map(str::to_owned);
    name.split('/').count() == asked.split('/').count()
        && parts().all(|(part, asked)| {
            let dashed = part
                .strip_suffix(']')
                .map(|replica| replica.replace('[', "-"));
            let alone = [format!("{part}-1"), format!("{part}[1]")];
            part == asked
                || first(part).as_deref() == Some(asked)
                || dashed.as_deref() == Some(asked)
                || dashed.is_none() && alone.iter().any(|alone| alone == asked)
        })
}

/// An address as the user says it.
fn spoken(address: &str) -> String {
    let parts = address.split('/');
    let parts = parts.map(|part| part.strip_prefix("environment.").unwrap_or(part));
    parts.collect::<Vec<_>>().join("/")
}
