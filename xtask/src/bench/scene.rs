//! A project as nest and as Compose are given it.

use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::checkout;

/// How many engines the projects of many engines have.
pub(crate) const ENGINES: usize = 8;

/// A project in two files, and what a script has to know to finish what Compose begins.
pub(crate) struct Scene {
    /// The end of the project's name.
    pub(crate) name: &'static str,
    /// What the project is, for people.
    pub(crate) title: String,
    /// What nest reads.
    pub(crate) nest_file: PathBuf,
    /// What Compose reads.
    pub(crate) compose_file: PathBuf,
    /// All services; the names are the same for both.
    pub(crate) services: Vec<String>,
    /// The services that are engines.
    pub(crate) engines: Vec<String>,
    /// The images in each engine.
    pub(crate) images: &'static [&'static str],
    /// The volumes in each engine, which are those mounted at `/NAME`.
    pub(crate) volumes: &'static [&'static str],
    /// What the files take from the process.
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Scene {
    /// The name of the scene of several engines.
    pub(crate) const ENGINES: &str = "engines";
    /// The name of the example's scene.
    pub(crate) const QUICKSTART: &str = "quickstart";

    /// Several small engines with nothing in them.
    pub(crate) fn engines(folder: &Path) -> Result<Self> {
        Self::of_engines(folder, Self::ENGINES, format!("{ENGINES} engines"), &[])
    }

    /// The same, with two images in each.
    pub(crate) fn images(folder: &Path) -> Result<Self> {
        let title = format!("{ENGINES} engines with 2 images each");
        Self::of_engines(folder, "images", title, &["alpine:3.20", "busybox:1.36"])
    }

    /// The example that everyone begins with.
    pub(crate) fn quickstart(folder: &Path, upstream: String) -> Result<Self> {
        let name = Self::QUICKSTART;
        let compose = include_str!("quickstart.compose.yaml");
        Ok(Self {
            name,
            title: "`examples/quickstart`".to_owned(),
            nest_file: checkout::folder().join("examples/quickstart/nest.yaml"),
            compose_file: write(folder, &format!("{name}/compose.yaml"), compose)?,
            services: ["builder", "hub", "local", "tools"]
                .map(str::to_owned)
                .to_vec(),
            engines: vec!["builder".to_owned()],
            images: &["alpine:3.20", "busybox:1.36"],
            volumes: &["cache"],
            variables: vec![
                ("HUB_UPSTREAM", upstream),
                ("LOCAL_PORT", free_port()?.to_string()),
            ],
        })
    }

    /// The project's name when nest makes it.
    pub(crate) fn nest_project(&self) -> String {
        format!("nest-bench-{}", self.name)
    }

    /// The project's name when Compose makes it.
    pub(crate) fn compose_project(&self) -> String {
        format!("compose-bench-{}", self.name)
    }

    fn of_engines(
        folder: &Path,
        name: &'static str,
        title: String,
        images: &'static [&'static str],
    ) -> Result<Self> {
        let engines: Vec<String> = (1..=ENGINES).map(|number| format!("env{number}")).collect();
        let nest = nest_text(&engines, images)?;
        let compose = compose_text(&engines)?;
        Ok(Self {
            name,
            title,
            nest_file: write(folder, &format!("{name}/nest.yaml"), &nest)?,
            compose_file: write(folder, &format!("{name}/compose.yaml"), &compose)?,
            services: engines.clone(),
            engines,
            images,
            volumes: &[],
            variables: Vec::new(),
        })
    }
}

fn nest_text(engines: &[String], images: &[&str]) -> Result<String> {
    let images = images.join(", ");
    let mut text = "environments:\n".to_owned();
    for engine in engines {
        writeln!(
            text,
            "  {engine}: {{ outer: dind, inner: {{ images: [{images}] }} }}"
        )?;
    }
    Ok(text)
}

/// The containers that nest makes, down to the second socket and its volume.
fn compose_text(engines: &[String]) -> Result<String> {
    let mut text = "services:\n".to_owned();
    for engine in engines {
        write!(
            text,
            "  {engine}:
    image: docker:dind
    privileged: true
    command: [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
    environment: {{ NEST_REPLICA: \"1\" }}
    stop_grace_period: 60s
    volumes: [{engine}-data:/var/lib/docker, {engine}-socket:/nest]
"
        )?;
    }
    text.push_str("volumes:\n");
    for engine in engines {
        writeln!(text, "  {engine}-data:\n  {engine}-socket:")?;
    }
    Ok(text)
}

/// Writes a file below a folder.
pub(crate) fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(path)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
