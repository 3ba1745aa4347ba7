//! Images as a nest file has them.

use serde_json::{Value, json};

use crate::model::image::{Image, ImageSource, Pull};
use crate::model::written::build::build;
use crate::model::written::{add, list, mapping, text};

/// An image in the long form.
pub(super) fn image(image: &Image) -> Value {
    let source = match &image.source {
        ImageSource::Auto => json!("auto"),
        ImageSource::Outer => json!("outer"),
        ImageSource::Registry => json!("registry"),
        ImageSource::Archive(path) => json!({ "archive": text(&path.display().to_string()) }),
        ImageSource::Build(how) => json!({ "build": build(how) }),
    };
    let reference = text(image.reference.as_str());
    let mut keys = mapping([("image", reference), ("source", source)]);
    if let Some(platform) = &image.platform {
        keys.insert("platform".to_owned(), json!(platform.to_string()));
    }
    // What is the default is written where it says something: not of an image that nobody pulls.
    if image.pull != Pull::Missing {
        keys.insert("pull".to_owned(), json!(pull(image.pull)));
    }
    let aliases = list(&image.aliases, |alias| text(alias.as_str()));
    add(&mut keys, "as", aliases);
    Value::Object(keys)
}

fn pull(pull: Pull) -> &'static str {
    let words = Pull::WORDS.iter();
    let mut words = words.filter(|(_, meaning)| *meaning == pull);
    words.next().map_or("missing", |(word, _)| word)
}
