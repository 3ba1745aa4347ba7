//! `nest cp`

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::stream::once;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, pin_mut};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;
use tokio_util::io::{ReaderStream, StreamReader, SyncIoBridge};

use crate::cli::args::{CopyArguments, ReplicaArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, NameOf, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::desired::Desired;
use crate::docker::{Docker, FileInContainer, FileKind};
use crate::files::tree::{PackOptions, pack, unpack};
use crate::mode::Mode;

/// How much of an archive is on its way between the disk and the engine.
const ON_THE_WAY: usize = 256 * 1024;

/// What the kernel, and not the image, puts into a container.
const KERNEL_FOLDERS: [&str; 3] = ["/proc", "/sys", "/dev"];

/// One side of a copy.
enum Side<'a> {
    /// A tar archive on nest's own stream.
    Stream,
    /// A path of this machine.
    Here(PathBuf),
    /// A path in a container.
    There(Box<Named<'a>>, String),
}

/// Copies files into a container or out of it.
pub(crate) async fn run(
    arguments: &CopyArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let from = side(&desired, &arguments.from, arguments.replica, options)?;
    let to = side(&desired, &arguments.to, arguments.replica, options)?;
    match (from, to) {
        (Side::There(one, path), Side::Here(target)) => {
            copy_out(
                &engine,
                (&one, &path),
                &target,
                arguments.follow_link,
                output,
            )
            .await?;
        }
        (Side::There(one, path), Side::Stream) => {
            let found = engine.file(&one.engine, one.container, &path).await?;
            found.ok_or_else(|| absent(&one, &path))?;
            let archive = engine.archive(&one.engine, one.container, &path).await?;
            let mut stdout = tokio::io::stdout();
            pin_mut!(archive);
            while let Some(bytes) = archive.try_next().await.map_err(|it| broken(&path, it))? {
                stdout
                    .write_all(&bytes)
                    .await
                    .map_err(|it| broken("-", it))?;
            }
            stdout.flush().await.map_err(|it| broken("-", it))?;
        }
        (Side::Here(source), Side::There(one, path)) => {
            copy_in(&engine, &source, &arguments.from, (&one, &path), arguments).await?;
        }
        (Side::Stream, Side::There(one, path)) => {
            let archive = ReaderStream::with_capacity(tokio::io::stdin(), ON_THE_WAY);
            engine
                .unpack(&one.engine, one.container, &path, archive)
                .await?;
        }
        _ => {
            return Err(usage(
                "one side of a copy is in an environment, the other is here",
                "as in `nest cp builder:/work/report.xml .`, `nest cp ./src builder:/work`, `nest cp builder:/work -`",
            ));
        }
    }
    Ok(ExitStatus::Success)
}

fn usage(message: &str, hint: &str) -> CommandError {
    CommandError::Usage {
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

/// What the engine does not find: what the kernel shows is in the container only, while it runs.
fn absent(one: &Named<'_>, path: &str) -> CommandError {
    let name = &one.name;
    let mut folders = KERNEL_FOLDERS.iter();
    match folders.find(|folder| Path::new(path).starts_with(folder)) {
        Some(folder) => usage(
            &format!(
                "what the kernel shows in `{folder}` of `{name}` is no file that the engine can copy"
            ),
            &format!("read it there, as with `nest exec {name} cat {path}`"),
        ),
        None => usage(&format!("`{name}` has no `{path}`"), ""),
    }
}

fn broken(path: &str, source: io::Error) -> CommandError {
    CommandError::File {
        path: path.into(),
        attempt: "copy",
        source,
    }
}

/// What an argument means: `NAME:PATH`, `-`, or a path of this machine, which may begin with `/` or `.` to be none else.
fn side<'a>(
    desired: &'a Desired,
    text: &str,
    replica: ReplicaArguments,
    options: &Options,
) -> Result<Side<'a>, CommandError> {
    if text == "-" {
        return Ok(Side::Stream);
    }
    match text.split_once(':') {
        Some((name, path)) if !name.starts_with(['/', '.']) => {
            let one = named::one(desired, (NameOf::Container, name), replica)?;
            let path = format!("/{}", path.trim_start_matches('/'));
            refuse_memory(&one, &path)?;
            Ok(Side::There(Box::new(one), path))
        }
        _ => Ok(Side::Here(options.working_folder.join(text))),
    }
}

/// The container and the path that `NAME:PATH` means.
pub(crate) fn there<'a>(
    desired: &'a Desired,
    text: &str,
    options: &Options,
) -> Result<(Named<'a>, String), CommandError> {
    match side(desired, text, ReplicaArguments { index: None }, options)? {
        Side::There(one, path) => Ok((*one, path)),
        _ => Err(usage(
            &format!("`{text}` is no path in an environment"),
            "write `NAME:PATH`",
        )),
    }
}

/// The engine sees what is below memory that the container's own start mounts, not what is in it.
fn refuse_memory(one: &Named<'_>, path: &str) -> Result<(), CommandError> {
    let mode = one.wanted.fixed.mode.as_deref().and_then(Mode::named);
    let memory = mode.and_then(|mode| mode.own_engine()?.memory_folder);
    let Some(memory) = memory.filter(|memory| Path::new(path).starts_with(memory)) else {
        return Ok(());
    };
    Err(CommandError::Usage {
        message: format!(
            "`{memory}` of `{}` is memory while it runs, which files are not copied to or from",
            one.name
        ),
        hint: format!("take another folder, or `nest exec {} tar`", one.name),
    })
}

/// Whether a path means what is in a folder, not the folder.
fn means_contents(path: &str) -> bool {
    path == "." || path.ends_with("/.")
}

/// The folder and the name of a path in a container.
fn split(path: &str) -> (&str, &str) {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => ("/", path),
    }
}

/// Looks at a file in a container, through a link.
async fn look(
    engine: &Docker,
    one: &Named<'_>,
    path: &mut String,
) -> Result<Option<FileInContainer>, CommandError> {
    // As many links as Linux follows.
    for _ in 0..40 {
        let looked_at = match path.trim_end_matches('/') {
            "" => "/",
            path => path,
        };
        let found = engine.file(&one.engine, one.container, looked_at).await?;
        match found {
            Some(found) if found.kind == FileKind::Link => {
                *path = if found.link_target.starts_with('/') {
                    found.link_target
                } else {
                    format!("{}/{}", split(path).0, found.link_target)
                };
            }
            found => return Ok(found),
        }
    }
    Err(usage(&format!("`{path}` is a link without an end"), ""))
}

/// Copies a file or a folder of a container to a path of this machine.
pub(crate) async fn copy_out(
    engine: &Docker,
    (one, source): (&Named<'_>, &str),
    target: &Path,
    follow: bool,
    output: &Output,
) -> Result<(), CommandError> {
    let mut source = source.to_owned();
    let found = if follow {
        look(engine, one, &mut source).await?
    } else {
        engine.file(&one.engine, one.container, &source).await?
    };
    let found = found.ok_or_else(|| absent(one, &source))?;
    let is_folder = found.kind == FileKind::Folder;
    let shown = target.display().to_string();
    let target = match target.metadata() {
        Ok(there) if there.is_dir() => {
            if is_folder && means_contents(&source) {
                target.to_owned()
            } else {
                target.join(&found.name)
            }
        }
        Ok(_) if is_folder => return Err(usage(&format!("`{shown}` is no folder"), "")),
        // Written through a link.
        Ok(_) => target.canonicalize().map_err(|it| broken(&shown, it))?,
        Err(_) if shown.ends_with('/') && !is_folder => {
            return Err(usage(&format!("there is no folder `{shown}`"), ""));
        }
        Err(_) => target.to_owned(),
    };
    let archive = engine.archive(&one.engine, one.container, &source).await?;
    let reader = SyncIoBridge::new(StreamReader::new(archive));
    let left_out = spawn_blocking(move || unpack(reader, &target)).await;
    let left_out = left_out.map_err(io::Error::other).flatten();
    for path in left_out.map_err(|it| broken(&shown, it))? {
        let path = path.display();
        output.insist(&format!(
            "`{path}` is a device, a pipe or a socket, and is left out\n"
        ));
    }
    Ok(())
}

async fn copy_in(
    engine: &Docker,
    source: &Path,
    written: &str,
    (one, target): (&Named<'_>, &str),
    arguments: &CopyArguments,
) -> Result<(), CommandError> {
    let shown = source.display().to_string();
    let metadata = if arguments.follow_link || written.ends_with('/') {
        source.metadata()
    } else {
        source.symlink_metadata()
    };
    let is_folder = metadata.map_err(|it| broken(&shown, it))?.is_dir();
    let mut target = target.to_owned();
    let found = look(engine, one, &mut target).await?;
    let kind = found.map(|found| found.kind);
    let (folder, name) = match kind {
        Some(FileKind::Folder) if is_folder && means_contents(written) => split(&target),
        Some(FileKind::Folder) => {
            let canonical = source.canonicalize().map_err(|it| broken(&shown, it))?;
            let own = source.file_name().or(canonical.file_name());
            let name = own.unwrap_or_default().to_string_lossy().into_owned();
            let archive = archive_of(source, Path::new(&name), arguments);
            return Ok(engine
                .unpack(&one.engine, one.container, &target, archive)
                .await?);
        }
        Some(_) if is_folder => {
            let message = format!("`{target}` in `{}` is no folder", one.name);
            return Err(usage(&message, ""));
        }
        None if target.ends_with('/') && !is_folder => {
            let message = format!("`{}` has no folder `{target}`", one.name);
            return Err(usage(&message, ""));
        }
        Some(_) | None => split(&target),
    };
    let (folder, name) = match name {
        // The contents of a folder, to the top.
        "" => ("/", "."),
        name => (folder, name),
    };
    let archive = archive_of(source, Path::new(name), arguments);
    Ok(engine
        .unpack(&one.engine, one.container, folder, archive)
        .await?)
}

/// The archive of a path of this machine, as it is packed.
fn archive_of(
    source: &Path,
    name: &Path,
    arguments: &CopyArguments,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let (near, far) = tokio::io::duplex(ON_THE_WAY);
    let options = PackOptions {
        keep_owners: arguments.archive,
        follow: arguments.follow_link,
    };
    let (source, name) = (source.to_owned(), name.to_owned());
    let packing = spawn_blocking(move || pack(&source, &name, options, SyncIoBridge::new(near)));
    let packed = async move {
        let packed = packing.await.map_err(io::Error::other).flatten();
        packed.map(|()| Bytes::new())
    };
    // An archive that breaks off is an error, not an end.
    ReaderStream::with_capacity(far, ON_THE_WAY).chain(once(packed))
}
