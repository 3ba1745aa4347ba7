//! nest beside Docker Compose: time and memory, on one engine and in one run.
//!
//! Both make the same containers, which is checked. Compose does not look into them, so a script does
//! after it what nest does by itself: wait for the engines, fill them.

pub(crate) mod compose;
mod contest;
mod deed;
mod large;
pub(crate) mod machine;
pub(crate) mod measure;
mod page;
mod planning;
mod race;
mod ready;
mod sample;
mod scene;
mod watching;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::api::Api;
use crate::args::BenchOptions;
use crate::bench::compose::Compose;
use crate::bench::contest::Contest;
use crate::bench::deed::Deed;
use crate::bench::large::Large;
use crate::bench::machine::Machine;
use crate::bench::page::{Goal, Page};
use crate::bench::planning::Planning;
use crate::bench::race::Race;
use crate::bench::ready::Ready;
use crate::bench::sample::megabytes;
use crate::bench::scene::Scene;
use crate::cache::Cache;
use crate::checkout;
use crate::engine;
use crate::output::data;
use crate::steps::{self, Steps};
use crate::upstream::Upstream;

/// The most memory that nest may need for the quick start, in bytes.
const MEMORY_GOAL: u64 = 40_000_000;
/// Which part of Compose's memory nest may need for bringing up what is up.
const MEMORY_PART: f64 = 1.0 / 3.0;

/// Measures, and prints what came out; true if all went well and the goals are met.
pub(crate) async fn run(options: &BenchOptions) -> Result<bool> {
    let cache = Cache::open()?;
    let folder = checkout::target_folder().join("bench");
    fs::create_dir_all(&folder)?;
    let mut steps = Steps::new()?;
    let (own, _lock) = engine::own(&cache)?;
    let mut build = Command::new("cargo");
    build
        .args(["build", "--release", "--bin", "nest"])
        .current_dir(checkout::folder());
    let unpack = async { Compose::install(&cache) };
    let start = engine::start(&cache, &options.choice, own.name());
    let nest = checkout::target_folder().join("release/nest");
    let is_built = steps.run("build nest", steps::run(build)).await.is_some();
    if is_built && options.watch {
        if let Some(engine) = steps.run("engine start", start).await {
            let measured = watching::run(&engine, &nest, options.write);
            steps.run("watch", measured).await;
        }
    } else if is_built
        && let Some(planning) = planning(&mut steps, options).await
        && let Some(compose) = steps.run("compose", unpack).await
        && let Some(engine) = steps.run("engine start", start).await
    {
        let race = Race {
            engine: &engine,
            nest,
            compose: &compose,
            folder: &folder,
            cold: options.cold,
            again: options.again,
        };
        if let Some(ready) = Ready::measure(&mut steps, &race).await {
            match planning {
                Some(planning) => whole(&mut steps, &race, (planning, ready), options.write).await,
                None => drop(
                    steps
                        .run("figures", async { only(&ready, options.write) })
                        .await,
                ),
            }
        }
    }
    steps.clean_up();
    steps.run("engine stop", async { own.stop(&cache) }).await;
    Ok(steps.finish())
}

/// How long planning takes, unless it is not asked for; none if it fails.
async fn planning(steps: &mut Steps, options: &BenchOptions) -> Option<Option<Planning>> {
    if options.ready {
        return Some(None);
    }
    steps.run("planning", Planning::measure()).await.map(Some)
}

/// Measures what is left, and tells all of it.
async fn whole(
    steps: &mut Steps,
    race: &Race<'_>,
    (planning, ready): (Planning, Ready),
    write: bool,
) {
    if let Some(large) = Large::measure(steps, race).await
        && let Some(contests) = all(steps, race).await
    {
        let figures = figures(race, contests, (large, planning, ready), write);
        steps.run("figures", figures).await;
    }
}

/// Prints how long engines take to become ready, and puts it into the book if that is wanted; fails if a goal is missed.
fn only(ready: &Ready, write: bool) -> Result<()> {
    data(ready.markdown());
    if write {
        let path = page_path();
        let page = fs::read_to_string(&path)?;
        fs::write(&path, ready.put_into(&page)?)?;
    }
    let goals = ready.goals();
    ensure!(goals.iter().all(|goal| goal.is_met), "a goal is missed");
    Ok(())
}

fn page_path() -> PathBuf {
    checkout::folder().join("book/src/performance.md")
}

/// Runs the contests of every project; none if one fails. Nothing of them stays, however it ends.
async fn all(steps: &mut Steps, race: &Race<'_>) -> Option<Vec<Contest>> {
    let upstream = steps.run("upstream", Upstream::start(race.engine)).await?;
    let contests = each(steps, race, &upstream).await;
    steps.clean_up();
    steps.run("upstream stop", upstream.stop()).await;
    contests
}

async fn each(steps: &mut Steps, race: &Race<'_>, upstream: &Upstream) -> Option<Vec<Contest>> {
    let mut contests = Vec::new();
    let scenes = async { scenes(race, upstream) };
    for scene in steps.run("files", scenes).await? {
        let Some(more) = steps.run(scene.name, race.run(&scene)).await else {
            steps.clean_up();
            steps.run("clean up", race.clear(&scene)).await;
            return None;
        };
        contests.extend(more);
    }
    Some(contests)
}

fn scenes(race: &Race<'_>, upstream: &Upstream) -> Result<[Scene; 3]> {
    race.compose.put_docker_in(&race.folder.join("bin"))?;
    let plugins = race.folder.join("config/cli-plugins");
    race.compose
        .put_compose_at(&plugins.join("docker-compose"))?;
    Ok([
        Scene::engines(race.folder)?,
        Scene::images(race.folder)?,
        Scene::quickstart(race.folder, upstream.url())?,
    ])
}

/// Prints the figures, and puts them into the book if that is wanted; fails if a goal is missed.
async fn figures(
    race: &Race<'_>,
    mut contests: Vec<Contest>,
    (large, planning, ready): (Large, Planning, Ready),
    write: bool,
) -> Result<()> {
    let api = Api::connect(&race.engine.host).await?;
    let mut goals = vec![memory_goal(&contests)];
    goals.extend(
        Deed::ALL
            .into_iter()
            .flat_map(|deed| again_goals(deed, &contests)),
    );
    goals.extend(large.goals());
    goals.extend(planning.goals());
    goals.extend(ready.goals());
    contests.push(large.contest);
    let page = Page {
        machine: Machine::this(),
        versions: vec![
            version(vec![race.nest.clone().into()], "--version").await?,
            version(race.compose.command(), "version").await?,
            format!("Docker Engine {}", api.version().await?),
        ],
        cold: race.cold,
        again: race.again,
        contests,
        planning,
        ready,
        goals,
    };
    data(page.table());
    if write {
        let path = page_path();
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(&path, page.markdown())
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    ensure!(
        page.goals.iter().all(|goal| goal.is_met),
        "a goal is missed"
    );
    Ok(())
}

fn memory_goal(contests: &[Contest]) -> Goal {
    let quickstart = contests.iter().filter(|it| it.scene == Scene::QUICKSTART);
    let peak = quickstart
        .map(Contest::nest_memory)
        .max()
        .unwrap_or_default();
    Goal {
        text: format!(
            "nest needs less than {:.0} MB for the quick start ({:.1} MB)",
            megabytes(MEMORY_GOAL),
            megabytes(peak)
        ),
        is_met: peak > 0 && peak < MEMORY_GOAL,
    }
}

/// What nest set out to reach where there is nothing to do.
fn again_goals(deed: Deed, contests: &[Contest]) -> Vec<Goal> {
    let Some(limit) = deed.time_limit() else {
        return Vec::new();
    };
    let goals = |contest: &Contest| {
        let (time, memory) = (contest.time_ratio(), contest.memory_ratio());
        [
            Goal {
                text: format!(
                    "{}: at most {limit} of Compose's time ({time:.2})",
                    contest.title()
                ),
                is_met: time <= limit,
            },
            Goal {
                text: format!(
                    "{}: at most a third of Compose's memory ({memory:.2})",
                    contest.title()
                ),
                is_met: memory <= MEMORY_PART,
            },
        ]
    };
    let engines = |contest: &&Contest| contest.deed == deed && contest.scene == Scene::ENGINES;
    contests.iter().filter(engines).flat_map(goals).collect()
}

/// What a program says of its version.
async fn version(program: Vec<OsString>, argument: &str) -> Result<String> {
    let (program, arguments) = program.split_first().context("there is no program")?;
    let mut command = Command::new(program);
    command.args(arguments).arg(argument);
    Ok(steps::read(command).await?.trim().to_owned())
}
