//! Runtimes: what does not go with one that isolates, and modes that have one.

use crate::mode::Mode;
use crate::model::validate::Validation;
use crate::problem::ModeProblem;
use crate::source::Span;
use crate::spec::container::ContainerSpec;

impl Validation<'_> {
    /// Checks that a runtime that isolates is not used inside itself.
    pub(super) fn check_nesting(&mut self, mode: &'static Mode, span: &Span) {
        let Some(runtime) = mode.runtime else { return };
        let mut around = self.around.iter();
        let first = around.find(|(outer, _)| outer.runtime == Some(runtime));
        if let Some((_, first)) = first {
            let first = first.clone();
            self.report(ModeProblem::RuntimeInItself {
                mode: mode.name.to_owned(),
                runtime: runtime.to_owned(),
                first,
                again: span.clone(),
            });
        }
    }

    /// Checks what a container asks for against the runtime of its mode.
    pub(super) fn check_runtime(
        &mut self,
        mode: &'static Mode,
        mode_at: &Span,
        spec: &ContainerSpec,
    ) {
        let given = spec.runtime.get();
        if let Some(given) = given.filter(|given| mode.runtime != Some(given.value.as_str())) {
            let hint = match (mode.runtime, Mode::of_runtime(given.value)) {
                (Some(_), _) => "remove `runtime`, or choose another mode".to_owned(),
                (None, Some(other)) => format!(
                    "say `mode: {}`, which asks for the runtime and for no privileges",
                    other.name
                ),
                // Any other is the host's own affair.
                (None, None) => String::new(),
            };
            if !hint.is_empty() {
                self.report(ModeProblem::RuntimeAndMode {
                    mode: mode.name.to_owned(),
                    runtime: given.value.clone(),
                    hint,
                    at: given.span,
                    mode_at: mode_at.clone(),
                });
            }
        }
        let Some(runtime) = mode.runtime else { return };
        if let Some(privileged) = spec.privileged.get().filter(|given| *given.value) {
            self.report(ModeProblem::PrivilegedUnderRuntime {
                mode: mode.name.to_owned(),
                runtime: runtime.to_owned(),
                at: privileged.span,
                mode_at: mode_at.clone(),
            });
        }
        let namespaces = [
            ("network_mode", &spec.network_mode),
            ("pid", &spec.pid),
            ("userns_mode", &spec.userns_mode),
        ];
        for (key, namespace) in namespaces {
            if let Some(given) = namespace.get().filter(|given| given.value == "host") {
                self.report(ModeProblem::HostNamespaceUnderRuntime {
                    key: key.to_owned(),
                    mode: mode.name.to_owned(),
                    runtime: runtime.to_owned(),
                    at: given.span,
                    mode_at: mode_at.clone(),
                });
            }
        }
    }
}
