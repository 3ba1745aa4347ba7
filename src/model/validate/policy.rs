//! What a project asks for, held against every policy: that of the file, those given, that of the host.
//!
//! Each rule is looked for in all policies, and the first that is breached is reported, so the strictest holds and none can
//! loosen another. What belongs to profiles of which none is active is not looked at.

mod container;
mod images;
mod mounts;
mod outer;
mod warnings;

use std::path::Path;

use crate::mode::{MODES, Mode};
use crate::model::image::ImageReference;
use crate::model::validate::Validation;
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::problem::{PolicyProblem, Problem, ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::Field;
use crate::spec::policy::{DigestRule, PolicySpec, Verdict};

impl<'a> Validation<'a> {
    /// Checks that the policies mean something.
    pub(super) fn check_policies(&mut self) {
        for policy in self.policies {
            for mode in policy.modes.items() {
                if Mode::named(mode.value).is_none() {
                    let names = || MODES.iter().map(|mode| mode.name);
                    let hint = did_you_mean(mode.value, names(), || {
                        format!("it takes {}", quoted_list(names()))
                    });
                    self.report(ShapeProblem::UnknownWord {
                        owner: "an item of `modes`".to_owned(),
                        word: mode.value.clone(),
                        hint,
                        at: mode.span,
                    });
                }
            }
            for path in policy.host_paths.items() {
                if self.absolute_path(path.value, &path.span).is_none() {
                    self.report(ValueProblem::InvalidValue {
                        key: "host_paths".to_owned(),
                        text: path.value.clone(),
                        reason: "the variable `HOME` is not set, so `~` means nothing".to_owned(),
                        hint: "write an absolute path, or one that begins with `./`".to_owned(),
                        at: path.span,
                    });
                }
            }
            self.check_warning_codes(&policy.warnings);
        }
    }

    /// Reports a mode that a policy does not allow, and what comes with the mode.
    pub(super) fn check_mode_policy(
        &mut self,
        mode: &Mode,
        at: &Span,
        privileged_set: Option<bool>,
    ) {
        let breached = self.breached(|policy| {
            let listed = policy.modes.items().any(|word| word.value == mode.name);
            (policy.modes.value.is_some() && !listed).then_some(policy)
        });
        if let Some(policy) = breached {
            self.report(PolicyProblem::Mode {
                mode: mode.name.to_owned(),
                allowed: quoted_list(policy.modes.items().map(|word| word.value.as_str())),
                at: at.clone(),
                policy: policy.modes.span.clone(),
            });
        }
        let is_privileged = mode.privileged && privileged_set != Some(false);
        let smaller = mode.unprivileged.as_ref().filter(|_| mode.privileged);
        if is_privileged || smaller.is_some_and(container::is_more_than_usual) {
            let what = format!("mode `{}` runs its engine with them", mode.name);
            self.deny_privilege(what, at);
        }
        if mode.own_engine().is_none() {
            let what = format!("mode `{}` mounts the outer engine's own", mode.name);
            self.deny_socket(what, at);
        }
    }

    /// Reports something with more than the usual privileges, where a policy denies them.
    pub(super) fn deny_privilege(&mut self, what: String, at: &Span) {
        if let Some(policy) = self.denied(|policy| &policy.privileged) {
            let at = at.clone();
            self.report(PolicyProblem::Privileged { what, at, policy });
        }
    }

    /// Reports something that leads to an engine's socket, where a policy denies that.
    pub(super) fn deny_socket(&mut self, what: String, at: &Span) {
        if let Some(policy) = self.denied(|policy| &policy.socket) {
            let at = at.clone();
            self.report(PolicyProblem::Socket { what, at, policy });
        }
    }

    /// Reports an engine that listens on TCP without certificates, where a policy denies that.
    pub(super) fn deny_tcp(&mut self, what: String, at: &Span) {
        if let Some(policy) = self.denied(|policy| &policy.tcp) {
            let at = at.clone();
            self.report(PolicyProblem::Tcp { what, at, policy });
        }
    }

    /// Reports a path of the host that a policy does not allow.
    pub(super) fn check_host_path(&mut self, path: &Path, at: &Span) {
        let breached = self.breached(|policy| {
            let is_allowed = policy.host_paths.items().any(|allowed| {
                let allowed = self.absolute_path(allowed.value, &allowed.span);
                allowed.is_some_and(|allowed| path.starts_with(allowed))
            });
            let paths = &policy.host_paths;
            (paths.value.is_some() && !is_allowed).then(|| paths.span.clone())
        });
        if let Some(policy) = breached {
            self.report(PolicyProblem::HostPath {
                path: path.display().to_string(),
                at: at.clone(),
                policy,
            });
        }
    }

    /// Reports an image that can be pulled, but that a policy does not allow.
    pub(super) fn check_image_policy(&mut self, image: &ImageReference, at: &Span) {
        let rule = |policy: &PolicySpec| {
            let digests = &policy.images.value.as_ref()?.digests;
            (digests.copied() == Some(DigestRule::Required)).then(|| digests.span.clone())
        };
        if !image.has_digest()
            && let Some(policy) = self.breached(rule)
        {
            self.report(PolicyProblem::Digest {
                image: image.to_string(),
                at: at.clone(),
                policy,
            });
        }
        let host = image.host();
        let breached = self.breached(|policy| {
            let allowed = &policy.images.value.as_ref()?.registries;
            let listed = allowed.items().any(|allowed| allowed.value == host);
            (allowed.value.is_some() && !listed).then_some(allowed)
        });
        if let Some(registries) = breached {
            self.report(PolicyProblem::Registry {
                host: host.to_owned(),
                allowed: quoted_list(registries.items().map(|host| host.value.as_str())),
                at: at.clone(),
                policy: registries.span.clone(),
            });
        }
    }

    /// What the first policy says that is breached.
    fn breached<T>(&self, breach: impl Fn(&'a PolicySpec) -> Option<T>) -> Option<T> {
        if self.is_left_out {
            return None;
        }
        self.policies.iter().find_map(breach)
    }

    /// Where a policy denies something.
    fn denied(&self, rule: impl Fn(&'a PolicySpec) -> &'a Field<Verdict>) -> Option<Span> {
        self.breached(|policy| {
            let rule = rule(policy);
            (rule.copied() == Some(Verdict::Deny)).then(|| rule.span.clone())
        })
    }

    /// Silences the warnings that policies allow, and makes errors of those that they deny.
    pub(super) fn apply_warning_policies(&mut self) {
        let policies = self.policies;
        let problems = std::mem::take(self.problems);
        let judged = |problem: Problem| warnings::judged(problem, policies);
        self.problems
            .extend(problems.into_iter().filter_map(judged));
    }
}
