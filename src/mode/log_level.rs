//! How much an engine is told to log.

/// The key of an engine's configuration file, and the flag of its command, that says how much it logs.
pub const LOG_LEVEL: &str = "log-level";

/// The flag of one letter.
const SHORT_FLAG: &str = "-l";
/// The levels at which an engine does not log that it listens.
const QUIET: [&str; 5] = ["warn", "warning", "error", "fatal", "panic"];

/// Whether an engine logs so little that it does not say when it listens: by its command, or else by its configuration
/// file, which may not say the same.
pub fn is_quiet<'w>(
    command: impl IntoIterator<Item = &'w str>,
    configured: Option<&'w str>,
) -> bool {
    let mut level = configured;
    let mut words = command.into_iter();
    while let Some(word) = words.next() {
        let long = word.strip_prefix("--");
        let long = long.and_then(|long| long.strip_prefix(LOG_LEVEL));
        match long.or_else(|| word.strip_prefix(SHORT_FLAG)) {
            Some("") => level = words.next(),
            Some(value) => level = Some(value.trim_start_matches('=')),
            None => {}
        }
    }
    level.is_some_and(|level| QUIET.iter().any(|quiet| level.eq_ignore_ascii_case(quiet)))
}

#[cfg(test)]
mod tests {
    use crate::mode::log_level::is_quiet;

    #[test]
    fn the_last_flag_counts_before_the_file() {
        let quiet = |command: &str, configured| is_quiet(command.split(' '), configured);
        assert!(!quiet("dockerd", None));
        assert!(!quiet("dockerd --label a", Some("info")));
        assert!(quiet("dockerd", Some("warn")));
        assert!(quiet("--log-level=error", None));
        assert!(quiet("-l WARN", None));
        assert!(quiet(
            "podman --log-level=info system service --log-level fatal",
            None
        ));
        assert!(!quiet("dockerd -ldebug", Some("warn")));
    }
}
