//! Who the docker CLI logs in as.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};

use crate::desired::facts::kept_logins;
use crate::model::Project;
use crate::model::name::RegistryName;
use crate::resource::login::Account;

/// Who logs in to each registry of a project that leaves it to the docker CLI, whose folder is given; or why that cannot
/// be had.
pub(crate) fn accounts(
    project: &Project,
    config_folder: &Path,
) -> BTreeMap<RegistryName, Result<Account, String>> {
    let kept = kept_logins(project).into_iter();
    kept.map(|(name, server)| (name, account(&server, config_folder)))
        .collect()
}

fn account(server: &str, config_folder: &Path) -> Result<Account, String> {
    let path = config_folder.join("config.json");
    let absent =
        || format!("the docker CLI has nothing for `{server}`: run `docker login {server}`");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(absent()),
        Err(error) => return Err(format!("cannot read `{}`: {error}", path.display())),
    };
    match get_credential_from_reader(file, server) {
        Ok(DockerCredential::UsernamePassword(name, password)) => {
            Ok(Account::User { name, password })
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(Account::Token(token)),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Err(absent()),
        // Helpers say so when they have nothing, by the protocol.
        Err(CredentialRetrievalError::HelperFailure { stdout, .. })
            if stdout.trim() == "credentials not found in native keychain" =>
        {
            Err(absent())
        }
        Err(CredentialRetrievalError::HelperFailure { helper, .. }) => {
            Err(format!("`{helper} get` failed for `{server}`"))
        }
        Err(CredentialRetrievalError::HelperCommunicationError) => Err(format!(
            "the helper that `{}` names for `{server}` cannot be run",
            path.display()
        )),
        Err(error) => Err(format!("`{}`: {error}", path.display())),
    }
}
