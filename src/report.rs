//! Text for people: plans, progress, status, errors. Pure: nothing here prints.

mod advice;
pub mod board;
pub mod diff;
pub mod doctor;
pub mod failure;
pub mod graph;
pub mod images;
pub mod json;
pub mod markdown;
pub mod plan;
pub mod problem;
pub mod progress;
pub mod status;
pub mod stream;
pub mod style;
pub mod watch;
pub mod words;
