//! The containers that the user names on the command line.

use crate::cli::args::ReplicaArguments;
use crate::cli::error::CommandError;
use crate::desired::{Desired, DesiredContainer, DesiredEngine};
use crate::engine::EngineError;
use crate::observed::{ObservedEngine, ObservedOther};
use crate::problem::suggestion::did_you_mean;
use crate::resource::Kind;
use crate::resource::engine_path::EnginePath;

/// A container of the project, and what the user calls it.
#[derive(Debug, Clone)]
pub(crate) struct Named<'a> {
    /// `builder`, `builder[2]`, `builder/deeper`.
    pub(crate) name: String,
    /// The engine that it runs on.
    pub(crate) engine: EnginePath,
    /// Its real name.
    pub(crate) container: &'a str,
    /// What is wanted of it.
    pub(crate) wanted: &'a DesiredContainer,
}

impl Named<'_> {
    /// The engine that the container's clients talk to: the one inside it, or else the one that it runs on.
    pub(crate) fn own_engine(&self) -> EnginePath {
        match self.wanted.engine {
            Some(_) => self.engine.inside(self.container),
            None => self.engine.clone(),
        }
    }

    /// The error of a container whose outer engine cannot be read: what is there is not known.
    pub(crate) fn unread(&self, observed: &ObservedEngine) -> Option<CommandError> {
        let name = self.engine.outermost()?;
        let reason = match observed.others.get(&name) {
            Some(ObservedOther::Read(_)) => return None,
            Some(ObservedOther::Unread(reason)) => reason,
            None => "it was not looked for",
        };
        Some(CommandError::Usage {
            message: format!(
                "the engine `{name}`, on which `{}` is, cannot be read: {reason}",
                self.name
            ),
            hint: "make it answer, or name what is on other engines".to_owned(),
        })
    }

    /// Why an engine did not do something with the container, which may not be there, or not run.
    pub(crate) fn failed(&self, error: EngineError) -> CommandError {
        match error {
            EngineError::Refused {
                status: 404 | 409,
                message,
                ..
            } => self.not_running(&message),
            error => error.into(),
        }
    }

    /// The error of a container that is not there, or not running.
    pub(crate) fn not_running(&self, message: &str) -> CommandError {
        CommandError::Usage {
            message: format!("`{}` does not run: {message}", self.name),
            hint: "bring it up with `nest up`".to_owned(),
        }
    }
}

/// What a name may stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NameOf {
    /// An environment.
    Environment,
    /// What a command may run in: all but a registry.
    Place,
    /// Any container.
    Container,
}

impl NameOf {
    fn word(self) -> &'static str {
        match self {
            NameOf::Environment => "environment",
            NameOf::Place => "environment or service",
            NameOf::Container => "environment, service or registry",
        }
    }

    /// All that there are in a project, those further out first.
    pub(crate) fn all(self, desired: &Desired) -> Vec<Named<'_>> {
        let engines = desired.engine.outermost();
        let all = engines.flat_map(|(path, engine)| of_engine(engine, &path));
        let mut all: Vec<_> = all.collect();
        all.retain(|named| match self {
            NameOf::Environment => named.wanted.kind == Kind::Environment,
            NameOf::Place => named.wanted.kind != Kind::Registry,
            NameOf::Container => true,
        });
        all
    }
}

fn of_engine<'a>(engine: &'a DesiredEngine, path: &EnginePath) -> Vec<Named<'a>> {
    let containers = || engine.containers.iter();
    let own = containers().map(|(container, wanted)| Named {
        name: spoken(wanted.address.as_str()),
        engine: path.clone(),
        container,
        wanted,
    });
    let inside = containers().filter_map(|(container, wanted)| {
        let inner = wanted.engine.as_ref()?;
        Some(of_engine(&inner.engine, &path.inside(container)))
    });
    own.chain(inside.flatten()).collect()
}

/// The one that a name means: `builder`, `builder[2]`, `builder-2`, `builder/deeper`, or a name with an index beside it.
/// Without a replica it is the first.
pub(crate) fn one<'a>(
    desired: &'a Desired,
    (of, name): (NameOf, &str),
    replica: ReplicaArguments,
) -> Result<Named<'a>, CommandError> {
    let mut among = of.all(desired);
    let with_index = replica.index.map(|index| format!("{name}[{index}]"));
    let asked = with_index.as_deref().unwrap_or(name);
    let exact = among.iter().position(|known| known.name == asked);
    let found = exact.or_else(|| among.iter().position(|known| is_meant(&known.name, asked)));
    match found {
        Some(place) => Ok(among.swap_remove(place)),
        None => Err(unknown(&among, (of, asked))),
    }
}

/// The environments, services and registries that some names mean, all replicas of a name without one; all of them where
/// no name is given.
pub(crate) fn some<'a>(
    desired: &'a Desired,
    names: &[String],
) -> Result<Vec<Named<'a>>, CommandError> {
    let among = NameOf::Container.all(desired);
    let means = |known: &Named<'_>, asked: &str| {
        is_meant(&known.name, asked) || without_replicas(&known.name) == asked
    };
    let nobody = |asked: &&String| !among.iter().any(|known| means(known, asked));
    if let Some(asked) = names.iter().find(nobody) {
        return Err(unknown(&among, (NameOf::Container, asked)));
    }
    let is_asked = |known: &Named<'_>| names.iter().any(|asked| means(known, asked));
    Ok(among
        .into_iter()
        .filter(|known| names.is_empty() || is_asked(known))
        .collect())
}

fn unknown(among: &[Named<'_>], (of, asked): (NameOf, &str)) -> CommandError {
    let what = of.word();
    let names = among.iter().map(|known| known.name.replace("[1]", ""));
    let names: Vec<String> = names.collect();
    let hint = did_you_mean(asked, names.iter().map(String::as_str), || {
        if names.is_empty() {
            format!("the file declares no {what}")
        } else {
            format!("the file has {}", names.join(", "))
        }
    });
    CommandError::Usage {
        message: format!("no {what} `{asked}`"),
        hint,
    }
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

/// A name with the replicas left out at every depth.
fn without_replicas(name: &str) -> String {
    let parts = name.split('/');
    let parts = parts.map(|part| part.split_once('[').map_or(part, |(name, _)| name));
    parts.collect::<Vec<_>>().join("/")
}

/// An address as the user says it.
fn spoken(address: &str) -> String {
    let name = |part: &'_ str| {
        let kind = part.split_once('.');
        let is_kind = |word: &str| Kind::ALL.iter().any(|kind| kind.word() == word);
        let name = kind.filter(|(word, _)| is_kind(word)).map(|(_, name)| name);
        name.unwrap_or(part).to_owned()
    };
    address.split('/').map(name).collect::<Vec<_>>().join("/")
}
