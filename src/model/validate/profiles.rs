//! Profiles: what is left out unless it is asked for.

use crate::model::validate::Validation;
use crate::source::Span;
use crate::spec::decode::Field;

/// The profile that stands for all.
const ALL: &str = "*";

impl Validation<'_> {
    /// Whether a thing that belongs to these profiles is part of the project.
    pub(super) fn is_active(&self, profiles: &Field<Vec<Field<String>>>) -> bool {
        let asked_for = |profile: &String| {
            let mut active = self.input.profiles.iter();
            active.any(|active| active == profile || active == ALL)
        };
        profiles.items().next().is_none()
            || profiles.items().any(|profile| asked_for(profile.value))
    }

    /// Drops the warnings about things that are left out. `left_out` are the places of those.
    pub(super) fn forget_warnings(&mut self, left_out: &[Span]) {
        if left_out.is_empty() {
            return;
        }
        let sources = self.input.sources;
        let mut sorted = left_out.to_vec();
        sorted.sort_by_key(|place| place.start);
        let mut places: Vec<Span> = Vec::new();
        for place in sorted {
            // What is left out inside something that is left out adds nothing.
            if places.last().is_none_or(|last| last.end <= place.start) {
                places.push(place);
            }
        }
        let is_inside = |span: &Span| {
            let after = places.partition_point(|place| place.start <= span.start);
            let place = after.checked_sub(1).map(|index| &places[index]);
            place.is_some_and(|place| span.end <= place.end)
        };
        self.problems.retain(|problem| {
            let Some(span) = problem.main_span().filter(|_| problem.is_warning()) else {
                return true;
            };
            // What an anchor holds may stand elsewhere too.
            !is_inside(&span) || !sources.aliases_of(&span).is_empty()
        });
    }
}
