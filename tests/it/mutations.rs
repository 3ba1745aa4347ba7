//! Files that are nearly right: whatever is done to a file, reading it ends, and what it finds has a place in it.

use miette::Diagnostic as _;
use nest::problem::Problem;
use nest::source::SourceMap;
use proptest::prelude::*;

use crate::front_end::{read, read_several, rendered};

const SEEDS: [&str; 3] = [
    include_str!("front_end/quickstart.yaml"),
    "x-base: &base { mode: dind, cpus: 2 }\nvolumes: { cache: {}, team: { external: true } }\nenvironments:\n  aa: { outer: { <<: *base, memory: 1g }, volumes: ['cache:/x', './src:/y:ro'] }\n  bb:\n    outer: *base\n    depends_on: { aa: { condition: service_healthy } }\n    inner: { images: [{ image: 'app:dev', source: { archive: a.tar } }] }\n",
    "name: ci\nregistries:\n  hub: { mirror: docker.io, environment: [A=$SET, 'B=${UNSET:-d}'] }\nenvironments:\n  tools:\n    outer:\n      mode: socket\n      command: sh -c 'sleep 1'\n      ports: [80, \"8080:80\", { target: 1, published: 2 }]\n      restart: on-failure:3\n    registries: [hub]\n    replicas: 2\n",
];

/// Text that means something to YAML or to nest.
const PIECES: [&str; 36] = [
    "\n",
    "  ",
    "\t",
    ":",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    "\"",
    "#",
    " #",
    "&a ",
    "*a",
    "<<: ",
    "!reset ",
    "!override ",
    "!!str ",
    "---\n",
    "${",
    "}",
    "$",
    "$$",
    "${UNSET:?m}",
    "~",
    "null",
    "999999999999999999999",
    "-1",
    "é",
    "\u{feff}",
    "\u{0}",
    "environments",
    "outer",
    "|\n",
];

/// One change of a file: where, how much is taken away there, and what is put there.
fn change() -> impl Strategy<Value = (prop::sample::Index, usize, &'static str)> {
    let piece = prop::sample::select(PIECES.to_vec());
    (any::<prop::sample::Index>(), 0_usize..12, piece)
}

fn mutated(seed: usize, changes: &[(prop::sample::Index, usize, &'static str)]) -> String {
    let mut characters: Vec<char> = SEEDS[seed].chars().collect();
    for (at, removed, piece) in changes {
        let at = at.index(characters.len() + 1);
        let end = (at + removed).min(characters.len());
        characters.splice(at..end, piece.chars());
    }
    characters.into_iter().collect()
}

/// Every label must lie in a file.
fn check_places(problems: &[Problem], sources: &SourceMap) -> Result<(), TestCaseError> {
    for problem in problems {
        for label in problem.labels().into_iter().flatten() {
            let span = label.offset()..label.offset() + label.len();
            prop_assert!(
                sources.slice(&span).is_some(),
                "{problem:?} has its label {span:?} outside"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_changed_file_gives_a_project_or_problems_with_places(
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let result = read(mutated(seed, &changes));
        let (problems, sources) = match &result {
            Ok(read) => (&read.warnings, &read.sources),
            Err(invalid) => (&invalid.problems, &invalid.sources),
        };
        prop_assert!(result.is_ok() || !problems.is_empty(), "no reason is given");
        check_places(problems, sources)?;
        let _ = rendered(&result);
    }

    #[test]
    fn changed_files_over_each_other_do_so_too(
        seeds in (0..SEEDS.len(), 0..SEEDS.len()),
        changes in prop::collection::vec(change(), 0..3),
        over_changes in prop::collection::vec(change(), 0..3),
    ) {
        let base = "/home/ann/ci/nest.yaml";
        let over = "/home/ann/ci/nest.override.yaml";
        let texts = [mutated(seeds.0, &changes), mutated(seeds.1, &over_changes)];
        let table = [(base, texts[0].as_str()), (over, texts[1].as_str())];
        let result = read_several(&table, &[base, over], &[]);
        let (problems, sources) = match &result {
            Ok(read) => (&read.warnings, &read.sources),
            Err(invalid) => (&invalid.problems, &invalid.sources),
        };
        prop_assert!(result.is_ok() || !problems.is_empty(), "no reason is given");
        check_places(problems, sources)?;
        let _ = rendered(&result);
    }
}
