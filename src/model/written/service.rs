//! Services, as a nest file has them.

use serde_json::{Value, json};

use crate::model::service::Service;
use crate::model::written::build::build;
use crate::model::written::container::container;
use crate::model::written::mount::mount;
use crate::model::written::scope::dependencies;
use crate::model::written::{add, list};

impl Service {
    /// The service as a nest file has it.
    pub fn written(&self) -> Value {
        let mut keys = container(&self.container, false, false);
        if let Some(how) = &self.build {
            keys.insert("build".to_owned(), build(how));
        }
        if let Some(docker_host) = &self.docker_host {
            keys.insert("docker_host".to_owned(), json!(docker_host.to_string()));
        }
        let volumes = list(&self.volumes, |volume| {
            let mut keys = mount(volume);
            if let Value::Object(keys) = &mut keys {
                keys.shift_remove("inner");
            }
            keys
        });
        add(&mut keys, "volumes", volumes);
        add(&mut keys, "depends_on", dependencies(&self.depends_on));
        keys.insert("replicas".to_owned(), json!(self.replicas));
        Value::Object(keys)
    }
}
