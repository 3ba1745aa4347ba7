//! The variables that values may use.

use std::collections::BTreeMap;
use std::rc::Rc;

/// Variables by name: those of files beneath those that were known before, which win.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    known: Option<Rc<Variables>>,
    own: BTreeMap<String, String>,
}

impl Variables {
    /// Room for variables of files. They are looked for after those that are `known`.
    pub(crate) fn beneath(known: Rc<Self>) -> Self {
        Self {
            known: Some(known),
            own: BTreeMap::new(),
        }
    }

    /// The value of a variable, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<&String> {
        let known = self.known.as_ref().and_then(|known| known.get(name));
        known.or_else(|| self.own.get(name))
    }

    /// Those that were not known before.
    pub(crate) fn own(&self) -> &BTreeMap<String, String> {
        &self.own
    }

    /// Whether a variable was known before.
    pub(crate) fn is_known(&self, name: &str) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| known.get(name).is_some())
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: String, value: String) {
        self.own.insert(name, value);
    }
}

impl From<BTreeMap<String, String>> for Variables {
    fn from(own: BTreeMap<String, String>) -> Self {
        Self { known: None, own }
    }
}
