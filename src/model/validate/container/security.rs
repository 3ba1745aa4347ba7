//! What a container may do on its host.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::container::security::{
    CAPABILITIES, Security, normalized_capability, parse_security_option, security_options,
    sysctl_fault,
};
use crate::model::validate::Validation;
use crate::model::value::TextValue;
use crate::problem::ValueProblem;
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::source::Span;
use crate::spec::container::ContainerSpec;
use crate::spec::decode::{Field, Spanned};
use crate::spec::variables::TextMap;
use crate::spec::vocabulary::not_supported_yet;

impl Validation<'_> {
    /// What it may do; `privileged` is how it is where the file does not say.
    pub(super) fn security(&mut self, spec: &ContainerSpec, privileged: bool) -> Security {
        let users = spec.userns_mode.get();
        let host_users = users.as_ref().is_some_and(|word| word.value == "host");
        if let Some(word) = users
            && !host_users
        {
            let hint = "it takes `host`, or is left out".to_owned();
            self.unknown_word("userns_mode", word.value, hint, word.span);
        }
        Security {
            privileged: spec.privileged.copied().unwrap_or(privileged),
            cap_add: self.capabilities("cap_add", &spec.cap_add),
            cap_drop: self.capabilities("cap_drop", &spec.cap_drop),
            options: self.security_options(&spec.security_opt),
            read_only: spec.read_only.copied().unwrap_or(false),
            host_users,
        }
    }

    fn capabilities(&mut self, key: &str, list: &Field<Vec<Field<String>>>) -> BTreeSet<String> {
        let mut capabilities = BTreeSet::new();
        for item in list.items() {
            let capability = normalized_capability(item.value);
            if CAPABILITIES.contains(&capability.as_str()) {
                capabilities.insert(capability);
            } else {
                let hint = did_you_mean(&capability, CAPABILITIES, || {
                    "it takes capabilities of Linux, such as `SYS_PTRACE`, or `ALL`".to_owned()
                });
                self.refuse(
                    key,
                    item.value,
                    "there is no such capability",
                    hint,
                    item.span,
                );
            }
        }
        capabilities
    }

    fn security_options(&mut self, list: &Field<Vec<Field<String>>>) -> Vec<String> {
        let mut options = Vec::new();
        for item in list.items() {
            let hint = "write `no-new-privileges:true`, `seccomp=unconfined` or `label=disable`";
            match self.checked_text("security_opt", &item, hint, parse_security_option) {
                None => {}
                Some(None) => {
                    let end = item.value.find(['=', ':']).unwrap_or(item.value.len());
                    let name = &item.value[..end];
                    let hint = did_you_mean(name, security_options(), || {
                        format!("it takes one of {}", quoted_list(security_options()))
                    });
                    let at = self.part(&item, 0..end);
                    self.refuse("security_opt", name, "there is no such option", hint, at);
                }
                Some(Some(option)) => {
                    let option = self.with_absolute_profile(option, &item);
                    if !options.contains(&option) {
                        options.push(option);
                    }
                }
            }
        }
        options
    }

    /// A seccomp profile is a file of this machine, beside the file that names it.
    fn with_absolute_profile(&mut self, option: String, item: &Spanned<&String>) -> String {
        let profile = option
            .strip_prefix("seccomp=")
            .filter(|profile| !["unconfined", "builtin"].contains(profile));
        let path = profile.and_then(|profile| self.absolute_path(profile, &item.span));
        if path.is_some() {
            let what = "a seccomp profile of a file".to_owned();
            self.report(not_supported_yet(what, item.span.clone()));
        }
        path.map_or(option, |path| format!("seccomp={}", path.display()))
    }

    /// Kernel settings of its namespaces.
    pub(super) fn sysctls(&mut self, spec: &Field<TextMap>) -> IndexMap<String, TextValue> {
        let names: Vec<(String, Span)> = match &spec.value {
            None => Vec::new(),
            Some(TextMap::Sequence(items)) => items
                .iter()
                .filter_map(Field::get)
                .map(|item| {
                    let name = item.value.0.split('=').next().unwrap_or_default();
                    (name.to_owned(), item.span)
                })
                .collect(),
            Some(TextMap::Mapping(table)) => table
                .entries
                .iter()
                .map(|entry| (entry.name.clone(), entry.name_span.clone()))
                .collect(),
        };
        for (name, at) in names {
            if let Some(reason) = sysctl_fault(&name) {
                self.report(ValueProblem::InvalidValue {
                    key: "sysctls".to_owned(),
                    text: name,
                    reason: reason.to_owned(),
                    hint: "it takes `net.…`, `fs.mqueue.…`, and those of `kernel.…` about messages, semaphores and shared memory"
                        .to_owned(),
                    at,
                });
            }
        }
        self.text_map(spec)
    }
}
