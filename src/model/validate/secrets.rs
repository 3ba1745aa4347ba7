//! Secrets written into the file.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::rc::Rc;

use crate::document::node::{Node, NodeKind};
use crate::problem::ValueProblem;
use crate::source::{SourceMap, part_of};

/// A kind of token, by what is known of its shape.
struct Token {
    /// How it starts.
    start: &'static str,
    /// Which characters follow.
    alphabet: fn(u8) -> bool,
    /// How many follow.
    follow: RangeInclusive<usize>,
    /// What it is, for people.
    what: &'static str,
}

/// Any number from this one on.
const fn from(least: usize) -> RangeInclusive<usize> {
    least..=usize::MAX
}

const fn token(
    start: &'static str,
    alphabet: fn(u8) -> bool,
    follow: RangeInclusive<usize>,
    what: &'static str,
) -> Token {
    Token {
        start,
        alphabet,
        follow,
        what,
    }
}

/// Letters and digits.
fn letters(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Capital letters and digits.
fn capitals(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// What words are made of: letters, digits, `_` and `-`.
fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
}

/// Known tokens.
const TOKENS: &[Token] = &[
    token("ghp_", word, from(30), "a GitHub token"),
    token("gho_", word, from(30), "a GitHub token"),
    token("ghu_", word, from(30), "a GitHub token"),
    token("ghs_", word, from(30), "a GitHub token"),
    token("ghr_", word, from(30), "a GitHub token"),
    token("github_pat_", word, from(30), "a GitHub token"),
    token("glpat-", word, from(16), "a GitLab token"),
    token("glrt-", word, from(20), "a GitLab runner's token"),
    token("gldt-", word, from(20), "a GitLab deploy token"),
    token("glptt-", letters, 40..=40, "a GitLab trigger token"),
    token("AKIA", capitals, 16..=16, "an AWS access key"),
    token("ASIA", capitals, 16..=16, "an AWS access key"),
    token("dckr_pat_", word, 27..=27, "a Docker Hub token"),
    token("dckr_oat_", word, 32..=32, "a Docker Hub token"),
    token("npm_", letters, 36..=36, "an npm token"),
    token("pypi-AgEIcHlwaS5vcmc", word, from(50), "a PyPI token"),
    token("xoxb-", word, from(40), "a Slack token"),
    token("xoxp-", word, from(40), "a Slack token"),
    token("xoxa-", word, from(40), "a Slack token"),
    token("xapp-", word, from(40), "a Slack token"),
    token("AIza", word, 35..=35, "a Google API key"),
    token("hvs.", word, from(90), "a Vault token"),
    token("hvb.", word, from(130), "a Vault token"),
    token("sk-proj-", word, from(40), "an OpenAI key"),
    token("sk-svcacct-", word, from(40), "an OpenAI key"),
    token("sk-ant-api03-", word, from(80), "an Anthropic key"),
    token("sk_live_", letters, from(24), "a Stripe key"),
    token("rk_live_", letters, from(24), "a Stripe key"),
    token("hf_", letters, 34..=34, "a Hugging Face token"),
    token("dop_v1_", letters, 64..=64, "a DigitalOcean token"),
    token("AGE-SECRET-KEY-1", capitals, 58..=58, "an age key"),
];

/// The fewest bytes that a token has.
const SHORTEST: usize = 20;
/// How a key begins.
const KEY_START: &str = "-----BEGIN ";

/// Whether a file's text may hold what [`inline_tokens`] finds. What is written with escapes cannot be seen in it.
pub(crate) fn may_hold_tokens(text: &str) -> bool {
    text.contains('\\')
        || text.contains(KEY_START)
        || text.contains("://")
        || TOKENS.iter().any(|token| text.contains(token.start))
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

/// Hides what stands where the password of a registry goes, unless it names a variable or a file.
pub(crate) fn hide_passwords(root: &Node, sources: &mut SourceMap) {
    let below = |node: &Node, key: &str| match &node.kind {
        NodeKind::Mapping(entries) => entries.get(key).map(|entry| Rc::clone(&entry.value)),
        _ => None,
    };
    let Some(registries) = below(root, "registries") else {
        return;
    };
    let NodeKind::Mapping(registries) = &registries.kind else {
        return;
    };
    for registry in registries.values() {
        match below(&registry.value, "password") {
            None => {}
            Some(password) => match &password.kind {
                NodeKind::Mapping(keys) => {
                    let unknown = keys
                        .iter()
                        .filter(|(key, _)| *key != "env" && *key != "file");
                    for (_, entry) in unknown {
                        sources.redact(&entry.value.span);
                    }
                }
                _ => sources.redact(&password.span),
            },
        }
    }
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
    if text.len() < SHORTEST {
        return None;
    }
    for token in TOKENS {
        for (at, _) in text.match_indices(token.start) {
            // First: letters of a word are not counted again and again.
            if at > 0 && word(text.as_bytes()[at - 1]) {
                continue;
            }
            let after = &text.as_bytes()[at + token.start.len()..];
            let follow = after
                .iter()
                .take_while(|byte| (token.alphabet)(**byte))
                .count();
            if token.follow.contains(&follow) {
                return Some((token.what, at..at + token.start.len() + follow));
            }
        }
    }
    None
}
