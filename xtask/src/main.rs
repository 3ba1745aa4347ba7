//! Sets up and checks nest.

fn main() {}
