//! The files.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Files that ask for too much.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// Puts `nest.yaml`, and what else is needed, into a folder.
    pub(super) write: fn(&Path),
    /// A part of what has to be said.
    pub(super) code: &'static str,
}

/// How many lines or letters make a file large. What is built for tests is slow, and finds what grows faster than its
/// input in smaller files.
fn many(count: usize) -> usize {
    if cfg!(debug_assertions) {
        count / 5
    } else {
        count
    }
}

/// One file.
fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(folder.join(name), bytes).expect("there is room");
}

/// The file `nest.yaml`, one line for each number.
fn lines(folder: &Path, start: &str, count: usize, line: impl Fn(usize) -> String) {
    let mut text = start.to_owned();
    for number in 0..many(count) {
        writeln!(text, "{}", line(number)).expect("text can grow");
    }
    put(folder, "nest.yaml", text);
}

/// A valid file.
fn small(folder: &Path) {
    put(
        folder,
        "nest.yaml",
        "environments: { builder: { outer: dind } }\n",
    );
}

const ENVIRONMENTS: &str = "environments:\n";

const fn case(name: &'static str, code: &'static str, write: fn(&Path)) -> Case {
    Case { name, write, code }
}

pub(super) const CASES: &[Case] = &[
    case("50 MB of text", "nest::file_too_large", |folder| {
        put(folder, "nest.yaml", "# nothing\n".repeat(5_000_000));
    }),
    case("16 MB of comments", "nest::empty_file", |folder| {
        put(folder, "nest.yaml", "# nothing\n".repeat(many(1_600_000)));
    }),
    case(
        "16 MB of bytes that are no text",
        "nest::invalid_utf8",
        |folder| {
            put(folder, "nest.yaml", vec![0xff; many(16_000_000)]);
        },
    ),
    case("16 MB of zeros", "nest::invalid_yaml", |folder| {
        put(folder, "nest.yaml", vec![0; many(16_000_000)]);
    }),
    case("16 MB of tabs", "nest::", |folder| {
        put(folder, "nest.yaml", "\t".repeat(many(16_000_000)));
    }),
    case("16 MB of brackets", "nest::nested_too_deep", |folder| {
        put(folder, "nest.yaml", "[".repeat(many(16_000_000)));
    }),
    case("16 MB of dashes", "nest::nested_too_deep", |folder| {
        put(folder, "nest.yaml", "- ".repeat(many(8_000_000)));
    }),
    case("16 MB of question marks", "nest::", |folder| {
        put(folder, "nest.yaml", "? ".repeat(many(8_000_000)));
    }),
    case("16 MB of colons", "nest::", |folder| {
        put(folder, "nest.yaml", ": ".repeat(many(8_000_000)));
    }),
    case(
        "16 MB of keys in braces",
        "nest::too_many_values",
        |folder| {
            let keys: String = (0..1_200_000).fold("{".to_owned(), |mut text, number| {
                write!(text, "k{number}: 1, ").expect("text can grow");
                text
            });
            put(folder, "nest.yaml", keys);
        },
    ),
    case("one text of 16 MB", "nest::unknown_word", |folder| {
        let text = "x".repeat(many(16_000_000));
        put(
            folder,
            "nest.yaml",
            format!("environments: {{ builder: {{ outer: \"{text}\" }} }}\n"),
        );
    }),
    case("one name of 16 MB", "nest::invalid_name", |folder| {
        let name = "x".repeat(many(16_000_000));
        put(
            folder,
            "nest.yaml",
            format!("environments:\n  ? {name}\n  : {{ outer: dind, replicas: 1000 }}\n"),
        );
    }),
    case(
        "a hundred thousand mistakes",
        "more are not shown",
        |folder| {
            lines(folder, ENVIRONMENTS, 100_000, |number| {
                format!("  env{number}: {{ oter: dind }}")
            });
        },
    ),
    case(
        "a hundred thousand mistakes in one line",
        "more are not shown",
        |folder| {
            let all: String =
                (0..many(100_000)).fold("environments: {".to_owned(), |mut text, number| {
                    write!(text, "é{number}: {{ oter: dind }}, ").expect("text can grow");
                    text
                });
            put(folder, "nest.yaml", all + "}\n");
        },
    ),
    case(
        "a mistake that a hundred thousand aliases repeat",
        "nest::unknown_key",
        |folder| {
            lines(
                folder,
                "x-a: &a { oter: dind }\nenvironments:\n",
                100_000,
                |number| format!("  env{number}: *a"),
            );
        },
    ),
    case(
        "a hundred thousand replicas of a hundred thousand",
        "nest::out_of_range",
        |folder| {
            lines(folder, ENVIRONMENTS, 80_000, |number| {
                format!("  env{number}: {{ outer: dind, replicas: 1000 }}")
            });
        },
    ),
    case(
        "all ports, ten thousand times",
        "nest::invalid_port",
        |folder| {
            let start = "environments:\n  builder:\n    outer:\n      mode: dind\n      ports:\n";
            lines(folder, start, 10_000, |_| {
                "      - 1-65535:1-65535".to_owned()
            });
        },
    ),
    case(
        "one port for a hundred thousand",
        "nest::port_published_twice",
        |folder| {
            lines(folder, ENVIRONMENTS, 60_000, |number| {
                let (high, low) = (number / 250, number % 250);
                format!(
                    "  env{number}: {{ outer: {{ mode: dind, ports: ['127.0.{high}.{low}:80:80', '80:80'] }} }}"
                )
            });
        },
    ),
    case(
        "registries and environments of one name",
        "nest::",
        |folder| {
            let mut text = "registries:\n".to_owned();
            for number in 0..many(100_000) {
                writeln!(text, "  env{number}: {{}}").expect("text can grow");
            }
            text.push_str(ENVIRONMENTS);
            for number in 0..many(100_000) {
                writeln!(
                    text,
                    "  env{number}: {{ outer: dind, registries: [env{number}] }}"
                )
                .expect("text can grow");
            }
            put(folder, "nest.yaml", text);
        },
    ),
    case("a hundred thousand mounts", "is valid", |folder| {
        let start =
            "volumes: { cache: {} }\nenvironments:\n  builder:\n    outer: dind\n    volumes:\n";
        lines(folder, start, 200_000, |number| {
            format!("    - cache:/x{number}")
        });
    }),
    case(
        "a hundred thousand dependencies of one",
        "nest::",
        |folder| {
            lines(
                folder,
                "environments:\n  builder:\n    outer: dind\n    depends_on:\n",
                200_000,
                |number| format!("    - env{number}"),
            );
        },
    ),
    case(
        "as many circles as environments",
        "nest::dependency_cycle",
        |folder| {
            lines(
                folder,
                "environments:\n  env0: { outer: dind }\n",
                60_000,
                |number| {
                    let (next, last) = (number + 1, many(60_000));
                    format!("  env{next}: {{ outer: dind, depends_on: [env{number}, env{last}] }}")
                },
            );
        },
    ),
    case(
        "two names of megabytes that are nearly the same",
        "nest::undeclared_volume",
        |folder| {
            let name = "x".repeat(many(4_000_000));
            put(
                folder,
                "nest.yaml",
                format!(
                    "volumes:\n  ? {name}y\n  : {{}}\nenvironments: {{ builder: {{ outer: dind, volumes: ['{name}z:/x'] }} }}\n"
                ),
            );
        },
    ),
    case(
        "a variable in a hundred thousand values",
        "nest::undefined_variable",
        |folder| {
            lines(folder, "x-a:\n", 200_000, |number| {
                format!("  k{number}: ${{A{number}}}")
            });
        },
    ),
    case(
        "defaults in defaults, a megabyte of them",
        "nest::invalid_interpolation",
        |folder| {
            let text = format!(
                "{}x{}",
                "${A:-".repeat(many(1_000_000)),
                "}".repeat(many(1_000_000))
            );
            put(folder, "nest.yaml", format!("name: \"{text}\"\n"));
        },
    ),
    case(
        "a megabyte of open braces",
        "nest::invalid_interpolation",
        |folder| {
            lines(folder, "x-a:\n", 50_000, |_| {
                format!("  - \"{}\"", "${A:-".repeat(50))
            });
        },
    ),
    case("variables of 16 MB", "nest::too_many_values", |folder| {
        small(folder);
        let variables: String = (0..1_500_000).fold(String::new(), |mut text, number| {
            writeln!(text, "A{number}=1").expect("text can grow");
            text
        });
        put(folder, ".env", variables);
    }),
    case(
        "variables that are no variables",
        "nest::invalid_env_file",
        |folder| {
            small(folder);
            put(folder, ".env", "=\n".repeat(many(1_000_000)));
        },
    ),
    case(
        "quotes that are not closed",
        "nest::invalid_env_file",
        |folder| {
            small(folder);
            put(folder, ".env", "A='\n".repeat(many(1_000_000) | 1));
        },
    ),
    case(
        "variables that double",
        "nest::invalid_env_file",
        |folder| {
            small(folder);
            let doubling: String = (1..100).fold("A0=xx\n".to_owned(), |mut text, number| {
                let above = number - 1;
                writeln!(text, "A{number}=$A{above}$A{above}").expect("text can grow");
                text
            });
            put(folder, ".env", doubling);
        },
    ),
    case(
        "a large list in each of many included files",
        "is valid",
        |folder| {
            let images: String =
                (0..many(1_000)).fold("images:\n".to_owned(), |mut text, number| {
                    writeln!(text, "  - a{number}").expect("text can grow");
                    text
                });
            let names: Vec<String> = (0..255).map(|number| format!("{number}.yaml")).collect();
            for name in &names {
                put(folder, name, &images);
            }
            put(
                folder,
                "nest.yaml",
                format!("include: [{}]\n{images}", names.join(", ")),
            );
        },
    ),
    case("many files over a large one", "is valid", |folder| {
        let images: String = (0..many(200_000)).fold("images:\n".to_owned(), |mut text, number| {
            writeln!(text, "  - a{number}").expect("text can grow");
            text
        });
        let names: Vec<String> = (0..255).map(|number| format!("{number}.yaml")).collect();
        for name in &names {
            put(folder, name, "images: [b]\n");
        }
        put(folder, "large.yaml", images);
        put(
            folder,
            "nest.yaml",
            format!(
                "include: [{{ path: [large.yaml, {}] }}]\n",
                names.join(", ")
            ),
        );
    }),
    case(
        "a mapping merged into a hundred thousand",
        "nest::too_many_",
        |folder| {
            let keys: String = (0..many(1_000)).fold(String::new(), |mut text, number| {
                write!(text, "k{number}: 1, ").expect("text can grow");
                text
            });
            lines(
                folder,
                &format!("x-a: &a {{ {keys} }}\nx-b:\n"),
                100_000,
                |_| "  - { <<: *a }".to_owned(),
            );
        },
    ),
    case("nothing but beginnings of tokens", "nest::", |folder| {
        put(
            folder,
            "nest.yaml",
            format!("x-a: {}\n", "ghp_".repeat(many(4_000_000))),
        );
    }),
    case(
        "many secrets, and many problems that may tell them",
        "nest::",
        |folder| {
            let secrets: String = (0..many(200_000)).fold(String::new(), |mut text, number| {
                writeln!(text, "A{number}_KEY=secret{number}").expect("text can grow");
                text
            });
            put(folder, ".env", secrets);
            lines(folder, ENVIRONMENTS, 50_000, |number| {
                format!("  env{number}: {{ outer: $A{number}_KEY }}")
            });
        },
    ),
];
