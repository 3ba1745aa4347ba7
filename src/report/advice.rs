//! What helps against what engines complain of: known phrases of their logs and answers.

use std::borrow::Cow;

/// A phrase that engines use, and what helps against it.
struct Known {
    /// All of these are in what the engine said.
    phrases: &'static [&'static str],
    /// What helps. `{}` is what the engine names behind the last phrase, to the end of the line.
    help: &'static str,
}

/// What is known, the more exact first.
const KNOWN: &[Known] = &[
    Known {
        phrases: &["directives don't match any configuration option: "],
        help: "this version of the engine does not know `{}`: correct or remove it in `daemon`",
    },
    Known {
        phrases: &["specified both as a flag and in the configuration file: "],
        help: "the command and `daemon` both set {}: say it once, in `daemon`",
    },
    Known {
        phrases: &["unable to configure the Docker daemon with file"],
        help: "the engine cannot read what `daemon` in the file comes to: the line above names the key, and `nest explain` \
               the problems of such keys",
    },
    Known {
        phrases: &["port is already allocated"],
        help: "something else has this port of the host: publish another one in `ports`, or stop what has it (`docker ps`)",
    },
    Known {
        phrases: &["bind", "address already in use"],
        help: "something else has this port of the host: publish another one in `ports`, or stop what has it (`ss -ltnp`)",
    },
    Known {
        phrases: &["gathering device information", "/dev/fuse"],
        help: "the host has no `/dev/fuse`, which an engine without privileges needs for its layers: load it on the engine's \
               host (`modprobe fuse`), or drop `privileged: false`",
    },
    Known {
        phrases: &["gathering device information", "/dev/net/tun"],
        help: "the host has no `/dev/net/tun`, which a rootless engine needs for its network: load it on the engine's host \
               (`modprobe tun`), or choose mode `dind`",
    },
    Known {
        phrases: &["newuidmap"],
        help: "the host does not let the container make a user namespace: drop `privileged: false`, or allow it on the \
               engine's host (`sysctl user.max_user_namespaces`, `kernel.unprivileged_userns_clone`, \
               `kernel.apparmor_restrict_unprivileged_userns`)",
    },
    Known {
        phrases: &["/dev/net/tun"],
        help: "the engine cannot open `/dev/net/tun`, which its network needs: give it mode 0666 on the engine's host, or \
               choose mode `dind`",
    },
    Known {
        phrases: &["fuse: device not found"],
        help: "the engine cannot open `/dev/fuse`: load it on the engine's host (`modprobe fuse`), or drop `privileged: false`",
    },
    Known {
        phrases: &["\"dockerd", "executable file not found in"],
        help: "the image has no engine of this mode: take out `image`, or name one that holds it, such as `docker:28-dind`",
    },
    Known {
        phrases: &["\"podman\"", "executable file not found in"],
        help: "the image has no engine of this mode: take out `image`, or name one that holds it, such as \
               `quay.io/podman/stable`",
    },
    Known {
        phrases: &["executable file not found in"],
        help: "the image has no program of this name: correct `command` or `entrypoint`, or name another `image`",
    },
    Known {
        phrases: &["error initializing graphdriver"],
        help: "the engine cannot keep its layers there: give it a volume (leave out `data`), or the storage driver that its \
               data was made with",
    },
    Known {
        phrases: &["rootless dockerd", "writable"],
        help: "what is mounted at the engine's data root belongs to another user, as the data of another mode does: give \
               the environment other `data`, or hand it over on the engine's host (`chown -R 1000:1000`)",
    },
    Known {
        phrases: &["unknown or invalid runtime name"],
        help: "the engine's host has no such runtime: `nest doctor` lists those that it has",
    },
    Known {
        phrases: &["mount", "permission denied (are you root?)"],
        help: "the engine has too few rights for this mode: leave out `privileged: false`",
    },
];

/// What helps against what an engine said, where that is known.
pub(crate) fn advice(said: &str) -> Option<Cow<'static, str>> {
    let known = KNOWN
        .iter()
        .find(|known| known.phrases.iter().all(|phrase| said.contains(phrase)))?;
    if !known.help.contains("{}") {
        return Some(Cow::Borrowed(known.help));
    }
    let named = known.phrases.last().and_then(|phrase| {
        let (_, behind) = said.split_once(phrase)?;
        let line = behind.lines().next()?;
        Some(line.trim_end_matches(['"', '.', ' ']))
    });
    Some(Cow::Owned(
        known.help.replace("{}", named.unwrap_or_default()),
    ))
}

#[cfg(test)]
mod tests {
    use crate::report::advice::{KNOWN, advice};

    #[test]
    fn what_the_engine_names_is_named() {
        let said = "unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives \
                    don't match any configuration option: mtuu\n";
        let help = advice(said).expect("it is known");
        assert!(help.contains("does not know `mtuu`:"), "{help}");
        assert_eq!(advice("all is well"), None);
    }

    #[test]
    fn help_names_something_only_where_the_engine_does() {
        for known in KNOWN {
            let named = known.help.matches("{}").count();
            assert!(named <= 1, "{}", known.help);
            assert!(!known.phrases.is_empty());
        }
    }
}
