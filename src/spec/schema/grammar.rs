//! How text is written that has a grammar of its own, as far as a pattern can say it.

/// What the value of a key is, beside its type.
pub(super) struct Grammar {
    /// The types that the value may have; text that holds a variable is always text.
    pub(super) types: &'static [&'static str],
    /// What text looks like.
    pub(super) pattern: &'static str,
    keys: &'static [&'static str],
}

/// Keys that have the same grammar wherever they stand.
const GRAMMARS: &[Grammar] = &[
    // Bytes, with a unit or without.
    Grammar {
        types: &["string", "number"],
        pattern: r"^\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*[kKmMgGtTpP]?[iI]*[bB]*\s*$",
        keys: &["memory", "mem_limit", "mem_reservation", "shm_size"],
    },
    // Numbers with units, one after the other.
    Grammar {
        types: &["string"],
        pattern: DURATION,
        keys: &[
            "timeout",
            "interval",
            "start_period",
            "start_interval",
            "stop_grace_period",
        ],
    },
];

/// The pattern of durations.
pub(in crate::spec) const DURATION: &str =
    r"^\s*(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|ms|s|m|h))+\s*$";

/// Tables whose names become names on engines.
const NAMED: &[(&str, &str)] = &[
    ("environments", r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$"),
    ("registries", r"^[a-z0-9][a-z0-9-]{1,62}$"),
    ("services", r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$"),
    ("volumes", r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$"),
];

/// The grammar of a key's value, if it has one.
pub(super) fn grammar(key: &str) -> Option<&'static Grammar> {
    GRAMMARS.iter().find(|grammar| grammar.keys.contains(&key))
}

/// The pattern of the names in a table, if it has one.
pub(super) fn names(key: &str) -> Option<&'static str> {
    NAMED
        .iter()
        .find(|(table, _)| *table == key)
        .map(|(_, pattern)| *pattern)
}
