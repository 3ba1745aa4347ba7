//! The examples that use registries of somebody else, whole: what the engine under test does not have stands in.

use bollard::query_parameters::{CreateImageOptionsBuilder, RemoveImageOptions};
use futures_util::TryStreamExt as _;

use crate::real::company::{Company, with_password};
use crate::real::sandbox::{Ran, Sandbox, example};

#[test]
fn the_company_mirror_is_all_that_its_readme_says() {
    let company = Company::start();
    let sandbox = company.neighbour("");
    let example = example("company-mirror");
    let over = |inner: &str| {
        let text = format!(
            "
networks: {{ company: {{ external: true, name: {network} }} }}
registries: {{ hub: {{ ca: {ca} }} }}
environments: {{ builder: {{ outer: {{ mode: dind, networks: [company] }}{inner} }} }}
",
            network = company.network,
            ca = sandbox.folder.path().join("ca.pem").display()
        );
        let path = sandbox.folder.path().join("over.yaml");
        std::fs::write(path, text).expect("it can be written");
    };
    let nest = |arguments: &[&str]| -> String {
        let mut command = sandbox.command(&[]);
        command.arg("-f").arg(&example).args(["-f", "over.yaml"]);
        command.args(["-p", &sandbox.name]).args(arguments);
        let ran: Ran = with_password(command, "hunter2");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 0, "nest {arguments:?}: {said}");
        assert!(!said.contains("hunter2"), "nest {arguments:?}: {said}");
        ran.stdout.trim().to_owned()
    };
    over("");
    nest(&["up"]);
    nest(&["plan", "--detailed-exitcode"]);
    // Docker Hub is not there at all: what comes by its name comes from the mirror.
    let pull = [
        "exec",
        "-T",
        "builder",
        "docker",
        "pull",
        "-q",
        &company.image,
    ];
    assert!(nest(&pull).ends_with(&company.image));
    let info = [
        "exec",
        "-T",
        "builder",
        "docker",
        "info",
        "-f",
        "{{.RegistryConfig.Mirrors}}",
    ];
    assert_eq!(nest(&info), "[https://mirror.example.com/]");

    over(&format!(
        ", inner: {{ images: [{{ image: '{}', source: registry }}] }}",
        company.image
    ));
    nest(&["exec", "-T", "builder", "docker", "rmi", &company.image]);
    nest(&["up"]);
    nest(&["plan", "--detailed-exitcode"]);
    nest(&[
        "exec",
        "-T",
        "builder",
        "docker",
        "image",
        "inspect",
        &company.image,
    ]);
    nest(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

/// Images that are pinned to digests of a registry of our own, since nobody reaches Docker Hub.
struct Pinned {
    source: Sandbox,
    names: Vec<String>,
}

impl Pinned {
    fn start(images: &[&str]) -> Self {
        let source = Sandbox::new("");
        let port = 45_000 + std::process::id() % 4_000;
        source.write(&format!(
            "registries: {{ source: {{ port: {port}, images: [{}] }} }}\n",
            images.join(", ")
        ));
        source.succeed(&["up"]);
        let pinned = |image: &&str| {
            let name = format!("127.0.0.1:{port}/{image}");
            let digest = digest(&source, &name);
            format!("{name}@{digest}")
        };
        let names = images.iter().map(pinned).collect();
        Self { source, names }
    }
}

/// The digest of an image of a registry.
fn digest(sandbox: &Sandbox, name: &str) -> String {
    let (docker, runtime) = (&sandbox.docker, &sandbox.runtime);
    if !sandbox.is_podman() {
        let asked = runtime.block_on(docker.inspect_registry_image(name, None));
        return asked
            .expect("it is there")
            .descriptor
            .digest
            .expect("it has a digest");
    }
    // Podman asks no registry for digests: it tells all that it knows of what it has pulled.
    let pull = |name: &str| {
        let options = CreateImageOptionsBuilder::default()
            .from_image(name)
            .build();
        let pulled = docker.create_image(Some(options), None, None);
        runtime.block_on(pulled.try_collect::<Vec<_>>())
    };
    pull(name).expect("it can be pulled");
    let image = runtime.block_on(docker.inspect_image(name));
    let known = image.expect("it is there").repo_digests;
    let removed = runtime.block_on(docker.remove_image(name, None::<RemoveImageOptions>, None));
    removed.expect("it can be removed");
    let repository = name.rsplit_once(':').map_or(name, |(it, _)| it);
    let digests = known.into_iter().flatten();
    let mut digests = digests.filter_map(|it| Some(it.split_once('@')?.1.to_owned()));
    let found = digests.find(|digest| {
        let name = format!("{repository}@{digest}");
        let is_there = pull(&name).is_ok();
        let removal = docker.remove_image(&name, None::<RemoveImageOptions>, None);
        // One that the registry does not have was not pulled.
        drop(runtime.block_on(removal));
        is_there
    });
    found.expect("the registry has one of them")
}

impl Drop for Pinned {
    fn drop(&mut self) {
        for name in &self.names {
            let (repository, digest) = name.split_once('@').unwrap_or((name, ""));
            let repository = repository.rsplit_once(':').map_or("", |(it, _)| it);
            for name in [name.clone(), format!("{repository}@{digest}")] {
                let removed =
                    self.source
                        .docker
                        .remove_image(&name, None::<RemoveImageOptions>, None);
                // One that nothing was made from was never pulled.
                drop(self.source.runtime.block_on(removed));
            }
        }
    }
}

#[test]
fn the_air_gapped_sandbox_is_all_that_its_readme_says() {
    let pinned = Pinned::start(&["registry:2", "docker:dind", "alpine:3.20", "busybox:1.36"]);
    let [registry, engine, alpine, busybox] = &pinned.names[..] else {
        panic!("{:?}", pinned.names);
    };
    let text = std::fs::read_to_string(example("air-gapped")).expect("the example is there");
    let mut text = text.replace("name: air-gapped\n", "");
    for (written, stands_in) in [
        ("image: registry:2@", registry),
        ("image: docker:28-dind@", engine),
        ("images: [alpine:3.20@", alpine),
    ] {
        let at = text.find(written).unwrap_or_else(|| panic!("{written}"));
        let name = at + written.find(": ").expect("a key") + 2;
        let name = name + usize::from(text[name..].starts_with('['));
        let end = name + text[name..].find([']', '\n']).expect("it ends");
        text.replace_range(name..end, stands_in);
    }
    let digest = |image: &str| image.split_once('@').expect("it is pinned").1.to_owned();
    let inside = format!("store:5000/alpine@{}", digest(alpine));
    let at = text
        .find("store:5000/alpine@")
        .expect("it is pulled inside");
    let end = at + text[at..].find(']').expect("it ends");
    text.replace_range(at..end, &inside);
    let (host, _) = alpine.split_once('/').expect("a host");
    let text = text.replace(
        "registries: [docker.io,",
        &format!("registries: ['{host}',"),
    );
    let sandbox = Sandbox::new(&text);
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);

    // There is no way out, and all that the registry has is there by its digest.
    let networks = |container: &str| {
        let inspected = sandbox.inspect(&format!("{}-{container}", sandbox.name));
        let networks = inspected.network_settings.and_then(|it| it.networks);
        networks.expect("networks").into_keys().collect::<Vec<_>>()
    };
    let sealed = format!("{}_sealed", sandbox.name);
    assert_eq!(networks("sandbox-1"), [sealed.as_str()]);
    assert!(networks("store-1").contains(&sealed));
    let internal = sandbox
        .runtime
        .block_on(sandbox.docker.inspect_network(&sealed, None));
    assert_eq!(internal.expect("a network").internal, Some(true));
    let said = sandbox.inside(
        "sandbox",
        &["docker", "run", "--rm", &inside, "echo", "there"],
    );
    assert_eq!(said, "there");

    // What is not pinned is not read.
    let loose = text.replace(&inside, "store:5000/alpine:3.20");
    sandbox.write(&loose);
    let refused = sandbox.nest(&["validate"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("nest::"), "{}", refused.stderr);

    // One more.
    let more = text.replace(alpine, &format!("{alpine}, '{busybox}'"));
    let also = format!("store:5000/busybox@{}", digest(busybox));
    let more = more.replace(
        &format!("images: [{inside}"),
        &format!("images: [{inside}, {also}"),
    );
    sandbox.write(&more);
    let plan = sandbox.succeed(&["plan"]).stdout;
    assert!(plan.contains("registry.store/image["), "{plan}");
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    sandbox.inside("sandbox", &["docker", "run", "--rm", &also, "true"]);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
