//! Files that a container is given: memory, secrets and configs; and where its output goes.

use crate::model::container::file::{Grant, Logging, Tmpfs, parse_mode, parse_owner};
use crate::model::name::{ConfigName, SecretName};
use crate::model::validate::Validation;
use crate::model::validate::container::declared::Declared;
use crate::spec::ScopeSpec;
use crate::spec::container::file::{GrantMapping, GrantSpec};
use crate::spec::container::limit::LoggingSpec;
use crate::spec::decode::{Field, Spanned};
use crate::spec::text::Texts;

/// The permissions of secrets and configs where the file does not say.
const MODE: u32 = 0o444;

impl Validation<'_> {
    /// Memory that is mounted in it.
    pub(super) fn tmpfs(&mut self, spec: &Field<Texts>) -> Vec<Tmpfs> {
        let hint = "write a path, with options after `:`: `/run:size=64m,mode=1777`";
        self.checked_items("tmpfs", spec.texts(), hint, Tmpfs::parse)
    }

    /// Where its output goes.
    pub(super) fn logging(&mut self, spec: &Field<LoggingSpec>) -> Option<Logging> {
        let logging = spec.get()?.value;
        let hint = "write the name of a log driver: `json-file`, `local`, `journald`, `none`";
        let driver = self.word("driver", &logging.driver, hint);
        let options = self.text_map(&logging.options);
        Some(Logging { driver, options })
    }

    /// The secrets that it, or the commands of its build, can read.
    pub(in crate::model::validate) fn secret_grants(
        &mut self,
        spec: &Field<Vec<Field<GrantSpec>>>,
        scope: &ScopeSpec,
    ) -> Vec<Grant<SecretName>> {
        let declared = Declared::new("secret", &scope.secrets);
        self.grants(spec, "/run/secrets/", &declared, |name| {
            SecretName::new(name)
        })
    }

    /// The configs that it can read.
    pub(super) fn config_grants(
        &mut self,
        spec: &Field<Vec<Field<GrantSpec>>>,
        scope: &ScopeSpec,
    ) -> Vec<Grant<ConfigName>> {
        let declared = Declared::new("config", &scope.configs);
        self.grants(spec, "/", &declared, |name| ConfigName::new(name))
    }

    /// Grants of what the scope declares; in `folder` are those whose target is no absolute path.
    fn grants<Name, T>(
        &mut self,
        spec: &Field<Vec<Field<GrantSpec>>>,
        folder: &str,
        declared: &Declared<'_, T>,
        name: impl Fn(&str) -> Name,
    ) -> Vec<Grant<Name>> {
        let default = GrantMapping::default();
        let mut grants = Vec::new();
        for item in spec.items() {
            let (source, mapping) = match item.value {
                GrantSpec::Scalar(value) => {
                    let span = item.span;
                    (Some(Spanned { value, span }), &default)
                }
                GrantSpec::Mapping(mapping) => {
                    if mapping.source.value.is_none() && !mapping.source.failed {
                        let what = format!("a {}", declared.kind);
                        let hint = "say which one of the scope: `source: NAME`";
                        self.missing(&what, "source", hint, item.span);
                    }
                    (mapping.source.get(), mapping.as_ref())
                }
            };
            let Some(source) = source else { continue };
            self.check_declared(source.value, &source.span, declared);
            let hint = "write a path in the container: `/run/secrets/token`";
            let target = self.checked("target", &mapping.target, hint, |text| match text {
                "" | "/" => Err("it is no file"),
                absolute if absolute.starts_with('/') => Ok(absolute.to_owned()),
                relative => Ok(format!("{folder}{relative}")),
            });
            let owner_hint = "write the number of a user or a group: `1000`";
            let mode_hint = "write octal digits: `0440`";
            grants.push(Grant {
                target: target.unwrap_or_else(|| format!("{folder}{}", source.value)),
                uid: self.checked("uid", &mapping.uid, owner_hint, parse_owner),
                gid: self.checked("gid", &mapping.gid, owner_hint, parse_owner),
                mode: self
                    .checked("mode", &mapping.mode, mode_hint, parse_mode)
                    .unwrap_or(MODE),
                source: name(source.value),
            });
        }
        grants
    }
}
