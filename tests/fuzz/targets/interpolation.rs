//! A value with variables, and the file that sets some of them, with a line `%%%` between the two.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nest_fuzz::{FILE, Table, VARIABLES, check};

fuzz_target!(|text: &str| {
    let (value, variables) = text.split_once("\n%%%\n").unwrap_or((text, ""));
    // In single quotes only they have to be doubled.
    let value = value.replace('\'', "''");
    let file = format!(
        "environments:\n  main:\n    outer:\n      mode: dind\n      environment:\n        A: '{value}'\n        B_TOKEN: '{value}'\n      command: ['{value}']\n"
    );
    check(&Table(vec![(FILE, file.as_bytes()), (VARIABLES, variables.as_bytes())]));
});
