//! Files of environment variables.

use std::collections::BTreeMap;

use crate::document::env_file::{parse_container_env_file, parse_raw_env_file};
use crate::model::validate::Validation;
use crate::model::validate::values::value_from_outside;
use crate::model::validate::variables::MadeVariables;
use crate::problem::{ContainerProblem, Problem, VariableProblem};
use crate::source::Span;
use crate::spec::container::file::{EnvFileMapping, EnvFileSpec, EnvFilesSpec};
use crate::spec::decode::{Field, Spanned};

/// A file of environment variables.
struct EnvFile<'s> {
    path: Spanned<&'s String>,
    required: bool,
    raw: bool,
}

impl Validation<'_> {
    /// The variables of files: later files win.
    pub(super) fn variables_of_files(&mut self, spec: &Field<EnvFilesSpec>) -> MadeVariables {
        let mut variables = MadeVariables::new();
        for file in self.env_files(spec) {
            for (name, value) in self.variables_of_file(&file) {
                let value = value_from_outside(&name, value);
                let span = file.path.span.clone();
                self.add_variable(&mut variables, &name, Some(value), span);
            }
        }
        variables
    }

    fn env_files<'s>(&mut self, spec: &'s Field<EnvFilesSpec>) -> Vec<EnvFile<'s>> {
        let plain = |value, span| EnvFile {
            path: Spanned { value, span },
            required: true,
            raw: false,
        };
        match &spec.value {
            None => Vec::new(),
            Some(EnvFilesSpec::Scalar(path)) => vec![plain(path, spec.span.clone())],
            Some(EnvFilesSpec::Sequence(items)) => {
                let mut files = Vec::new();
                for item in items.iter().filter_map(Field::get) {
                    match item.value {
                        EnvFileSpec::Scalar(path) => files.push(plain(path, item.span)),
                        EnvFileSpec::Mapping(mapping) => {
                            files.extend(self.env_file(mapping, &item.span));
                        }
                    }
                }
                files
            }
        }
    }

    fn env_file<'s>(&mut self, mapping: &'s EnvFileMapping, at: &Span) -> Option<EnvFile<'s>> {
        if mapping.path.value.is_none() && !mapping.path.failed {
            let hint = "say which: `path: ./service.env`";
            self.missing("a file of variables", "path", hint, at.clone());
        }
        let format = mapping.format.get();
        if let Some(word) = &format
            && word.value != "raw"
        {
            let hint = "it takes `raw`, or is left out".to_owned();
            self.unknown_word("format", word.value, hint, word.span.clone());
        }
        Some(EnvFile {
            path: mapping.path.get()?,
            required: mapping.required.copied().unwrap_or(true),
            raw: format.is_some(),
        })
    }

    fn variables_of_file(&mut self, file: &EnvFile<'_>) -> BTreeMap<String, String> {
        let Some(path) = self.file_path("env_file", &file.path) else {
            return BTreeMap::new();
        };
        self.paths.push(path.clone());
        let bytes = match self.input.files.read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let is_missing = error.kind() == std::io::ErrorKind::NotFound;
                if file.required || !is_missing {
                    self.refuse_env_file(file, &error.to_string());
                }
                return BTreeMap::new();
            }
        };
        let Ok(text) = String::from_utf8(bytes) else {
            self.refuse_env_file(file, "it is no UTF-8 text");
            return BTreeMap::new();
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let known = self.input.variables;
        if file.raw {
            return parse_raw_env_file(text, known);
        }
        let mut found = Vec::new();
        let set = parse_container_env_file(text, known, &mut self.budget, &mut found);
        for problem in found {
            if let Problem::Variable(VariableProblem::InvalidEnvFile { reason, at }) = problem {
                let before = text.get(..at.start).unwrap_or(text);
                let line = 1 + before.matches('\n').count();
                self.refuse_env_file(file, &format!("line {line}: {reason}"));
            }
        }
        set.unwrap_or_else(|| {
            self.refuse_env_file(file, "all such files together are too large");
            BTreeMap::new()
        })
    }

    fn refuse_env_file(&mut self, file: &EnvFile<'_>, reason: &str) {
        self.report(ContainerProblem::EnvFileNotUsable {
            path: file.path.value.clone(),
            reason: reason.to_owned(),
            at: file.path.span.clone(),
        });
    }
}
