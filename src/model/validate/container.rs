//! What services and outer containers share.

use crate::model::container::{Container, Restart};
use crate::model::image::ImageReference;
use crate::model::size::parse_size;
use crate::model::validate::Validation;
use crate::model::validate::variables::{MadeVariables, values};
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::problem::{ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::container::{CommandSpec, ContainerSpec};
use crate::spec::decode::Field;
use crate::spec::text::Text;

/// The least memory that engines accept as a limit.
const LEAST_MEMORY: i64 = 6 * 1024 * 1024;

/// A container with the places that clashes point to.
pub(super) struct MadeContainer {
    /// Nothing if it has no image.
    pub(super) container: Option<Container>,
    /// The place of each port.
    pub(super) port_spans: Vec<Span>,
    /// Its environment variables, each with its place.
    pub(super) variables: MadeVariables,
}

impl Validation<'_> {
    /// A container; `default_image` is used where the file gives none.
    pub(super) fn container(
        &mut self,
        spec: &ContainerSpec,
        default_image: Option<ImageReference>,
    ) -> MadeContainer {
        let variables = self.environment_variables(&spec.environment);
        let environment = values(variables.clone());
        let (ports, port_spans) = self.ports(&spec.ports);
        let image = spec.image.get();
        let image = image.and_then(|text| self.image_reference(&text));
        let image = image.map(|(image, _)| image).or(default_image);
        let command = self.command(&spec.command);
        let hostname = self.hostname(&spec.hostname);
        let nano_cpus = self.cpus(&spec.cpus);
        let memory = self.memory(spec);
        let restart = self.restart(&spec.restart);
        let container = image.map(|image| Container {
            image,
            command,
            environment,
            ports,
            hostname,
            nano_cpus,
            memory,
            restart,
        });
        MadeContainer {
            container,
            port_spans,
            variables,
        }
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
