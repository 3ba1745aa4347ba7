//! The attributes of images that are built.

use serde_json::json;

use crate::plan::diff::attribute::{Attributes, insert_declared, texts};
use crate::resource::build::BuildSettings;

/// The attributes of what an image is built from. Of a secret they have a hash.
pub(crate) fn build(settings: &BuildSettings) -> Attributes {
    let mut attributes = Attributes::from_iter([("context".to_owned(), json!(settings.context))]);
    attributes.extend(texts("args", &settings.args, &settings.secret_args));
    attributes.extend(texts("labels", &settings.labels, &settings.secret_labels));
    let others = [
        ("target", json!(settings.target)),
        ("network", json!(settings.network)),
        ("platform", json!(settings.platform)),
        ("shm_size", json!(settings.shm_size)),
        ("extra_hosts", json!(settings.extra_hosts)),
    ];
    for (name, value) in others {
        insert_declared(&mut attributes, name, value);
    }
    for (name, limit) in &settings.ulimits {
        let value = format!("{}:{}", limit.soft, limit.hard);
        attributes.insert(format!("ulimits.{name}"), json!(value));
    }
    attributes
}
