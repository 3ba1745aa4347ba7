//! nest: a plan for container engines inside containers.
//!
//! The data goes one way:
//!
//! ```text
//! SourceText -> Document -> Spec -> Project -> Desired ┐
//!                                                      ├ plan -> Plan -> apply -> Events, ApplyReport -> report
//!                     engines -> observe -> Observed ──┘
//! ```
//!
//! The modules below are in reading order, and none imports a later one. All decisions are in [`plan`]; the executor in
//! [`apply`] has none. What is true of one engine is true of every engine: depth is recursion, never a special case.

// Text to project.
pub mod source;

pub mod problem;

mod document;

pub mod mode;

pub mod spec;

pub mod model;

// Decisions.
mod parallel;

pub mod resource;

pub mod observed;

pub mod doctor;

pub mod desired;

pub mod plan;

pub mod watch;

// The world.
pub mod engine;

pub mod files;

pub mod images;

pub mod docker;

pub mod apply;

pub mod up;

// Outside.
pub mod report;

pub mod cli;
