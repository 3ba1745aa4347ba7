//! The paths that Rust code names, such as `crate::plan::Plan`, found in its text.

/// A path, and the line it stands in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NamedPath {
    pub(crate) line: usize,
    pub(crate) path: String,
}

/// All paths of more than one segment in the text of a file, those of `use` declarations in full. Comments are left
/// out.
pub(crate) fn paths(text: &str) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line_number = index + 1;
        let code = code(line);
        let Some(mut tree) = use_tree(code) else {
            found.extend(inline(code).map(|path| NamedPath {
                line: line_number,
                path: path.to_owned(),
            }));
            continue;
        };
        while !tree.contains(';') {
            let Some((_, line)) = lines.next() else { break };
            tree.push_str(self::code(line));
        }
        let tree: String = tree
            .split(';')
            .next()
            .unwrap_or_default()
            .split(" as ")
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let mut flat = Vec::new();
        flatten(&tree, "", &mut flat);
        found.extend(flat.into_iter().map(|path| NamedPath {
            line: line_number,
            path,
        }));
    }
    found
}

/// The line without its comment.
fn code(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    line.split(" // ").next().unwrap_or_default()
}

/// What stands after `use`, if the line begins a declaration.
fn use_tree(code: &str) -> Option<String> {
    let code = code.trim_start();
    let code = match code.strip_prefix("pub") {
        Some(rest) => rest
            .trim_start_matches("(crate)")
            .trim_start_matches("(super)")
            .trim_start(),
        None => code,
    };
    code.strip_prefix("use ").map(str::to_owned)
}

/// The paths inside a line of other code.
fn inline(code: &str) -> impl Iterator<Item = &str> {
    let part_of_path = |character: char| character.is_alphanumeric() || "_:".contains(character);
    code.split(move |character| !part_of_path(character))
        .map(|word| word.trim_matches(':'))
        .filter(|word| word.contains("::"))
}

/// Takes the braces out of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn flatten(tree: &str, prefix: &str, paths: &mut Vec<String>) {
    let Some(open) = tree.find('{') else {
        paths.push(format!("{prefix}{tree}"));
        return;
    };
    let prefix = format!("{prefix}{}", &tree[..open]);
    let inside = tree[open + 1..]
        .strip_suffix('}')
        .unwrap_or(&tree[open + 1..]);
    let (mut depth, mut start) = (0, 0);
    for (at, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                flatten(&inside[start..at], &prefix, paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < inside.len() {
        flatten(&inside[start..], &prefix, paths);
    }
}

#[test]
fn use_trees_are_taken_apart_and_comments_left_out() {
    let text = "\
//! Not crate::this.
use std::{fs, io::{self, Read as _}};
pub(crate) use crate::plan::{
    Plan,
    step::Step,
};
fn of(mode: crate::mode::Mode) {} // nor crate::that
";
    let found: Vec<String> = paths(text)
        .into_iter()
        .map(|named| format!("{} {}", named.line, named.path))
        .collect();
    assert_eq!(
        found,
        [
            "2 std::fs",
            "2 std::io::self",
            "2 std::io::Read",
            "3 crate::plan::Plan",
            "3 crate::plan::step::Step",
            "7 crate::mode::Mode",
        ]
    );
}
