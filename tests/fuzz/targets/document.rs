//! One nest file of any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nest_fuzz::{FILE, Table, check};

fuzz_target!(|bytes: &[u8]| check(&Table(vec![(FILE, bytes)])));
