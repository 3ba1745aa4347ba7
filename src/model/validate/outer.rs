//! The outer container of an environment.

use std::time::Duration;

use crate::mode::{MODES, Mode};
use crate::model::duration::parse_duration;
use crate::model::environment::{Outer, Restart};
use crate::model::image::ImageReference;
use crate::model::size::parse_size;
use crate::model::validate::variables::values_and_secrets;
use crate::model::validate::{DeclaredVolumes, Validation};
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::problem::{EngineProblem, RegistryProblem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::container::{CommandSpec, ContainerSpec};
use crate::spec::decode::{Field, Spanned};
use crate::spec::environment::EnvironmentSpec;
use crate::spec::outer::{OuterMapping, OuterSpec, ReadySpec};
use crate::spec::text::Text;
use crate::spec::vocabulary::not_supported_yet;

/// Modes of the format that this version does not have.
const MODES_TO_COME: [&str; 3] = ["rootless", "sysbox", "podman"];
/// The variable by which the official images are told where to put certificates.
const CERTIFICATES_VARIABLE: &str = "DOCKER_TLS_CERTDIR";
/// The least memory that engines accept as a limit.
const LEAST_MEMORY: i64 = 6 * 1024 * 1024;

/// An outer container with the places that clashes point to.
pub(super) struct MadeOuter {
    pub(super) outer: Outer,
    pub(super) data_span: Span,
    /// The place of each port.
    pub(super) port_spans: Vec<Span>,
}

impl Validation<'_> {
    /// The outer container of an environment; nothing if its mode is not known.
    pub(super) fn outer(
        &mut self,
        what: &str,
        environment: &EnvironmentSpec,
        declared: &DeclaredVolumes<'_>,
    ) -> Option<MadeOuter> {
        let outer = environment.outer.get()?;
        let default = OuterMapping::default();
        let (spec, mode_text) = match outer.value {
            OuterSpec::Scalar(mode) => (
                &default,
                Some(Spanned {
                    value: mode,
                    span: outer.span,
                }),
            ),
            OuterSpec::Mapping(mapping) => {
                if mapping.own.mode.value.is_none() && !mapping.own.mode.failed {
                    let hint = "say how it gets its engine: `mode: dind`, or `mode: socket`";
                    let at = environment.outer.key_span.clone();
                    self.missing(&format!("the container of {what}"), "mode", hint, at);
                }
                (mapping.as_ref(), mapping.own.mode.get())
            }
        };
        let mode = mode_text.as_ref().and_then(|text| self.mode(text));
        if let (Some(mode), Some(text)) = (mode, &mode_text)
            && mode.own_engine().is_none()
        {
            self.report(EngineProblem::SocketIsRoot {
                mode: mode.name.to_owned(),
                at: text.span.clone(),
            });
            self.check_without_engine(mode, &text.span, spec);
            if let Some(at) = environment.registries.section() {
                self.report(RegistryProblem::WithoutEngine {
                    mode: mode.name.to_owned(),
                    at,
                    mode_at: text.span.clone(),
                });
            }
        }
        self.listen(&spec.own.listen);
        let data = self.data(&spec.own.data, declared);
        let daemon = self.daemon(&spec.own.daemon);
        let environment = self.environment_variables(&spec.shared.environment);
        if let Some(variable) = environment.get(CERTIFICATES_VARIABLE)
            && mode.is_some_and(|mode| mode.own_engine().is_some())
        {
            self.report(EngineProblem::CertificatesByHand {
                at: variable.name_span.clone(),
            });
        }
        let (environment, secrets) = values_and_secrets(environment);
        let (ports, port_spans) = self.ports(&spec.shared.ports);
        let ready_timeout = self.ready(&spec.own.ready);
        let image = spec
            .shared
            .image
            .get()
            .and_then(|text| self.image_reference(&text));
        let command = self.command(&spec.shared.command);
        let hostname = self.hostname(&spec.shared.hostname);
        let nano_cpus = self.cpus(&spec.shared.cpus);
        let memory = self.memory(&spec.shared);
        let restart = self.restart(&spec.shared.restart);
        let mode = mode?;
        Some(MadeOuter {
            data_span: spec.own.data.span.clone(),
            port_spans,
            outer: Outer {
                mode,
                image: match image {
                    Some((image, _)) => image,
                    // A mode's image is written in the familiar form but for its tag.
                    None => ImageReference::parse(mode.image)
                        .unwrap_or_else(|_| ImageReference::new(mode.image)),
                },
                command,
                environment,
                secrets,
                ports,
                hostname,
                data,
                daemon,
                nano_cpus,
                memory,
                restart,
                ready_timeout: ready_timeout.unwrap_or_else(|| {
                    mode.own_engine()
                        .map_or(Duration::from_mins(1), |engine| engine.ready_timeout)
                }),
            },
        })
    }

    fn mode(&mut self, text: &Spanned<&String>) -> Option<&'static Mode> {
        if let Some(mode) = Mode::named(text.value) {
            return Some(mode);
        }
        let at = text.span.clone();
        if MODES_TO_COME.contains(&text.value.as_str()) {
            let what = format!("the mode `{}`", text.value);
            self.report(not_supported_yet(what, at));
            return None;
        }
        let names = || MODES.iter().map(|mode| mode.name);
        let hint = did_you_mean(text.value, names().chain(MODES_TO_COME), || {
            format!("it takes one of {}", quoted_list(names()))
        });
        self.report(ShapeProblem::UnknownWord {
            owner: "`mode`".to_owned(),
            word: text.value.clone(),
            hint,
            at,
        });
        None
    }

    /// What has no meaning, or less than it seems, where the outer engine is used.
    fn check_without_engine(&mut self, mode: &Mode, mode_span: &Span, spec: &OuterMapping) {
        let needing_engine = [
            ("data", spec.own.data.section()),
            ("daemon", spec.own.daemon.section()),
            ("listen", spec.own.listen.section()),
        ];
        for (key, section) in needing_engine {
            if let Some(at) = section {
                self.report(EngineProblem::NoEngineOfItsOwn {
                    key: key.to_owned(),
                    mode: mode.name.to_owned(),
                    at,
                    mode_at: mode_span.clone(),
                });
            }
        }
        let limits = [
            ("cpus", spec.shared.cpus.section()),
            ("memory", spec.shared.memory.section()),
            ("mem_limit", spec.shared.mem_limit.section()),
        ];
        for (key, section) in limits {
            if let Some(at) = section {
                let key = key.to_owned();
                self.report(EngineProblem::LimitDoesNotBind { key, at });
            }
        }
    }

    fn listen(&mut self, listen: &Field<String>) {
        let Some(word) = listen.get() else { return };
        match word.value.as_str() {
            "socket" => {}
            "tls" | "tcp" => {
                let what = format!("`listen: {}`", word.value);
                self.report(not_supported_yet(what, word.span));
            }
            other => self.report(ShapeProblem::UnknownWord {
                owner: "`listen`".to_owned(),
                word: other.to_owned(),
                hint: did_you_mean(other, ["socket", "tls", "tcp"], || {
                    "it takes `socket`".to_owned()
                }),
                at: word.span,
            }),
        }
    }

    fn ready(&mut self, ready: &Field<ReadySpec>) -> Option<Duration> {
        let text = match ready.get()? {
            Spanned {
                value: ReadySpec::Scalar(text),
                span,
            } => Spanned { value: text, span },
            Spanned {
                value: ReadySpec::Mapping(mapping),
                ..
            } => mapping.timeout.get()?,
        };
        let reason = match parse_duration(&text.value.0) {
            Ok(duration) if !duration.is_zero() => return Some(duration),
            Ok(_) => "no engine is ready in no time",
            Err(reason) => reason,
        };
        self.report(ValueProblem::InvalidDuration {
            text: text.value.0.clone(),
            reason: reason.to_owned(),
            at: text.span,
        });
        None
    }

    fn command(&mut self, command: &Field<CommandSpec>) -> Option<Vec<String>> {
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

    fn hostname(&mut self, hostname: &Field<String>) -> Option<String> {
        let text = hostname.get()?;
        let label_is_good = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if text.value.len() > 253 || !text.value.split('.').all(label_is_good) {
            self.report(ValueProblem::InvalidValue {
                key: "hostname".to_owned(),
                text: text.value.clone(),
                reason: "it is no host name".to_owned(),
                hint: "use letters, digits and `-`, with dots between the parts".to_owned(),
                at: text.span,
            });
        }
        Some(text.value.clone())
    }

    fn cpus(&mut self, cpus: &Field<Text>) -> Option<i64> {
        let text = cpus.get()?;
        let number = text.value.0.trim().parse::<f64>();
        let reason = match number {
            Ok(number) if !number.is_finite() => "it is no number",
            Ok(number) if number < 0.01 => "it is less than 0.01",
            Ok(number) if number > 100_000.0 => "no machine has so many",
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the range is checked above"
            )]
            Ok(number) => return Some((number * 1e9).round() as i64),
            Err(_) => "it is no number",
        };
        self.report(ValueProblem::InvalidCpus {
            text: text.value.0.clone(),
            reason: reason.to_owned(),
            at: text.span,
        });
        None
    }

    fn memory(&mut self, spec: &ContainerSpec) -> Option<i64> {
        if let (Some(first), Some(second)) = (spec.memory.section(), spec.mem_limit.section()) {
            self.report(ShapeProblem::ConflictingKeys {
                what: "a container".to_owned(),
                keys: "`memory` and `mem_limit`".to_owned(),
                first,
                second,
            });
        }
        let text = spec.memory.get().or_else(|| spec.mem_limit.get())?;
        let reason = match parse_size(&text.value.0) {
            Ok(bytes) if bytes >= LEAST_MEMORY => return Some(bytes),
            Ok(_) => "engines need at least 6 MiB",
            Err(reason) => reason,
        };
        self.report(ValueProblem::InvalidSize {
            text: text.value.0.clone(),
            reason: reason.to_owned(),
            at: text.span,
        });
        None
    }

    fn restart(&mut self, restart: &Field<Text>) -> Restart {
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
        self.report(ShapeProblem::UnknownWord {
            owner: "`restart`".to_owned(),
            word: word.to_owned(),
            hint: did_you_mean(policy, words, || {
                format!("it takes one of {}, `on-failure:3`", quoted_list(words))
            }),
            at: text.span,
        });
        Restart::No
    }
}
