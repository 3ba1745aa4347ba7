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

pub mod source;

pub mod mode;
pub mod model;
pub mod observed;
pub mod plan;
pub mod resource;

pub mod engine;

pub mod images;

pub mod docker;
