//! How to log in to registries, and whom to trust.

use std::path::PathBuf;

use crate::model::registry::Login;
use crate::model::validate::Validation;
use crate::problem::suggestion::did_you_mean;
use crate::problem::{RegistryProblem, SecretProblem, ShapeProblem};
use crate::source::Span;
use crate::spec::decode::{Spanned, TableEntry};
use crate::spec::registry::RegistrySpec;
use crate::spec::secret_reference::PasswordSpec;

/// The word for what the docker CLI has.
const DOCKER: &str = "docker";
/// How a certificate begins in a file.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

impl Validation<'_> {
    /// How to log in to a registry, where the file says it.
    pub(super) fn login(
        &mut self,
        entry: &TableEntry<RegistrySpec>,
        spec: &RegistrySpec,
    ) -> Option<Login> {
        let name_and_password = [
            ("username", spec.username.section()),
            ("password", spec.password.section()),
        ];
        let credentials = spec.credentials.section();
        let keys = name_and_password.clone().into_iter();
        let mut keys = keys.chain([("credentials", credentials.clone())]);
        if spec.mirror.section().is_none()
            && spec.host.section().is_none()
            && let Some((key, at)) = keys.find_map(|(key, section)| Some((key, section?)))
        {
            self.report(RegistryProblem::LoginWithoutHost {
                key: key.to_owned(),
                at,
                registry: entry.name_span.clone(),
            });
        }
        let mut given = name_and_password.clone().into_iter();
        if let Some(second) = credentials.clone()
            && let Some((key, first)) = given.find_map(|(key, section)| Some((key, section?)))
        {
            self.report(ShapeProblem::ConflictingKeys {
                what: "a registry".to_owned(),
                keys: format!("`{key}` and `credentials`"),
                first,
                second,
            });
        }
        let [(_, username), (_, password)] = name_and_password;
        let what = format!("the registry `{}`", entry.name);
        match (username, password) {
            (Some(at), None) => {
                let hint = "say where it comes from: `password: { env: NAME }`";
                self.missing(&what, "password", hint, at);
            }
            (None, Some(at)) => {
                self.missing(&what, "username", "say whose it is: `username: ci`", at);
            }
            _ => {}
        }
        let password = match &spec.password.value {
            None => None,
            Some(PasswordSpec::Scalar(_) | PasswordSpec::Sequence(_)) => {
                let at = spec.password.span.clone();
                self.report(SecretProblem::PasswordAsText { at });
                None
            }
            Some(PasswordSpec::Mapping(reference)) => self.secret(reference, &spec.password.span),
        };
        if let Some(word) = spec.credentials.get() {
            self.check_credentials(&word);
            return Some(Login::Docker);
        }
        let username = spec.username.value.as_ref()?;
        Some(Login::Password {
            username: username.0.clone(),
            password: password?,
        })
    }

    fn check_credentials(&mut self, word: &Spanned<&String>) {
        if word.value == DOCKER {
            return;
        }
        self.report(ShapeProblem::UnknownWord {
            owner: "`credentials`".to_owned(),
            word: word.value.clone(),
            hint: did_you_mean(word.value, [DOCKER], || {
                "it takes `docker`: what the docker CLI has for the host".to_owned()
            }),
            at: word.span.clone(),
        });
    }

    /// The file with the certificate of an authority.
    pub(super) fn authority(&mut self, text: &Spanned<&String>) -> Option<PathBuf> {
        let path = self.file_path("ca", text)?;
        self.paths.push(path.clone());
        let reason = match self.input.files.read(&path) {
            Ok(bytes) if String::from_utf8_lossy(&bytes).contains(CERTIFICATE) => {
                return Some(path);
            }
            Ok(_) => format!("it holds no certificate in PEM form, `{CERTIFICATE}`"),
            Err(error) => error.to_string(),
        };
        self.unusable_authority(text.value, reason, text.span.clone());
        None
    }

    fn unusable_authority(&mut self, path: &str, reason: String, at: Span) {
        let path = path.to_owned();
        self.report(RegistryProblem::UnusableAuthority { path, reason, at });
    }
}
