//! Health checks.

use std::time::Duration;

use crate::model::container::health::{Check, Healthcheck};
use crate::model::duration::parse_duration;
use crate::model::validate::Validation;
use crate::problem::ValueProblem;
use crate::problem::suggestion::did_you_mean;
use crate::spec::container::CommandSpec;
use crate::spec::container::health::HealthcheckSpec;
use crate::spec::decode::Field;
use crate::spec::text::Text;

/// The shortest time that engines accept, but for none at all.
const SHORTEST: Duration = Duration::from_millis(1);

impl Validation<'_> {
    /// How the engine finds out whether it is healthy.
    pub(super) fn healthcheck(&mut self, spec: &Field<HealthcheckSpec>) -> Option<Healthcheck> {
        let check = spec.get()?.value;
        let test = self.test(&check.test);
        let off = test.as_ref().is_some_and(Vec::is_empty);
        let hint = "write a whole number";
        let retries = self.checked("retries", &check.retries, hint, |text| {
            match text.parse::<u32>() {
                Ok(number) if i32::try_from(number).is_ok() => Ok(number),
                _ => Err("it is no whole number from 0 to 2147483647"),
            }
        });
        let made = Check {
            test,
            interval: self.time(&check.interval),
            timeout: self.time(&check.timeout),
            retries,
            start_period: self.time(&check.start_period),
            start_interval: self.time(&check.start_interval),
        };
        let disabled = check.disable.copied() == Some(true);
        if let (Some(first), Some(second)) = (check.test.section(), check.disable.section())
            && disabled
            && !off
        {
            self.conflict("`test` and `disable: true`", first, second);
        }
        Some(if disabled || off {
            Healthcheck::Off
        } else {
            Healthcheck::On(made)
        })
    }

    /// The command with `CMD` or `CMD-SHELL` before it; empty for `NONE`.
    fn test(&mut self, spec: &Field<CommandSpec>) -> Option<Vec<String>> {
        let items = match spec.value.as_ref()? {
            CommandSpec::Scalar(line) => {
                return Some(vec!["CMD-SHELL".to_owned(), line.clone()]);
            }
            CommandSpec::Sequence(items) => items,
        };
        let hint = "write `[CMD, curl, -f, \"http://localhost\"]`, or one line for a shell";
        let Some(first) = items.first().and_then(Field::get) else {
            if items.is_empty() {
                let at = spec.span.clone();
                self.refuse("test", "[]", "there is no command", hint.to_owned(), at);
            }
            return None;
        };
        let words = items.iter().filter_map(Field::get);
        let words: Vec<String> = words.map(|word| word.value.0.clone()).collect();
        let reason = match (first.value.0.as_str(), words.len()) {
            ("NONE", 1) => return Some(Vec::new()),
            ("CMD", 2..) | ("CMD-SHELL", 2) => return Some(words),
            ("NONE", _) => "`NONE` stands alone",
            ("CMD" | "CMD-SHELL", 1) => "no command follows",
            ("CMD-SHELL", _) => "`CMD-SHELL` takes one line, and there are more words",
            (word, _) => {
                let hint = did_you_mean(word, ["CMD", "CMD-SHELL", "NONE"], || {
                    format!("begin with `CMD`, `CMD-SHELL` or `NONE`: `[CMD, {word}]`")
                });
                let reason = "it is not how a check begins";
                self.refuse("test", word, reason, hint, first.span);
                return None;
            }
        };
        self.refuse("test", &first.value.0, reason, hint.to_owned(), first.span);
        None
    }

    fn time(&mut self, field: &Field<Text>) -> Option<Duration> {
        let duration = self.duration(field)?;
        if duration < SHORTEST && !duration.is_zero() {
            self.report(ValueProblem::InvalidDuration {
                text: field.value.as_ref()?.0.clone(),
                reason: "it is less than 1ms".to_owned(),
                at: field.span.clone(),
            });
        }
        Some(duration)
    }

    /// A duration.
    pub(super) fn duration(&mut self, field: &Field<Text>) -> Option<Duration> {
        let text = field.get()?;
        match parse_duration(&text.value.0) {
            Ok(duration) => Some(duration),
            Err(reason) => {
                self.report(ValueProblem::InvalidDuration {
                    text: text.value.0.clone(),
                    reason: reason.to_owned(),
                    at: text.span,
                });
                None
            }
        }
    }
}
