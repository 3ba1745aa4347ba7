//! The other outer engines of a project: which of them are compared, and why one is not.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::DesiredEngine;
use crate::model::name::EngineName;
use crate::observed::{ObservedEngine, ObservedOther};
use crate::plan::diff::{Around, EngineDiff, InnerDiff, Terms, diff};
use crate::plan::refusal::{Refusal, RefusalCause};
use crate::plan::target::Selection;
use crate::resource::Address;
use crate::resource::engine_path::EnginePath;
use crate::resource::record::EngineRecord;

/// Another outer engine that has, or is to have, something of the project and cannot be planned for.
#[derive(Debug)]
pub(crate) struct Unread<'a> {
    /// What the file wants of it.
    pub(crate) desired: Option<&'a DesiredEngine>,
    /// Why it cannot.
    pub(crate) refusal: Refusal,
}

/// Compares the other outer engines: those that the file names, and those that the record of this one does.
pub(crate) fn others<'a>(
    diff: &mut EngineDiff<'a>,
    terms: Terms<'a>,
    (wanted, nothing): (&'a DesiredEngine, &'a DesiredEngine),
) {
    let Some(here) = diff.observed else {
        return;
    };
    let declared = &terms.desired.engine.others;
    let forgotten = &terms.options.forget;
    let mut names: BTreeSet<&EngineName> = declared.keys().collect();
    let mut recorded = diff.record.engines.clone();
    recorded.retain(|name, _| !forgotten.contains(name));
    names.extend(recorded.keys());
    for name in names {
        let known = recorded.get(name);
        let is_declared = declared.contains_key(name);
        let other = match here.others.get(name) {
            Some(ObservedOther::Read(other)) => Ok(&**other),
            Some(ObservedOther::Unread(reason)) => Err(reason.clone()),
            None => Err("it was not looked for".to_owned()),
        };
        let found = match other {
            // Nothing is made before the record says where.
            Err(_) if terms.options.destroy.is_some() && known.is_none() => continue,
            Err(reason) => Err(RefusalCause::EngineUnread { reason }),
            Ok(other) => match twin(terms, here, name, other) {
                // It has another name in the file now, or is the one that nest connects to.
                Some(_) if !is_declared => continue,
                Some(same) => Err(same),
                None => match known {
                    Some(known) if differ(&known.id, &other.identity.id) => {
                        Err(RefusalCause::EngineReplaced {
                            known: known.id.clone(),
                            found: other.identity.id.clone(),
                        })
                    }
                    _ => Ok(other),
                },
            },
        };
        match found {
            Ok(other) => {
                let path = EnginePath::other(name);
                let around = Around {
                    is_podman: false,
                    outward: &[],
                    given: None,
                    fresh_key: &terms.desired.secret_key.inside(&path.as_text()),
                    stops: false,
                };
                let wanted = wanted.others.get(name).map_or(nothing, |it| &it.engine);
                diff.others
                    .push(self::diff(terms, &path, wanted, Some(other), &around));
            }
            Err(cause) => diff.unread.push(Unread {
                desired: declared.get(name).map(|it| &it.engine),
                refusal: Refusal {
                    address: Address::of_engine(name),
                    cause,
                    place: None,
                },
            }),
        }
    }
}

/// Whether two ids are those of two engines. One that tells none may be any.
fn differ(one: &str, other: &str) -> bool {
    !one.is_empty() && !other.is_empty() && one != other
}

/// Why an engine of two names does not count by this one.
fn twin(
    terms: Terms<'_>,
    here: &ObservedEngine,
    name: &EngineName,
    engine: &ObservedEngine,
) -> Option<RefusalCause> {
    let is_it = |other: &ObservedEngine| {
        !other.identity.id.is_empty() && other.identity.id == engine.identity.id
    };
    if is_it(here) {
        return Some(RefusalCause::SameEngine { other: None });
    }
    let declared = &terms.desired.engine.others;
    let rank = |name: &EngineName| (!declared.contains_key(name), name.clone());
    let mut others = here.others.iter();
    let twin = others.find(|(other, observed)| match observed {
        ObservedOther::Read(observed) => rank(other) < rank(name) && is_it(observed),
        ObservedOther::Unread(_) => false,
    });
    twin.map(|(twin, _)| RefusalCause::SameEngine {
        other: Some(twin.clone()),
    })
}

impl EngineDiff<'_> {
    /// The engines one step further that are planned: those inside its containers, and the other outer engines.
    pub(crate) fn further(&self) -> impl Iterator<Item = &Self> {
        let inner = self.inner.values().filter_map(|inner| match inner {
            InnerDiff::Planned(inner) => Some(&**inner),
            InnerDiff::None | InnerDiff::Deferred => None,
        });
        inner.chain(&self.others)
    }

    /// The same, to be changed.
    pub(crate) fn further_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let inner = self.inner.values_mut().filter_map(|inner| match inner {
            InnerDiff::Planned(inner) => Some(&mut **inner),
            InnerDiff::None | InnerDiff::Deferred => None,
        });
        inner.chain(&mut self.others)
    }

    /// The other outer engines as the record names them once the plan begins.
    pub(crate) fn engines_before(&self, terms: Terms<'_>) -> BTreeMap<EngineName, EngineRecord> {
        let mut engines = self.record.engines.clone();
        engines.retain(|name, _| !terms.options.forget.contains(name));
        for other in &self.others {
            let name = other.path.outermost();
            let declared = name.and_then(|name| {
                let declared = terms.desired.engine.others.get(&name)?;
                Some((name, declared))
            });
            if let (Some((name, declared)), Some(observed)) = (declared, other.observed) {
                let address = declared.address.clone();
                let id = observed.identity.id.clone();
                engines.insert(name, EngineRecord { address, id });
            }
        }
        engines
    }

    /// Whether it is another outer engine that has nothing of the project any more once the plan has been carried out.
    pub(crate) fn is_left(&self) -> bool {
        let is_other = self.path.outermost().is_some();
        is_other && *self.desired == DesiredEngine::default() && self.kept.is_empty()
    }

    /// Those that have something of the project once the plan has been carried out, or may have.
    pub(crate) fn engines_after(
        &self,
        terms: Terms<'_>,
        selection: &Selection,
    ) -> BTreeMap<EngineName, EngineRecord> {
        let mut engines = self.engines_before(terms);
        if terms.options.destroy.is_some() {
            // Nothing is made anywhere.
            engines.retain(|name, _| self.record.engines.contains_key(name));
        }
        if *selection != Selection::All {
            return engines;
        }
        let staying = self.others.iter().filter(|other| !other.is_left());
        let staying: BTreeSet<EngineName> =
            staying.filter_map(|other| other.path.outermost()).collect();
        engines.retain(|name, _| staying.contains(name));
        engines
    }
}
