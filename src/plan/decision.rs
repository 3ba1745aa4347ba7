//! The table of decisions: what becomes of an object, by whether the file declares it, whether nest last applied it, and
//! what is observed.

/// What is observed of an object, compared with what the file declares where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// There is none.
    Nothing,
    /// It is as declared.
    AsDeclared,
    /// It differs in what changes in place.
    InPlace,
    /// It differs in what only a replacement changes.
    Otherwise,
    /// It differs in what only a replacement changes, and its data would go with it.
    DataAtStake,
    /// It is there, and there is nothing to compare it with.
    There,
    /// It is there and holds data, and there is nothing to compare it with.
    WithData,
    /// It is there, and something of somebody else's needs it, or it has become somebody else's.
    InUse,
}

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stays as it is, and the plan does not speak of it.
    Nothing,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is removed and made again.
    Replace,
    /// It is removed and made again if losing its data is allowed; otherwise that is refused.
    ReplaceWithConsent,
    /// It is removed.
    Delete,
    /// It stays, and the plan says so.
    Keep,
    /// It is somebody else's: refused.
    Clash,
}

/// One row: where all conditions hold, the verdict is this.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Whether the file declares it.
    pub declared: bool,
    /// Whether nest applied it last, as labels and records say; none where that does not matter.
    pub applied: Option<bool>,
    /// What is observed.
    pub found: Found,
    /// What becomes of it.
    pub verdict: Verdict,
}

const fn row(declared: bool, applied: Option<bool>, found: Found, verdict: Verdict) -> Row {
    Row {
        declared,
        applied,
        found,
        verdict,
    }
}

/// The whole table. Other combinations of conditions cannot be.
pub const TABLE: &[Row] = &[
    row(true, None, Found::Nothing, Verdict::Create),
    row(true, Some(false), Found::There, Verdict::Clash),
    row(true, Some(true), Found::AsDeclared, Verdict::Nothing),
    row(true, Some(true), Found::InPlace, Verdict::Update),
    row(true, Some(true), Found::Otherwise, Verdict::Replace),
    row(
        true,
        Some(true),
        Found::DataAtStake,
        Verdict::ReplaceWithConsent,
    ),
    row(false, Some(true), Found::There, Verdict::Delete),
    row(false, Some(true), Found::WithData, Verdict::Keep),
    row(false, Some(true), Found::InUse, Verdict::Keep),
    row(false, Some(true), Found::Nothing, Verdict::Nothing),
    row(false, Some(false), Found::There, Verdict::Nothing),
];

/// What becomes of an object that the file declares.
pub(crate) fn declared(applied: bool, found: Found) -> Verdict {
    verdict(true, applied, found)
}

/// What becomes of an object that the file does not declare, or no longer.
pub(crate) fn undeclared(applied: bool, found: Found) -> Verdict {
    verdict(false, applied, found)
}

fn verdict(declared: bool, applied: bool, found: Found) -> Verdict {
    let holds = |row: &&Row| {
        row.declared == declared
            && row.applied.is_none_or(|wanted| wanted == applied)
            && row.found == found
    };
    TABLE
        .iter()
        .find(holds)
        .map_or(Verdict::Nothing, |row| row.verdict)
}

#[cfg(test)]
mod tests {
    use crate::plan::decision::{TABLE, Verdict, declared, undeclared, verdict};

    #[test]
    fn no_two_rows_hold_at_once() {
        for (index, row) in TABLE.iter().enumerate() {
            for applied in [true, false] {
                if row.applied.is_none_or(|wanted| wanted == applied) {
                    let verdict = verdict(row.declared, applied, row.found);
                    assert_eq!(verdict, row.verdict, "row {index}");
                }
            }
        }
    }

    #[test]
    fn what_nest_did_not_make_is_never_touched() {
        for row in TABLE {
            let touched = [declared(false, row.found), undeclared(false, row.found)];
            for verdict in touched {
                let harmless = [Verdict::Nothing, Verdict::Create, Verdict::Clash];
                assert!(harmless.contains(&verdict), "{row:?}: {verdict:?}");
            }
        }
    }
}
