//! Secrets written into the file.

use std::collections::HashSet;

use crate::document::node::{Node, NodeKind};
use crate::problem::ValueProblem;
use crate::source::{SourceMap, part_of};

/// How known tokens start, how many characters follow at least, and what they are.
const TOKENS: &[(&str, usize, &str)] = &[
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghu_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("ghr_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("AKIA", 16, "an AWS access key"),
];

/// How a key begins.
const KEY_START: &str = "-----BEGIN ";

/// Whether a file's text may hold what [`inline_tokens`] finds. What is written with escapes cannot be seen in it.
pub(crate) fn may_hold_tokens(text: &str) -> bool {
    text.contains('\\')
        || text.contains(KEY_START)
        || text.contains("://")
        || TOKENS.iter().any(|(start, ..)| text.contains(start))
}

/// Finds literals that look like tokens or private keys, and hides them in everything that is shown.
pub(crate) fn inline_tokens(root: &Node, sources: &mut SourceMap) -> Vec<ValueProblem> {
    let mut problems = Vec::new();
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        // What an anchor holds is looked at once.
        if !seen.insert(std::ptr::from_ref(node)) {
            continue;
        }
        match &node.kind {
            NodeKind::Sequence(items) => waiting.extend(items.iter().map(AsRef::as_ref)),
            NodeKind::Mapping(entries) => {
                waiting.extend(entries.values().map(|entry| entry.value.as_ref()));
            }
            NodeKind::Broken => {}
            NodeKind::Scalar(scalar) if scalar.interpolated => {}
            NodeKind::Scalar(scalar) => {
                let written = sources.slice(&node.span).unwrap_or_default();
                if let Some(range) = find_credentials(&scalar.text) {
                    let at = part_of(&node.span, written, &scalar.text, range);
                    sources.redact(&at);
                }
                if let Some((what, range)) = find_token(&scalar.text) {
                    let written = sources.slice(&node.span).unwrap_or_default();
                    let at = part_of(&node.span, written, &scalar.text, range);
                    sources.redact(&at);
                    let what = what.to_owned();
                    problems.push(ValueProblem::TokenWrittenInline { what, at });
                }
            }
        }
    }
    problems
}

/// Where an address holds a user's name and password.
fn find_credentials(text: &str) -> Option<std::ops::Range<usize>> {
    let start = text.find("://")? + 3;
    let host_end = text[start..]
        .find('/')
        .map_or(text.len(), |slash| start + slash);
    let end = start + text[start..host_end].rfind('@')?;
    text[start..end].contains(':').then_some(start..end)
}

/// What token a text holds, and where.
fn find_token(text: &str) -> Option<(&'static str, std::ops::Range<usize>)> {
    if text.contains(KEY_START) && text.contains("PRIVATE KEY-----") {
        return Some(("a private key", 0..text.len()));
    }
    let part_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    for (start, length, what) in TOKENS {
        for (at, _) in text.match_indices(start) {
            let after = &text.as_bytes()[at + start.len()..];
            let follows = after
                .iter()
                .take_while(|byte| part_of_token(**byte))
                .count();
            let preceded = at > 0 && part_of_token(text.as_bytes()[at - 1]);
            if follows >= *length && !preceded {
                return Some((what, at..at + start.len() + follows));
            }
        }
    }
    None
}
