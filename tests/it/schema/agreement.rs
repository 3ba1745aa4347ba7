//! The schema and the reader agree on the shape of files that nobody thought of.

use std::sync::LazyLock;

use jsonschema::Validator;
use miette::Diagnostic as _;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::front_end::{read, rendered};
use crate::schema::generated::{Choices, Generator, change};
use crate::tree::file;

/// The codes of problems with the shape of a file.
const SHAPE: [&str; 5] = [
    "nest::unknown_key",
    "nest::misplaced_key",
    "nest::wrong_type",
    "nest::unknown_word",
    "nest::missing_key",
];

/// Problems with the shape that the schema does not see, and why; the book lists the reasons.
const UNSEEN: &[(&str, &str)] = &[
    ("a mount has no `source`", ASKED_FOR),
    ("the config `", ASKED_FOR),
    ("the secret `", ASKED_FOR),
    ("the registry `", ASKED_FOR),
    (
        "has no `path`",
        "An empty list where something has to be named",
    ),
];
const ASKED_FOR: &str = "A key that another one asks for";

static GENERATOR: LazyLock<Generator> = LazyLock::new(|| Generator::new(nest::spec::schema()));
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    jsonschema::draft202012::new(&nest::spec::schema()).expect("the schema is one")
});

/// What the reader says of a file: whether it is content with its shape, whether with all, and the words.
fn verdict(file: &Value) -> (bool, bool, String) {
    let text = serde_yaml::to_string(file).expect("it is YAML");
    let result = read(text.as_str());
    let problems = match &result {
        Ok(_) => &[][..],
        Err(invalid) => &invalid.problems,
    };
    let shape = !problems.iter().any(|problem| {
        let code = problem.code().map(|code| code.to_string());
        let words = problem.to_string();
        code.is_some_and(|code| SHAPE.contains(&code.as_str()))
            && !UNSEEN.iter().any(|(part, _)| words.contains(part))
    });
    let words = format!("{text}\n{}", rendered(&result));
    (shape, result.is_ok(), words)
}

#[test]
fn the_book_lists_what_the_schema_does_not_see() {
    let page = file("book/src/editors.md").text;
    for (part, reason) in UNSEEN {
        assert!(
            page.contains(reason),
            "the book lacks {reason:?} for {part:?}"
        );
    }
}

/// Files about which the two differ for how they are written, with the verdicts of the schema and of the reader.
#[test]
fn the_book_lists_how_writing_makes_a_difference() {
    let page = file("book/src/editors.md").text;
    for (text, schema, reader, reason) in [
        (
            "environments: { sandbox: { outer: dind, replicas: 0x2 } }",
            true,
            false,
            "Numbers that are not written in plain decimal digits",
        ),
        (
            "environments: { sandbox: { outer: { mode: dind, hostname: 1.10 } } }",
            false,
            true,
            "Numbers that are not written in plain decimal digits",
        ),
        (
            "environments: { sandbox: { outer: dind, replicas: $SET } }",
            true,
            false,
            "What a variable holds",
        ),
    ] {
        let value: Value = serde_yaml::from_str(text).expect("it is YAML");
        assert_eq!(VALIDATOR.is_valid(&value), schema, "{text}");
        assert_eq!(read(text).is_ok(), reader, "{text}");
        assert!(page.contains(reason), "the book lacks {reason:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn the_shape_of_what_the_schema_describes_is_right(numbers in vec(any::<u32>(), 0..600)) {
        let file = GENERATOR.file(&mut Choices::new(numbers));
        prop_assert!(VALIDATOR.is_valid(&file), "the generator is wrong: {file:#}");
        let (shape, _, words) = verdict(&file);
        prop_assert!(shape, "{words}");
    }

    #[test]
    fn changed_files_get_the_same_verdict(
        numbers in vec(any::<u32>(), 0..400),
        changes in vec(any::<u32>(), 1..20),
    ) {
        let mut file = GENERATOR.file(&mut Choices::new(numbers));
        change(&mut file, &mut Choices::new(changes));
        let (shape, right, words) = verdict(&file);
        if VALIDATOR.is_valid(&file) {
            prop_assert!(shape, "the schema accepts\n{words}");
        } else {
            let errors = VALIDATOR.iter_errors(&file);
            let seen = errors.filter(|error| {
                let path = error.instance_path().to_string();
                !path.split('/').any(|key| words.contains(&format!("`{key}` is not supported yet")))
            });
            let reasons: Vec<String> = seen
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            // What nest does not act on yet, it may not look at in full.
            prop_assert!(!right || reasons.is_empty(), "the schema refuses\n{words}\n{reasons:?}");
        }
    }
}
