//! nest, the command.

use std::process::ExitCode;

fn main() -> ExitCode {
    nest::cli::run(std::env::args_os()).into()
}
