//! How a mapping is handed out to two types, one after the other.

use std::cell::RefCell;

use serde::de::{DeserializeSeed, SeqAccess};

use crate::problem::ShapeProblem;
use crate::source::Span;
use crate::spec::decode::NodeDeserializer;
use crate::spec::decode::error::DecodeError;
use crate::spec::vocabulary::unknown_key;

/// The keys of both types, as far as they are known: those of the second are when it is decoded.
#[derive(Default)]
pub(super) struct JoinedKeys(RefCell<Parts>);

#[derive(Default)]
struct Parts {
    owner: &'static str,
    keys: Vec<&'static str>,
    complete: bool,
}

impl JoinedKeys {
    /// Adds the keys of a type. The first gives both their name.
    pub(super) fn add(&self, name: &'static str, fields: &'static [&'static str]) {
        let mut parts = self.0.borrow_mut();
        if parts.keys.is_empty() {
            parts.owner = name;
        } else {
            parts.complete = true;
        }
        parts.keys.extend(fields);
    }

    /// What the mapping is called.
    pub(super) fn owner(&self) -> &'static str {
        self.0.borrow().owner
    }

    /// Whether the keys of both types are known.
    pub(super) fn is_complete(&self) -> bool {
        self.0.borrow().complete
    }

    /// Whether one of the types, as far as they are known, has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.borrow().keys.contains(&key)
    }

    /// The problem with a key that the type at hand does not have: none, unless the other does not have it either.
    pub(super) fn problem_with_unknown(&self, key: &str, at: &Span) -> Option<ShapeProblem> {
        let parts = self.0.borrow();
        (parts.complete && !parts.keys.contains(&key))
            .then(|| unknown_key(parts.owner, key, &parts.keys, at.clone()))
    }
}

/// The same mapping, twice.
pub(super) struct JoinedAccess<'n> {
    mapping: NodeDeserializer<'n>,
    keys: JoinedKeys,
}

impl<'n> JoinedAccess<'n> {
    pub(super) fn new(mapping: NodeDeserializer<'n>) -> Self {
        let keys = JoinedKeys::default();
        Self { mapping, keys }
    }
}

impl<'de> SeqAccess<'de> for JoinedAccess<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let mapping = NodeDeserializer {
            joined: Some(&self.keys),
            ..self.mapping
        };
        seed.deserialize(mapping).map(Some)
    }
}
