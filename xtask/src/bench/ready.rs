//! How long an engine takes from nothing to its first answer, mode by mode: brought up by nest, and in the same container
//! started by `docker run` and asked every 50 ms.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::bench::contest::Contest;
use crate::bench::deed::Deed;
use crate::bench::page::Goal;
use crate::bench::race::Race;
use crate::bench::scene::{Scene, write};
use crate::steps::Steps;

/// The modes, each with the command that asks its engine.
const MODES: [(&str, &str); 5] = [
    ("dind", "docker info"),
    (
        "rootless",
        "docker --host unix:///run/user/1000/docker.sock info",
    ),
    ("sysbox", "docker info"),
    (
        "podman",
        "podman --remote --url unix:///nest/docker.sock info",
    ),
    ("socket", "docker info"),
];
/// How many times as long nest may take.
const LIMIT: f64 = 1.15;
/// Where the table stands in the page of the book.
const BEGIN: &str = "<!-- The time to a ready engine. -->\n";
const END: &str = "<!-- Up to here. -->\n";

/// What came out, mode by mode.
pub(crate) struct Ready(Vec<Contest>);

impl Ready {
    /// Measures it; none if something fails. Nothing of it stays.
    pub(crate) async fn measure(steps: &mut Steps, race: &Race<'_>) -> Option<Self> {
        let mut contests = Vec::new();
        for (mode, ask) in MODES {
            let scene = steps.run("files", async { scene(race, mode, ask) }).await?;
            let measured = steps
                .run(format!("ready: {mode}"), contest(race, scene))
                .await;
            contests.push(measured?);
        }
        Some(Self(contests))
    }

    /// What nest set out to reach.
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let goal = |contest: &Contest| {
            let ratio = contest.time_ratio();
            Goal {
                text: format!(
                    "{} to a ready engine: at most {LIMIT} of the time of `docker run` ({ratio:.2})",
                    contest.project
                ),
                is_met: ratio <= LIMIT,
            }
        };
        self.0.iter().map(goal).collect()
    }

    /// The figures as a part of the book.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!(
            "{BEGIN}
From nothing to the first answer of an engine with nothing in it: `nest up`, beside the same container started by
`docker run` on a network of its own and asked by `docker exec … info` every 50 ms.

| ready | nest / `docker run` | nest | `docker run` |
|---|---|---|---|
"
        );
        for contest in &self.0 {
            let (low, high) = contest.time_ratio_range();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "| {} | **{:.2}** ({low:.2} – {high:.2}) | {:.2} s | {:.2} s |",
                contest.project,
                contest.time_ratio(),
                contest.nest_time().as_secs_f64(),
                contest.compose_time().as_secs_f64(),
            );
        }
        text + "\n" + END
    }

    /// A page of the book with these figures in place of those that it has.
    pub(crate) fn put_into(&self, page: &str) -> Result<String> {
        let place = page.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = place.context("the page has no place for the table")?;
        Ok(format!("{before}{}{after}", self.markdown()))
    }
}

fn scene(race: &Race<'_>, mode: &str, ask: &str) -> Result<Scene> {
    race.compose.put_docker_in(&race.folder.join("bin"))?;
    let text = format!("environments: {{ box: {{ outer: {mode} }} }}\n");
    let file = write(race.folder, &format!("ready/{mode}.yaml"), &text)?;
    Ok(Scene {
        name: "ready",
        title: format!("`{mode}`"),
        compose_file: file.clone(),
        nest_file: file,
        services: Vec::new(),
        engines: Vec::new(),
        images: &[],
        volumes: &[],
        variables: vec![("ASK", ask.to_owned())],
    })
}

async fn contest(race: &Race<'_>, mut scene: Scene) -> Result<Contest> {
    let down = ["down", "--yes", "--volumes"];
    race.nest(&scene, &down).await?;
    race.script(&scene, "plain down", include_str!("plain_down.sh"))
        .await?;
    race.nest(&scene, &["up", "--yes"]).await?;
    let options = options(race, &scene).await?;
    scene.variables.push(("OPTIONS", options));
    race.nest(&scene, &down).await?;
    let mut pairs = Vec::new();
    for _ in 0..race.cold.max(3) {
        let nest = race.nest(&scene, &["up", "--yes"]).await?;
        race.nest(&scene, &down).await?;
        let up = include_str!("plain_up.sh");
        let plain = race.script(&scene, "plain up", up).await?;
        let end = include_str!("plain_down.sh");
        race.script(&scene, "plain down", end).await?;
        pairs.push((nest, plain));
    }
    Ok(Contest {
        scene: scene.name,
        project: scene.title,
        deed: Deed::Ready,
        pairs,
    })
}

/// The options, the image and the command of the container that nest has made, as a shell reads them.
async fn options(race: &Race<'_>, scene: &Scene) -> Result<String> {
    let container = format!("{}-box-1", scene.nest_project());
    let found = race.read(scene, &["docker", "inspect", &container]).await?;
    let found: Value = serde_json::from_str(&found)?;
    let (config, host) = (&found[0]["Config"], &found[0]["HostConfig"]);
    let mut words: Vec<String> = Vec::new();
    let mut add = |option: &str, value: &str| words.extend([option.to_owned(), value.to_owned()]);
    for variable in strings(&config["Env"]) {
        add("--env", variable);
    }
    for (option, list) in [
        ("--security-opt", &host["SecurityOpt"]),
        ("--cap-add", &host["CapAdd"]),
        ("--group-add", &host["GroupAdd"]),
    ] {
        strings(list).for_each(|value| add(option, value));
    }
    // A new volume belongs to root: who is not, cannot put a second socket there.
    let is_root = matches!(config["User"].as_str(), None | Some("" | "root" | "0"));
    for mount in found[0]["Mounts"].as_array().into_iter().flatten() {
        let target = mount["Destination"].as_str().unwrap_or_default();
        if target == "/nest" && !is_root {
            continue;
        }
        let source = match mount["Type"].as_str() {
            Some("volume") => format!("plain-bench{}", target.replace('/', "-")),
            _ => mount["Source"].as_str().unwrap_or_default().to_owned(),
        };
        add("--volume", &format!("{source}:{target}"));
    }
    let runtime = host["Runtime"].as_str().unwrap_or_default();
    add("--runtime", runtime);
    if let Some(seconds) = config["StopTimeout"].as_u64() {
        add("--stop-timeout", &seconds.to_string());
    }
    for (flag, is_set) in [
        ("--privileged", &host["Privileged"]),
        ("--init", &host["Init"]),
    ] {
        words.extend((is_set == true).then(|| flag.to_owned()));
    }
    let image = config["Image"].as_str().unwrap_or_default();
    ensure!(!image.is_empty(), "`{container}` has no image");
    words.push(image.to_owned());
    let command = strings(&config["Cmd"]).filter(|word| is_root || !word.contains("/nest/"));
    words.extend(command.map(str::to_owned));
    let quoted = words.iter().map(|word| format!("'{word}'"));
    Ok(quoted.collect::<Vec<_>>().join(" "))
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
