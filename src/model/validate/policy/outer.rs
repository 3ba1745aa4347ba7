//! The container of an environment, held against policies.

use crate::mode::Mode;
use crate::model::validate::Validation;
use crate::source::Span;
use crate::spec::container::CommandSpec;
use crate::spec::decode::Field;
use crate::spec::outer::{ListenSpec, OuterMapping};

impl Validation<'_> {
    /// What the container of an environment asks for, by its mode and by its own keys.
    pub(in crate::model::validate) fn check_outer_policy(
        &mut self,
        mode: &Mode,
        mode_span: &Span,
        spec: &OuterMapping,
    ) {
        self.check_mode_policy(mode, mode_span, spec.shared.privileged.copied());
        let is_built = spec.shared.build.section().is_some();
        if spec.shared.image.section().is_none() && !is_built {
            self.check_image_text(mode.image, mode_span);
        }
        if let Some(listen) = spec.own.listen.get()
            && matches!(listen.value, ListenSpec::Tcp)
        {
            self.deny_tcp("`listen: tcp`".to_owned(), &listen.span);
        }
        for (word, at) in plain_listeners(&spec.shared.command) {
            self.deny_tcp(format!("the command says `{word}`"), &at);
        }
        self.check_container_policy(&spec.shared);
    }
}

/// The words of a command that make an engine listen on TCP, unless it asks for certificates.
fn plain_listeners(command: &Field<CommandSpec>) -> Vec<(String, Span)> {
    let words: Vec<(String, Span)> = match &command.value {
        None => Vec::new(),
        Some(CommandSpec::Scalar(line)) => shlex::split(line)
            .unwrap_or_default()
            .into_iter()
            .map(|word| (word, command.span.clone()))
            .collect(),
        Some(CommandSpec::Sequence(words)) => words
            .iter()
            .filter_map(Field::get)
            .map(|word| (word.value.0.clone(), word.span))
            .collect(),
    };
    let asks_for_certificates =
        |(word, _): &(String, Span)| word.starts_with("--tlsverify") && word != "--tlsverify=false";
    if words.iter().any(asks_for_certificates) {
        return Vec::new();
    }
    let listens = |(word, _): &(String, Span)| {
        let address = word
            .split_once('=')
            .map_or(word.as_str(), |(_, value)| value);
        let address = address.strip_prefix("-H").unwrap_or(address);
        address.starts_with("tcp://")
    };
    words.into_iter().filter(listens).collect()
}
