//! Every mode with every store of images, on every engine around it: what runs where, as a table.

mod cell;
mod page;

use std::fs;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::api::Api;
use crate::args::{EngineChoice, MatrixOptions};
use crate::cache::Cache;
use crate::checkout;
use crate::engine;
use crate::kind::Kind;
use crate::matrix::cell::{CELLS, Outcome};
use crate::matrix::page::{Column, Page};
use crate::output::data;
use crate::steps::{self, Steps};
use crate::suite::Suite;

/// The engines around: what each is called, and how one is had.
const OUTER: [(&str, EngineChoice); 3] = [
    ("Docker", private(Kind::Docker, Suite::Trixie)),
    ("Docker", private(Kind::Docker, Suite::Sid)),
    ("Podman", private(Kind::Podman, Suite::Trixie)),
];

const fn private(kind: Kind, suite: Suite) -> EngineChoice {
    EngineChoice {
        kind: Some(kind),
        suite: Some(suite),
        private: true,
    }
}

/// Tries all of it and prints the table; true if everything ran that should.
pub(crate) async fn run(options: &MatrixOptions) -> Result<bool> {
    let cache = Cache::open()?;
    let mut steps = Steps::new()?;
    let mut build = Command::new("cargo");
    build
        .args(["build", "--bin", "nest"])
        .current_dir(checkout::folder());
    let mut columns = Vec::new();
    if steps.run("build nest", steps::run(build)).await.is_some() {
        for (make, choice) in &OUTER {
            if options.suite.is_none() || options.suite == choice.suite {
                columns.extend(column(&mut steps, &cache, (make, choice)).await?);
            }
        }
    }
    let page = Page { columns };
    let write = async { write(&page, options.write) };
    steps.run("table", write).await;
    Ok(steps.finish())
}

/// Tries everything on one engine around it.
async fn column(
    steps: &mut Steps,
    cache: &Cache,
    (make, choice): (&str, &EngineChoice),
) -> Result<Option<Column>> {
    let (own, _lock) = engine::own(cache)?;
    let suite = choice.suite.unwrap_or(Suite::Trixie);
    let shown = format!("{make} of {suite}");
    let start = engine::start(cache, choice, own.name());
    let started = steps.run(format!("{shown}: engine start"), start).await;
    let mut column = None;
    if let Some(engine) = started {
        let api = Api::connect(&engine.host).await?;
        let mut outcomes = Vec::new();
        for cell in CELLS {
            let name = format!("{shown}: {}", cell.name());
            let tried = steps.run(name, cell.try_on(&engine)).await;
            outcomes.push(tried.unwrap_or(Outcome::Fails));
        }
        column = Some(Column {
            engine: format!("{make} {}", api.version().await?),
            outcomes,
        });
    }
    steps.clean_up();
    let stop = async { own.stop(cache) };
    steps.run(format!("{shown}: engine stop"), stop).await;
    Ok(column)
}

/// Prints the table, and puts it into the book if that is wanted.
fn write(page: &Page, to_book: bool) -> Result<()> {
    data(page.table());
    if to_book {
        ensure!(
            page.columns.len() == OUTER.len(),
            "not every engine could be tried: the page stays as it is"
        );
        let path = checkout::folder().join("book/src/matrix.md");
        fs::write(&path, page.markdown())
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}
