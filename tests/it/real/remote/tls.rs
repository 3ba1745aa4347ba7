//! By TCP with TLS, with certificates of the engine's own.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::real::remote::{access, whole_life};
use crate::real::sandbox::{Ran, Sandbox};

const HOST: &str = "tcp://127.0.0.1:2376";

/// nest with the certificates of a folder.
fn command(sandbox: &Sandbox, host: &str, certificates: &Path, arguments: &[&str]) -> Command {
    let mut command = sandbox.command_to(host, arguments);
    command
        .env("DOCKER_TLS_VERIFY", "1")
        .env("DOCKER_CERT_PATH", certificates);
    command
}

#[test]
fn an_engine_is_reached_with_the_certificates_of_a_folder() {
    let access = access();
    whole_life(|sandbox, arguments| command(sandbox, HOST, &access, arguments));
}

#[test]
fn a_context_brings_its_certificates() {
    let sandbox = Sandbox::new("environments: { builder: { outer: dind } }\n");
    let config = sandbox.folder.path().join("docker");
    let id = nest::resource::digest::Digest::of_bytes(b"far");
    let id = id.as_str().trim_start_matches("sha256:");
    let (meta, tls) = (
        config.join("contexts/meta").join(id),
        config.join("contexts/tls").join(id).join("docker"),
    );
    fs::create_dir_all(&meta).expect("a folder");
    fs::create_dir_all(&tls).expect("a folder");
    let text = format!(r#"{{"Name": "far", "Endpoints": {{"docker": {{"Host": "{HOST}"}}}}}}"#);
    fs::write(meta.join("meta.json"), text).expect("a file");
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        fs::copy(access().join(name), tls.join(name)).expect("a file");
    }
    let mut command = sandbox.command(&["--context", "far", "plan"]);
    let ran = command.env("DOCKER_CONFIG", &config).output();
    let ran = Ran::from(ran.expect("nest starts"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("to add"), "{}", ran.stdout);
}

#[test]
fn what_is_wrong_with_certificates_is_told_with_what_to_do() {
    let sandbox = Sandbox::new("environments: { builder: { outer: dind } }\n");
    let access = access();
    let folder = |name: &str, files: &[(&str, &str)]| {
        let folder = sandbox.folder.path().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        for (from, to) in files {
            fs::copy(access.join(from), folder.join(to)).expect("a file");
        }
        folder
    };
    let own = [("cert.pem", "cert.pem"), ("key.pem", "key.pem")];
    let nobody = folder("nobody", &[("ca.pem", "ca.pem")]);
    let stranger = folder(
        "stranger",
        &[&[("server-cert.pem", "ca.pem")][..], &own].concat(),
    );
    for (host, certificates, wanted) in [
        (HOST, &nobody, "the engine asks who you are"),
        (HOST, &stranger, "was not issued by the authority of"),
        ("tcp://127.0.0.2:2376", &access, "refused"),
    ] {
        let ran = command(&sandbox, host, certificates, &["plan"]).output();
        let ran = Ran::from(ran.expect("nest starts"));
        assert_eq!(ran.code, 4, "{}", ran.stderr);
        assert!(ran.stderr.contains(wanted), "{wanted}: {}", ran.stderr);
    }
    let plain = sandbox.command_to(HOST, &["plan"]).output();
    let plain = Ran::from(plain.expect("nest starts"));
    assert_eq!(plain.code, 1, "{}", plain.stderr);
    assert!(
        plain.stderr.contains("DOCKER_CERT_PATH"),
        "{}",
        plain.stderr
    );
}
