//! The docker room against a real engine.

mod lifecycle;
mod sandbox;
