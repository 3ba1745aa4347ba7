//! Addresses as users write them, to name part of a plan.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::resource::{Address, ENGINE, Kind};

/// An address as a user writes it: it names a resource, all replicas of one where it gives no number, and what is
/// below them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AddressPattern {
    text: String,
    segments: Vec<Segment>,
}

/// The part of an address that is about one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    /// None for an outer engine.
    kind: Option<Kind>,
    name: String,
    replica: Option<u32>,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{reason}; an address looks like `environment.builder`, `volume.cache` or `environment.builder[2]/image[\"alpine:3.20\"]`"
)]
pub struct AddressError {
    reason: String,
}

impl AddressPattern {
    /// Whether the address is what this names, or below it.
    pub fn covers(&self, address: &Address) -> bool {
        segments(address.as_str())
            .is_ok_and(|segments| segments.len() >= self.segments.len() && self.begins(&segments))
    }

    /// Whether the address is what this names.
    pub fn is(&self, address: &Address) -> bool {
        segments(address.as_str())
            .is_ok_and(|segments| segments.len() == self.segments.len() && self.begins(&segments))
    }

    /// What sort of thing it names.
    pub fn kind(&self) -> Option<Kind> {
        self.segments.last()?.kind
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn begins(&self, address: &[Segment]) -> bool {
        self.segments.iter().zip(address).all(|(wanted, found)| {
            let replica = found.replica.unwrap_or(1);
            wanted.kind == found.kind
                && wanted.name == found.name
                && wanted.replica.is_none_or(|wanted| wanted == replica)
        })
    }
}

impl FromStr for AddressPattern {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let segments = segments(text).map_err(|reason| AddressError { reason })?;
        if segments.last().is_some_and(|last| last.kind.is_none()) {
            let reason = format!("`{text}` is an outer engine, and no thing on it");
            return Err(AddressError { reason });
        }
        let text = text.to_owned();
        Ok(Self { text, segments })
    }
}

impl From<AddressPattern> for String {
    fn from(pattern: AddressPattern) -> Self {
        pattern.to_string()
    }
}

impl TryFrom<String> for AddressPattern {
    type Error = <Self as FromStr>::Err;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads `KIND.NAME`, `KIND.NAME[REPLICA]` and `image["NAME"]`, with `/` between them.
fn segments(text: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    let mut rest = text;
    loop {
        let (segment, after) = segment(rest)?;
        segments.push(segment);
        match after.strip_prefix('/') {
            Some(after) => rest = after,
            None if after.is_empty() => return Ok(segments),
            None => return Err(format!("`{after}` does not belong to an address")),
        }
    }
}

/// Reads one part, and returns what is left.
fn segment(text: &str) -> Result<(Segment, &str), String> {
    if let Some(rest) = text
        .strip_prefix(ENGINE)
        .and_then(|it| it.strip_prefix('.'))
    {
        // Names of engines may have dots.
        let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let segment = Segment {
            kind: None,
            name: name.to_owned(),
            replica: None,
        };
        return Ok((segment, rest));
    }
    let word_end = text.find(['.', '[', '/']).unwrap_or(text.len());
    let word = &text[..word_end];
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
    let Some(kind) = kind else {
        let words = Kind::ALL.map(|kind| format!("`{}`", kind.word()));
        return Err(format!("`{word}` is none of {}", words.join(", ")));
    };
    let rest = &text[word_end..];
    if kind == Kind::Image {
        return image(rest);
    }
    let Some(rest) = rest.strip_prefix('.') else {
        return Err(format!("there is no `.NAME` after `{word}`"));
    };
    let name_end = rest.find(['[', '/', '.', '"']).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(name_end);
    if name.is_empty() {
        return Err(format!("there is no name after `{word}.`"));
    }
    let (replica, rest) = match rest.strip_prefix('[') {
        None => (None, rest),
        Some(rest) => {
            let (number, rest) = rest
                .split_once(']')
                .ok_or_else(|| "a `[` is not closed".to_owned())?;
            let replica = number.parse::<u32>().ok().filter(|number| *number > 0);
            let replica = replica.ok_or_else(|| {
                format!("`{number}` is no number of a replica, which are counted from 1")
            })?;
            (Some(replica), rest)
        }
    };
    let name = name.to_owned();
    let segment = Segment {
        kind: Some(kind),
        name,
        replica,
    };
    Ok((segment, rest))
}

/// Reads the name of an image. Shells take its quotes away where the whole is not quoted.
fn image(text: &str) -> Result<(Segment, &str), String> {
    let Some(inside) = text.strip_prefix('[') else {
        return Err("the name of an image stands in `[\"…\"]`".to_owned());
    };
    let (name, rest) = match inside.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\"]"),
        None => inside.split_once(']'),
    }
    .ok_or_else(|| "a `[` is not closed".to_owned())?;
    if name.is_empty() {
        return Err("there is no name in `image[\"\"]`".to_owned());
    }
    let segment = Segment {
        kind: Some(Kind::Image),
        name: name.to_owned(),
        replica: None,
    };
    Ok((segment, rest))
}

#[cfg(test)]
mod tests {
    use crate::resource::Address;
    use crate::resource::pattern::AddressPattern;

    fn pattern(text: &str) -> AddressPattern {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_pattern_covers_what_it_names_and_what_is_below() {
        let image = Address::from_label("environment.builder[2]/image[\"a.b/c:3.20\"]");
        for text in [
            "environment.builder",
            "environment.builder[2]",
            "environment.builder/image[\"a.b/c:3.20\"]",
            "environment.builder[2]/image[a.b/c:3.20]",
        ] {
            assert!(pattern(text).covers(&image), "{text}");
        }
        for text in [
            "environment.build",
            "environment.builder[1]",
            "registry.builder",
            "environment.builder/image[\"a.b/c:3.2\"]",
            "image[\"a.b/c:3.20\"]",
        ] {
            assert!(!pattern(text).covers(&image), "{text}");
        }
        assert!(!pattern("environment.builder").is(&image));
    }

    #[test]
    fn the_only_replica_is_the_first() {
        let only = Address::from_label("environment.builder");
        assert!(pattern("environment.builder[1]").is(&only));
        assert!(!pattern("environment.builder[2]").is(&only));
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_is_wrong() {
        for (text, reason) in [
            ("", "`` is none of"),
            ("env.builder", "`env` is none of"),
            ("environment", "there is no `.NAME`"),
            ("environment.", "there is no name"),
            ("environment.a[0]", "counted from 1"),
            ("environment.a[x]", "counted from 1"),
            ("environment.a[1", "not closed"),
            ("environment.a.b", "`.b` does not belong"),
            ("environment.a/", "`` is none of"),
            ("image.alpine", "stands in"),
            ("image[\"\"]", "there is no name"),
            ("image[\"alpine]", "not closed"),
        ] {
            let error = text.parse::<AddressPattern>().expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
