//! Flags for the engine in a container's command: what they set besides nest and besides `daemon`.

use crate::mode::OwnEngine;
use crate::model::registry::RegistryKind;
use crate::model::validate::Validation;
use crate::model::validate::registries::mirrored_host;
use crate::problem::{DaemonProblem, EngineProblem};
use crate::source::Span;
use crate::spec::container::CommandSpec;
use crate::spec::daemon::DaemonKey;
use crate::spec::decode::{Field, Spanned, Table};
use crate::spec::environment::EnvironmentSpec;
use crate::spec::outer::RawSpec;

/// The flags of one letter.
const SHORT_FLAGS: [(char, &str); 8] = [
    ('b', "bridge"),
    ('D', "debug"),
    ('G', "group"),
    ('g', "data-root"),
    ('H', "host"),
    ('l', "log-level"),
    ('p', "pidfile"),
    ('s', "storage-driver"),
];

/// A flag of the engine's command.
pub(super) struct Flag {
    /// Its long name, without dashes.
    pub(super) name: String,
    /// What follows it; for a flag that takes nothing, the next word.
    pub(super) value: Option<String>,
    /// The word that it begins.
    text: String,
    pub(super) span: Span,
}

impl Validation<'_> {
    /// The flags that a container's command gives to its engine: none where it starts something else.
    pub(super) fn flags(&self, command: &Field<CommandSpec>, engine: &OwnEngine) -> Vec<Flag> {
        let words = self.words(command);
        let Some((first, _)) = words.first() else {
            return Vec::new();
        };
        // Only engines that have a `daemon.json` have flags that set the same.
        let program = engine.daemon_command.first().copied();
        let is_engine = first.starts_with('-') || first.rsplit('/').next() == program;
        if engine.daemon_file.is_none() || !is_engine {
            return Vec::new();
        }
        let next = |index: usize| words.get(index + 1).map(|(word, _)| word.clone());
        let words = words.iter().enumerate();
        words
            .filter_map(|(index, (word, span))| {
                let (name, value) = if let Some(long) = word.strip_prefix("--") {
                    match long.split_once('=') {
                        Some((name, value)) => (name, Some(value.to_owned())),
                        None => (long, next(index)),
                    }
                } else {
                    let mut letters = word.strip_prefix('-')?.chars();
                    let letter = letters.next()?;
                    let (_, name) = SHORT_FLAGS.iter().find(|(short, _)| *short == letter)?;
                    let rest = letters.as_str().trim_start_matches('=');
                    let value = (!rest.is_empty()).then(|| rest.to_owned());
                    (*name, value.or_else(|| next(index)))
                };
                Some(Flag {
                    name: name.to_owned(),
                    value,
                    text: word.split('=').next().unwrap_or_default().to_owned(),
                    span: span.clone(),
                })
            })
            .collect()
    }

    /// The words of a command with their places.
    fn words(&self, command: &Field<CommandSpec>) -> Vec<(String, Span)> {
        match &command.value {
            None => Vec::new(),
            Some(CommandSpec::Sequence(words)) => {
                let words = words.iter().filter_map(Field::get);
                words
                    .map(|word| (word.value.0.clone(), word.span))
                    .collect()
            }
            Some(CommandSpec::Scalar(line)) => {
                let whole = Spanned {
                    value: line,
                    span: command.span.clone(),
                };
                let mut from = 0;
                let words = shlex::split(line).unwrap_or_default();
                words
                    .into_iter()
                    .map(|word| {
                        // A word with quotes in it is not found as it stands.
                        let found = line[from..].find(&word).map(|start| from + start);
                        let span = match found {
                            Some(start) => {
                                from = start + word.len();
                                self.part(&whole, start..from)
                            }
                            None => command.span.clone(),
                        };
                        (word, span)
                    })
                    .collect()
            }
        }
    }

    /// Checks that flags set nothing that the configuration file or nest itself sets.
    pub(super) fn check_flags(
        &mut self,
        flags: &[Flag],
        engine: &OwnEngine,
        daemon: &Field<Table<RawSpec>>,
        environment: &EnvironmentSpec,
    ) {
        let asks_for_certificates = flags
            .iter()
            .any(|flag| flag.name == "tlsverify" && flag.value.as_deref() != Some("false"));
        for flag in flags {
            match flag.name.as_str() {
                "data-root" | "graph" => self.report(DaemonProblem::DataRootMoved {
                    key: flag.text.clone(),
                    data_root: engine.data_root.to_owned(),
                    at: flag.span.clone(),
                }),
                "config-file" => self.report(EngineProblem::SetByNest {
                    key: flag.text.clone(),
                    hint: "remove it: nest writes the engine's configuration, say `daemon` instead"
                        .to_owned(),
                    at: flag.span.clone(),
                }),
                "host" if !asks_for_certificates => {
                    if let Some(address) = flag.value.as_deref().and_then(open_address) {
                        let what = format!("`{} {address}`", flag.text);
                        self.plain_tcp(&what, flag.span.clone());
                    }
                }
                name => self.check_twice(name, flag, daemon, environment),
            }
        }
    }

    fn check_twice(
        &mut self,
        name: &str,
        flag: &Flag,
        daemon: &Field<Table<RawSpec>>,
        environment: &EnvironmentSpec,
    ) {
        let key = DaemonKey::of_flag(name).map_or(name, |key| key.name);
        let entry = |table: &Field<Table<RawSpec>>| Some(table.entry(key)?.name_span.clone());
        // The engine spreads out what is below `proxies`.
        let mut tables = daemon.entries().iter();
        let proxies = tables.find(|entry| entry.name == "proxies");
        let in_proxies = proxies.and_then(|proxies| match &proxies.value.value {
            Some(RawSpec::Mapping(table)) => {
                let mut entries = table.entries.iter();
                let entry = entries.find(|entry| entry.name == key)?;
                Some(entry.name_span.clone())
            }
            _ => None,
        });
        let by_nest = || match key {
            "registry-mirrors" => self.lists_mirror(environment),
            "insecure-registries" => self.lists_registry(environment),
            _ => None,
        };
        let in_file = entry(daemon).or(in_proxies).or_else(by_nest);
        // The engine joins runtimes from both.
        if let Some(in_file) = in_file
            && key != "runtimes"
        {
            self.report(DaemonProblem::KeyTwice {
                key: key.to_owned(),
                in_file,
                flag: flag.span.clone(),
            });
        }
    }

    /// Where an environment lists a registry, which nest then writes into the configuration file.
    fn lists_registry(&self, environment: &EnvironmentSpec) -> Option<Span> {
        let mut names = environment.registries.items();
        let listed = names.find(|name| self.registries.entry(name.value).is_some());
        listed.map(|name| name.span)
    }

    /// The same for a mirror of Docker Hub.
    fn lists_mirror(&self, environment: &EnvironmentSpec) -> Option<Span> {
        let mut names = environment.registries.items();
        let is_mirror = |name: &Spanned<&String>| {
            let entry = self.registries.entry(name.value);
            let mirror = entry.and_then(|entry| entry.value.value.as_ref()?.mirror.value.as_ref());
            mirror.is_some_and(|host| mirrored_host(host) == RegistryKind::DOCKER_HUB)
        };
        names.find(is_mirror).map(|name| name.span)
    }
}

/// The address, if others can reach it over TCP.
fn open_address(address: &str) -> Option<&str> {
    let host = address.strip_prefix("tcp://")?;
    let is_own =
        host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
    (!is_own).then_some(address)
}
