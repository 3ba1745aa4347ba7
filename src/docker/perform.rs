//! Operations: each one is a call of the engine's API, and nothing is decided here.

mod adopt;
mod archive;
mod build;
pub(super) mod container;
mod create;
mod daemon_file;
pub(super) mod export;
mod files;
mod image;
mod load;
mod load_archive;
mod pieces;
mod process;
pub(super) mod push;
mod service;
mod socket_group;
mod storage;
mod surroundings;
mod transfer;
mod user;

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::{ready, reload};
use crate::engine::{EngineError, Progress};
use crate::plan::step::Operation;
use crate::resource::engine_path::EnginePath;

/// Performs one operation on the engine at `path`.
pub(crate) async fn perform(
    docker: &Docker,
    path: &EnginePath,
    operation: &Operation,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let client = docker.client(path).await?;
    forget_engine(docker, &client, operation);
    match operation {
        Operation::CreateNetwork(spec) => storage::create_network(&client, spec, report).await,
        Operation::RemoveNetwork { name, id } => storage::remove_network(&client, name, id).await,
        Operation::CreateVolume(spec) => storage::create_volume(&client, spec).await,
        Operation::RemoveVolume { name } => storage::remove_volume(&client, name).await,
        Operation::KeepSeed { seed, mark } => storage::keep_seed(&client, seed, mark).await,
        Operation::PullImage {
            reference,
            platform,
            login,
        } => {
            let image = (reference, platform.as_deref());
            image::pull(&client, image, login.as_ref(), report).await
        }
        Operation::PushImage {
            project,
            reference,
            place,
            login,
        } => {
            let (image, place) = ((project, reference), (place, login.as_ref()));
            Box::pin(push::push(docker, &client, image, place, report)).await
        }
        Operation::EndPush(left) => push::end(&client, left).await,
        Operation::BuildImage(build) => Box::pin(build::build(&client, build, report)).await,
        Operation::RemoveUnnamedImage { id } => image::remove_unnamed(&client, id).await,
        Operation::NameImage { reference, name } => image::name(&client, reference, name).await,
        Operation::RemoveImage { reference } => image::remove(&client, reference).await,
        Operation::TransferImages {
            from,
            references,
            engines,
        } => {
            let transfer = (from, references.as_slice(), *engines);
            Box::pin(transfer::transfer(docker, &client, transfer, report)).await
        }
        Operation::LoadArchive {
            path,
            reference,
            content,
        } => {
            load_archive::load_archive(&client, (path.as_path(), reference, content), report).await
        }
        Operation::CreateContainer(spec) => {
            Box::pin(create::create(docker, &client, spec, report)).await
        }
        Operation::WriteDaemonFile {
            container,
            path,
            owner,
            settings,
        } => daemon_file::write(&client, container, (path, *owner), settings).await,
        Operation::CheckDaemonFile(check) => daemon_file::check(docker, &client, check).await,
        Operation::StartContainer { container } => container::start(&client, container).await,
        Operation::StopContainer { container } => container::stop(&client, container).await,
        Operation::RemoveContainer {
            container,
            anonymous_volumes,
        } => container::remove(&client, container, *anonymous_volumes).await,
        Operation::UpdateContainer { container, update } => {
            container::update(&client, container, update).await
        }
        Operation::ConnectNetwork {
            container,
            network,
            aliases,
            endpoint,
        } => {
            let place = (aliases.as_slice(), endpoint.as_ref());
            container::connect(&client, container, network, place).await
        }
        Operation::DisconnectNetwork { container, network } => {
            container::disconnect(&client, container, network).await
        }
        Operation::ReloadEngine {
            container,
            readiness,
        } => reload::reload(docker, &client, container, readiness, report).await,
        Operation::WaitForEngine {
            container,
            readiness,
        } => ready::wait(docker, &client, container, readiness, report).await,
        Operation::WaitForContainer {
            container,
            log_line,
            lasting,
        } => {
            let signs = (log_line.as_deref(), lasting.as_deref());
            container::wait(&client, container, signs, report).await
        }
        Operation::WaitForService { container, until } => {
            service::wait(&client, container, *until, report).await
        }
        Operation::WriteFiles { container, files } => files::write(&client, container, files).await,
    }
}

/// A connection into a container does not outlive the run of its engine.
fn forget_engine(docker: &Docker, client: &Client, operation: &Operation) {
    if let Operation::StartContainer { container }
    | Operation::StopContainer { container }
    | Operation::RemoveContainer { container, .. } = operation
    {
        docker.forget(&client.path.inside(&container.name));
    }
}
