//! Problems as data, for tools.

use std::path::PathBuf;

use expect_test::expect;
use nest::report::problem::github::github;
use nest::report::problem::json::json;
use nest::report::problem::located::{LocatedProblem, located};
use nest::report::problem::sarif::sarif;

use crate::front_end::{read, read_below, read_several};

const CLASH: &str =
    "volumes: { cache: {}, cache: {} }\nenvironments: { tools: { outer: socket } }\n";

fn found(input: &str) -> Vec<LocatedProblem> {
    match read_below(PathBuf::from("/home/ann"), input) {
        Ok(read) => located(&read.warnings, &read.sources),
        Err(invalid) => located(&invalid.problems, &invalid.sources),
    }
}

#[test]
fn json_has_every_place_as_numbers() {
    expect![[r#"
        {
          "format_version": "1.0",
          "valid": false,
          "error_count": 1,
          "warning_count": 1,
          "problems": [
            {
              "code": "nest::duplicate_key",
              "severity": "error",
              "message": "the key `cache` is set twice",
              "help": "keep one of the two",
              "place": {
                "file": "ci/nest.yaml",
                "line": 1,
                "column": 23,
                "end_line": 1,
                "end_column": 28,
                "label": "set again here"
              },
              "related": [
                {
                  "file": "ci/nest.yaml",
                  "line": 1,
                  "column": 12,
                  "end_line": 1,
                  "end_column": 17,
                  "label": "first set here"
                }
              ]
            },
            {
              "code": "nest::socket_is_root",
              "severity": "warning",
              "message": "mode `socket` hands the outer engine's socket to the container",
              "help": "whoever runs in it is root on the host; mode `dind` has an engine of its own",
              "place": {
                "file": "ci/nest.yaml",
                "line": 2,
                "column": 33,
                "end_line": 2,
                "end_column": 39,
                "label": "chosen here"
              },
              "related": []
            }
          ]
        }
    "#]].assert_eq(&json(&found(CLASH)));
}

#[test]
fn json_of_a_good_file_says_so() {
    expect![[r#"
        {
          "format_version": "1.0",
          "valid": true,
          "error_count": 0,
          "warning_count": 0,
          "problems": []
        }
    "#]]
    .assert_eq(&json(&found("environments: {}\n")));
}

#[test]
fn github_gets_one_line_for_each_problem() {
    expect![[r#"
        ::error file=ci/nest.yaml,line=1,col=23,endColumn=27,title=nest%3A%3Aduplicate_key::the key `cache` is set twice%0Ahelp: keep one of the two
        ::warning file=ci/nest.yaml,line=2,col=33,endColumn=38,title=nest%3A%3Asocket_is_root::mode `socket` hands the outer engine's socket to the container%0Ahelp: whoever runs in it is root on the host; mode `dind` has an engine of its own
    "#]].assert_eq(&github(&found(CLASH)));
}

#[test]
fn what_github_takes_for_its_own_is_escaped() {
    let lines = github(&found(
        "environments: { aa: { outer: { mode: dind, ports: ['x%y,z:1'] } } }\n",
    ));
    assert!(lines.contains("`x%25y,z:1` is no port"), "{lines}");
    assert!(lines.contains("%0Ahelp: "), "{lines}");
    assert_eq!(lines.lines().count(), 1);
}

#[test]
fn sarif_has_rules_places_and_related_places() {
    expect![[r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "runs": [
            {
              "columnKind": "unicodeCodePoints",
              "results": [
                {
                  "level": "error",
                  "locations": [
                    {
                      "message": {
                        "text": "set again here"
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "ci/nest.yaml"
                        },
                        "region": {
                          "endColumn": 28,
                          "endLine": 1,
                          "startColumn": 23,
                          "startLine": 1
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "the key `cache` is set twice\nhelp: keep one of the two"
                  },
                  "relatedLocations": [
                    {
                      "message": {
                        "text": "first set here"
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "ci/nest.yaml"
                        },
                        "region": {
                          "endColumn": 17,
                          "endLine": 1,
                          "startColumn": 12,
                          "startLine": 1
                        }
                      }
                    }
                  ],
                  "ruleId": "nest::duplicate_key"
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "message": {
                        "text": "chosen here"
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "ci/nest.yaml"
                        },
                        "region": {
                          "endColumn": 39,
                          "endLine": 2,
                          "startColumn": 33,
                          "startLine": 2
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "mode `socket` hands the outer engine's socket to the container\nhelp: whoever runs in it is root on the host; mode `dind` has an engine of its own"
                  },
                  "relatedLocations": [],
                  "ruleId": "nest::socket_is_root"
                }
              ],
              "tool": {
                "driver": {
                  "name": "nest",
                  "rules": [
                    {
                      "id": "nest::duplicate_key"
                    },
                    {
                      "id": "nest::socket_is_root"
                    }
                  ],
                  "semanticVersion": "0.1.0"
                }
              }
            }
          ],
          "version": "2.1.0"
        }
    "#]].assert_eq(&sarif(&found(CLASH)));
}

#[test]
fn columns_count_characters_and_paths_are_encoded() {
    let table = [(
        "/home/ann/ä b/nest.yaml",
        "environments: { \"é\": { outr: dind } }\n",
    )];
    let invalid = read_several(&table, &["/home/ann/ä b/nest.yaml"], &[]).expect_err("it is wrong");
    let problems = located(&invalid.problems, &invalid.sources);
    let place = problems
        .iter()
        .find(|problem| problem.code == "nest::unknown_key")
        .and_then(|problem| problem.place.as_ref())
        .expect("it has a place");
    assert_eq!((place.line, place.column, place.end_column), (1, 24, 28));
    assert!(sarif(&problems).contains("\"file:///home/ann/%C3%A4%20b/nest.yaml\""));
}

#[test]
fn a_problem_without_a_place_has_none() {
    let invalid = read_several(&[], &["/home/ann/ci/nest.yaml"], &[]).expect_err("it is wrong");
    let problems = located(&invalid.problems, &invalid.sources);
    expect![[r#"
        ::error title=nest%3A%3Aunreadable_file::cannot read `/home/ann/ci/nest.yaml`: entity not found%0Ahelp: check the path and its permissions, or name another file with `-f`
    "#]].assert_eq(&github(&problems));
    assert!(read("environments: {}\n").is_ok());
}
