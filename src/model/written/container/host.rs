//! What a container may do on its host, and what it sees of it.

use serde_json::{Map, Value};

use crate::model::container::process::{Cgroup, Ipc, Namespaces, Pid};
use crate::model::container::security::Security;
use crate::model::written::add;
use crate::model::written::container::{add_flag, add_shown, shown};

/// What it may do; `privileged` is how that is where the file does not say.
pub(super) fn security(keys: &mut Map<String, Value>, security: &Security, privileged: bool) {
    add_flag(keys, "privileged", security.privileged, privileged);
    add(keys, "cap_add", shown(&security.cap_add));
    add(keys, "cap_drop", shown(&security.cap_drop));
    add(keys, "security_opt", shown(&security.options));
    add_flag(keys, "read_only", security.read_only, false);
    add_shown(keys, "userns_mode", security.host_users.then_some("host"));
}

/// What it sees of other containers and of the host.
pub(super) fn namespaces(keys: &mut Map<String, Value>, namespaces: &Namespaces) {
    let ipc = namespaces.ipc.as_ref().map(|ipc| match ipc {
        Ipc::None => "none".to_owned(),
        Ipc::Private => "private".to_owned(),
        Ipc::Shareable => "shareable".to_owned(),
        Ipc::Host => "host".to_owned(),
        Ipc::Of(neighbour) => format!("service:{neighbour}"),
    });
    add_shown(keys, "ipc", ipc);
    let pid = match &namespaces.pid {
        Pid::Private => None,
        Pid::Host => Some("host".to_owned()),
        Pid::Of(neighbour) => Some(format!("service:{neighbour}")),
    };
    add_shown(keys, "pid", pid);
    let cgroup = namespaces.cgroup.map(|cgroup| match cgroup {
        Cgroup::Host => "host",
        Cgroup::Private => "private",
    });
    add_shown(keys, "cgroup", cgroup);
    add_shown(keys, "cgroup_parent", namespaces.cgroup_parent.as_ref());
}
