//! All images of an engine.

use crate::docker::Docker;
use crate::docker::answer::ImageListed;
use crate::engine::EngineError;
use crate::observed::holdings::HeldImage;
use crate::resource::engine_path::EnginePath;

impl Docker {
    /// The images that the engine at this path holds, the largest first.
    pub async fn images(&self, at: &EnginePath) -> Result<Vec<HeldImage>, EngineError> {
        let client = self.client(at).await?;
        let listed: Option<Vec<ImageListed>> = client.get("/images/json", "list images").await?;
        let listed = listed.into_iter().flatten();
        let held = listed.map(|image| {
            let mut names = image.repo_tags.unwrap_or_default();
            names.retain(|name| !name.contains("<none>"));
            names.sort();
            HeldImage {
                id: image.id,
                names,
                size: image.size,
            }
        });
        let mut held: Vec<HeldImage> = held.collect();
        held.sort_by(|one, other| (other.size, &one.names).cmp(&(one.size, &other.names)));
        Ok(held)
    }
}
