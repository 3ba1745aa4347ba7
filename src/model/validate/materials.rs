//! Secrets and configs of a scope.

use indexmap::IndexMap;

use crate::model::name::{ConfigName, SecretName};
use crate::model::secret::{Material, MaterialSource};
use crate::model::validate::Validation;
use crate::model::value::{Secret, SecretOrigin};
use crate::problem::{ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Table};
use crate::spec::secret::{ConfigSpec, SecretSpec};

/// What a secret or a config may say.
struct Parts<'s> {
    /// For people: "the secret `token`".
    what: String,
    name_span: &'s Span,
    file: &'s Field<String>,
    environment: &'s Field<String>,
    content: Option<&'s Field<String>>,
    external: &'s Field<bool>,
    name: &'s Field<String>,
}

impl Validation<'_> {
    /// The secrets that a scope declares.
    pub(super) fn secrets(
        &mut self,
        table: &Field<Table<SecretSpec>>,
    ) -> IndexMap<SecretName, Material> {
        let default = SecretSpec::default();
        let mut secrets = IndexMap::new();
        for entry in table.entries() {
            self.check_name("a secret", &entry.name, &entry.name_span, true, "-_.");
            let spec = entry.value.value.as_ref().unwrap_or(&default);
            let parts = Parts {
                what: format!("the secret `{}`", entry.name),
                name_span: &entry.name_span,
                file: &spec.file,
                environment: &spec.environment,
                content: None,
                external: &spec.external,
                name: &spec.name,
            };
            if !entry.value.failed
                && let Some(material) = self.material(&parts)
            {
                secrets.insert(SecretName::new(&entry.name), material);
            }
        }
        secrets
    }

    /// The configs that a scope declares.
    pub(super) fn configs(
        &mut self,
        table: &Field<Table<ConfigSpec>>,
    ) -> IndexMap<ConfigName, Material> {
        let default = ConfigSpec::default();
        let mut configs = IndexMap::new();
        for entry in table.entries() {
            self.check_name("a config", &entry.name, &entry.name_span, true, "-_.");
            let spec = entry.value.value.as_ref().unwrap_or(&default);
            let parts = Parts {
                what: format!("the config `{}`", entry.name),
                name_span: &entry.name_span,
                file: &spec.file,
                environment: &spec.environment,
                content: Some(&spec.content),
                external: &spec.external,
                name: &spec.name,
            };
            if !entry.value.failed
                && let Some(material) = self.material(&parts)
            {
                configs.insert(ConfigName::new(&entry.name), material);
            }
        }
        configs
    }

    /// A secret or a config, which has exactly one source.
    fn material(&mut self, parts: &Parts<'_>) -> Option<Material> {
        let external = parts.external.copied() == Some(true);
        let written = |field: &Field<String>| {
            let section = field.section();
            section.filter(|_| field.value.is_some() || field.failed)
        };
        let given: Vec<Span> = [
            written(parts.file),
            written(parts.environment),
            parts.content.and_then(written),
            parts.external.section().filter(|_| external),
        ]
        .into_iter()
        .flatten()
        .collect();
        let known = if parts.content.is_some() {
            "`file`, `environment`, `content` and `external`"
        } else {
            "`file`, `environment` and `external`"
        };
        match given.as_slice() {
            [first, second, ..] => self.report(ShapeProblem::ConflictingKeys {
                what: parts.what.clone(),
                keys: known.to_owned(),
                first: first.clone(),
                second: second.clone(),
            }),
            [] if !parts.external.failed => {
                let hint = format!("say where it comes from: one of {known}");
                self.missing(&parts.what, "file", &hint, parts.name_span.clone());
            }
            _ => {}
        }
        if let Some(name) = parts.name.get() {
            self.check_name("a secret or a config", name.value, &name.span, true, "-_.");
        }
        let mut value = None;
        let source = if let Some(file) = parts.file.get() {
            let path = self.absolute_path(file.value, &file.span);
            let Some(path) = path.filter(|_| !file.value.is_empty()) else {
                self.report(ValueProblem::InvalidValue {
                    key: "file".to_owned(),
                    text: file.value.clone(),
                    reason: "it leads to no file".to_owned(),
                    hint: "write a path beside this file: `./token.txt`".to_owned(),
                    at: file.span,
                });
                return None;
            };
            if !self.input.files.exists(&path) {
                let reason = format!("there is no file `{}`", file.value);
                self.material_missing(parts, reason, file.span);
            }
            MaterialSource::File(path)
        } else if let Some(variable) = parts.environment.get() {
            if let Some(text) = self.input.variables.get(variable.value) {
                let origin = SecretOrigin::Variable(variable.value.clone());
                value = Some(Secret::new(text, origin));
            } else {
                let reason = format!("the variable `{}` is not set", variable.value);
                self.material_missing(parts, reason, variable.span);
            }
            MaterialSource::Environment(variable.value.clone())
        } else if let Some(content) = parts.content.and_then(|content| content.value.clone()) {
            MaterialSource::Content(content)
        } else if external {
            let at = parts.external.span.clone();
            let what = parts.what.clone();
            self.report(ValueProblem::ExternalMaterial { what, at });
            MaterialSource::External
        } else {
            return None;
        };
        Some(Material {
            source,
            value,
            explicit_name: parts.name.value.clone(),
        })
    }

    fn material_missing(&mut self, parts: &Parts<'_>, reason: String, at: Span) {
        let what = parts.what.clone();
        self.report(ValueProblem::MaterialMissing { what, reason, at });
    }
}
