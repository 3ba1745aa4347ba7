//! What a container runs, as whom, and how it is stopped.

use crate::model::container::process::{
    Cgroup, Ipc, Namespaces, Pid, Stop, User, parse_group, parse_signal, signals,
};
use crate::model::container::{PullPolicy, Restart};
use crate::model::validate::Validation;
use crate::problem::ValueProblem;
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::spec::ScopeSpec;
use crate::spec::container::{CommandSpec, ContainerSpec};
use crate::spec::decode::{Field, Spanned};
use crate::spec::text::Text;
use crate::spec::vocabulary::not_supported_yet;

impl Validation<'_> {
    /// A command or an entrypoint.
    pub(super) fn command(&mut self, command: &Field<CommandSpec>) -> Option<Vec<String>> {
        match command.value.as_ref()? {
            CommandSpec::Sequence(words) => {
                let words = words.iter().filter_map(Field::get);
                Some(words.map(|word| word.value.0.clone()).collect())
            }
            CommandSpec::Scalar(line) => {
                let words = shlex::split(line);
                if words.is_none() {
                    self.report(ValueProblem::InvalidCommand {
                        reason: "a quote is not closed".to_owned(),
                        at: command.span.clone(),
                    });
                }
                words
            }
        }
    }

    /// The folder that its command starts in.
    pub(super) fn working_dir(&mut self, field: &Field<String>) -> Option<String> {
        let hint = "write the path in the container: `/workspace`";
        self.checked("working_dir", field, hint, |text| {
            let absolute = text.starts_with('/');
            let path = absolute.then(|| text.to_owned());
            path.ok_or("the path does not begin with `/`")
        })
    }

    /// Who runs its command.
    pub(super) fn user(&mut self, field: &Field<Text>) -> Option<User> {
        let hint = "write a user, or a user and a group, by name or number: `1000:1000`";
        self.checked("user", field, hint, User::parse)
    }

    /// More groups that its user is in.
    pub(super) fn groups(&mut self, field: &Field<Vec<Field<Text>>>) -> Vec<String> {
        let hint = "write the name or the number of a group";
        self.checked_items("group_add", field.items(), hint, parse_group)
    }

    /// Its exact name on the engine.
    pub(super) fn container_name(&mut self, field: &Field<String>) -> Option<String> {
        let name = field.get()?;
        self.check_name("a container", name.value, &name.span, true, "-_.");
        Some(name.value.clone())
    }

    /// A text without blanks, which the engine reads.
    pub(super) fn word(&mut self, key: &str, field: &Field<String>, hint: &str) -> Option<String> {
        self.checked(key, field, hint, |text| {
            let wrong = text.is_empty() || text.contains(char::is_whitespace);
            let word = (!wrong).then(|| text.to_owned());
            word.ok_or("it is no name")
        })
    }

    /// How it is stopped.
    pub(super) fn stop(&mut self, spec: &ContainerSpec) -> Stop {
        let signal = spec.stop_signal.get().and_then(|text| {
            let word = &text.value.0;
            let signal = parse_signal(word);
            if signal.is_none() {
                let names: Vec<String> = signals().collect();
                let upper = word.to_ascii_uppercase();
                let hint = did_you_mean(&upper, names.iter().map(String::as_str), || {
                    "it takes a signal of Linux by name or number: `SIGINT`, `2`".to_owned()
                });
                self.refuse("stop_signal", word, "it is no signal", hint, text.span);
            }
            signal
        });
        Stop {
            grace_period: self.duration(&spec.stop_grace_period),
            signal,
        }
    }

    /// When its image is pulled.
    pub(super) fn pull_policy(&mut self, field: &Field<String>) -> PullPolicy {
        let Some(word) = field.get() else {
            return PullPolicy::default();
        };
        let policy = PullPolicy::parse(word.value);
        if let Some(PullPolicy::Every(_)) = policy {
            let what = format!("`pull_policy: {}`", word.value);
            self.report(not_supported_yet(what, word.span.clone()));
        }
        policy.unwrap_or_else(|| {
            let words = ["missing", "always", "never", "build", "daily", "weekly"];
            let hint = did_you_mean(word.value, words, || {
                format!("it takes one of {}, `every_12h`", quoted_list(words))
            });
            self.unknown_word("pull_policy", word.value, hint, word.span);
            PullPolicy::default()
        })
    }

    /// When the engine restarts it.
    pub(super) fn restart(&mut self, restart: &Field<Text>) -> Restart {
        let Some(text) = restart.get() else {
            return Restart::No;
        };
        let word = text.value.0.as_str();
        let (policy, attempts) = match word.split_once(':') {
            Some((policy, attempts)) => (policy, Some(attempts)),
            None => (word, None),
        };
        match (policy, attempts.map(str::parse::<u32>)) {
            // YAML 1.1 reads `no` as false, so that is what some tools write.
            ("no" | "false", None) => return Restart::No,
            ("always", None) => return Restart::Always,
            ("unless-stopped", None) => return Restart::UnlessStopped,
            ("on-failure", None) => return Restart::OnFailure(0),
            ("on-failure", Some(Ok(attempts))) => return Restart::OnFailure(attempts),
            _ => {}
        }
        let words = ["no", "always", "unless-stopped", "on-failure"];
        let hint = did_you_mean(policy, words, || {
            format!("it takes one of {}, `on-failure:3`", quoted_list(words))
        });
        self.unknown_word("restart", word, hint, text.span);
        Restart::No
    }

    /// What it sees of other containers and of the host.
    pub(super) fn namespaces(
        &mut self,
        name: &str,
        spec: &ContainerSpec,
        scope: &ScopeSpec,
    ) -> Namespaces {
        let ipc = spec.ipc.get().and_then(|word| match word.value.as_str() {
            "none" => Some(Ipc::None),
            "private" => Some(Ipc::Private),
            "shareable" => Some(Ipc::Shareable),
            "host" => Some(Ipc::Host),
            text if text.starts_with("service:") => {
                self.neighbour("ipc", name, &word, scope).map(Ipc::Of)
            }
            _ => {
                let words = ["none", "private", "shareable", "host"];
                self.unknown_namespace("ipc", &word, &words);
                None
            }
        });
        let pid = spec.pid.get().and_then(|word| match word.value.as_str() {
            "host" => Some(Pid::Host),
            text if text.starts_with("service:") => {
                self.neighbour("pid", name, &word, scope).map(Pid::Of)
            }
            _ => {
                self.unknown_namespace("pid", &word, &["host"]);
                None
            }
        });
        let cgroup = spec
            .cgroup
            .get()
            .and_then(|word| match word.value.as_str() {
                "host" => Some(Cgroup::Host),
                "private" => Some(Cgroup::Private),
                _ => {
                    let words = ["host", "private"];
                    let hint = did_you_mean(word.value, words, || {
                        "it takes `host` or `private`".to_owned()
                    });
                    self.unknown_word("cgroup", word.value, hint, word.span);
                    None
                }
            });
        let hint = "write a control group of the host: `/ci`";
        Namespaces {
            ipc,
            pid: pid.unwrap_or_default(),
            cgroup,
            cgroup_parent: self.word("cgroup_parent", &spec.cgroup_parent, hint),
        }
    }

    /// Reports a word that is none of these and names no other container.
    pub(super) fn unknown_namespace(
        &mut self,
        key: &str,
        word: &Spanned<&String>,
        words: &[&'static str],
    ) {
        let hint = did_you_mean(word.value, words.iter().copied(), || {
            let words = quoted_list(words.iter().copied());
            format!("it takes {words}, or `service:NAME` for that of another container")
        });
        self.unknown_word(key, word.value, hint, word.span.clone());
    }
}
