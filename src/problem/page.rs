//! The page of the book that explains every problem, and the codes on it.

/// The page. It is made of this room's comments, and a test compares.
const PAGE: &str = include_str!("../../book/src/problems.md");

/// The part of the page about each problem, from the text of its heading on.
pub(crate) fn sections() -> impl Iterator<Item = &'static str> {
    PAGE.split("\n### ").skip(1).map(|section| {
        let end = section.find("\n## ").unwrap_or(section.len());
        &section[..end]
    })
}

/// The code that a section of the page is about.
pub(crate) fn code_of(section: &str) -> &str {
    section.split_whitespace().next().unwrap_or_default()
}

/// Whether a section of the page is about a warning.
pub(crate) fn is_about_warning(section: &str) -> bool {
    let heading = section.lines().next().unwrap_or_default();
    heading.ends_with("(warning)")
}
