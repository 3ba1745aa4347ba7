//! The containers of a service.

use crate::desired::container::Place;
use crate::desired::member::{Member, container};
use crate::desired::{Condition, DesiredEngine, access, client};
use crate::model::name::ServiceName;
use crate::model::service::Service;
use crate::resource::Kind;

/// Adds one replica of a service.
pub(crate) fn add_service(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    name: &ServiceName,
    service: &Service,
    replica: u32,
) {
    let member = Member {
        kind: Kind::Service,
        name: name.as_str(),
        container: &service.container,
        is_built: service.build.is_some(),
        volumes: &service.volumes,
        depends_on: &service.depends_on,
        replica,
        replicas: service.replicas,
        number: client::number(service.docker_host.as_ref(), replica),
    };
    let mut desired = container(engine, place, &member);
    if let Some(connection) = client::connection(place, service, replica) {
        let environment = connection.container;
        desired.fixed.environment.extend(connection.variables);
        desired.fixed.mounts.extend(connection.mount);
        desired.fixed.files.extend(connection.files);
        desired.socket = connection.socket;
        desired
            .depends_on
            .insert(environment.clone(), Condition::Ready);
        desired.optional.remove(&environment);
        desired.needed_first.insert(environment);
        access::give_client(place, &mut desired, connection.registries.iter());
    }
    desired.fixed.mounts.sort();
    let real_name = place.container(name.as_str(), &service.container, replica);
    engine.containers.insert(real_name, desired);
}
