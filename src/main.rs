//! nest, the command.

use std::process::ExitCode;

/// Plans are many small parts, and this allocator is good at them, on several processors too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    nest::cli::run(std::env::args_os()).into()
}
