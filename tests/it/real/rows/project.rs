//! Rows of whole environments and volumes: added, removed, renamed, replaced.

use bollard::models::{ContainerConfig, ContainerCreateBody};
use bollard::query_parameters::{
    CommitContainerOptionsBuilder, CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder,
    RemoveImageOptions,
};

use crate::real::rows::{
    ABSENT, CREATE, DELETE, NO_CHANGE, REPLACE, Rows, UPDATE, check, plan, settle,
};
use crate::real::sandbox::Sandbox;

#[test]
fn environments() {
    let (sandbox, mut rows) = (Sandbox::new(""), Rows::default());
    let write = |environments: &str| sandbox.write(&format!("environments: {{ {environments} }}"));
    let container = |name: &str| format!("{}-{name}", sandbox.name);
    let quick = "outer: { mode: socket, stop_grace_period: 1s }";
    write(&format!("tools: {{ {quick} }}"));
    sandbox.succeed(&["up"]);
    let first = sandbox.id(&container("tools-1"));
    rows.row("replicas raised", || {
        write(&format!("tools: {{ {quick}, replicas: 2 }}"));
        let plan = plan(&sandbox, &[]);
        check(&plan, "environment.tools[2]", "", CREATE);
        // With a second one, the first does not answer to the name of both.
        check(&plan, "environment.tools[1]", "", UPDATE);
        settle(&sandbox, &[]);
        assert_eq!(sandbox.id(&container("tools-1")), first);
    });
    rows.row("replicas lowered", || {
        write(&format!("tools: {{ {quick}, replicas: 1 }}"));
        let plan = plan(&sandbox, &[]);
        check(&plan, "environment.tools[2]", "", DELETE);
        settle(&sandbox, &[]);
        assert_eq!(sandbox.id(&container("tools-1")), first);
        assert!(
            !sandbox
                .objects()
                .contains(&format!("container /{}", container("tools-2")))
        );
    });
    rows.row("an environment added", || {
        write(&format!("tools: {{ {quick} }}, more: {{ {quick} }}"));
        check(&plan(&sandbox, &[]), "environment.more", "", CREATE);
        settle(&sandbox, &[]);
        assert_eq!(sandbox.id(&container("tools-1")), first);
    });
    rows.row("an environment renamed", || {
        write(&format!("tools: {{ {quick} }}, other: {{ {quick} }}"));
        let plan = plan(&sandbox, &[]);
        check(&plan, "environment.more", "", DELETE);
        check(&plan, "environment.other", "", CREATE);
        settle(&sandbox, &[]);
    });
    rows.row("an environment removed", || {
        write(&format!("tools: {{ {quick} }}"));
        check(&plan(&sandbox, &[]), "environment.other", "", DELETE);
        settle(&sandbox, &[]);
        assert_eq!(sandbox.id(&container("tools-1")), first);
    });
    rows.row("another mode", || {
        write("tools: { outer: { mode: dind, stop_grace_period: 5s } }");
        let plan = plan(&sandbox, &[]);
        check(&plan, "environment.tools", "mode", REPLACE);
        check(&plan, "volume.tools-1-data", "", CREATE);
        settle(&sandbox, &[]);
        assert_ne!(sandbox.id(&container("tools-1")), first);
    });
    rows.row("a target alone", || {
        write(&format!(
            "tools: {{ outer: {{ mode: dind, stop_grace_period: 5s, memory: 900m }} }}, late: {{ {quick} }}"
        ));
        let options = ["--target", "environment.late"];
        let partial = plan(&sandbox, &options);
        check(&partial, "environment.late", "", CREATE);
        check(&partial, "environment.tools", "", ABSENT);
        assert_eq!(partial["complete"], false);
        sandbox.succeed(&["up", "--yes", "--target", "environment.late"]);
        let rest = plan(&sandbox, &[]);
        check(&rest, "environment.tools", "memory", UPDATE);
        write(&format!(
            "tools: {{ outer: {{ mode: dind, stop_grace_period: 5s, memory: 800m }} }}, late: {{ {quick} }}, \
             later: {{ {quick} }}"
        ));
        assert_eq!(sandbox.nest(&["up", "--yes", "latr"]).code, 1);
        sandbox.succeed(&["up", "--yes", "later"]);
        let rest = plan(&sandbox, &[]);
        check(&rest, "environment.tools", "memory", UPDATE);
        check(&rest, "environment.later", "", NO_CHANGE);
        settle(&sandbox, &[]);
    });
    rows.row("a target taken down", || {
        sandbox.succeed(&["down", "--yes", "--target", "environment.late"]);
        assert!(
            !sandbox
                .objects()
                .contains(&format!("container /{}", container("late-1")))
        );
        assert!(
            sandbox
                .objects()
                .contains(&format!("container /{}", container("tools-1")))
        );
        settle(&sandbox, &[]);
    });
    rows.end(8);
}

#[test]
fn volumes() {
    let (sandbox, mut rows) = (Sandbox::new(""), Rows::default());
    let write = |volumes: &str| {
        sandbox.write(&format!(
            "volumes: {{ {volumes} }}\nenvironments:\n  tools: {{ outer: {{ mode: socket, stop_grace_period: 1s }}, volumes: [work:/work] }}\n"
        ));
    };
    let container = format!("{}-tools-1", sandbox.name);
    write("work: { labels: { a: one } }");
    sandbox.succeed(&["up"]);
    let id = sandbox.id(&container);
    rows.row("a volume added", || {
        write("work: { labels: { a: one } }, more: {}");
        check(&plan(&sandbox, &[]), "volume.more", "", CREATE);
        settle(&sandbox, &[]);
    });
    rows.row("a volume removed", || {
        write("work: { labels: { a: one } }");
        let plan = plan(&sandbox, &[]);
        check(&plan, "volume.more", "", ABSENT);
        assert_eq!(plan["kept"][0]["address"], "volume.more");
        settle(&sandbox, &[]);
        assert!(
            sandbox
                .objects()
                .contains(&format!("volume {}_more", sandbox.name))
        );
        assert_eq!(sandbox.id(&container), id);
    });
    sandbox.inside("tools", &["touch", "/work/precious"]);
    rows.row("a volume's settings, without consent", || {
        write("work: { labels: { a: two } }");
        let refused = sandbox.nest(&["plan"]);
        assert_eq!(refused.code, 1, "{}", refused.stdout);
        for said in ["its data would be lost", "--allow-data-loss"] {
            assert!(refused.stdout.contains(said), "{}", refused.stdout);
        }
        assert_eq!(sandbox.nest(&["up", "--yes"]).code, 1);
        assert_eq!(sandbox.inside("tools", &["ls", "/work"]), "precious");
    });
    rows.row("a volume's settings, with consent", || {
        let allowed = plan(&sandbox, &["--allow-data-loss"]);
        let lost = REPLACE.with_impact("data_loss");
        check(&allowed, "volume.work", "labels.a", lost);
        let user = REPLACE.because("replace_by_triggers");
        check(&allowed, "environment.tools", "", user);
        let unasked = sandbox.nest(&["up", "--allow-data-loss"]);
        assert_eq!(unasked.code, 5, "{}", unasked.stderr);
        sandbox.succeed(&["plan", "--allow-data-loss", "--out", "lossy.plan"]);
        sandbox.succeed(&["apply", "--yes", "lossy.plan"]);
        assert_ne!(sandbox.id(&container), id);
        assert_eq!(sandbox.inside("tools", &["ls", "/work"]), "");
        settle(&sandbox, &[]);
    });
    rows.row("a protected volume, with consent", || {
        write("work: { labels: { a: two }, protect: true }");
        settle(&sandbox, &[]);
        write("work: { labels: { a: three }, protect: true }");
        let refused = sandbox.nest(&["up", "--yes", "--allow-data-loss"]);
        assert_eq!(refused.code, 1, "{}", refused.stderr);
        assert!(
            refused.stderr.contains("is protected"),
            "{}",
            refused.stderr
        );
        write("work: { labels: { a: two } }");
        settle(&sandbox, &[]);
    });
    rows.end(5);
}

#[test]
fn data_of_a_newer_engine() {
    let (sandbox, mut rows) = (Sandbox::new(""), Rows::default());
    let write = |image: &str| {
        sandbox.write(&format!(
            "environments:\n  builder:\n    outer: {{ mode: dind, image: '{image}' }}\n    inner: {{ images: [alpine:3.20] }}\n"
        ));
    };
    let image = format!("{}:older", sandbox.name);
    write("docker:dind");
    sandbox.succeed(&["up"]);
    sandbox.inside("builder", &["docker", "volume", "create", "mine"]);
    older_engine(&sandbox);
    write(&image);
    rows.row("an older engine, without consent", || {
        let refused = sandbox.nest(&["up", "--yes"]);
        assert_eq!(refused.code, 1, "{}", refused.stderr);
        for said in [
            "its engine would be 1.13.1, which is older than",
            "--allow-data-loss",
        ] {
            assert!(refused.stderr.contains(said), "{}", refused.stderr);
        }
    });
    rows.row("an older engine, with consent", || {
        let allowed = plan(&sandbox, &["--allow-data-loss"]);
        let lost = REPLACE.because("replace_because_older_engine");
        check(
            &allowed,
            "volume.builder-1-data",
            "",
            lost.with_impact("data_loss"),
        );
        let user = REPLACE.because("replace_by_triggers");
        check(
            &allowed,
            "environment.builder",
            "image",
            user.with_impact("data_loss"),
        );
        check(
            &allowed,
            "environment.builder/image[\"alpine:3.20\"]",
            "",
            CREATE,
        );
        sandbox.succeed(&["up", "--yes", "--allow-data-loss"]);
        let left = sandbox.nest(&["plan", "--detailed-exitcode"]);
        assert_eq!(left.code, 0, "{}", left.stdout);
        assert_eq!(
            sandbox
                .inside("builder", &["docker", "volume", "ls", "-q"])
                .lines()
                .filter(|name| *name == "mine")
                .count(),
            0
        );
    });
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    let removal = sandbox
        .docker
        .remove_image(&image, None::<RemoveImageOptions>, None);
    sandbox
        .runtime
        .block_on(removal)
        .expect("nothing uses it any more");
    rows.end(2);
}

/// Makes an image of the same engine, which says of itself that it is older.
fn older_engine(sandbox: &Sandbox) {
    let name = format!("{}-model", sandbox.name);
    let options = CreateContainerOptionsBuilder::default().name(&name).build();
    let body = ContainerCreateBody {
        image: Some("docker:dind".to_owned()),
        ..ContainerCreateBody::default()
    };
    let commit = CommitContainerOptionsBuilder::default()
        .container(&name)
        .repo(&sandbox.name)
        .tag("older")
        .changes("ENV DOCKER_VERSION=1.13.1")
        .build();
    let removal = RemoveContainerOptionsBuilder::default().v(true).build();
    let making = async {
        let docker = &sandbox.docker;
        docker.create_container(Some(options), body).await?;
        docker
            .commit_container(commit, ContainerConfig::default())
            .await?;
        docker.remove_container(&name, Some(removal)).await
    };
    sandbox.runtime.block_on(making).expect("an image is made");
}
