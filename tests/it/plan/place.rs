//! Whoever shows refusals shows where the file asks for what is refused.

use std::collections::BTreeMap;

use expect_test::expect;
use nest::engine::Engine as _;
use nest::plan::plan;
use nest::report::markdown::markdown;
use nest::report::status::Found;
use nest::up::question;

use crate::diff::SIDES;
use crate::plan::{UP, engine, futures};
use crate::yaml::wanted;

const FILE: &str = "
name: test
environments:
  builder:
    outer: dind
    inner: { images: [{ image: nowhere:1, source: outer }] }
";

#[test]
fn status_and_markdown_say_where_the_file_asks_for_it() {
    let desired = wanted(FILE);
    let observed = futures(engine().observe(&question(&desired)));
    let observed = observed.expect("an engine in memory always answers");
    let plan = plan(&desired, &observed, &UP);
    let found = Found {
        plan: &plan,
        observed: &observed,
        sizes: &BTreeMap::new(),
    };
    let tree = anstream::adapter::strip_str(&found.tree()).to_string();
    let at = tree.find("\n! ").expect("it says what is refused");
    expect![[r#"
        ! environment.builder/image["nowhere:1"]: the outer engine has no image `nowhere:1`
          --> /project/test/nest.yaml:6:32
    "#]]
    .assert_eq(&tree[at + 1..]);
    expect![[r#"
        [
          {
            "address": "environment.builder/image[\"nowhere:1\"]",
            "message": "the outer engine has no image `nowhere:1`",
            "file": "/project/test/nest.yaml",
            "line": 6,
            "column": 32
          }
        ]"#]]
    .assert_eq(&format!("{:#}", found.json()["refusals"]));
    let text = markdown(&plan, &SIDES);
    let refused = text.lines().find(|line| line.starts_with("**Refused**"));
    expect![[r#"**Refused**: `environment.builder/image["nowhere:1"]` `` the outer engine has no image `nowhere:1` `` at `/project/test/nest.yaml:6:32`"#]].assert_eq(refused.expect("it says so"));
}
