//! An engine of our own, in namespaces of its own, for machines that have none.

mod cgroups;
mod process;

use std::fmt;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::api::Api;
use crate::cache::{self, Cache};
use crate::images;
use crate::kind::Kind;
use crate::mounts;
use crate::output::talk;
use crate::private_engine::process::EngineProcess;
use crate::rootfs::root_file_system;
use crate::suite::Suite;

/// Which engine, and from where.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Release {
    /// The engine.
    pub(crate) kind: Kind,
    /// The suite that it comes from.
    pub(crate) suite: Suite,
}

impl Release {
    fn parse(text: &str) -> Option<Self> {
        let (kind, suite) = text.split_once(" of ")?;
        Some(Self {
            kind: Kind::named(kind)?,
            suite: Suite::named(suite)?,
        })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.kind, self.suite)
    }
}

/// The engine of a name, whether it runs or not.
#[derive(Clone)]
pub(crate) struct PrivateEngine {
    name: String,
    folder: PathBuf,
}

impl PrivateEngine {
    /// The engine of this name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        ensure!(
            !name.is_empty()
                && name.len() <= 40
                && name.chars().all(letters)
                && !name.starts_with('.'),
            "`{name}` is no name for an engine: use up to 40 letters, digits, `-`, `_` and `.`"
        );
        let folder = home().join(name);
        Ok(Self {
            name: name.to_owned(),
            folder,
        })
    }

    /// All engines that have a folder, sorted by name.
    pub(crate) fn all() -> Vec<Self> {
        let entries = fs::read_dir(home()).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
            .iter()
            .filter_map(|name| Self::named(name).ok())
            .collect()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The endpoint, as `DOCKER_HOST` takes it.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.folder.join("run/docker.sock").display())
    }

    /// A folder that has the same path inside the engine as outside.
    pub(crate) fn shared_folder(&self) -> PathBuf {
        self.folder.join("shared")
    }

    /// The folder with what it takes to reach it by ssh or TLS.
    pub(crate) fn access_folder(&self) -> PathBuf {
        self.shared_folder().join("access")
    }

    /// The process id by which one enters its namespaces; none if it does not run.
    pub(crate) fn process_id(&self) -> Option<i32> {
        EngineProcess::find(&self.folder)?.id()
    }

    /// What it was started as.
    pub(crate) fn release(&self) -> Option<Release> {
        Release::parse(&fs::read_to_string(self.release_file()).ok()?)
    }

    /// Starts it, unless it runs already, and loads the stand-in images.
    pub(crate) async fn start(
        &self,
        cache: &Cache,
        release: Release,
        checkout: &Path,
    ) -> Result<()> {
        ensure!(
            rustix::process::geteuid().is_root(),
            "only root can make a private engine: run as root, \
             or set `DOCKER_HOST` to an engine that runs privileged containers"
        );
        let _lock = cache.lock(&self.lock_name())?;
        if self.is_whole().await {
            let running = self.release();
            ensure!(
                running == Some(release),
                "engine `{}` runs already and is not {release}: \
                 stop it, or start this one under another `--name`",
                self.name
            );
            return Ok(());
        }
        // Left behind by a run that was killed, perhaps while it started.
        self.remove()?;
        let root = root_file_system(cache, release.suite)?;
        let archive = images::archive(cache, &root)?;
        let started = self.bring_up(&root, &archive, release, checkout).await;
        if started.is_err() {
            self.remove()?;
        }
        started.with_context(|| format!("cannot start the private engine `{}`", self.name))
    }

    /// Ends it and removes all of it.
    pub(crate) fn stop(&self, cache: &Cache) -> Result<()> {
        let _lock = cache.lock(&self.lock_name())?;
        self.remove()
    }

    fn lock_name(&self) -> String {
        format!("engine-{}", self.name)
    }

    /// Whether it runs and has its images.
    async fn is_whole(&self) -> bool {
        self.release_file().exists() && Api::connect(&self.host()).await.is_ok()
    }

    fn remove(&self) -> Result<()> {
        process::end(&self.folder)?;
        cgroups::remove(&self.name)?;
        let mounted = mounts::list()?
            .into_iter()
            .find(|mount| mount.target.starts_with(&self.folder));
        if let Some(mount) = mounted {
            bail!(
                "`{}` is mounted: unmount it, then stop the engine again",
                mount.target.display()
            );
        }
        cache::remove(&self.folder)?;
        // It stays while another engine is in it.
        let _ = fs::remove_dir(home());
        Ok(())
    }

    async fn bring_up(
        &self,
        root: &Path,
        archive: &Path,
        release: Release,
        checkout: &Path,
    ) -> Result<()> {
        for part in ["data", "devices", "root", "run", "shared", "upper", "work"] {
            let part = self.folder.join(part);
            fs::create_dir_all(&part)
                .with_context(|| format!("cannot create `{}`", part.display()))?;
        }
        let kind = mounts::kind_of(&self.folder)?;
        ensure!(
            kind != "overlay" && kind != "tmpfs",
            "the data of an engine cannot be on {kind}, as `{}` is: \
             set `NEST_ENGINE_HOME` to a folder on a disk",
            self.folder.display()
        );
        self.add_runtime()?;
        self.spawn(release.kind, root, checkout)?;
        let api = self.wait_until_ready().await?;
        api.load(archive).await?;
        let loaded = api.images().await?;
        if let Some(missing) = images::NAMES
            .iter()
            .find(|name| !loaded.iter().any(|it| it == *name))
        {
            bail!("`{missing}` is not in the engine after loading it");
        }
        fs::write(self.release_file(), release.to_string())?;
        Ok(())
    }

    /// Gives it the stand-in for a runtime that isolates, under the name of the one that it stands for.
    fn add_runtime(&self) -> Result<()> {
        let add = |path: &str, mode: u32, content: &str| {
            let path = self.folder.join("upper").join(path);
            fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
            fs::write(&path, content)?;
            fs::set_permissions(&path, Permissions::from_mode(mode))
        };
        let stand_in = include_str!("private_engine/sysbox-stand-in.sh");
        let settings = include_str!("private_engine/daemon.json");
        add("usr/local/bin/sysbox-runc", 0o755, stand_in)
            .and_then(|()| add("etc/docker/daemon.json", 0o644, settings))
            .context("cannot add the runtime `sysbox-runc`")
    }

    fn spawn(&self, kind: Kind, root: &Path, checkout: &Path) -> Result<()> {
        let log = File::create(self.log())?;
        // A session of its own, so that Ctrl-C reaches only us.
        let mut command = Command::new("setsid");
        command.args([
            "unshare",
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
        ]);
        let cgroup = cgroups::parent_of(&self.name);
        if kind == Kind::Podman {
            // It cannot be told which group its containers go into.
            command
                .args(["sh", "-c", include_str!("private_engine/join.sh"), "join"])
                .args([cgroup.as_str(), "unshare", "--cgroup"]);
        }
        command
            .args(["sh", "-c", include_str!("private_engine/enter.sh"), "enter"])
            .arg(kind.to_string())
            .args([&self.folder, root, checkout])
            .arg(cgroup)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start `setsid`: it and `unshare` come with util-linux")?;
        Ok(())
    }

    async fn wait_until_ready(&self) -> Result<Api> {
        const STEP: Duration = Duration::from_millis(25);
        const TRIES: u32 = 1200;
        for attempt in 0..TRIES {
            if let Ok(api) = Api::connect(&self.host()).await {
                return Ok(api);
            }
            // The first tries may come before the process is there.
            if attempt > 20 && EngineProcess::find(&self.folder).is_none() {
                break;
            }
            tokio::time::sleep(STEP).await;
        }
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        for line in &lines[lines.len().saturating_sub(10)..] {
            talk(line);
        }
        bail!("the engine does not answer; above are the last lines of its log")
    }

    /// The last thing that a start writes.
    fn release_file(&self) -> PathBuf {
        self.folder.join("release")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

/// The folder of all private engines.
fn home() -> PathBuf {
    std::env::var_os("NEST_ENGINE_HOME")
        .filter(|home| !home.is_empty())
        .and_then(|home| std::path::absolute(home).ok())
        .unwrap_or_else(|| PathBuf::from("/var/lib/nest-xtask"))
}
