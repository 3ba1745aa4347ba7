//! A large file: how long reading it takes, and how that grows.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;

use crate::bench::contest::Contest;
use crate::bench::deed::Deed;
use crate::bench::page::Goal;
use crate::bench::race::Race;
use crate::bench::sample::Sample;
use crate::bench::scene::{Scene, write};
use crate::steps::Steps;

/// How many environments, or services, the files have that both read.
const SIZE: usize = 1_000;
/// The sizes between which the time must grow as the file does.
const SIZES: [usize; 3] = [100, SIZE, 10_000];
/// How many times as fast as Compose nest should be, and which part of its memory it may need.
const FASTER: f64 = 20.0;
const MEMORY: f64 = 0.2;
/// How many times as long a file of ten times the size may take.
const GROWTH: f64 = 12.0;

/// What came out.
pub(crate) struct Large {
    /// Both on files of one size.
    pub(crate) contest: Contest,
    /// nest on files of growing size.
    growth: Vec<Sample>,
}

impl Large {
    /// Reads the files; none if something fails.
    pub(crate) async fn measure(steps: &mut Steps, race: &Race<'_>) -> Option<Self> {
        let measure = async {
            let scene = scene(race.folder, SIZE)?;
            let mut pairs = Vec::new();
            for _ in 0..race.again {
                let nest = race.nest(&scene, &["validate"]).await?;
                pairs.push((nest, race.compose(&scene, &["config", "--quiet"]).await?));
            }
            let mut growth = Vec::new();
            for size in SIZES {
                let scene = self::scene(race.folder, size)?;
                let mut samples = Vec::new();
                for _ in 0..race.again {
                    samples.push(race.nest(&scene, &["validate"]).await?);
                }
                growth.extend(samples.into_iter().min_by_key(|sample| sample.time));
            }
            Ok(Self {
                contest: Contest {
                    scene: scene.name,
                    project: scene.title,
                    deed: Deed::Validate,
                    pairs,
                },
                growth,
            })
        };
        steps.run("large files", measure).await
    }

    /// What nest set out to reach with them.
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let faster = 1.0 / self.contest.time_ratio();
        let memory = self.contest.memory_ratio();
        let seconds = |sample: &Sample| sample.time.as_secs_f64();
        let growth: Vec<f64> = self
            .growth
            .windows(2)
            .map(|pair| seconds(&pair[1]) / seconds(&pair[0]))
            .collect();
        let most = growth.iter().copied().fold(0.0, f64::max);
        vec![
            Goal {
                text: format!("nest reads them {FASTER} times as fast as Compose ({faster:.1})"),
                is_met: faster >= FASTER,
            },
            Goal {
                text: format!("nest needs {MEMORY} of its memory for them ({memory:.2})"),
                is_met: memory <= MEMORY,
            },
            Goal {
                text: format!(
                    "a file of ten times the size takes nest less than {GROWTH} times as long \
                     ({most:.1})"
                ),
                is_met: most < GROWTH,
            },
        ]
    }
}

/// A project of many environments, and one of as many services: both mean the same containers, down to the second socket
/// and its volume.
fn scene(folder: &Path, size: usize) -> Result<Scene> {
    let mut nest = "volumes: { cache: {} }\nenvironments:\n".to_owned();
    let mut compose = "services:\n".to_owned();
    let mut volumes = "volumes:\n  cache:\n".to_owned();
    for number in 1..=size {
        let port = 10_000 + number;
        write!(
            nest,
            "  env{number}:
    outer:
      mode: dind
      cpus: 2
      memory: 4g
      environment:
        LEVEL: info
        NUMBER: \"{number}\"
      ports: [\"{port}:80\"]
    volumes: [cache:/cache, ./source:/workspace:ro]
    inner:
      images:
        - alpine:3.20
        - busybox:1.36
"
        )?;
        write!(
            compose,
            "  env{number}:
    image: docker:dind
    privileged: true
    command: [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
    cpus: 2
    mem_limit: 4g
    environment:
      NEST_REPLICA: \"1\"
      LEVEL: info
      NUMBER: \"{number}\"
    ports: [\"{port}:80\"]
    stop_grace_period: 60s
    volumes:
      - env{number}-data:/var/lib/docker
      - env{number}-socket:/nest
      - cache:/cache
      - ./source:/workspace:ro
"
        )?;
        write!(volumes, "  env{number}-data:\n  env{number}-socket:\n")?;
    }
    compose.push_str(&volumes);
    let name = "large";
    write(folder, &format!("{name}/source/file"), "")?;
    Ok(Scene {
        name,
        title: format!("{size} environments"),
        nest_file: write(folder, &format!("{name}/nest{size}.yaml"), &nest)?,
        compose_file: write(folder, &format!("{name}/compose{size}.yaml"), &compose)?,
        services: Vec::new(),
        engines: Vec::new(),
        images: &[],
        volumes: &[],
        variables: Vec::new(),
    })
}
