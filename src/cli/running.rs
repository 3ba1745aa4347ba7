//! `nest stop`, `nest start`, `nest restart`

use std::collections::BTreeSet;

use crate::apply::apply;
use crate::apply::event::Event;
use crate::apply::lock::Lock;
use crate::cli::args::RunningArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::teller::Teller;
use crate::cli::{run_plan, signals};
use crate::engine::{Engine as _, EngineError};
use crate::observed::ObservedEngine;
use crate::plan::running::{dependants, start, stop};
use crate::plan::step::Step;
use crate::resource::Address;
use crate::up::{Outcome, question};

/// More waves than this mean that an engine does not stay up.
const MOST_WAVES: usize = 16;

/// What is to become of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// They end, those that need them first.
    Stop,
    /// They run, those that they need first.
    Start,
    /// They end and run again, with those that need them.
    Restart,
}

/// Stops containers, starts them, or both: as they are, and with all that is inside them.
pub(crate) async fn run(
    wish: Wish,
    arguments: &RunningArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let teller = Teller::new(arguments.run.format, output);
    let result = carry_out(wish, arguments, options, output, &teller).await;
    result.inspect_err(|error| teller.error(error))
}

async fn carry_out(
    wish: Wish,
    arguments: &RunningArguments,
    options: &Options,
    output: &Output,
    teller: &Teller<'_>,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let containers = named::some(&desired, &arguments.names)?;
    let observed = engine.observe(&question(&desired)).await?;
    if let Some(absent) = absent(&containers, &observed)
        && !arguments.names.is_empty()
    {
        return Err(absent.not_running("it has not been made"));
    }
    if let Some(error) = containers.iter().find_map(|one| one.unread(&observed)) {
        return Err(error);
    }
    let addresses = containers.iter().map(|one| one.wanted.address.clone());
    let mut chosen: BTreeSet<Address> = addresses.collect();
    // What is named does its work again, if it had done it.
    let mut again = if arguments.names.is_empty() {
        BTreeSet::new()
    } else {
        chosen.clone()
    };
    if wish != Wish::Start {
        chosen = dependants(&desired, &chosen);
    }
    let command = match wish {
        Wish::Stop => "nest stop",
        Wish::Start => "nest start",
        Wish::Restart => "nest restart",
    };
    let (apply_options, _listening) = signals::apply_options(options, output.clone());
    let lock_options = run_plan::lock_options(command, &arguments.run, options);
    let emit = |event: Event<'_>| teller.event(&event);
    let engines = observed.told_apart();
    let place = (&desired.project, &engines);
    let lock = Lock::take(&engine, place, &lock_options, &emit);
    let lock = teller.during(lock).await?;
    let working = async {
        let mut stopping = wish != Wish::Start;
        let mut changed = false;
        for _ in 0..MOST_WAVES {
            let observed = engine.observe(&question(&desired)).await?;
            let steps: Vec<Step> = if stopping {
                stop(&desired, &observed, &chosen)
            } else {
                start(&desired, &observed, &chosen, &again)
            };
            let addresses = || steps.iter().flat_map(|step| &step.addresses).cloned();
            if stopping {
                again.extend(addresses());
            } else {
                let started: BTreeSet<Address> = addresses().collect();
                again = &again - &started;
            }
            let is_last = wish == Wish::Stop || !stopping && steps.is_empty();
            let report = apply(&engine, &steps, &apply_options, &emit).await;
            if !report.is_complete() {
                return Ok(Outcome::Incomplete { steps, report });
            }
            changed |= !steps.is_empty();
            if is_last {
                return Ok(Outcome::Done { changed });
            }
            stopping = false;
        }
        Ok::<_, EngineError>(Outcome::NotSettled)
    };
    let outcome = teller.during(working).await;
    let freed = lock.free(&engine).await;
    let outcome = outcome?;
    freed?;
    Ok(teller.outcome(&outcome))
}

/// The first of these containers that is not there, of those whose engine was read.
fn absent<'a>(containers: &'a [Named<'a>], observed: &ObservedEngine) -> Option<&'a Named<'a>> {
    containers.iter().find(|one| {
        let engine = observed.at(&one.engine);
        engine.is_some_and(|engine| !engine.containers.contains_key(one.container))
    })
}
