//! What goes wrong while operations are performed.

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// With which operation, counted from 0.
    pub(crate) at: usize,
    pub(crate) kind: FaultKind,
}

/// How an operation goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// It fails, and has done nothing.
    Fails,
    /// It fails like every one after it.
    FailsFromHere,
    /// It is done, and the connection breaks before that is said.
    Breaks,
    /// It is not answered.
    Hangs,
    /// nest is killed before it is done.
    KilledBefore,
    /// nest is killed when it is done.
    KilledAfter,
}

/// What goes wrong with the operation of this number.
pub(crate) fn of(faults: &[Fault], number: usize) -> Option<FaultKind> {
    let of_it = faults.iter().find(|fault| match fault.kind {
        FaultKind::FailsFromHere => fault.at <= number,
        _ => fault.at == number,
    });
    of_it.map(|fault| fault.kind)
}
