//! The container of an environment, held against policies.

use crate::mode::Mode;
use crate::model::validate::Validation;
use crate::source::Span;
use crate::spec::outer::{ListenSpec, OuterMapping};

impl Validation<'_> {
    /// What the container of an environment asks for, by its mode and by its own keys.
    pub(in crate::model::validate) fn check_outer_policy(
        &mut self,
        mode: &Mode,
        mode_span: &Span,
        spec: &OuterMapping,
    ) {
        self.check_mode_policy(mode, mode_span, spec.shared.privileged.copied());
        if spec.shared.image.section().is_none() {
            self.check_image_text(mode.image, mode_span);
        }
        if let Some(listen) = spec.own.listen.get()
            && matches!(listen.value, ListenSpec::Tcp)
        {
            self.deny_tcp("`listen: tcp`".to_owned(), &listen.span);
        }
        self.check_container_policy(&spec.shared);
    }
}
