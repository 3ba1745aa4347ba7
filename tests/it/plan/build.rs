//! Images that are built: when, on which engine, and what follows from it.

use expect_test::expect;
use nest::model::image::ImageReference;
use nest::plan::step::Operation;

use crate::apply::{bring_up, run};
use crate::memory::MemoryEngine;
use crate::plan::{DOWN, UP, check, engine, plan_now, rendered};

const SERVICE: &str = "
name: test
services: { app: { build: { context: ./app, args: { VERSION: 1 } } } }
";

fn tasks(engine: &MemoryEngine) -> Vec<String> {
    let log = engine.take_log();
    let is_told = |word: &String| word.contains("Image") || word.ends_with("Container");
    log.into_iter().filter(is_told).collect()
}

#[test]
fn the_image_of_a_service_is_built_and_its_container_made_from_it() {
    check(
        "name: test",
        |_| {},
        SERVICE,
        &expect![[r#"
            nest will perform these actions:

              # network.default will be created
              + network "test_default"
                  + driver : bridge

              # image["test-app:latest"] will be created
              + image "test-app:latest"
                  + context      : sha256:a69675fb1f1f923bec16893049bb906d971e1e5dec05cafcc792b5a8d9864ae9
                  + args.VERSION : 1

              # service.app will be created
              + container "test-app-1"
                  + image                    : test-app:latest
                  + environment.NEST_REPLICA : 1
                  + restart                  : no

            Plan: 3 to add, 0 to change, 0 to destroy.
        "#]],
    );
}

#[test]
fn another_content_builds_the_image_and_replaces_the_container() {
    check(
        SERVICE,
        |_| {},
        "
name: test
services: { app: { build: { context: ./other, args: { VERSION: 1, NEW: a } } } }
",
        &expect![[r#"
            nest will perform these actions:

              # image["test-app:latest"] will be updated in place
              ~ image "test-app:latest"
                  ~ context  : sha256:a69675fb1f1f923bec16893049bb906d971e1e5dec05cafcc792b5a8d9864ae9 -> sha256:cec9ab3b0034902684eaf9fadfad9c0a05535666f00129f36804083672b9ad81
                  + args.NEW : a

              # service.app must be replaced (its image name stands for another image now)
            -/+ container "test-app-1"
                  ~ image content : built from {"context":"sha256:a69675fb1f1f923bec16893049bb906d971e1e5dec05cafcc792b5a8d9864ae9","args":{"VERSION":"1"}} -> as it is built   # forces replacement
                    (4 unchanged attributes hidden)

            Plan: 1 to add, 1 to change, 1 to destroy.
        "#]],
    );
}

#[test]
fn nothing_is_built_twice_and_the_old_image_does_not_stay() {
    let engine = engine();
    bring_up(&engine, SERVICE);
    let plan = plan_now(&engine, SERVICE, UP);
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    engine.take_log();
    let other = SERVICE.replace("VERSION: 1", "VERSION: 2");
    bring_up(&engine, &other);
    assert_eq!(
        tasks(&engine),
        [
            "BuildImage",
            "StopContainer",
            "RemoveContainer",
            "CreateContainer",
            "RemoveUnnamedImage",
            "StartContainer",
        ]
    );
    engine.with(|state| assert!(state.unnamed.is_empty(), "{:?}", state.unnamed));
    run(&engine, &other, DOWN);
    engine.with(|state| {
        let built = ImageReference::new("test-app:latest");
        assert!(!state.images.contains_key(&built));
        assert!(state.objects().is_empty(), "{:?}", state.objects());
    });
}

#[test]
fn what_a_killed_run_has_built_anew_is_cleared_by_the_next() {
    let engine = engine();
    bring_up(&engine, SERVICE);
    let other = SERVICE.replace("VERSION: 1", "VERSION: 2");
    // The record, the build, and no more.
    engine.fail_after(3);
    run(&engine, &other, UP);
    engine.set_faults(Vec::new());
    engine.with(|state| assert_eq!(state.unnamed.len(), 1));
    bring_up(&engine, &other);
    engine.with(|state| assert!(state.unnamed.is_empty(), "{:?}", state.unnamed));
    assert!(plan_now(&engine, &other, UP).steps.is_empty());
}

#[test]
fn an_image_of_the_name_that_was_built_otherwise_is_built() {
    check(
        "name: test",
        |engine| {
            engine.with(|state| {
                let name = ImageReference::new("test-app:latest");
                state.images.insert(name, "by hand".to_owned());
            });
        },
        SERVICE,
        &expect![[r#"
            nest will perform these actions:

              # network.default will be created
              + network "test_default"
                  + driver : bridge

              # image["test-app:latest"] will be updated in place (it was not built from what the file says)
              ~ image "test-app:latest"
                  + context      : sha256:a69675fb1f1f923bec16893049bb906d971e1e5dec05cafcc792b5a8d9864ae9
                  + args.VERSION : 1

              # service.app will be created
              + container "test-app-1"
                  + image                    : test-app:latest
                  + environment.NEST_REPLICA : 1
                  + restart                  : no

            Plan: 2 to add, 1 to change, 0 to destroy.
        "#]],
    );
}

const INSIDE: &str = "
name: test
environments:
  box:
    outer: { mode: dind, build: ./engine }
    inner:
      images: [{ image: 'tool:1', source: { build: ./tool } }]
      services: { app: { build: ./app } }
      environments: { deeper: { outer: { mode: dind, build: ./deeper } } }
";

#[test]
fn what_inner_engines_need_is_built_outside_and_taken_in() {
    let engine = engine();
    bring_up(&engine, INSIDE);
    engine.with(|state| {
        let built = state
            .images
            .iter()
            .filter(|(_, it)| it.starts_with("built"));
        let built: Vec<&str> = built.map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            built,
            [
                "test-box-app:latest",
                "test-box-deeper:latest",
                "test-box:latest",
                "tool:1"
            ]
        );
    });
    assert!(plan_now(&engine, INSIDE, UP).steps.is_empty());
    let other = INSIDE
        .replace("./tool", "./other")
        .replace("./app", "./new");
    let plan = plan_now(&engine, &other, UP);
    expect![[r#"
        nest will perform these actions:

          # image["test-box-app:latest"] will be updated in place
          ~ image "test-box-app:latest"
              ~ context : sha256:a69675fb1f1f923bec16893049bb906d971e1e5dec05cafcc792b5a8d9864ae9 -> sha256:3a76ba17a8e25d096a532443e096aa7f921ef60339d2739eeeea74d4e6ead52b

          # image["tool:1"] will be updated in place
          ~ image "tool:1"
              ~ context : sha256:a2397a7fd1708d8d0b51e95d8dd196fac0ce3fd9d2a984c99e542c69026c19b9 -> sha256:cec9ab3b0034902684eaf9fadfad9c0a05535666f00129f36804083672b9ad81

          # environment.box/image["test-box-app:latest"] will be updated in place (the image that it follows has changed)
          ~ image "test-box-app:latest"
              ~ content : built from {"context":"sha256:a69675fb1f1f923bec16893049bb906d971e1e5dec05cafcc792b5a8d9864ae9"} -> as it is published

          # environment.box/image["tool:1"] will be updated in place (the image that it follows has changed)
          ~ image "tool:1"
              ~ content : built from {"context":"sha256:a2397a7fd1708d8d0b51e95d8dd196fac0ce3fd9d2a984c99e542c69026c19b9"} -> as it is published

          # environment.box/service.app must be replaced (its image name stands for another image now)
        -/+ container "app-1"
              ~ image content : built from {"context":"sha256:a69675fb1f1f923bec16893049bb906d971e1e5dec05cafcc792b5a8d9864ae9"} -> as it is published   # forces replacement
                (4 unchanged attributes hidden)

        Plan: 1 to add, 4 to change, 1 to destroy.
    "#]].assert_eq(&rendered(&plan));
    bring_up(&engine, &other);
    assert!(plan_now(&engine, &other, UP).steps.is_empty());
    run(&engine, &other, DOWN);
    engine.with(|state| {
        assert!(!state.images.values().any(|it| it.starts_with("built")));
        assert!(state.unnamed.is_empty(), "{:?}", state.unnamed);
    });
}

#[test]
fn a_secret_argument_is_shown_nowhere_and_its_change_is_seen() {
    let file = "
name: test
services: { app: { build: { context: ., args: { TOKEN: { env: FIRST_SECRET } } } } }
";
    check(
        file,
        |_| {},
        &file.replace("FIRST", "NEXT"),
        &expect![[r#"
            nest will perform these actions:

              # image["test-app:latest"] will be updated in place
              ~ image "test-app:latest"
                  ~ args.TOKEN : (sensitive value) -> (sensitive value)

              # service.app must be replaced (its image name stands for another image now)
            -/+ container "test-app-1"
                  ~ image content : built from {"context":"sha256:9a5a8de45f542e31b07dc2d78dd716f7485d1f8ead7ff465d26b21c33130cd1b","args":{"TOKEN":"hmac-sha256:e3b0c442:f0e30e23537e07d8bdebbfa79c9efc21f278646c20fb139d2102593e452c2e86"},"secret_args":["TOKEN"]} -> as it is built   # forces replacement
                    (4 unchanged attributes hidden)

            Plan: 1 to add, 1 to change, 1 to destroy.
        "#]],
    );
}

#[test]
fn a_folder_that_cannot_be_read_is_refused() {
    let mut facts = nest::desired::facts::Facts::default();
    let project = crate::yaml::project(SERVICE);
    for source in nest::desired::build::contexts(&project) {
        facts
            .contexts
            .insert(source, Err("`/app` is no folder".to_owned()));
    }
    let desired = nest::desired::desired(&project, &facts);
    let observed = crate::plan::futures(nest::engine::Engine::observe(
        &engine(),
        &nest::up::question(&desired),
    ));
    let plan = nest::plan::plan(&desired, &observed.expect("it answers"), &UP);
    expect![[r#"
        nest will perform these actions:

          # network.default will be created
          + network "test_default"
              + driver : bridge

          # service.app will be created
          + container "test-app-1"
              + image                    : test-app:latest
              + environment.NEST_REPLICA : 1
              + restart                  : no

        error: image["test-app:latest"]: the image cannot be built: `/app` is no folder
          hint: correct `context` or `dockerfile`: the one is a folder, the other a file that is seen from it

        Plan: 2 to add, 0 to change, 0 to destroy.
    "#]].assert_eq(&rendered(&plan));
}

#[test]
fn the_target_of_a_container_builds_its_image() {
    let engine = engine();
    let options = nest::plan::PlanOptions {
        targets: vec!["environment.box/service.app".parse().expect("an address")],
        ..UP
    };
    let plan = plan_now(&engine, INSIDE, options);
    let builds = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::BuildImage(build) => Some(build.reference.as_str()),
        _ => None,
    });
    let builds: Vec<&str> = builds.collect();
    assert_eq!(builds, ["test-box-app:latest", "test-box:latest"]);
}

const NAMED: &str = "
name: test
services: { app: { build: { context: ./app, no_cache: true, tags: ['app:1', 'registry.example/app'] } } }
";

#[test]
fn more_names_are_built_after_the_first_and_go_when_they_are_not_declared() {
    let engine = engine();
    bring_up(&engine, NAMED);
    let asked = engine.take_asked();
    let builds = asked.iter().enumerate();
    let builds: Vec<_> = builds
        .filter_map(|(at, asked)| match &asked.operation {
            Operation::BuildImage(build) => Some((at, &asked.after, &**build)),
            _ => None,
        })
        .collect();
    let names: Vec<_> = builds
        .iter()
        .map(|(_, _, build)| (build.reference.to_string(), build.how.no_cache))
        .collect();
    assert_eq!(
        names,
        [
            ("test-app:latest".to_owned(), true),
            ("app:1".to_owned(), false),
            ("registry.example/app:latest".to_owned(), false),
        ]
    );
    let first = builds[0].0;
    assert!(
        builds[1..]
            .iter()
            .all(|(_, after, _)| after.contains(&first))
    );
    let plan = plan_now(&engine, NAMED, UP);
    assert!(!plan.has_changes(), "{}", rendered(&plan));

    let fewer = NAMED.replace("'app:1', ", "");
    let plan = plan_now(&engine, &fewer, UP);
    let text = rendered(&plan);
    assert!(
        text.contains("# image[\"app:1\"] will be removed"),
        "{text}"
    );
    bring_up(&engine, &fewer);
    run(&engine, &fewer, DOWN);
    let is_built = |image: &ImageReference| image.as_str().contains("app");
    assert!(!engine.with(|state| state.images.keys().any(is_built)));
}
