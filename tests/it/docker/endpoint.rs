//! Which engine is meant, as the docker CLI would have it.

use std::fs;
use std::path::Path;

use nest::docker::{Docker, Endpoint, EndpointAddress, EndpointOptions, Entering, TlsFiles};
use nest::engine::EngineError;
use nest::model::outer_engine::{EngineAddress, Tls};

use crate::docker::sandbox::chain;

fn options(config_folder: &Path) -> EndpointOptions {
    EndpointOptions {
        host: None,
        context: None,
        docker_host: None,
        docker_context: None,
        config_folder: config_folder.to_owned(),
        docker_tls_verify: None,
        docker_cert_path: None,
        sockets: Vec::new(),
    }
}

/// A folder as the docker CLI keeps it, with the contexts `far` and `near`, `near` being the current one.
fn config_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.json");
    fs::write(config, r#"{"auths": {}, "currentContext": "near"}"#).expect("a file");
    let contexts = [
        ("far", "tcp://far.example:2375"),
        ("near", "unix:///run/near.sock"),
    ];
    for (name, host) in contexts {
        let id = nest::resource::digest::Digest::of_bytes(name.as_bytes());
        let id = id.as_str().trim_start_matches("sha256:");
        let meta = folder.path().join("contexts/meta").join(id);
        fs::create_dir_all(&meta).expect("a folder");
        let text = format!(
            r#"{{"Name": "{name}", "Metadata": {{}}, "Endpoints": {{"docker": {{"Host": "{host}", "SkipTLSVerify": false}}}}}}"#
        );
        fs::write(meta.join("meta.json"), text).expect("a file");
    }
    folder
}

fn check(options: &EndpointOptions, expected: &str) {
    let said = match Endpoint::resolve(options) {
        Ok(endpoint) => endpoint.to_string(),
        Err(error) => chain(&error),
    };
    assert_eq!(said, expected);
}

#[test]
fn the_docker_clis_order_holds() {
    let folder = config_folder();
    let folder = folder.path();
    let given = |text: &str| Some(text.to_owned());
    let mut options = options(folder);
    let config = folder.join("config.json");
    check(
        &options,
        &format!(
            "unix:///run/near.sock (from context `near`, named by `currentContext` of {})",
            config.display()
        ),
    );
    options.docker_context = given("far");
    check(
        &options,
        "tcp://far.example:2375 (from context `far`, named by `DOCKER_CONTEXT`)",
    );
    options.docker_host = given("unix:///run/other.sock");
    check(&options, "unix:///run/other.sock (from `DOCKER_HOST`)");
    options.host = given("127.0.0.1:2376");
    check(&options, "tcp://127.0.0.1:2376 (from `--host`)");
    options.host = None;
    options.context = given("near");
    check(
        &options,
        "unix:///run/near.sock (from context `near`, named by `--context`)",
    );
    options.context = given("default");
    check(&options, "unix:///run/other.sock (from `DOCKER_HOST`)");
    options.docker_host = None;
    check(&options, "unix:///var/run/docker.sock (from the default)");
}

#[test]
fn hosts_are_read_as_the_docker_cli_writes_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = options(folder.path());
    for (host, expected) in [
        ("tcp://[::1]:2375", "tcp://[::1]:2375 (from `--host`)"),
        ("http://engine", "tcp://engine:2375 (from `--host`)"),
        ("unix:///run/x.sock", "unix:///run/x.sock (from `--host`)"),
        (
            "tcp://a:b",
            "cannot use `tcp://a:b` (from `--host`): it is not of the form `tcp://HOST:PORT`",
        ),
        (
            "fd://",
            "cannot use `fd://` (from `--host`): only `unix://`, `tcp://` and `ssh://` endpoints are supported",
        ),
        ("ssh://there", "ssh://there (from `--host`)"),
        (
            "ssh://me@there:22/run/x.sock",
            "ssh://me@there:22/run/x.sock (from `--host`)",
        ),
        (
            "ssh://-oProxyCommand=x",
            "cannot use `ssh://-oProxyCommand=x` (from `--host`): it is not of the form `ssh://[USER@]HOST[:PORT][/SOCKET]`",
        ),
        (
            "https://there:2376",
            "cannot use `https://there:2376` (from `--host`): TLS takes `DOCKER_TLS_VERIFY=1`, with the certificates in the folder `DOCKER_CERT_PATH`; or use a docker context",
        ),
    ] {
        options.host = Some(host.to_owned());
        check(&options, expected);
    }
}

#[test]
fn tls_is_spoken_where_a_variable_or_the_context_says_so() {
    let folder = config_folder();
    let mut options = options(folder.path());
    options.docker_tls_verify = Some("1".to_owned());
    let tls = |options: &EndpointOptions| match Endpoint::resolve(options)
        .expect("an endpoint")
        .address
    {
        EndpointAddress::Tcp { port, tls, .. } => (port, tls),
        other => panic!("{other:?}"),
    };
    let files = |folder: std::path::PathBuf| Some(TlsFiles::in_folder(&folder, false));
    options.host = Some("tcp://there".to_owned());
    assert_eq!(tls(&options), (2376, files(folder.path().to_owned())));
    options.docker_cert_path = Some("/certs".into());
    assert_eq!(tls(&options), (2376, files("/certs".into())));
    // A context has its own.
    options.host = None;
    options.context = Some("far".to_owned());
    assert_eq!(tls(&options), (2375, None));
    let id = nest::resource::digest::Digest::of_bytes(b"far");
    let id = id.as_str().trim_start_matches("sha256:");
    let own = folder.path().join("contexts/tls").join(id).join("docker");
    fs::create_dir_all(&own).expect("a folder");
    assert_eq!(tls(&options), (2375, files(own)));
}

#[test]
fn where_nothing_names_an_engine_one_that_is_there_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("podman.sock");
    let mut options = options(folder.path());
    options.sockets = vec![folder.path().join("no.sock"), socket.clone()];
    if Path::new("/var/run/docker.sock").exists() {
        check(&options, "unix:///var/run/docker.sock (from the default)");
        return;
    }
    check(&options, "unix:///var/run/docker.sock (from the default)");
    fs::write(&socket, "").expect("a file");
    check(
        &options,
        &format!(
            "unix://{} (from the sockets that are there)",
            socket.display()
        ),
    );
}

#[test]
fn what_is_wrong_with_a_context_is_said() {
    let folder = config_folder();
    let mut options = options(folder.path());
    options.context = Some("gone".to_owned());
    check(
        &options,
        "cannot use context `gone` (from `--context`): there is no such docker context; `docker context ls` lists them",
    );
    options.host = Some("tcp://x:1".to_owned());
    check(
        &options,
        "cannot use `--host` together with `--context`: each names an engine; give one of them",
    );
    let config = folder.path().join("config.json");
    fs::write(&config, "{").expect("a file");
    options.host = None;
    options.context = None;
    let error = Endpoint::resolve(&options).expect_err("the file is broken");
    assert!(
        matches!(error, EngineError::Unreadable { .. }),
        "{}",
        chain(&error)
    );
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("no.sock");
    let mut options = options(folder.path());
    options.docker_host = Some(format!("unix://{}", socket.display()));
    let endpoint = Endpoint::resolve(&options).expect("an endpoint");
    let error = Docker::connect(&endpoint, Entering::Shortest)
        .await
        .expect_err("nothing listens");
    let EngineError::Unreachable { endpoint, help, .. } = &error else {
        panic!("{}", chain(&error));
    };
    assert_eq!(
        *endpoint,
        format!("unix://{} (from `DOCKER_HOST`)", socket.display())
    );
    assert!(help.contains("--host"), "{help}");
}

#[test]
fn a_file_names_an_engine_where_nobody_else_does() {
    let folder = config_folder();
    let mut options = options(folder.path());
    assert!(
        !options.name_an_engine(),
        "the current context does not count"
    );
    for empty in ["", "unix:///run/x.sock"] {
        options.docker_host = Some(empty.to_owned());
        assert_eq!(options.name_an_engine(), !empty.is_empty());
    }
    let said = |address: &EngineAddress| match Endpoint::declared(
        address,
        &options,
        "`engines.default`",
    ) {
        Ok(endpoint) => endpoint.to_string(),
        Err(error) => chain(&error),
    };
    let context = |name: &str| EngineAddress::Context(name.to_owned());
    let host = |host: &str| EngineAddress::Host {
        host: host.to_owned(),
        tls: None,
    };
    for (address, expected) in [
        (
            context("far"),
            "tcp://far.example:2375 (from context `far`, named by `engines.default`)",
        ),
        (
            context("gone"),
            "cannot use context `gone` (from `engines.default`): there is no such docker context; `docker context ls` lists them",
        ),
        (
            context("default"),
            "unix:///var/run/docker.sock (from the default)",
        ),
        (
            host("unix:///run/podman/podman.sock"),
            "unix:///run/podman/podman.sock (from `engines.default`)",
        ),
        (
            host("https://there"),
            "cannot use `https://there` (from `engines.default`): TLS takes `tls: FOLDER` beside it, with `ca.pem`, `cert.pem` and `key.pem`",
        ),
    ] {
        assert_eq!(said(&address), expected);
    }
}

#[test]
fn the_certificates_that_a_file_names_are_those_that_are_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let address = EngineAddress::Host {
        host: "tcp://there".to_owned(),
        tls: Some(Tls {
            ca: path("authority"),
            certificate: path("own"),
            key: path("secret"),
        }),
    };
    let mut options = options(folder.path());
    // What variables say is about other engines.
    options.docker_tls_verify = Some("1".to_owned());
    let missing =
        Endpoint::declared(&address, &options, "`engines.default`").expect_err("nothing is there");
    let place = path("authority");
    assert_eq!(
        chain(&missing),
        format!(
            "cannot use `{}` (from `engines.default`): there is no such file",
            place.display()
        )
    );
    for name in ["authority", "own", "secret"] {
        fs::write(path(name), "").expect("a file");
    }
    let endpoint =
        Endpoint::declared(&address, &options, "`engines.default`").expect("an endpoint");
    let files = TlsFiles {
        authority: path("authority"),
        certificate: path("own"),
        key: path("secret"),
        trusts_anyone: false,
    };
    assert_eq!(
        endpoint.address,
        EndpointAddress::Tcp {
            host: "there".to_owned(),
            port: 2376,
            tls: Some(files),
        }
    );
}
