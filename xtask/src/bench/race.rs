//! nest and Compose in turn, on the same engine and the same project.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::api::Api;
use crate::bench::compose::Compose;
use crate::bench::contest::Contest;
use crate::bench::deed::Deed;
use crate::bench::sample::{Sample, megabytes};
use crate::bench::scene::Scene;
use crate::engine::Engine;
use crate::output::talk;
use crate::steps;

/// No program may run longer than this.
const LIMIT: Duration = Duration::from_mins(5);

/// Both contestants, ready to race.
pub(crate) struct Race<'a> {
    /// The engine that both use.
    pub(crate) engine: &'a Engine,
    /// The program nest.
    pub(crate) nest: PathBuf,
    /// The program Compose.
    pub(crate) compose: &'a Compose,
    /// For logs and programs.
    pub(crate) folder: &'a Path,
    /// How often a project is brought up from nothing.
    pub(crate) cold: u32,
    /// How often one that is up is brought up again.
    pub(crate) again: u32,
}

/// What each needs where there is nothing to do.
struct AgainRound {
    nest: Sample,
    by_exec: Sample,
    /// As people type it.
    compose: Sample,
    /// Without the docker CLI.
    plugin: Sample,
}

/// What Compose needs until the containers run, until the engines are ready, and to take them down.
struct ComposeRound {
    up: Sample,
    ready: Sample,
    down: Sample,
}

/// What nest needs to bring a project up, engines ready, and to take it down.
struct NestRound {
    up: Sample,
    down: Sample,
}

impl Race<'_> {
    /// Runs all contests of a project. Nothing of it is there before, and nothing after.
    pub(crate) async fn run(&self, scene: &Scene) -> Result<Vec<Contest>> {
        self.clear(scene).await?;
        let mut contests = self.cold(scene).await?;
        self.nest(scene, &["up", "--yes"]).await?;
        self.compose(scene, &["up", "--detach"]).await?;
        self.make_ready(scene).await?;
        self.must_be_alike(scene).await?;
        contests.extend(self.again(scene).await?);
        self.clear(scene).await?;
        Ok(contests)
    }

    /// Removes what there is of a project.
    pub(crate) async fn clear(&self, scene: &Scene) -> Result<()> {
        self.nest(scene, &["down", "--yes", "--volumes"]).await?;
        self.compose(scene, &["down", "--volumes"]).await?;
        Ok(())
    }

    async fn cold(&self, scene: &Scene) -> Result<Vec<Contest>> {
        let deeds = [Deed::Ready, Deed::Started, Deed::Down];
        let mut contests = deeds.map(|deed| Contest {
            scene: scene.name,
            project: scene.title.clone(),
            deed,
            pairs: Vec::new(),
        });
        for round in 0..self.cold {
            let (nest, compose) = if round.is_multiple_of(2) {
                let nest = self.nest_round(scene).await?;
                (nest, self.compose_round(scene).await?)
            } else {
                let compose = self.compose_round(scene).await?;
                (self.nest_round(scene).await?, compose)
            };
            let pairs = [
                (nest.up, compose.up.then(compose.ready)),
                (nest.up, compose.up),
                (nest.down, compose.down),
            ];
            for (contest, pair) in contests.iter_mut().zip(pairs) {
                contest.pairs.push(pair);
            }
        }
        Ok(contests.into())
    }

    async fn nest_round(&self, scene: &Scene) -> Result<NestRound> {
        Ok(NestRound {
            up: self.nest(scene, &["up", "--yes"]).await?,
            down: self.nest(scene, &["down", "--yes", "--volumes"]).await?,
        })
    }

    async fn compose_round(&self, scene: &Scene) -> Result<ComposeRound> {
        Ok(ComposeRound {
            up: self.compose(scene, &["up", "--detach"]).await?,
            ready: self.make_ready(scene).await?,
            down: self.compose(scene, &["down", "--volumes"]).await?,
        })
    }

    /// Both bring up what is up already, after one run each that does not count.
    async fn again(&self, scene: &Scene) -> Result<Vec<Contest>> {
        let nest = || self.nest(scene, &["up", "--yes"]);
        let by_exec = || self.nest(scene, &["up", "--yes", "--tunnel", "exec"]);
        let compose = || self.docker_compose(scene, &["up", "--detach"]);
        let plugin = || self.compose(scene, &["up", "--detach"]);
        nest().await?;
        compose().await?;
        let mut rounds = Vec::new();
        for round in 0..self.again {
            let (nest, compose) = if round.is_multiple_of(2) {
                let nest = nest().await?;
                (nest, compose().await?)
            } else {
                let compose = compose().await?;
                (nest().await?, compose)
            };
            rounds.push(AgainRound {
                nest,
                by_exec: by_exec().await?,
                compose,
                plugin: plugin().await?,
            });
        }
        let contest = |deed, pair: fn(&AgainRound) -> (Sample, Sample)| Contest {
            scene: scene.name,
            project: scene.title.clone(),
            deed,
            pairs: rounds.iter().map(pair).collect(),
        };
        Ok(vec![
            contest(Deed::Again, |round| (round.nest, round.compose)),
            contest(Deed::AgainByExec, |round| (round.by_exec, round.compose)),
            contest(Deed::AgainAlone, |round| (round.nest, round.plugin)),
            contest(Deed::AgainByExecAlone, |round| {
                (round.by_exec, round.plugin)
            }),
        ])
    }

    /// Runs nest on a scene's file.
    pub(crate) async fn nest(&self, scene: &Scene, arguments: &[&str]) -> Result<Sample> {
        let mut command = vec![self.nest.clone().into_os_string()];
        command.extend(["--file".into(), scene.nest_file.clone().into()]);
        command.extend(["--project-name".into(), scene.nest_project().into()]);
        command.extend(arguments.iter().map(OsString::from));
        self.measure(scene, &format!("nest {}", arguments[0]), command)
            .await
    }

    /// Runs Compose on a scene's file, by itself.
    pub(crate) async fn compose(&self, scene: &Scene, arguments: &[&str]) -> Result<Sample> {
        let command = self.compose.command();
        self.compose_by(command, scene, arguments).await
    }

    /// Runs Compose on a scene's file as people do, as a plugin of the docker CLI.
    async fn docker_compose(&self, scene: &Scene, arguments: &[&str]) -> Result<Sample> {
        let command = vec!["docker".into(), "compose".into()];
        self.compose_by(command, scene, arguments).await
    }

    async fn compose_by(
        &self,
        mut command: Vec<OsString>,
        scene: &Scene,
        arguments: &[&str],
    ) -> Result<Sample> {
        command.extend(["--file".into(), scene.compose_file.clone().into()]);
        command.extend(["--project-name".into(), scene.compose_project().into()]);
        command.extend(arguments.iter().map(OsString::from));
        self.measure(scene, &format!("compose {}", arguments[0]), command)
            .await
    }

    async fn make_ready(&self, scene: &Scene) -> Result<Sample> {
        self.script(scene, "script", include_str!("make_ready.sh"))
            .await
    }

    /// Runs a script of docker's commands.
    pub(crate) async fn script(&self, scene: &Scene, what: &str, script: &str) -> Result<Sample> {
        let command = ["sh", "-c", script].map(OsString::from).to_vec();
        self.measure(scene, what, command).await
    }

    /// Runs a command, and returns what it writes.
    pub(crate) async fn read(&self, scene: &Scene, command: &[&str]) -> Result<String> {
        let mut words = self.engine.command(Path::new("env"));
        words.args(command).current_dir(self.folder);
        self.set_variables(&mut words, scene)?;
        steps::read(words).await
    }

    async fn measure(&self, scene: &Scene, what: &str, command: Vec<OsString>) -> Result<Sample> {
        let mut measure = self.engine.command(&std::env::current_exe()?);
        measure
            .arg("measure")
            .arg("--log")
            .arg(self.folder.join("log"))
            .arg("--")
            .args(command)
            .current_dir(self.folder);
        self.set_variables(&mut measure, scene)?;
        let output = tokio::time::timeout(LIMIT, steps::read(measure))
            .await
            .with_context(|| format!("`{what}` does not end within {} s", LIMIT.as_secs()))??;
        let sample: Sample = output.parse()?;
        talk(format_args!(
            "{:<10} {what:<12} {:>7.3} s {:>6.1} MB",
            scene.name,
            sample.time.as_secs_f64(),
            megabytes(sample.memory)
        ));
        Ok(sample)
    }

    fn set_variables(&self, command: &mut Command, scene: &Scene) -> Result<()> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.folder.join("bin")).chain(std::env::split_paths(&path));
        command
            .env("PATH", std::env::join_paths(folders)?)
            // Neither reads settings of the user.
            .env("DOCKER_CONFIG", self.folder.join("config"))
            .env("PROJECT", scene.compose_project())
            .env("ENGINES", scene.engines.join(" "))
            .env("IMAGES", scene.images.join(" "))
            .env("VOLUMES", scene.volumes.join(" "))
            .envs(scene.variables.iter().map(|(name, value)| (name, value)));
        Ok(())
    }

    /// Fails if the contestants did not make the same containers: then their times say nothing.
    async fn must_be_alike(&self, scene: &Scene) -> Result<()> {
        let api = Api::connect(&self.engine.host).await?;
        for service in &scene.services {
            let container = |project: &str| format!("{project}-{service}-1");
            let nest = api.shape(&container(&scene.nest_project())).await?;
            let compose = api.shape(&container(&scene.compose_project())).await?;
            ensure!(
                nest == compose,
                "`{service}` is not the same container for both: \
                 nest makes {nest:#?}, Compose makes {compose:#?}"
            );
        }
        Ok(())
    }
}
