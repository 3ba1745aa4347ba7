//! What a service mounts.

use std::collections::HashMap;

use crate::model::mount::Mount;
use crate::model::validate::{DeclaredVolumes, Validation};
use crate::problem::{MountProblem, ServiceProblem};
use crate::source::Span;
use crate::spec::decode::Field;
use crate::spec::mount::MountSpec;

impl Validation<'_> {
    /// The mounts of a service, and the place of each.
    pub(super) fn service_mounts(
        &mut self,
        spec: &Field<Vec<Field<MountSpec>>>,
        declared: &DeclaredVolumes<'_>,
    ) -> (Vec<Mount>, Vec<Span>) {
        let mut mounts = Vec::new();
        let mut spans = Vec::new();
        let mut targets: HashMap<String, Span> = HashMap::new();
        for item in spec.items() {
            if let MountSpec::Mapping(mapping) = item.value
                && let Some(at) = mapping.inner.section()
            {
                self.report(ServiceProblem::InnerOfService { at });
            }
            let parts = self.mount_parts(&item);
            let Some(mount) = parts.and_then(|parts| self.mount(&parts, declared)) else {
                continue;
            };
            if let Some(first) = targets.get(&mount.target) {
                self.report(MountProblem::PathMountedTwice {
                    target: mount.target,
                    first: first.clone(),
                    again: item.span,
                });
                continue;
            }
            targets.insert(mount.target.clone(), item.span.clone());
            mounts.push(Mount {
                inner_name: None,
                ..mount
            });
            spans.push(item.span);
        }
        (mounts, spans)
    }
}
