//! nest, the command.

fn main() {}
