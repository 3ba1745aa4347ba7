//! What a record says of what is declared, and of the rest.

use crate::resource::record::Record;
use crate::resource::secret::SecretKey;

/// Whether a record says already what is declared, and the rest. Of an empty one nothing is kept.
pub(super) fn says(record: &Record, declared: &Record, rest: &Record) -> bool {
    let Record {
        containers,
        images,
        contents,
        pushed,
        pushed_digests,
        pushing,
        superseded,
        networks,
        volumes,
        keep,
        interrupted,
        stopped,
        seeded,
        unfilled,
        taken_over,
        key,
        engines,
        expires,
        applying,
    } = record;
    let is_rest = (images, contents, pushed) == (&rest.images, &rest.contents, &rest.pushed)
        && *pushed_digests == rest.pushed_digests
        && (superseded, seeded, unfilled) == (&rest.superseded, &rest.seeded, &rest.unfilled)
        && (key, applying, pushing) == (&rest.key, &rest.applying, &rest.pushing)
        && (engines, expires) == (&rest.engines, &rest.expires)
        && *taken_over == rest.taken_over;
    is_rest
        && (networks, volumes) == (&declared.networks, &declared.volumes)
        && (keep, interrupted) == (&declared.keep, &declared.interrupted)
        && *stopped == declared.stopped
        && *containers == declared.containers
        && !(containers.is_empty()
            && volumes.is_empty()
            && images.is_empty()
            && engines.is_empty()
            && taken_over.is_empty()
            && expires.is_none())
}

/// The record of what is declared, and the rest.
pub(super) fn whole(declared: Record, rest: Record) -> Record {
    Record {
        containers: declared.containers,
        networks: declared.networks,
        volumes: declared.volumes,
        keep: declared.keep,
        interrupted: declared.interrupted,
        stopped: declared.stopped,
        // Nothing is hashed for an empty record.
        key: SecretKey::default(),
        ..rest
    }
}
