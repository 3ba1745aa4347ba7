//! What an engine holds, to compare before and after.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::api::Api;
use crate::engine::Engine;

/// The containers, volumes and networks of an engine, by kind and name.
pub(crate) struct Objects(BTreeSet<String>);

impl Objects {
    /// Lists them.
    pub(crate) async fn list(engine: &Engine) -> Result<Self> {
        let names = Api::connect(&engine.host).await?.objects().await?;
        Ok(Self(names.into_iter().collect()))
    }

    /// Fails with the names of what was added or is missing.
    pub(crate) fn must_equal(&self, before: &Self) -> Result<()> {
        let names = |from: &Self, without: &Self| {
            let names: Vec<&str> = from.0.difference(&without.0).map(String::as_str).collect();
            names.join(", ")
        };
        let (added, missing) = (names(self, before), names(before, self));
        ensure!(added.is_empty(), "left behind: {added}");
        ensure!(missing.is_empty(), "removed, though not nest's: {missing}");
        Ok(())
    }
}
