//! Several files, with a line `%%%` between them: the nest file, the one that goes over it, one in a folder beside it,
//! and the variables of each.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nest_fuzz::{FILE, OVERRIDE, Table, VARIABLES, check};

const NAMES: [&str; 5] = [
    FILE,
    OVERRIDE,
    "/home/ann/ci/common/nest.yaml",
    VARIABLES,
    "/home/ann/ci/common/.env",
];

fuzz_target!(|text: &str| {
    let parts = text.split("\n%%%\n").map(str::as_bytes);
    check(&Table(NAMES.into_iter().zip(parts).collect()));
});
