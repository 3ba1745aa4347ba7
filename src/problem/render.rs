//! Problems as text for people.

use std::fmt::Write as _;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use crate::problem::Problem;
use crate::source::SourceMap;

/// The most characters of a text that are shown.
const LONGEST_TEXT: usize = 2000;
/// The most problems that are shown: nobody reads further.
const MOST_SHOWN: usize = 1000;

/// How problems are shown.
#[derive(Debug, Clone, Copy)]
pub struct RenderOptions {
    /// Whether colours may be used.
    pub color: bool,
    /// How many columns a line may have.
    pub width: usize,
}

/// Renders problems, one after the other, each with the lines it is about. After the first thousand the others are
/// counted.
pub fn render_problems(
    problems: &[Problem],
    sources: &SourceMap,
    options: RenderOptions,
) -> String {
    let theme = if options.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(options.width);
    let mut rendered = String::new();
    for problem in problems.iter().take(MOST_SHOWN) {
        if !rendered.is_empty() {
            rendered.push('\n');
        }
        let located = Located { problem, sources };
        if handler.render_report(&mut rendered, &located).is_err() {
            // The place is outside the text: the words are still true.
            rendered.push_str(&problem.to_string());
            rendered.push('\n');
        }
    }
    if let Some(more) = problems.len().checked_sub(MOST_SHOWN + 1) {
        let more = more + 1;
        let _ = writeln!(
            rendered,
            "\n{more} more are not shown; `nest validate --format json` lists all"
        );
    }
    rendered
}

/// A text about a problem without the secrets that were filled in where it points to.
pub(crate) fn without_secrets(problem: &Problem, sources: &SourceMap, text: String) -> String {
    let labels = problem.labels().into_iter().flatten();
    labels.fold(text, |text, label| {
        let span = label.offset()..label.offset() + label.len();
        sources.without_secrets(text, &span)
    })
}

/// A problem together with the text it is about.
#[derive(Debug)]
struct Located<'a> {
    problem: &'a Problem,
    sources: &'a SourceMap,
}

impl Located<'_> {
    fn shown(&self, text: String) -> String {
        escaped(&without_secrets(self.problem, self.sources, text))
    }
}

impl std::fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown(self.problem.to_string()))
    }
}

impl std::error::Error for Located<'_> {}

impl Diagnostic for Located<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.problem.code()
    }

    fn severity(&self) -> Option<miette::Severity> {
        self.problem.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.problem.help()?;
        Some(Box::new(self.shown(help.to_string())))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.sources)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.problem.labels()?;
        let place = self.problem.main_span();
        let aliases = place.map_or_else(Vec::new, |span| self.sources.aliases_of(&span));
        let uses = aliases.into_iter().map(|span| {
            let text = Some("an alias uses it here".to_owned());
            LabeledSpan::new_with_span(text, span)
        });
        let labels = labels.map(move |label| {
            let span = label.offset()..label.offset() + label.len();
            let span = self.sources.shortened(&span);
            let text = label.label().map(|text| self.shown(text.to_owned()));
            if label.primary() {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        });
        Some(Box::new(labels.chain(uses)))
    }
}

/// Text without what a terminal would act on, and not endless: values of the file may be in it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for (number, character) in text.chars().enumerate() {
        if number == LONGEST_TEXT {
            escaped.push('…');
            break;
        }
        if character.is_control() && character != '\n' {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}
