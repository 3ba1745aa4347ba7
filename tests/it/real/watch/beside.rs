//! What is beside the file, and what is saved beside a run.

use std::fs;

use futures_util::TryStreamExt as _;

use crate::real::sandbox::Sandbox;
use crate::real::watch::{SMALL, Watching, is, round};

#[test]
fn an_archive_that_holds_another_image_counts_and_one_that_was_touched_does_not() {
    let sandbox = Sandbox::new("");
    let image = format!("{}-app:1", sandbox.name);
    let archive = sandbox.folder.path().join("images/app.tar");
    fs::create_dir(archive.parent().expect("it is in a folder")).expect("there is room");
    let save = |image: &str| {
        let bytes = sandbox.docker.export_image(image).try_collect::<Vec<_>>();
        let bytes = sandbox.runtime.block_on(bytes).expect("it can be saved");
        let new = archive.with_extension("new");
        fs::write(&new, bytes.concat()).expect("there is room");
        fs::rename(new, &archive).expect("it is there");
    };
    let id = || {
        let inspected = sandbox.docker.inspect_image(&image);
        sandbox.runtime.block_on(inspected).expect("it is there").id
    };
    save("alpine:3.20");
    sandbox.write(&format!(
        "images: [{{ image: \"{image}\", source: {{ archive: ./images/app.tar }} }}]\n{SMALL}"
    ));
    let watching = Watching::start(&sandbox, &["--yes"]);
    let first = id();
    // The same image in a file of its own.
    save("alpine:3.20");
    assert_eq!(watching.rounds(), Vec::<String>::new());
    save("busybox:1.36");
    let (_, changed) = watching.until(is("files_changed"));
    assert_eq!(changed["files"][0], "images/app.tar");
    watching.until(round("applied"));
    assert_ne!(id(), first);
    // One that is away shows as what it is, and comes back.
    fs::rename(&archive, archive.with_extension("away")).expect("it is there");
    watching.until(|line| line["type"] == "round" && line["result"] != "in_step");
    fs::rename(archive.with_extension("away"), &archive).expect("it is there");
    watching.until(round("in_step"));
}

#[test]
fn files_of_variables_of_services_and_of_includes_count() {
    let sandbox = Sandbox::new(
        "include: [{ path: [parts/more.yaml], env_file: parts/more.env }]
services: { web: { image: alpine:3.20, command: [sleep, infinity], init: true, env_file: web.env } }
",
    );
    let folder = sandbox.folder.path();
    fs::create_dir(folder.join("parts")).expect("there is room");
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).expect("there is room");
    };
    write(
        "parts/more.yaml",
        "services: { more: { image: alpine:3.20, command: [sleep, infinity], init: true, environment: { NAME: \"${NAME}\" } } }\n",
    );
    write("parts/more.env", "NAME=one\n");
    write("web.env", "GREETING=hello\n");
    let watching = Watching::start(&sandbox, &["--yes"]);
    let has = |service: &str, variable: &str| {
        let container = sandbox.inspect(&format!("{}-{service}-1", sandbox.name));
        let environment = container.config.and_then(|config| config.env);
        environment
            .unwrap_or_default()
            .contains(&variable.to_owned())
    };
    assert!(has("more", "NAME=one"));
    write("parts/more.env", "NAME=two\n");
    watching.until(round("applied"));
    assert!(has("more", "NAME=two"));
    watching.calm();
    write("web.env", "GREETING=welcome\n");
    watching.until(round("applied"));
    assert!(has("web", "GREETING=welcome"));
}

#[test]
fn a_bad_edit_during_an_apply_shows_its_problems_at_once_and_the_next_good_one_is_done_after_it() {
    let sandbox = Sandbox::new(SMALL);
    let watching = Watching::start(&sandbox, &[]);
    let more = "environments: { tools: { outer: socket }, builder: { outer: dind } }\n";
    sandbox.write(more);
    watching.until(is("apply_start"));
    sandbox.write("environments: { tools: { outer: sokket } }\n");
    let (told, _) = watching.until(is("diagnostic"));
    watching.until(round("kept"));
    sandbox.write(&format!("{more}volumes: {{ more: {{}} }}\n"));
    // It is told that it changed, and done when the first apply is.
    watching.until(is("files_changed"));
    let (ended, _) = watching.until(round("applied"));
    assert!(told < ended);
    let volume = format!("volume {}_more", sandbox.name);
    watching.until(round("applied"));
    assert!(sandbox.objects().contains(&volume));
    let lines = watching.calm();
    let again = lines.iter().filter(|line| line["type"] == "apply_start");
    assert_eq!(again.count(), 0, "{lines:#?}");
}
