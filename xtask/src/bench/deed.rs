//! What nest and Compose are both asked to do with a project.

/// Something that both do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// From nothing to engines that answer and hold what they should.
    Ready,
    /// The same of nest, but of Compose only what it does by itself.
    Started,
    /// Up once more, with nothing to do.
    Again,
    /// The same, nest entering containers by commands.
    AgainByExec,
    /// Up once more, beside the plugin alone, without the docker CLI that people start it by.
    AgainAlone,
    /// The same, nest entering containers by commands.
    AgainByExecAlone,
    /// Down to nothing.
    Down,
    /// The file is read and checked; no engine is asked.
    Validate,
}

impl Deed {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 8] = [
        Self::Ready,
        Self::Again,
        Self::AgainByExec,
        Self::AgainAlone,
        Self::AgainByExecAlone,
        Self::Down,
        Self::Started,
        Self::Validate,
    ];

    /// A phrase for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Ready => "from nothing to ready",
            Self::Started => "from nothing; Compose: containers started",
            Self::Again => "up again, nothing to do",
            Self::AgainByExec => "up again, nothing to do, by exec",
            Self::AgainAlone => "up again, nothing to do; Compose: the plugin alone",
            Self::AgainByExecAlone => "up again, nothing to do, by exec; Compose: the plugin alone",
            Self::Down => "down, with volumes",
            Self::Validate => "validate",
        }
    }

    /// Which part of Compose's time nest may take for several engines, where that is a goal.
    pub(crate) fn time_limit(self) -> Option<f64> {
        match self {
            Self::Again => Some(0.5),
            Self::AgainByExec => Some(4.0),
            Self::Ready
            | Self::Started
            | Self::AgainAlone
            | Self::AgainByExecAlone
            | Self::Down
            | Self::Validate => None,
        }
    }

    /// What nest spends time on that Compose does not.
    pub(crate) fn extra_work(self) -> &'static str {
        match self {
            Self::Ready => {
                "nest starts what depends on an engine when that engine is ready, Compose when its \
                 container is started"
            }
            Self::Started => {
                "`docker compose up -d` ends when the containers are started: their engines do not \
                 answer yet, and hold nothing"
            }
            Self::Again | Self::AgainAlone => "nest reads every inner engine, Compose none",
            Self::AgainByExec | Self::AgainByExecAlone => {
                "nest reads every inner engine, Compose none; most of the time goes into the `exec` by \
                 which it enters each container"
            }
            Self::Down => "nest first reads what runs inside, to say what will stop",
            Self::Validate => "nest checks more",
        }
    }
}
