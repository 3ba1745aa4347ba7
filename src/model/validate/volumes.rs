//! Volumes of a scope.

use indexmap::IndexMap;

use crate::model::Volume;
use crate::model::name::VolumeName;
use crate::model::validate::Validation;
use crate::problem::{ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Table};
use crate::spec::volume::VolumeSpec;

impl Validation<'_> {
    /// The volumes that a scope declares.
    pub(super) fn volumes(
        &mut self,
        table: &Field<Table<VolumeSpec>>,
    ) -> IndexMap<VolumeName, Volume> {
        let default = VolumeSpec::default();
        let mut volumes = IndexMap::new();
        for entry in table.entries() {
            self.check_name("a volume", &entry.name, &entry.name_span, true, "-_.");
            let spec = entry.value.value.as_ref().unwrap_or(&default);
            if let Some(name) = spec.name.get() {
                self.check_name("a volume", name.value, &name.span, true, "-_.");
            }
            let external = spec.external.copied().unwrap_or(false);
            if external {
                self.check_external(&entry.name, spec);
            }
            self.check_per_replica(spec);
            let named = spec.name.value.clone();
            let volume = Volume {
                explicit_name: named.or_else(|| external.then(|| entry.name.clone())),
                driver: spec
                    .driver
                    .value
                    .clone()
                    .unwrap_or_else(|| "local".to_owned()),
                driver_opts: self.text_map(&spec.driver_opts),
                labels: self.text_map(&spec.labels),
                external,
                per_replica: spec.per_replica.copied().unwrap_or(false),
                protect: spec.protect.copied().unwrap_or(false),
            };
            self.check_volume_policy(&volume, &spec.driver_opts.span);
            volumes.insert(VolumeName::new(&entry.name), volume);
        }
        volumes
    }

    /// One volume per replica has one name per replica, which only nest can give.
    fn check_per_replica(&mut self, spec: &VolumeSpec) {
        if spec.per_replica.copied() != Some(true) {
            return;
        }
        let external = spec.external.section();
        let external = external.filter(|_| spec.external.copied() == Some(true));
        for (key, place) in [("name", spec.name.section()), ("external", external)] {
            if let Some(first) = place {
                self.report(ShapeProblem::ConflictingKeys {
                    what: "a volume".to_owned(),
                    keys: format!("`{key}` and `per_replica`"),
                    first,
                    second: spec.per_replica.key_span.clone(),
                });
            }
        }
    }

    fn check_external(&mut self, name: &str, spec: &VolumeSpec) {
        let settings: [(&str, Option<Span>); 3] = [
            ("driver", spec.driver.section()),
            ("driver_opts", spec.driver_opts.section()),
            ("labels", spec.labels.section()),
        ];
        for (key, place) in settings {
            if let Some(at) = place {
                self.report(ValueProblem::ExternalVolumeSettings {
                    key: key.to_owned(),
                    volume: name.to_owned(),
                    at,
                    external: spec.external.key_span.clone(),
                });
            }
        }
    }
}
