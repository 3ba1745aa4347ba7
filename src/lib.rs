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

mod document;
pub mod problem;
pub mod source;
pub mod spec;

pub mod mode;
pub mod model;
pub mod resource;

pub mod desired;
pub mod observed;
pub mod plan;

pub mod apply;
pub mod engine;
pub mod files;
pub mod up;

pub mod report;
