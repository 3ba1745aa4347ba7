//! What an engine tells while it happens.

/// Something that happened to an object of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// What sort of object.
    pub object: HappeningTo,
    /// The object's name, as far as the engine tells it: of an image it may be an id.
    pub name: String,
    /// The project that the object carries the label of.
    pub project: Option<String>,
}

/// What sort of object something happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HappeningTo {
    /// A container was made, went, or runs otherwise than before.
    Container,
    /// A network was made or went, or a container joined or left it.
    Network,
    /// A volume was made or went.
    Volume,
    /// An image came, went, or has another name.
    Image,
}
