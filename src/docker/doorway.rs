//! The shortest way into a container: its engine's socket, through the root folder of the container's first process.
//!
//! Root on the engine's host can take it, where the engine's processes are seen; it starts nothing in the container. What
//! the engine says of the process is not believed: the process must be in the control group of the container, in
//! namespaces that are neither ours nor the engine's, and whoever listens at the socket must be in them too. A path in
//! the container is resolved by the kernel as the container would, so that no link leads out of it.

use std::io::{self, Read as _};
use std::os::fd::AsRawFd as _;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::fs::{fstat, fstatfs, open, openat, openat2, statat};
use rustix::process::geteuid;
use tokio::net::UnixStream;

/// The kind of a file system that shows processes
/// (<https://man7.org/linux/man-pages/man2/statfs.2.html>).
const PROCESSES: u64 = 0x9fa0;
/// The length of a container's id.
const ID: usize = 64;
/// Opens a place without opening what is there.
const PLACE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);
const FOLDER: OFlags = PLACE.union(OFlags::DIRECTORY);

/// An open container.
#[derive(Debug)]
pub(crate) struct Doorway {
    /// The root folder as the container sees it.
    root: OwnedFd,
    /// The name space of its processes.
    processes: Namespace,
}

/// A name space of the kernel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Namespace {
    device: u64,
    inode: u64,
}

impl Doorway {
    /// Finds the container of this id by its first process. `engine` is the engine's process as this machine counts
    /// them, `process` the container's as the engine does. None where there is no such way, or it cannot be made sure
    /// of.
    pub(crate) fn find(engine: i32, process: i64, container_id: &str) -> Option<Self> {
        if !geteuid().is_root() || engine <= 0 || process <= 0 || container_id.len() != ID {
            return None;
        }
        Self::open(engine, process, container_id).ok().flatten()
    }

    fn open(engine: i32, process: i64, container_id: &str) -> io::Result<Option<Self>> {
        let none = Mode::empty();
        let engine = open(format!("/proc/{engine}"), FOLDER, none)?;
        let engine_root = openat(&engine, "root", FOLDER, none)?;
        // The folder is the process itself: once it has ended, all below fails, whoever gets its number.
        let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let process = openat2(
            &engine_root,
            format!("proc/{process}"),
            FOLDER,
            none,
            inside,
        )?;
        if u64::try_from(fstatfs(&process)?.f_type) != Ok(PROCESSES) {
            return Ok(None);
        }
        let groups = openat(&process, "cgroup", OFlags::RDONLY | OFlags::CLOEXEC, none)?;
        let mut text = String::new();
        std::fs::File::from(groups).read_to_string(&mut text)?;
        if !is_group_of(&text, container_id) {
            return Ok(None);
        }
        let own = open("/proc/self", FOLDER, none)?;
        for kind in ["ns/mnt", "ns/pid"] {
            let container = Namespace::of(&process, kind)?;
            if container == Namespace::of(&own, kind)? || container == Namespace::of(&engine, kind)?
            {
                return Ok(None);
            }
        }
        Ok(Some(Self {
            root: openat(&process, "root", FOLDER, none)?,
            processes: Namespace::of(&process, "ns/pid")?,
        }))
    }

    /// This process in place of a container.
    #[cfg(test)]
    pub(crate) fn of_this_process() -> io::Result<Self> {
        let own = open("/proc/self", FOLDER, Mode::empty())?;
        Ok(Self {
            root: open("/", FOLDER, Mode::empty())?,
            processes: Namespace::of(&own, "ns/pid")?,
        })
    }

    /// Opens the socket at a path in the container, which anyone there may have put there.
    pub(crate) fn socket(&self, path: &str) -> io::Result<OwnedFd> {
        let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let socket = openat2(&self.root, path, PLACE, Mode::empty(), inside)?;
        if FileType::from_raw_mode(fstat(&socket)?.st_mode) == FileType::Socket {
            Ok(socket)
        } else {
            Err(io::Error::other("there is something else than a socket"))
        }
    }

    /// Reads the file at a path in the container, which anyone there may have put there, up to a length.
    pub(crate) fn read(&self, path: &str, longest: u64) -> io::Result<Vec<u8>> {
        let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        // Opening a pipe would wait for somebody to write.
        let how = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = std::fs::File::from(openat2(&self.root, path, how, Mode::empty(), inside)?);
        let about = file.metadata()?;
        if !about.is_file() || about.len() > longest {
            return Err(io::Error::other("there is something else than such a file"));
        }
        let mut bytes = Vec::new();
        file.take(longest).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Connects to a socket, and tells which process listens; none where that one is not in the container.
    pub(crate) async fn connect(&self, socket: OwnedFd) -> io::Result<Option<(UnixStream, i32)>> {
        let stream = UnixStream::connect(format!("/proc/self/fd/{}", socket.as_raw_fd())).await?;
        let listener = stream.peer_cred()?.pid().unwrap_or_default();
        let is_inside = listener > 0
            && open(format!("/proc/{listener}"), FOLDER, Mode::empty())
                .and_then(|process| Namespace::of(&process, "ns/pid"))
                .is_ok_and(|processes| processes == self.processes);
        Ok(is_inside.then_some((stream, listener)))
    }
}

impl Namespace {
    fn of(process: &OwnedFd, kind: &str) -> rustix::io::Result<Self> {
        let found = statat(process, kind, AtFlags::empty())?;
        Ok(Self {
            device: found.st_dev,
            inode: found.st_ino,
        })
    }
}

/// Whether a process of these control groups is in this container, and in none inside it: engines put the container's id
/// into the name of its group, and an id is too long to be met by chance.
fn is_group_of(groups: &str, container_id: &str) -> bool {
    let is_id = |part: &&str| part.len() == ID && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let innermost = |line| str::split(line, ['/', '-', '.']).rfind(is_id);
    let mut ids = groups.lines().filter_map(innermost).peekable();
    ids.peek().is_some() && ids.all(|id| id == container_id)
}

#[cfg(test)]
mod tests {
    use crate::docker::doorway::is_group_of;

    #[test]
    fn a_process_is_known_by_the_innermost_container_of_its_groups() {
        let own = "0123456789abcdef".repeat(4);
        let other = "fedcba9876543210".repeat(4);
        for text in [
            format!("0::/docker/{own}\n"),
            format!("0::/system.slice/docker-{own}.scope/init\n"),
            format!("9:name=systemd:/nest/d/{own}\n8:pids:/nest/d/{own}\n0::/\n"),
            format!("0::/docker/{other}/docker/{own}\n"),
            format!("0::/machine.slice/libpod-{own}.scope/container\n"),
        ] {
            assert!(is_group_of(&text, &own), "{text}");
        }
        for text in [
            String::new(),
            "0::/\n".to_owned(),
            format!("0::/docker/{other}\n"),
            format!("0::/docker/{own}/docker/{other}\n"),
            format!("8:pids:/docker/{own}\n1:cpu:/docker/{other}\n"),
            format!("0::/docker/{own}0\n"),
        ] {
            assert!(!is_group_of(&text, &own), "{text}");
        }
    }
}
