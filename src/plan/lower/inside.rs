//! The steps of the engines inside an engine. They wait for its own, and not the other way round before all are known, so
//! that those of one engine inside can be found without those of another.

use std::collections::BTreeMap;

use crate::model::image::ImageReference;
use crate::parallel;
use crate::plan::diff::EngineDiff;
use crate::plan::lower::{Entry, Lowering};
use crate::plan::step::Step;
use crate::resource::engine_path::EnginePath;

/// From how far behind the steps around them those of an engine inside are counted until it is known where they come.
const FAR: usize = usize::MAX / 64;

impl Lowering<'_> {
    /// Finds the steps of engines inside, and adds them in the order of the engines.
    pub(super) fn engines_inside(&mut self, engines: &[(&EngineDiff<'_>, Entry)]) {
        let found = parallel::each(engines, |(diff, entry)| {
            let mut inside = Lowering {
                terms: self.terms,
                selection: self.selection,
                around: Some(self),
                first: self.end() + FAR,
                steps: Vec::new(),
                brought: BTreeMap::new(),
                recorded: BTreeMap::new(),
                taken: BTreeMap::new(),
            };
            inside.engine(diff, entry);
            let Lowering {
                first,
                steps,
                brought,
                recorded,
                taken,
                ..
            } = inside;
            (first, steps, brought, recorded, taken)
        });
        for (first, steps, brought, recorded, taken) in found {
            let end = self.end();
            let place = |step: &mut usize| {
                if *step >= first {
                    *step = *step - first + end;
                }
            };
            self.steps.extend(steps.into_iter().map(|mut step| {
                let Step {
                    after, after_end, ..
                } = &mut step;
                after.iter_mut().chain(after_end).for_each(place);
                step
            }));
            for (image, mut step) in brought {
                place(&mut step);
                self.brought.insert(image, step);
            }
            for (engine, mut step) in recorded {
                place(&mut step);
                self.recorded.insert(engine, step);
            }
            for (image, mut steps) in taken {
                steps.iter_mut().for_each(place);
                self.taken.entry(image).or_default().extend(steps);
            }
        }
    }

    /// The number of the next step.
    pub(super) fn end(&self) -> usize {
        self.first + self.steps.len()
    }

    /// One of the steps of this engine or, once they are known, of those inside.
    pub(super) fn step(&mut self, number: usize) -> &mut Step {
        &mut self.steps[number - self.first]
    }

    /// The step that brings an image to this engine or to one around it.
    pub(super) fn brought(&self, place: &(EnginePath, ImageReference)) -> Option<usize> {
        let own = self.brought.get(place).copied();
        own.or_else(|| self.around?.brought(place))
    }
}
