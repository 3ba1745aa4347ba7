//! A plan as JSON, with the keys of Terraform's plans, for policies and other tools.
//!
//! The names, and what they mean, are those of <https://developer.hashicorp.com/terraform/internals/json-format>;
//! `engine` and `impact` are nest's own. A secret is `null` where it stands, and `true` in `before_sensitive` or
//! `after_sensitive`.

mod change;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use crate::plan::{KeptBecause, Plan};
use crate::report::json::change::{ResourceChange, of_change, of_drift};

/// The version of this form. A reader accepts a greater number after the dot, and refuses another one before it.
pub const FORMAT_VERSION: &str = "1.1";
/// The stable address of the schema.
const ID: &str = "https://json.schemastore.org/nest-plan.json";

/// A plan of nest.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NestPlan")]
struct PlanJson {
    /// The version of this form, `MAJOR.MINOR`: additions raise the second number, all else the first.
    format_version: String,
    /// The version of nest that made the plan.
    nest_version: String,
    /// The project's name.
    project: String,
    /// The outer engine.
    engine: EngineJson,
    /// Whether the project is taken down.
    destroy: bool,
    /// Whether there is something to apply, and nothing against it.
    applyable: bool,
    /// Whether nothing is left to plan once this is applied; `deferred` and `targets` say why something is.
    complete: bool,
    /// Addresses that the plan is limited to; empty where it is about everything.
    targets: Vec<String>,
    /// Whether whoever asked for the plan allows that data is lost.
    allows_data_loss: bool,
    /// Whether something of it cannot be done; `errors` says what.
    errored: bool,
    /// What changed outside nest since it was last applied.
    resource_drift: Vec<ResourceChange>,
    /// What becomes of every resource, those that stay as they are included.
    resource_changes: Vec<ResourceChange>,
    /// What stays although nothing declares or uses it any more.
    kept: Vec<KeptJson>,
    /// Addresses of what is planned when this plan is carried out: the scopes of environments whose engine has to run
    /// first, and containers whose image is pulled again for another one.
    deferred: Vec<String>,
    /// What cannot be done.
    errors: Vec<ErrorJson>,
    /// Engines inside containers that stop, for a while or for good.
    interruptions: Vec<InterruptionJson>,
}

/// An engine.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Engine")]
struct EngineJson {
    /// Its own id.
    id: String,
    /// Its host's name.
    name: String,
    /// Its version.
    version: String,
}

/// Something that stays.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Kept")]
struct KeptJson {
    /// Its address.
    address: String,
    /// Its real name.
    name: String,
    /// The engine that holds it.
    engine: String,
    /// Why it is mentioned: `not_declared`, `data` where the project is taken down without it, `in_use` where
    /// a container was made from it, `moved` where somebody gave its name to another image.
    reason: String,
}

/// What cannot be done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
struct ErrorJson {
    /// The resource.
    address: String,
    /// What cannot be done, and why.
    message: String,
    /// What can be done about it.
    help: String,
    /// The file that asks for it, where it is one that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The line of the file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// The character of the line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

/// An engine inside a container that stops.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Interruption")]
struct InterruptionJson {
    /// The environment.
    address: String,
    /// Whether it runs again when the plan is applied.
    comes_back: bool,
    /// Containers that run inside it now.
    running: u64,
    /// How many of them this project did not make.
    running_of_others: u64,
}

/// The plan as JSON.
pub fn plan(plan: &Plan) -> Value {
    let json = PlanJson {
        format_version: FORMAT_VERSION.to_owned(),
        nest_version: env!("CARGO_PKG_VERSION").to_owned(),
        project: plan.project.to_string(),
        engine: EngineJson {
            id: plan.engine.id.clone(),
            name: plan.engine.name.clone(),
            version: plan.engine.version.clone(),
        },
        destroy: plan.destroy,
        applyable: plan.is_applicable() && plan.has_changes(),
        complete: plan.deferred.is_empty() && plan.targets.is_empty(),
        targets: plan.targets.clone(),
        allows_data_loss: plan.allows_data_loss,
        errored: !plan.is_applicable(),
        resource_drift: plan.drift.iter().map(of_drift).collect(),
        resource_changes: plan.changes.iter().map(of_change).collect(),
        kept: plan
            .kept
            .iter()
            .map(|kept| KeptJson {
                address: kept.address.to_string(),
                name: kept.object.clone(),
                engine: kept.engine.as_text(),
                reason: match &kept.because {
                    KeptBecause::NotDeclared => "not_declared".to_owned(),
                    KeptBecause::Data => "data".to_owned(),
                    KeptBecause::InUse(_) | KeptBecause::LastName(_) => "in_use".to_owned(),
                    KeptBecause::Moved => "moved".to_owned(),
                    KeptBecause::Mounted(_) => "mounted".to_owned(),
                    KeptBecause::Wanted(_) => "wanted".to_owned(),
                    KeptBecause::Locked(_) => "locked".to_owned(),
                },
            })
            .collect(),
        deferred: plan
            .deferred
            .iter()
            .map(|deferred| deferred.address.to_string())
            .collect(),
        errors: plan
            .refusals
            .iter()
            .map(|refusal| ErrorJson {
                address: refusal.address.to_string(),
                message: refusal.message(),
                help: refusal.help(),
                file: refusal.place.as_ref().map(|place| place.file.clone()),
                line: refusal.place.as_ref().map(|place| place.start.0),
                column: refusal.place.as_ref().map(|place| place.start.1),
            })
            .collect(),
        interruptions: plan
            .interruptions
            .iter()
            .map(|interruption| InterruptionJson {
                address: interruption.address.to_string(),
                comes_back: interruption.comes_back,
                running: interruption.running,
                running_of_others: interruption.running_of_others,
            })
            .collect(),
    };
    serde_json::to_value(json).unwrap_or_default()
}

/// The schema of plans as JSON, draft 2020-12.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<PlanJson>();
    schema.insert("$id".to_owned(), json!(ID));
    schema.to_value()
}
