//! What a variable holds whose name says that it is a secret is shown nowhere.

use nest::report::problem::brief;
use nest::report::problem::github::github;
use nest::report::problem::json::json;
use nest::report::problem::located::located;
use nest::report::problem::sarif::sarif;

use crate::config::printed;
use crate::front_end::{read_several, rendered};

const SECRET: &str = "hunter2/gate xyzzy";

/// Everything that is said about a file whose values come from `.env`, in every form.
fn said(input: &str, variables: &str) -> String {
    let input: &'static str = input.to_owned().leak();
    let variables: &'static str = variables.to_owned().leak();
    let table = [
        ("/home/ann/ci/nest.yaml", input),
        ("/home/ann/ci/.env", variables),
    ];
    let result = read_several(&table, &["/home/ann/ci/nest.yaml"], &[]);
    let mut said = rendered(&result);
    let (problems, sources) = match &result {
        Ok(read) => {
            said += &printed(&read.project);
            said += &read.project.written().to_string();
            (&read.warnings, &read.sources)
        }
        Err(invalid) => (&invalid.problems, &invalid.sources),
    };
    let places = located(problems, sources);
    said += &brief(problems, sources);
    said += &github(&places);
    said += &json(&places);
    said += &sarif(&places);
    said
}

#[track_caller]
fn check_hidden(input: &str) {
    let said = said(input, &format!("API_TOKEN='{SECRET}'\n"));
    for part in ["hunter2", "gate", "xyzzy"] {
        assert!(!said.contains(part), "`{part}` is shown:\n{said}");
    }
}

#[test]
fn no_problem_with_a_value_shows_the_secret_in_it() {
    let outer = |key: &str| {
        format!(
            "environments: {{ builder: {{ outer: {{ mode: dind, {key}: '${{API_TOKEN}}' }} }} }}\n"
        )
    };
    for key in [
        "memory", "cpus", "ready", "restart", "image", "listen", "data", "hostname", "socket",
    ] {
        check_hidden(&outer(key));
    }
    for file in [
        "name: '${API_TOKEN}'\n",
        "images: ['${API_TOKEN}']\n",
        "images: ['a b ${API_TOKEN}']\n",
        "include: ['${API_TOKEN}']\n",
        "registries: { hub: { mirror: '${API_TOKEN}' } }\n",
        "registries: { hub: { mirror: docker.io, upstream: '${API_TOKEN}' } }\n",
        "registries: { hub: { port: '${API_TOKEN}' } }\n",
        "environments: { builder: { outer: '${API_TOKEN}' } }\n",
        "environments: { builder: { outer: dind, replicas: '${API_TOKEN}' } }\n",
        "environments: { builder: { outer: dind, depends_on: ['${API_TOKEN}'] } }\n",
        "environments: { builder: { outer: dind, registries: ['${API_TOKEN}'] } }\n",
        "environments: { builder: { outer: dind, volumes: ['${API_TOKEN}'] } }\n",
        "environments: { builder: { outer: dind, volumes: ['${API_TOKEN}:/x'] } }\n",
        "environments: { builder: { outer: { mode: dind, ports: ['${API_TOKEN}'] } } }\n",
        "environments: { builder: { outer: { mode: dind, daemon: { mtu: '${API_TOKEN}' } } } }\n",
    ] {
        check_hidden(file);
    }
}

#[test]
fn what_config_prints_hides_variables_that_are_secrets() {
    check_hidden(
        "environments: { builder: { outer: { mode: dind, environment: { API_TOKEN: , B_KEY: 'x${API_TOKEN}' } } } }\n",
    );
}

#[test]
fn a_problem_in_a_file_of_variables_shows_no_value_of_a_secret() {
    let said = said(
        "volumes: {}\n",
        "A=1\nexport DB_PASSWORD=hunter2\n!wrong\nTLS_KEY=\"gate\nxyzzy\"\nB=2\n!wrong\n",
    );
    assert!(said.contains("DB_PASSWORD"), "{said}");
    for part in ["hunter2", "gate", "xyzzy"] {
        assert!(!said.contains(part), "`{part}` is shown:\n{said}");
    }
}
