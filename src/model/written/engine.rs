//! Outer engines as a nest file has them.

use serde_json::{Value, json};

use crate::model::outer_engine::EngineAddress;
use crate::model::written::{mapping, text};

/// How an outer engine is reached.
pub(super) fn engine(address: &EngineAddress) -> Value {
    match address {
        EngineAddress::Context(context) => json!({ "context": text(context) }),
        EngineAddress::Host { host, tls } => {
            let mut keys = mapping([("host", text(host))]);
            if let Some(tls) = tls {
                let path = |path: &std::path::Path| text(&path.display().to_string());
                let files = [
                    ("ca", path(&tls.ca)),
                    ("cert", path(&tls.certificate)),
                    ("key", path(&tls.key)),
                ];
                keys.insert("tls".to_owned(), Value::Object(mapping(files)));
            }
            Value::Object(keys)
        }
    }
}
