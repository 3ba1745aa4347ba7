//! One integration binary.

mod docker;
