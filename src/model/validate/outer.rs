//! The outer container of an environment.

use std::time::Duration;

use crate::mode::{MODES, Mode, OwnEngine};
use crate::model::duration::parse_duration;
use crate::model::environment::Outer;
use crate::model::image::ImageReference;
use crate::model::validate::aliases::aliases;
use crate::model::validate::container::ContainerDefaults;
use crate::model::validate::listen::Reached;
use crate::model::validate::variables::MadeVariables;
use crate::model::validate::{DeclaredVolumes, Validation};
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::problem::{
    ContainerProblem, EngineProblem, RegistryProblem, ShapeProblem, ValueProblem,
};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::container::ContainerSpec;
use crate::spec::decode::{Field, Spanned};
use crate::spec::environment::EnvironmentSpec;
use crate::spec::outer::{OuterMapping, OuterSpec, ReadySpec};

/// An outer container with the places that clashes point to.
pub(super) struct MadeOuter {
    pub(super) outer: Outer,
    pub(super) mode_span: Span,
    pub(super) data_span: Span,
    /// The place of each port.
    pub(super) port_spans: Vec<Span>,
}

impl Validation<'_> {
    /// The outer container of an environment; nothing if its mode is not known.
    pub(super) fn outer(
        &mut self,
        name: &str,
        environment: &EnvironmentSpec,
        scope: &ScopeSpec,
        declared: &DeclaredVolumes<'_>,
    ) -> Option<MadeOuter> {
        let outer = environment.outer.get()?;
        let default = OuterMapping::default();
        let (spec, mode_text) = match outer.value {
            OuterSpec::Scalar(mode) => (
                &default,
                Some(Spanned {
                    value: mode,
                    span: outer.span,
                }),
            ),
            OuterSpec::Mapping(mapping) => {
                if mapping.own.mode.value.is_none() && !mapping.own.mode.failed {
                    let hint = "say how it gets its engine: `mode: dind`, or `mode: socket`";
                    let at = environment.outer.key_span.clone();
                    let what = format!("the container of the environment `{name}`");
                    self.missing(&what, "mode", hint, at);
                }
                (mapping.as_ref(), mapping.own.mode.get())
            }
        };
        let mode = mode_text.as_ref().and_then(|text| self.mode(text));
        if let (Some(mode), Some(text)) = (mode, &mode_text)
            && mode.own_engine().is_none()
        {
            self.check_without_engine(mode, &text.span, spec);
            self.check_registries_without_engine(mode, &text.span, environment);
        }
        let mode_with_span = mode.zip(mode_text.as_ref().map(|text| &text.span));
        if let Some((mode, span)) = mode_with_span {
            self.check_outer_policy(mode, span, spec);
            self.check_runtime(mode, span, &spec.shared);
        }
        let listen = self.listen(&spec.own.listen, mode_with_span);
        let data = self.data(&spec.own.data, declared);
        self.check_seed(&spec.own.data, &data, mode);
        let daemon = self.daemon(&spec.own.daemon, mode_with_span);
        self.check_keys_of_services(&spec.shared);
        let build = spec.shared.build.get();
        let build = build.map(|build| self.build(build.value, &build.span, scope));
        // A mode's image is written in the familiar form but for its tag.
        let image_of = |mode: &Mode| {
            ImageReference::parse(mode.image).unwrap_or_else(|_| ImageReference::new(mode.image))
        };
        let defaults = ContainerDefaults {
            image: match &build {
                Some(_) => self.built_image(name),
                None => mode.map(image_of),
            },
            init: mode.is_some_and(|mode| mode.init),
            privileged: mode.is_some_and(|mode| mode.privileged),
        };
        let whole = self.container(name, &spec.shared, defaults, scope);
        if build.is_none() {
            self.check_has_build(&spec.shared);
        }
        let build = build.map(|build| {
            let container = (whole.container.as_deref(), &spec.shared.platform.span);
            self.built_container(build, container, spec.shared.build.span.clone())
        });
        let replicas = &environment.replicas;
        let count = replicas.copied().unwrap_or(1);
        self.check_replicas(&whole.fixed, count, &replicas.span);
        if let Some((mode, span)) = mode_with_span
            && let Some(engine) = mode.own_engine()
        {
            if let Some(container) = &whole.container {
                let ports = &container.ports;
                self.check_ports_of_engine((mode, span), engine, ports, &whole.port_spans);
            }
            self.check_engine(name, engine, environment, spec, &whole.variables);
        }
        let ready_timeout = self.ready(&spec.own.ready);
        let (mode, mode_span) = mode_with_span?;
        Some(MadeOuter {
            mode_span: mode_span.clone(),
            data_span: spec.own.data.span.clone(),
            port_spans: whole.port_spans,
            outer: Outer {
                mode,
                container: whole.container?,
                build,
                listen,
                socket: self.socket(&spec.own.socket, mode),
                data,
                daemon,
                ready_timeout: ready_timeout.unwrap_or_else(|| {
                    mode.own_engine()
                        .map_or(Duration::from_mins(1), |engine| engine.ready_timeout)
                }),
            },
        })
    }

    /// What is set beside an engine's configuration, and clashes with it or has no effect.
    fn check_engine(
        &mut self,
        name: &str,
        engine: &OwnEngine,
        environment: &EnvironmentSpec,
        spec: &OuterMapping,
        variables: &MadeVariables,
    ) {
        let flags = self.flags(&spec.shared.command, engine);
        self.check_flags(&flags, engine, &spec.own.daemon, environment);
        self.check_store(&spec.own.daemon, variables, &flags);
        let Some(certificates) = &engine.certificates else {
            return;
        };
        if let Some(variable) = variables.get(certificates.folder_variable) {
            let at = variable.name_span.clone();
            self.report(EngineProblem::CertificatesByHand { at });
        }
        let reached = Reached {
            name,
            replicas: environment.replicas.copied().unwrap_or(1),
            hostname: spec.shared.hostname.value.as_deref(),
            aliases: aliases(&spec.shared),
        };
        self.check_certificate(certificates, variables, &spec.own.listen, &reached);
    }

    /// Keys of services that environments have elsewhere.
    fn check_keys_of_services(&mut self, spec: &ContainerSpec) {
        let deploy = spec.deploy.value.as_ref();
        let replicas = deploy.and_then(|deploy| deploy.replicas.section());
        for (key, place) in [("scale", spec.scale.section()), ("replicas", replicas)] {
            if let Some(at) = place {
                self.report(ContainerProblem::ReplicasInOuter {
                    key: key.to_owned(),
                    at,
                });
            }
        }
    }

    fn mode(&mut self, text: &Spanned<&String>) -> Option<&'static Mode> {
        let at = text.span.clone();
        if let Some(mode) = Mode::named(text.value) {
            return Some(mode);
        }
        let names = || MODES.iter().map(|mode| mode.name);
        let hint = did_you_mean(text.value, names(), || {
            format!("it takes one of {}", quoted_list(names()))
        });
        self.report(ShapeProblem::UnknownWord {
            owner: "`mode`".to_owned(),
            word: text.value.clone(),
            hint,
            at,
        });
        None
    }

    /// Registries that an engine would have to be told of, where there is none to tell.
    fn check_registries_without_engine(
        &mut self,
        mode: &Mode,
        mode_span: &Span,
        environment: &EnvironmentSpec,
    ) {
        if let Some(at) = environment.registries.section()
            && self.has_to_be_told(&environment.registries)
        {
            self.report(RegistryProblem::WithoutEngine {
                mode: mode.name.to_owned(),
                at,
                mode_at: mode_span.clone(),
            });
        }
    }

    /// What has no meaning, or less than it seems, where the outer engine is used.
    fn check_without_engine(&mut self, mode: &Mode, mode_span: &Span, spec: &OuterMapping) {
        self.report(EngineProblem::SocketIsRoot {
            mode: mode.name.to_owned(),
            at: mode_span.clone(),
        });
        let needing_engine = [
            ("data", spec.own.data.section()),
            ("daemon", spec.own.daemon.section()),
            ("listen", spec.own.listen.section()),
        ];
        for (key, section) in needing_engine {
            if let Some(at) = section {
                self.report(EngineProblem::NoEngineOfItsOwn {
                    key: key.to_owned(),
                    mode: mode.name.to_owned(),
                    at,
                    mode_at: mode_span.clone(),
                });
            }
        }
        let limits = [
            ("cpus", spec.shared.cpus.section()),
            ("memory", spec.shared.memory.section()),
            ("mem_limit", spec.shared.mem_limit.section()),
        ];
        for (key, section) in limits {
            if let Some(at) = section {
                let key = key.to_owned();
                self.report(EngineProblem::LimitDoesNotBind { key, at });
            }
        }
    }

    fn ready(&mut self, ready: &Field<ReadySpec>) -> Option<Duration> {
        let text = match ready.get()? {
            Spanned {
                value: ReadySpec::Scalar(text),
                span,
            } => Spanned { value: text, span },
            Spanned {
                value: ReadySpec::Mapping(mapping),
                ..
            } => mapping.timeout.get()?,
        };
        let reason = match parse_duration(&text.value.0) {
            Ok(duration) if !duration.is_zero() => return Some(duration),
            Ok(_) => "no engine is ready in no time",
            Err(reason) => reason,
        };
        self.report(ValueProblem::InvalidDuration {
            text: text.value.0.clone(),
            reason: reason.to_owned(),
            at: text.span,
        });
        None
    }
}
