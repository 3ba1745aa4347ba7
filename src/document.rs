//! A YAML file as a tree whose every node knows its place.
//!
//! Variables are filled in here, value by value, after the structure is known. Types are not decided here: that is done
//! where a value is used, because a key that takes text and a key that takes a number read `${N}` differently.

mod alias;
pub(crate) mod budget;
pub(crate) mod env_file;
mod form;
pub(crate) mod interpolation;
pub(crate) mod merge;
pub(crate) mod node;
mod parser;
pub(crate) mod place;
mod syntax;
mod tag;
pub(crate) mod variables;

pub(crate) use crate::document::parser::parse_document;
