//! What containers are given so that what runs in them can use registries: the certificates of their authorities, and a
//! file that logs in to them.
//!
//! All of it is written in place: who uses it reads it each time.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::desired::DesiredContainer;
use crate::desired::container::Place;
use crate::mode::Mode;
use crate::model::name::RegistryName;
use crate::model::registry::{Login, Registry, RegistryKind};
use crate::resource::container::file::{ContainerFile, FileContent};
use crate::resource::login::{Account, RegistryLogin, credentials_file};

/// Where programs other than engines look for certificates of registries' authorities.
const CERTIFICATES: &str = "/etc/docker/certs.d";
/// The variable that tells Docker's programs where their file is.
const FOLDER_VARIABLE: &str = "DOCKER_CONFIG";
/// The folder of that file in services. Nobody knows where the home of an image's user is.
const SERVICE_FOLDER: &str = "/etc/nest/docker";
/// The file.
const FILE: &str = "config.json";

/// Files by their paths, what logs in by the hosts of images, and why some of it cannot be had.
#[derive(Debug, Default)]
struct Access {
    certificates: BTreeMap<String, Vec<u8>>,
    logins: BTreeMap<String, RegistryLogin>,
    missing: Vec<String>,
}

/// What logs in to the registries of these names, by the host that images are named after.
pub(crate) fn logins<'a>(
    place: &Place<'_>,
    names: impl Iterator<Item = &'a RegistryName>,
) -> BTreeMap<String, RegistryLogin> {
    access(place, names).logins
}

/// Gives the container of an environment what its engine needs to use registries.
pub(crate) fn give_engine<'a>(
    place: &Place<'_>,
    container: &mut DesiredContainer,
    mode: &Mode,
    names: impl Iterator<Item = &'a RegistryName>,
) {
    let certificates = mode
        .own_engine()
        .map_or(CERTIFICATES, |own| own.certificates_folder);
    let given = container.fixed.environment.get(FOLDER_VARIABLE);
    let folder = match given.filter(|folder| folder.starts_with('/')) {
        Some(folder) => folder.clone(),
        None => format!("{}/.docker", mode.home),
    };
    give(container, access(place, names), certificates, &folder);
}

/// Gives a service what it needs to use the registries of the engine that it is a client of.
pub(crate) fn give_client<'a>(
    place: &Place<'_>,
    container: &mut DesiredContainer,
    names: impl Iterator<Item = &'a RegistryName>,
) {
    let access = access(place, names);
    let given = container.fixed.environment.get(FOLDER_VARIABLE);
    let folder = match given.filter(|folder| folder.starts_with('/')) {
        Some(folder) => folder.clone(),
        None => SERVICE_FOLDER.to_owned(),
    };
    if !access.logins.is_empty() {
        let variables = &mut container.fixed.environment;
        variables.insert(FOLDER_VARIABLE.to_owned(), folder.clone());
    }
    give(container, access, CERTIFICATES, &folder);
}

fn give(container: &mut DesiredContainer, access: Access, certificates: &str, folder: &str) {
    let mut files = BTreeMap::new();
    for (host, certificate) in access.certificates {
        let file = ContainerFile::Regular {
            content: FileContent::Bytes(certificate),
            uid: 0,
            gid: 0,
            mode: 0o644,
        };
        files.insert(format!("{certificates}/{host}/ca.crt"), file);
    }
    if !access.logins.is_empty() {
        let content = FileContent::Bytes(credentials(&access.logins));
        let path = format!("{}/{FILE}", folder.trim_end_matches('/'));
        files.insert(path, ContainerFile::Private(content));
    }
    if container.fixed.process.read_only && !files.is_empty() {
        let reason = "nest writes what it needs to use registries into it, and it is `read_only`";
        container.missing.push(reason.to_owned());
    }
    // What is mounted is somebody's own, and memory is empty when the container starts.
    for path in files.keys() {
        if let Some(target) = mounted_over(container, path) {
            container.missing.push(format!(
                "what it needs to use registries belongs at `{path}`, and something is mounted at `{target}`"
            ));
        }
    }
    container.missing.extend(access.missing);
    container.access = files;
}

/// The target of a mount of the container that a path is in.
fn mounted_over(container: &DesiredContainer, path: &str) -> Option<String> {
    let mounts = container.fixed.mounts.iter().map(|mount| &mount.target);
    let mut targets = mounts.chain(container.fixed.process.tmpfs.keys());
    let is_over = |target: &&String| {
        let rest = path.strip_prefix(target.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    targets.find(is_over).cloned()
}

/// The file that logs in. A mirror of Docker Hub has an entry for Docker Hub too: by that one Docker's programs choose
/// what they send for its images.
fn credentials(logins: &BTreeMap<String, RegistryLogin>) -> Vec<u8> {
    let by_host = logins
        .iter()
        .map(|(host, login)| (RegistryLogin::server_of(host), &login.account));
    let by_server = logins
        .values()
        .map(|login| (login.server.clone(), &login.account));
    let entries: BTreeMap<String, _> = by_host.chain(by_server).collect();
    credentials_file(
        entries
            .iter()
            .map(|(server, account)| (server.as_str(), *account)),
    )
}

fn access<'a>(place: &Place<'_>, names: impl Iterator<Item = &'a RegistryName>) -> Access {
    let mut access = Access::default();
    let names: BTreeSet<_> = names.collect();
    for name in names {
        let Some(registry) = place.project.registries.get(name) else {
            continue;
        };
        let Some((host, address)) = theirs(registry) else {
            continue;
        };
        if let Some(path) = &registry.ca {
            match place.facts.material(path) {
                Ok(certificate) => {
                    access.certificates.insert(address.clone(), certificate);
                }
                Err(reason) => {
                    let missing = format!("the certificate for the registry `{name}`: {reason}");
                    access.missing.push(missing);
                }
            }
        }
        let account = match account(place, name, registry) {
            None => continue,
            Some(Ok(account)) => account,
            Some(Err(reason)) => {
                let missing = format!("what logs in to the registry `{name}`: {reason}");
                access.missing.push(missing);
                continue;
            }
        };
        let Some(login) = login(registry, account) else {
            continue;
        };
        if address == host {
            access.logins.entry(host).or_insert(login);
        } else {
            // An engine asks the mirror of a host first.
            access.logins.insert(host, login);
        }
    }
    access
}

/// The host of the images and the host that is asked for them, of a registry that exists.
fn theirs(registry: &Registry) -> Option<(String, String)> {
    match &registry.kind {
        RegistryKind::Existing { host } => Some((host.clone(), host.clone())),
        RegistryKind::ExistingMirror { host, url } => {
            let url = Url::parse(url).ok()?;
            let address = match (url.host_str()?, url.port()) {
                (name, Some(port)) => format!("{name}:{port}"),
                (name, None) => name.to_owned(),
            };
            Some((host.clone(), address))
        }
        RegistryKind::Mirror { .. } | RegistryKind::Local { .. } => None,
    }
}

/// The host that somebody logs in to who uses a registry, or whom nest's own mirror logs in to.
pub(crate) fn address(registry: &Registry) -> Option<String> {
    match &registry.kind {
        RegistryKind::Mirror { host, .. } => Some(host.clone()),
        _ => theirs(registry).map(|(_, address)| address),
    }
}

/// What logs in to a registry with this account.
pub(crate) fn login(registry: &Registry, account: Account) -> Option<RegistryLogin> {
    let server = RegistryLogin::server_of(&address(registry)?);
    Some(RegistryLogin { server, account })
}

/// Who logs in to a registry, or why that cannot be had; none where nobody does.
pub(crate) fn account(
    place: &Place<'_>,
    name: &RegistryName,
    registry: &Registry,
) -> Option<Result<Account, String>> {
    match registry.login.as_ref()? {
        Login::Password { username, password } => Some(Ok(Account::User {
            name: username.clone(),
            password: password.reveal().to_owned(),
        })),
        Login::Docker => match place.facts.accounts.get(name) {
            Some(account) => Some(account.clone()),
            None => Some(Err("the docker CLI has not been asked".to_owned())),
        },
    }
}
