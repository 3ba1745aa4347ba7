//! What engines hold of images.

use serde_json::Value;

use crate::real::sandbox::Sandbox;

const PROJECT: &str = "
environments:
  builder:
    outer: { mode: dind, daemon: { features: { held: true } }, data: { seed: copy } }
    inner:
      images: ['alpine:3.20', 'docker:dind']
      environments: { deeper: { outer: dind, inner: { images: ['alpine:3.20'] } } }
  tools: { outer: socket }
";

#[test]
fn images_are_shown_at_every_depth_with_what_nest_put_there() {
    let sandbox = Sandbox::new(PROJECT);
    sandbox.succeed(&["up"]);
    sandbox.inside("builder", &["docker", "tag", "alpine:3.20", "own:1"]);
    sandbox.inside("builder", &["docker", "commit", "deeper-1", "mine:1"]);
    let shown = sandbox.succeed(&["images", "--format", "json"]).stdout;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let of = |address: Value| -> Value {
        let engines = shown["engines"].as_array().expect("a list");
        let found = engines.iter().find(|engine| engine["address"] == address);
        found
            .unwrap_or_else(|| panic!("{address}: {shown:#}"))
            .clone()
    };
    let put = |engine: &Value, name: &str| -> Value {
        let images = engine["images"].as_array().expect("a list");
        let has = |image: &&Value| {
            image["names"]
                .as_array()
                .is_some_and(|names| names.contains(&name.into()))
        };
        let image = images.iter().find(has);
        let image = image.unwrap_or_else(|| panic!("{name}: {engine:#}"));
        assert!(image["size_bytes"].as_u64() > Some(0), "{image}");
        image["put_there_for"].clone()
    };
    let builder = of("environment.builder".into());
    let address = "environment.builder/image[\"alpine:3.20\"]";
    assert_eq!(put(&builder, "alpine:3.20"), address);
    assert_eq!(put(&builder, "mine:1"), Value::Null);
    let deeper = of("environment.builder/environment.deeper".into());
    let address = "environment.builder/environment.deeper/image[\"alpine:3.20\"]";
    assert_eq!(put(&deeper, "alpine:3.20"), address);
    let outer = of(Value::Null);
    assert!(
        outer["images"]
            .as_array()
            .is_some_and(|images| !images.is_empty())
    );
    let seeds = shown["seeds"].as_array().expect("a list");
    let is_own = |seed: &&Value| seed["made_by"] == sandbox.name.as_str();
    let own = seeds.iter().find(is_own).expect("it is there");
    assert_eq!(own["whole"], true);
    let images = own["images"].as_array().expect("a list");
    assert!(images.contains(&"alpine:3.20".into()), "{own}");

    let table = sandbox.succeed(&["images", "builder/deeper"]).stdout;
    let mut lines = table.lines();
    let first = lines.next().expect("a heading");
    assert!(
        first.starts_with("environment.builder/environment.deeper ("),
        "{table}"
    );
    assert!(
        table.contains("alpine:3.20") && !table.contains("mine:1"),
        "{table}"
    );
    assert!(!table.contains("seeds"), "{table}");
    let ids = sandbox
        .succeed(&["images", "--quiet", "builder/deeper"])
        .stdout;
    let held = sandbox.inside("builder/deeper", &["docker", "images", "-q", "--no-trunc"]);
    assert_eq!(ids.trim(), held);

    sandbox.succeed(&["stop", "builder"]);
    let table = sandbox.succeed(&["images"]).stdout;
    assert!(table.contains("not read: it does not run"), "{table}");
    assert_eq!(sandbox.nest(&["images", "nobody"]).code, 1);
    // Labels are enough.
    let file = sandbox.folder.path().join("nest.yaml");
    std::fs::remove_file(file).expect("it is there");
    let name = ["-p", &sandbox.name];
    let table = sandbox.succeed(&[&name[..], &["images"]].concat()).stdout;
    assert!(table.contains("environment.builder"), "{table}");
    sandbox.succeed(&[&name[..], &["down", "--volumes", "--yes"]].concat());
}
