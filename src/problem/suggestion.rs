//! "Did you mean".

/// How many words are compared: thousands of mistakes among thousands of names must not take minutes.
const MOST_CANDIDATES: usize = 100;
/// The most bytes of a word that is compared: two of megabytes must not take hours.
const LONGEST_WORD: usize = 100;

/// The word among these that a reader most likely meant.
pub(crate) fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most_edits = |candidate: &str| 1 + candidate.len().min(word.len()) / 4;
    words
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter(|candidate| candidate.len().max(word.len()) <= LONGEST_WORD)
        // Each letter more or less is an edit.
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= most_edits(candidate))
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= most_edits(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Help that names the nearest word, or else what `otherwise` says.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    words: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(word, words).map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}

/// Words as a list for people: `a`, `b`.
pub(crate) fn quoted_list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words
        .into_iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
