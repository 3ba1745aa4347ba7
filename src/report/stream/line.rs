//! The form of the lines: names as in Terraform's machine-readable UI, where it has one.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use crate::report::stream::watching::RoundJson;

/// The version of this form. A reader accepts a greater number after the dot, and passes over types that it does not know.
pub const UI_VERSION: &str = "1.2";
/// The stable address of the schema.
const ID: &str = "https://json.schemastore.org/nest-events.json";

/// One line: something that happened.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NestEvent")]
pub(super) struct Line {
    /// How much it matters.
    #[serde(rename = "@level")]
    pub(super) level: Level,
    /// The same for people.
    #[serde(rename = "@message")]
    pub(super) message: String,
    /// Who says it: `nest.ui`.
    #[serde(rename = "@module")]
    pub(super) module: String,
    /// When, as RFC 3339 has it, in UTC.
    #[serde(rename = "@timestamp")]
    pub(super) timestamp: String,
    /// What.
    #[serde(flatten)]
    pub(super) event: EventJson,
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// All is well.
    Info,
    /// Somebody should know.
    Warn,
    /// Something failed.
    Error,
}

/// What happened.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "Event")]
pub(super) enum EventJson {
    /// The first line of all.
    Version {
        /// The version of nest.
        nest: String,
        /// The version of this form, `MAJOR.MINOR`: additions raise the second number, all else the first.
        ui: String,
    },
    /// Something changed outside nest since it was last applied.
    ResourceDrift {
        /// What.
        change: PlannedJson,
    },
    /// Something is going to change. Where the engines changed before the lock was taken, a plan is told anew.
    PlannedChange {
        /// What.
        change: PlannedJson,
    },
    /// `nest prune` takes a project down: what is planned next is about it.
    Project {
        /// Its name.
        project: String,
        /// Why.
        because: String,
    },
    /// How much is going to change, after all planned changes; and how much did, before the last line.
    ChangeSummary {
        /// How much.
        changes: CountsJson,
    },
    /// An environment whose scope is planned when its engine runs.
    Deferred {
        /// Its address.
        addr: String,
    },
    /// Somebody holds the lock of the project, and is waited for.
    LockWait {
        /// Who.
        holder: String,
        /// For how long they have held it.
        held_seconds: f64,
    },
    /// A step was started.
    ApplyStart {
        /// The step.
        hook: HookJson,
    },
    /// A step tells how far it is; at most once a second for bytes.
    ApplyProgress {
        /// The step.
        hook: HookJson,
    },
    /// A step was done.
    ApplyComplete {
        /// The step.
        hook: HookJson,
    },
    /// A step failed. A diagnostic follows, which says why.
    ApplyErrored {
        /// The step.
        hook: HookJson,
    },
    /// A step was not started, or was running when everything was stopped.
    ApplySkipped {
        /// The step.
        hook: HookJson,
        /// The steps whose failures it is because of; none where the run was cancelled.
        because_of: Vec<usize>,
    },
    /// Something that somebody should know: an error or a warning.
    Diagnostic {
        /// What.
        diagnostic: DiagnosticJson,
    },
    /// `nest watch` reads these files, and is told when they change.
    Watching {
        /// The files.
        files: Vec<String>,
    },
    /// Files say something else than before.
    FilesChanged {
        /// Which.
        files: Vec<String>,
    },
    /// Files that are asked for are not there.
    FilesAbsent {
        /// Which.
        files: Vec<String>,
    },
    /// The outer engine tells nothing more.
    EngineLost,
    /// The outer engine tells what happens again.
    EngineBack,
    /// `nest watch` has done what it can for now.
    Round {
        /// How it stands.
        result: RoundJson,
        /// After how long it is tried again, where it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_seconds: Option<f64>,
    },
    /// The command of `--exec` has ended.
    Command {
        /// The command.
        command: String,
        /// Its exit code; none where a signal ended it or it could not be started.
        exit_code: Option<i32>,
    },
    /// The last line of all: how it ended.
    Outcome {
        /// How.
        result: ResultJson,
        /// The code that the process ends with.
        exit_code: u8,
        /// What became of all steps.
        steps: TallyJson,
        /// How long it took in all.
        elapsed_seconds: f64,
    },
}

/// A change of a resource.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlannedChange")]
pub(super) struct PlannedJson {
    /// The resource.
    pub(super) resource: ResourceJson,
    /// What becomes of it.
    pub(super) action: ActionWord,
    /// Why, where what differs does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// A resource.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Resource")]
pub(super) struct ResourceJson {
    /// Its address, such as `environment.builder/image["alpine:3.20"]`.
    pub(super) addr: String,
    /// What sort of thing it is, such as `image`.
    pub(super) resource_type: String,
    /// The real name of the object on its engine.
    pub(super) resource_name: String,
    /// The engine that holds it, as a path of containers from the outer engine; empty for the outer engine.
    pub(super) engine: String,
}

/// What becomes of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Action")]
pub(super) enum ActionWord {
    /// It stays, and may be started again.
    Noop,
    /// It is made.
    Create,
    /// It changes in place.
    Update,
    /// It is removed and made again.
    Replace,
    /// It is removed.
    Delete,
}

/// How many resources change. A replacement adds one and removes one.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
pub(super) struct CountsJson {
    /// Resources that are made.
    pub(super) add: usize,
    /// Resources that change in place.
    pub(super) change: usize,
    /// Resources that are removed.
    pub(super) remove: usize,
    /// Whether they are going to (`plan`), or did (`apply`, or `destroy` where the project is taken down).
    pub(super) operation: CountsOf,
}

/// What is counted.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CountsOf {
    /// What a plan says.
    #[default]
    Plan,
    /// What was done.
    Apply,
    /// What was done to take the project down.
    Destroy,
}

/// A step, and what is known of it so far.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Step")]
pub(super) struct HookJson {
    /// The wave that it belongs to, counted from 0: each has a plan of its own.
    pub(super) wave: usize,
    /// Its number in the plan, counted from 0.
    pub(super) step: usize,
    /// What it does, such as `create_container`.
    pub(super) operation: String,
    /// The resources that it is done for; none for nest's own bookkeeping.
    pub(super) resources: Vec<ResourceJson>,
    /// What becomes of the first of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<ActionWord>,
    /// What it waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waited: Option<WaitedJson>,
    /// How long it has taken, or took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) elapsed_seconds: Option<f64>,
    /// Bytes that it moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
    /// What it waits for now, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waiting_for: Option<String>,
    /// A line of what a build tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<String>,
}

/// What a step waited for before it was started.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Waited")]
pub(super) struct WaitedJson {
    /// How long, from the beginning of the wave.
    pub(super) seconds: f64,
    /// How much of that it could have been started and was not, since enough others ran.
    pub(super) queued_seconds: f64,
    /// The number of the step that was the last to be done of those before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) for_step: Option<usize>,
}

/// An error or a warning.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Diagnostic")]
pub(super) struct DiagnosticJson {
    /// Which of the two.
    pub(super) severity: Severity,
    /// What is wrong, in one line.
    pub(super) summary: String,
    /// Causes, log lines, and what helps.
    pub(super) detail: String,
    /// The resource that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    /// The code of a problem of the file, such as `nest::unknown_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    /// Where in which file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) range: Option<RangeJson>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Severity {
    /// Something failed, or cannot be done.
    Error,
    /// Nothing failed.
    Warning,
}

/// A range of text in a file.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Range")]
pub(super) struct RangeJson {
    /// The file.
    pub(super) filename: String,
    /// Its first character.
    pub(super) start: PositionJson,
    /// The first character that is outside.
    pub(super) end: PositionJson,
}

/// A place in a file, counted from 1.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Position")]
pub(super) struct PositionJson {
    /// The line.
    pub(super) line: usize,
    /// The character of the line.
    pub(super) column: usize,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Result")]
pub(super) enum ResultJson {
    /// Everything was done.
    Done,
    /// There was nothing to do.
    NoChanges,
    /// The plan has something that cannot be done, so nothing was.
    Refused,
    /// It needs a confirmation, so nothing was done.
    Unconfirmed,
    /// Some steps failed.
    Incomplete,
    /// The run was cancelled.
    Interrupted,
    /// Engines stop as soon as they are started.
    NotSettled,
    /// It could not begin, or not go on; a diagnostic says why.
    Failed,
}

/// What became of the steps of all waves.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "Tally")]
pub(super) struct TallyJson {
    /// Steps that were done.
    pub(super) done: usize,
    /// Steps that failed.
    pub(super) failed: usize,
    /// Steps that were not started, or not finished.
    pub(super) skipped: usize,
}

/// The schema of a line, draft 2020-12.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Line>();
    schema.insert("$id".to_owned(), json!(ID));
    schema.to_value()
}
