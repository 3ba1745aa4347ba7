//! As much Markdown as the tests of the documentation need: fenced blocks, inline code, headings and links.

use crate::tree::TextFile;

/// A fenced block of code.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    pub(crate) path: &'a str,
    /// The line of its fence.
    pub(crate) line: usize,
    /// The language, and words after it.
    pub(crate) info: Vec<&'a str>,
    pub(crate) text: String,
}

/// The fenced blocks of a page.
pub(crate) fn blocks(page: &TextFile) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = page.text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(info) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let inside = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| line.trim() != "```");
        let text: String = inside
            .flat_map(|line| [line.get(indent..).unwrap_or_default(), "\n"])
            .collect();
        blocks.push(Block {
            path: &page.path,
            line: index + 1,
            info: info.split(',').map(str::trim).collect(),
            text,
        });
    }
    blocks
}

/// The text of a page outside its fenced blocks, line by line.
pub(crate) fn prose(page: &TextFile) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// The inline code of a line.
pub(crate) fn inline_code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The targets of the links of a line.
pub(crate) fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// The headings of a page as the anchors that `mdbook` makes of them.
pub(crate) fn anchors(page: &TextFile) -> Vec<String> {
    prose(page)
        .into_iter()
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            letter if letter.is_alphanumeric() || "_-".contains(letter) => Some(letter),
            _ => None,
        })
        .collect()
}

/// Commands of a console block: what stands after `$ `, lines that end in `\` joined.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ ") else {
            continue;
        };
        let mut command = command.to_owned();
        while let Some(begin) = command.strip_suffix('\\') {
            let next = lines.next().unwrap_or_default();
            command = format!("{begin}{}", next.trim_start_matches("> "));
        }
        commands.push(command);
    }
    commands
}
