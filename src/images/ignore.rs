//! What a `.dockerignore` keeps out of a build, by the rules of Docker's own matcher.
//!
//! These differ from those of `.gitignore`: a pattern is seen from the folder that is sent, the last one that matches
//! a path or a folder that it is in counts, and what is in a folder that is kept out can be let in again.

use std::io;
use std::path::{Component, Path};

use regex::Regex;

/// What a `.dockerignore` says.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    regex: Regex,
    lets_in: bool,
}

impl Ignore {
    /// Reads the lines of a file.
    pub fn parse(text: &str) -> io::Result<Self> {
        let mut patterns = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let line = line.trim();
            let (lets_in, written) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let cleaned = cleaned(written);
            if cleaned.is_empty() {
                continue;
            }
            let regex = translated(&cleaned).and_then(|regex| Regex::new(&regex).ok());
            let regex = regex.ok_or_else(|| {
                io::Error::other(format!("`{line}` is no pattern that Docker understands"))
            })?;
            patterns.push(Pattern { regex, lets_in });
        }
        Ok(Self { patterns })
    }

    /// Whether a path, seen from the folder that is sent, is kept out.
    pub fn keeps_out(&self, path: &Path) -> bool {
        let parts: Vec<String> = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let places: Vec<String> = (1..=parts.len())
            .map(|length| parts[..length].join("/"))
            .collect();
        let mut is_out = false;
        for pattern in &self.patterns {
            // Only what would change something has to match.
            if pattern.lets_in == is_out && places.iter().any(|place| pattern.regex.is_match(place))
            {
                is_out = !pattern.lets_in;
            }
        }
        is_out
    }

    /// Whether something in a folder that is kept out may be let in again.
    pub fn lets_some_in(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.lets_in)
    }
}

/// A pattern without `.`, `..`, doubled slashes and one at its start or its end.
fn cleaned(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A pattern as a regular expression; none where a bracket or an escape has no end.
fn translated(pattern: &str) -> Option<String> {
    let mut regex = "^".to_owned();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.next_if_eq(&'*').is_some() => {
                // `**/` is any number of folders, none too.
                let is_folders = rest.next_if_eq(&'/').is_some();
                let is_inside = is_folders && rest.peek().is_some();
                regex.push_str(if is_inside { "(?:.*/)?" } else { ".*" });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => {
                regex.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    regex.push('^');
                }
                let mut is_empty = true;
                loop {
                    match rest.next()? {
                        ']' if !is_empty => break,
                        '-' if !is_empty => regex.push('-'),
                        '\\' => regex.push_str(&escaped(rest.next()?)),
                        member => regex.push_str(&escaped(member)),
                    }
                    is_empty = false;
                }
                regex.push(']');
            }
            '\\' => regex.push_str(&escaped(rest.next()?)),
            other => regex.push_str(&escaped(other)),
        }
    }
    regex.push('$');
    Some(format!("(?s){regex}"))
}

fn escaped(character: char) -> String {
    // Within brackets these mean something that a pattern does not mean.
    match character {
        '-' | '&' | '~' | '^' | ']' => format!("\\{character}"),
        other => regex::escape(other.encode_utf8(&mut [0; 4])),
    }
}

/// Whether a path leads out of the folder that it is seen from.
pub(crate) fn leads_out(path: &Path) -> bool {
    path.components()
        .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::images::ignore::Ignore;

    /// The paths that are sent in spite of a file.
    fn sent<'p>(text: &str, paths: &[&'p str]) -> Vec<&'p str> {
        let ignore = Ignore::parse(text).expect("patterns");
        let is_sent = |path: &&&str| !ignore.keeps_out(Path::new(path));
        paths.iter().filter(is_sent).copied().collect()
    }

    #[test]
    fn patterns_are_docker_s() {
        let cases: [(&str, &[&str], &[&str]); 14] = [
            // A pattern is seen from the folder that is sent.
            ("*.log", &["a.log", "b/a.log"], &["b/a.log"]),
            ("**/*.log", &["a.log", "b/c/a.log", "b/log"], &["b/log"]),
            ("**.log", &["a.log", "b/a.log", "a.txt"], &["a.txt"]),
            ("b", &["b", "b/a", "b/c/d", "bb"], &["bb"]),
            ("/b/", &["b/a", "c/b"], &["c/b"]),
            ("./a/../b", &["a", "b"], &["a"]),
            ("a?", &["ab", "a", "a/b"], &["a", "a/b"]),
            ("[^a]x", &["ax", "bx"], &["ax"]),
            ("[a-c]x", &["ax", "cx", "dx"], &["dx"]),
            ("# a\n\n  b  ", &["# a", "a", "b"], &["# a", "a"]),
            // The last one that matches counts, in a folder that is kept out too.
            ("a\n!a/b", &["a", "a/b", "a/c", "a/b/d"], &["a/b", "a/b/d"]),
            ("!a\na", &["a"], &[]),
            ("*\n!keep", &["a", "keep", "keep/b"], &["keep", "keep/b"]),
            (r"a\*", &["a*", "ab"], &["ab"]),
        ];
        for (text, paths, wanted) in cases {
            assert_eq!(sent(text, paths), wanted, "{text:?}");
        }
    }

    #[test]
    fn what_has_no_end_is_no_pattern() {
        for text in ["[a", "a\\", "[z-a]"] {
            assert!(Ignore::parse(text).is_err(), "{text}");
        }
    }
}
