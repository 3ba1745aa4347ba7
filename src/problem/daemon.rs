//! The configuration of an environment's engine.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// The configuration of an environment's engine.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum DaemonProblem {
    /// A setting is in the engine's configuration file, by `daemon` or by the registries that nest writes there, and a
    /// flag of its command sets it too. `dockerd` does not start then: "specified both as a flag and in the
    /// configuration file".
    #[error("the engine gets `{key}` twice, in its configuration file and as a flag")]
    #[diagnostic(
        code(nest::daemon_key_twice),
        help(
            "keep one of the two; best in `daemon`, which can be changed without a new container"
        )
    )]
    KeyTwice {
        /// The key.
        key: String,
        /// What puts it into the file.
        #[label("in the file")]
        in_file: Span,
        /// The flag.
        #[label(primary, "and as a flag: the engine does not start")]
        flag: Span,
    },

    /// A key of `daemon` that nest does not know is passed on to the engine, since engines of other versions have other
    /// keys. This one is a letter away from a known one, and `dockerd` does not start with a key that it does not know.
    #[error("`{key}` is no key of the engine's configuration that nest knows, `{near}` is")]
    #[diagnostic(
        severity(Warning),
        code(nest::misspelt_daemon_key),
        help("did you mean `{near}`? It is passed on as it is")
    )]
    MisspeltKey {
        /// The key.
        key: String,
        /// The known one.
        near: String,
        /// Its place.
        #[label("perhaps misspelt")]
        at: Span,
    },

    /// The engine of this mode is not configured by a `daemon.json`, so there is nowhere to put `daemon`. podman is
    /// configured by `containers.conf`, `registries.conf` and `storage.conf`, which have other keys.
    #[error("the engine of mode `{mode}` has no `daemon.json`")]
    #[diagnostic(
        code(nest::no_daemon_file),
        help(
            "remove `daemon`; mount the engine's own files instead: `volumes: [./containers.conf:/etc/containers/containers.conf]`"
        )
    )]
    NoDaemonFile {
        /// The mode.
        mode: String,
        /// The settings.
        #[label(primary, "nothing reads this")]
        at: Span,
        /// Where the mode is chosen.
        #[label("this engine is configured otherwise")]
        mode_at: Span,
    },

    /// The engine would keep its data elsewhere than where nest mounts the data volume, and lose it with the container.
    /// Some runtimes refuse another data root altogether.
    #[error("`{key}` moves the data of the engine away from `{data_root}`")]
    #[diagnostic(
        code(nest::data_root_moved),
        help("say `outer: {{ data: … }}` instead, which says what is mounted at `{data_root}`")
    )]
    DataRootMoved {
        /// The key or flag.
        key: String,
        /// Where nest mounts the data.
        data_root: String,
        /// Its place.
        #[label("nothing is mounted where it leads")]
        at: Span,
    },

    /// The engine's image store and its storage driver do not go together: containerd's store has drivers of its own,
    /// `overlayfs` in place of `overlay2`. The engine does not start, or ignores one of the two.
    #[error("the storage driver `{driver}` is none of {store}")]
    #[diagnostic(code(nest::driver_not_in_store), help("{hint}"))]
    DriverNotInStore {
        /// The driver.
        driver: String,
        /// Whose drivers it should be one of.
        store: String,
        /// What to write instead.
        hint: String,
        /// The driver's place.
        #[label(primary, "this driver")]
        at: Span,
        /// What chooses the store.
        #[label("and this store")]
        store_at: Span,
    },
}
