//! What became of histories, in numbers.

/// What became of a history.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) runs: u64,
    pub(crate) steps: u64,
    pub(crate) failed: u64,
    pub(crate) killed: u64,
    pub(crate) refused: u64,
    /// Of a part of the project.
    pub(crate) parts: u64,
    pub(crate) invalid: u64,
    pub(crate) stale: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.steps += other.steps;
        self.failed += other.failed;
        self.killed += other.killed;
        self.refused += other.refused;
        self.parts += other.parts;
        self.invalid += other.invalid;
        self.stale += other.stale;
    }
}
