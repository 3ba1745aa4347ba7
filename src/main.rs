//! nest, the command.

use std::process::ExitCode;

/// Plans are many small parts, and this allocator is good at them, on several processors too. It asks for no huge pages,
/// which would make small projects large.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    nest::cli::run(std::env::args_os()).into()
}
