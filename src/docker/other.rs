//! Outer engines besides the one that nest connects to: reached when they are first asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use tokio::sync::OnceCell;

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::connect::greeted;
use crate::docker::endpoint::{Endpoint, EndpointOptions};
use crate::docker::error::with_sources;
use crate::docker::observe;
use crate::engine::EngineError;
use crate::model::name::EngineName;
use crate::model::outer_engine::EngineAddress;
use crate::observed::{ObservedEngine, ObservedOther, Question};
use crate::resource::engine_path::EnginePath;

/// The other outer engines that are known by name.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// What else it takes to reach them; none where that is not known.
    options: Option<EndpointOptions>,
    known: Mutex<HashMap<EngineName, Arc<Other>>>,
}

#[derive(Debug)]
struct Other {
    address: EngineAddress,
    client: OnceCell<Arc<Client>>,
}

impl Others {
    fn known(&self) -> MutexGuard<'_, HashMap<EngineName, Arc<Other>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Docker {
    /// The same, able to reach other outer engines: by the docker CLI's contexts and the usual sockets of `options`.
    #[must_use]
    pub fn reaching_others(mut self, options: EndpointOptions) -> Self {
        self.others.options = Some(options);
        self
    }

    /// Says how another outer engine is reached. Nothing is sent to it before it is asked for.
    pub fn know(&self, name: &EngineName, address: &EngineAddress) {
        let mut known = self.others.known();
        if known.get(name).is_none_or(|it| it.address != *address) {
            let other = Other {
                address: address.clone(),
                client: OnceCell::new(),
            };
            known.insert(name.clone(), Arc::new(other));
            drop(known);
            self.forget(&EnginePath::other(name));
        }
    }

    /// The client of another outer engine.
    pub(super) async fn other(&self, name: &EngineName) -> Result<Arc<Client>, EngineError> {
        let other = self.others.known().get(name).cloned();
        let (Some(other), Some(options)) = (other, &self.others.options) else {
            return Err(EngineError::Unsupported {
                subject: format!("the engine `{name}`"),
                reason: "nothing says how it is reached".to_owned(),
            });
        };
        let connect = || async {
            let origin = format!("`engines.{name}`");
            let endpoint = Endpoint::declared(&other.address, options, &origin)?;
            let client = greeted(EnginePath::other(name), &endpoint).await?;
            Ok(Arc::new(client))
        };
        other.client.get_or_try_init(connect).await.cloned()
    }

    async fn observe_other(&self, name: &EngineName, question: &Question) -> ObservedOther {
        let read = async {
            let client = self.other(name).await?;
            observe::observe(self, &client, question).await
        };
        match Box::pin(read).await {
            Ok(engine) => ObservedOther::Read(Box::new(engine)),
            Err(error) => ObservedOther::Unread(with_sources(&error)),
        }
    }
}

/// Reads the outer engine, those besides it that are asked for, and those that its record names.
pub(super) async fn observe(
    docker: &Docker,
    question: &Question,
) -> Result<ObservedEngine, EngineError> {
    let asked = question.others.iter().map(|(name, other)| {
        docker.know(name, &other.address);
        async move {
            let observed = docker.observe_other(name, &other.question).await;
            (name.clone(), observed)
        }
    });
    let here = observe::observe(docker, &docker.outer, question);
    let (here, asked) = tokio::join!(here, join_all(asked));
    let mut observed = here?;
    let mut recorded = observe::volume::record(question, &observed.volumes).engines;
    recorded.retain(|name, _| !question.others.contains_key(name));
    let nothing = Question::about(&question.project);
    let recorded = recorded.iter().map(|(name, other)| {
        // What the file says goes over what the record remembers.
        if !docker.others.known().contains_key(name) {
            docker.know(name, &other.address);
        }
        async {
            let observed = docker.observe_other(name, &nothing).await;
            (name.clone(), observed)
        }
    });
    let recorded = join_all(recorded).await;
    observed.others = asked.into_iter().chain(recorded).collect();
    Ok(observed)
}
