//! Containers that are made of a service for one command.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{Desired, DesiredContainer, DesiredEngine};
use crate::resource::container::{Endpoint, RestartPolicy};
use crate::resource::engine_path::EnginePath;
use crate::resource::{Address, Kind};

/// What a container that is made for one command has otherwise than the service.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOff {
    /// What tells its name from those of others.
    pub suffix: String,
    /// The command and its arguments; empty for the service's own.
    pub command: Vec<String>,
    /// Variables besides the service's.
    pub environment: BTreeMap<String, String>,
    /// The folder to run in, where it is not the service's.
    pub working_folder: Option<String>,
    /// The user to run as, where it is not the service's.
    pub user: Option<String>,
    /// Whether it has a terminal.
    pub has_terminal: bool,
    /// Whether it publishes the service's ports.
    pub has_ports: bool,
}

impl Desired {
    /// Wants a container for one command, made as the one of a service that is named by its engine and its real name.
    /// Returns the real name of the new one, or none where there is no such service.
    pub fn add_one_off(
        &mut self,
        (engine, container): (&EnginePath, &str),
        one_off: &OneOff,
    ) -> Option<String> {
        let engine = engine_at(&mut self.engine, engine)?;
        let wanted = made_for(engine.containers.get(container)?, one_off);
        let name = format!("{}-run-{}", stem(container), one_off.suffix);
        engine.containers.insert(name.clone(), wanted);
        Some(name)
    }
}

impl DesiredEngine {
    /// The addresses of a container and of the environments that it needs, which are needed with all that is in them.
    pub fn with_environments(&self, container: &str) -> BTreeSet<Address> {
        let mut addresses = BTreeSet::new();
        let (mut left, mut seen) = (vec![container], BTreeSet::new());
        while let Some(name) = left.pop() {
            let Some(wanted) = self.containers.get(name).filter(|_| seen.insert(name)) else {
                continue;
            };
            if name == container || wanted.kind == Kind::Environment {
                addresses.insert(wanted.address.clone());
            }
            left.extend(wanted.depends_on.keys().map(String::as_str));
        }
        addresses
    }

    /// The engine inside, at a path that begins at this one.
    pub fn at(&self, path: &EnginePath) -> Option<&Self> {
        let mut found = match path.outermost() {
            None => self,
            Some(name) => &self.others.get(&name)?.engine,
        };
        for container in path.containers() {
            found = &found.containers.get(container)?.engine.as_ref()?.engine;
        }
        Some(found)
    }
}

fn engine_at<'a>(
    engine: &'a mut DesiredEngine,
    path: &EnginePath,
) -> Option<&'a mut DesiredEngine> {
    let mut found = match path.outermost() {
        None => engine,
        Some(name) => &mut engine.others.get_mut(&name)?.engine,
    };
    for container in path.containers() {
        let inner = found.containers.get_mut(container)?.engine.as_mut()?;
        found = &mut inner.engine;
    }
    Some(found)
}

/// The name of a container without its replica.
fn stem(container: &str) -> &str {
    match container.rsplit_once('-') {
        Some((stem, replica)) if replica.parse::<u32>().is_ok() => stem,
        _ => container,
    }
}

fn made_for(service: &DesiredContainer, one_off: &OneOff) -> DesiredContainer {
    let mut wanted = service.clone();
    wanted.is_one_off = true;
    wanted.is_awaited = false;
    wanted.address = service.address.one_off(&one_off.suffix);
    // It is made when all is there that it needs, and started as soon as it is made.
    wanted
        .needed_first
        .extend(wanted.depends_on.keys().cloned());
    let fixed = &mut wanted.fixed;
    if !one_off.command.is_empty() {
        fixed.command.clone_from(&one_off.command);
    }
    let given = &one_off.environment;
    fixed.environment.extend(given.clone());
    // Nobody says which of them may be shown.
    fixed.secrets.extend(given.keys().cloned());
    if !one_off.has_ports {
        fixed.ports.clear();
    }
    let process = &mut fixed.process;
    process.working_dir = chosen(one_off.working_folder.as_ref(), &process.working_dir);
    process.user = chosen(one_off.user.as_ref(), &process.user);
    process.tty = one_off.has_terminal;
    process.stdin_open = true;
    let live = &mut wanted.live;
    live.restart = RestartPolicy {
        name: "no".to_owned(),
        retries: 0,
    };
    // The service's names and addresses are those of its own containers.
    live.networks.values_mut().for_each(BTreeSet::clear);
    for endpoint in live.endpoints.values_mut() {
        *endpoint = Endpoint {
            gateway_priority: endpoint.gateway_priority,
            driver_opts: endpoint.driver_opts.clone(),
            ..Endpoint::default()
        };
    }
    live.endpoints
        .retain(|_, endpoint| *endpoint != Endpoint::default());
    wanted
}

fn chosen(given: Option<&String>, own: &str) -> String {
    given.map_or(own, String::as_str).to_owned()
}
