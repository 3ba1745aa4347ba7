//! What a container may use.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::container::limit::{Limits, Most, Ulimit};
use crate::model::written::add;
use crate::model::written::container::add_shown;

/// What a container may use.
pub(super) fn limits(keys: &mut Map<String, Value>, limits: &Limits) {
    let mut number = |key: &str, number: Option<i64>| {
        if let Some(number) = number {
            keys.insert(key.to_owned(), json!(number.to_string()));
        }
    };
    number("memory", limits.memory);
    number("mem_reservation", limits.memory_reservation);
    number("memswap_limit", limits.memory_and_swap.map(Most::number));
    number("shm_size", limits.shm_size);
    number("pids_limit", limits.pids.map(Most::number));
    number("cpu_shares", limits.cpu_shares);
    if let Some(nano_cpus) = limits.nano_cpus {
        keys.insert("cpus".to_owned(), cpus(nano_cpus));
    }
    add_shown(keys, "cpuset", limits.cpuset.as_ref());
    if let Some(reserved) = limits.reserved_nano_cpus {
        let reservations = json!({ "reservations": { "cpus": cpus(reserved) } });
        keys.insert("deploy".to_owned(), json!({ "resources": reservations }));
    }
    add(keys, "ulimits", ulimits(&limits.ulimits));
}

/// Limits of processes by name.
pub(in crate::model::written) fn ulimits(limits: &IndexMap<String, Ulimit>) -> Map<String, Value> {
    let limits = limits.iter();
    let limits = limits.map(|(name, limit)| {
        let (soft, hard) = (limit.soft.number(), limit.hard.number());
        (name.clone(), json!({ "soft": soft, "hard": hard }))
    });
    limits.collect()
}

/// A number of processors without needless zeros.
fn cpus(nano_cpus: i64) -> Value {
    let whole = nano_cpus / 1_000_000_000;
    let rest = nano_cpus % 1_000_000_000;
    let cpus = format!("{whole}.{rest:09}");
    json!(cpus.trim_end_matches('0').trim_end_matches('.'))
}
