//! The docker room against a real engine.

mod endpoint;
mod exec;
mod images;
mod lifecycle;
mod ready;
pub(crate) mod sandbox;
mod ways;
