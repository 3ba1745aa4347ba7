//! Sets up and checks nest: run `cargo xtask` to see what it does.

mod again;
mod answers;
mod api;
mod args;
mod bench;
mod cache;
mod checkout;
mod clients;
mod demo;
mod digest;
mod editor;
mod engine;
mod fuzz;
mod image;
mod images;
mod kind;
mod layer;
mod matrix;
mod mounts;
mod objects;
mod output;
mod packages;
mod private_engine;
mod program;
mod rootfs;
mod steps;
mod suite;
mod test;
mod tools;
mod unpacked;
mod upstream;
mod user_engine;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Task};
use crate::bench::measure;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Engine { action } => engine::run(action).await,
        Task::Bench(options) => bench::run(&options).await,
        Task::Measure(options) => measure::run(&options),
        Task::Clients(choice) => clients::run(&choice).await,
        Task::Demo(choice) => demo::run(&choice).await,
        Task::Editor => editor::run().await,
        Task::Fuzz(options) => fuzz::run(&options).await,
        Task::Matrix(options) => matrix::run(&options).await,
        Task::Test { choice, arguments } => test::run(&choice, &arguments).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            output::talk(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
