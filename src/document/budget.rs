//! How much all files of a project may come to, so that no file takes all memory or hours.

/// The most values, those that aliases stand for written out, and a long text counting as several.
pub(crate) const VALUE_LIMIT: usize = 500_000;
/// How many bytes of text count as one value.
const VALUE_LENGTH: usize = 64;
/// The most bytes of a value whose variables are filled in.
pub(crate) const FILLED_LIMIT: usize = 1024 * 1024;
/// The most bytes of all such values.
const ALL_FILLED_LIMIT: usize = 16 * FILLED_LIMIT;

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Budget {
    values: usize,
    filled: usize,
    is_told: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            values: VALUE_LIMIT,
            filled: ALL_FILLED_LIMIT,
            is_told: false,
        }
    }
}

impl Budget {
    /// Takes values. False if there are not so many left; then none are.
    pub(crate) fn take_values(&mut self, count: usize) -> bool {
        let left = self.values.checked_sub(count);
        self.values = left.unwrap_or_default();
        left.is_some()
    }

    /// Whether it is still to be said that there are no values left: what is read after that is not at fault.
    pub(crate) fn must_tell(&mut self) -> bool {
        !std::mem::replace(&mut self.is_told, true)
    }

    /// The most bytes that the next value may have whose variables are filled in.
    pub(crate) fn room(&self) -> usize {
        self.filled.min(FILLED_LIMIT)
    }

    /// Takes bytes that variables became.
    pub(crate) fn take_filled(&mut self, bytes: usize) {
        self.filled = self.filled.saturating_sub(bytes);
    }
}

/// How many values a text counts as.
pub(crate) fn weight(text: &str) -> usize {
    1 + text.len() / VALUE_LENGTH
}
