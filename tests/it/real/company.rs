//! What stands for a company's registry: with a certificate of an authority of its own, and a login.

use std::process::Command;

use bollard::query_parameters::{RemoveImageOptions, TagImageOptionsBuilder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::real::sandbox::{Ran, Sandbox};

/// The registry's host.
pub(crate) const HOST: &str = "mirror.example.com";
/// Whom it lets in, and by what.
pub(crate) const USER: &str = "ci";
pub(crate) const PASSWORD: &str = "hunter2";
/// The same in the form of `htpasswd`.
const USERS: &str = "ci:$2y$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8.\n";
/// What the image is made of that it has.
const IMAGE: &str = "alpine:3.20";

/// The registry. It goes when it is dropped.
pub(crate) struct Company {
    _sandbox: Sandbox,
    /// The certificate of the authority.
    pub(crate) authority: String,
    /// The image that it has and no other registry.
    pub(crate) image: String,
    /// The network on which it answers to its host.
    pub(crate) network: String,
}

impl Company {
    pub(crate) fn start() -> Self {
        let sandbox = Sandbox::new("");
        let (authority, certificate, key) = certificates();
        for (name, text) in [
            ("certificate.pem", certificate.as_str()),
            ("key.pem", &key),
            ("users", USERS),
        ] {
            std::fs::write(sandbox.folder.path().join(name), text).expect("it can be written");
        }
        let repository = format!("org/{}", sandbox.name);
        let image = format!("{repository}:1");
        tag(&sandbox, &repository);
        // What one registry is given the other one has: they share their data.
        sandbox.write(&format!(
            "
networks: {{ net: {{}} }}
volumes: {{ data: {{}} }}
registries:
  fill: {{ volume: data, images: ['{image}'] }}
configs:
  certificate: {{ file: ./certificate.pem }}
  key: {{ file: ./key.pem }}
  users: {{ file: ./users }}
services:
  company:
    image: registry:2
    volumes: ['data:/var/lib/registry']
    networks: {{ net: {{ aliases: [{HOST}] }} }}
    configs: [certificate, key, users]
    environment:
      REGISTRY_HTTP_ADDR: '0.0.0.0:443'
      REGISTRY_HTTP_TLS_CERTIFICATE: /certificate
      REGISTRY_HTTP_TLS_KEY: /key
      REGISTRY_AUTH: htpasswd
      REGISTRY_AUTH_HTPASSWD_REALM: company
      REGISTRY_AUTH_HTPASSWD_PATH: /users
"
        ));
        sandbox.succeed(&["up"]);
        sandbox.succeed(&["plan", "--detailed-exitcode"]);
        // Nobody else has it any more.
        let removed = sandbox
            .docker
            .remove_image(&image, None::<RemoveImageOptions>, None);
        let removed = sandbox.runtime.block_on(removed);
        removed.expect("it is there");
        let network = format!("{}_net", sandbox.name);
        Self {
            _sandbox: sandbox,
            authority,
            image,
            network,
        }
    }

    /// A project that is a neighbour of the registry.
    pub(crate) fn neighbour(&self, yaml: &str) -> Sandbox {
        let sandbox = Sandbox::new("");
        let path = sandbox.folder.path().join("ca.pem");
        std::fs::write(path, &self.authority).expect("it can be written");
        self.write(&sandbox, yaml);
        sandbox
    }

    /// Replaces the file of a neighbour.
    pub(crate) fn write(&self, sandbox: &Sandbox, yaml: &str) {
        sandbox.write(&format!(
            "networks: {{ company: {{ external: true, name: {} }} }}\n{yaml}",
            self.network
        ));
    }
}

/// Runs nest with a password in its environment.
pub(crate) fn with_password(mut command: Command, password: &str) -> Ran {
    command.env("MIRROR_PASSWORD", password);
    Ran::from(command.output().expect("nest starts"))
}

fn tag(sandbox: &Sandbox, repository: &str) {
    let options = TagImageOptionsBuilder::default()
        .repo(repository)
        .tag("1")
        .build();
    let tagged = sandbox.docker.tag_image(IMAGE, Some(options));
    let tagged = sandbox.runtime.block_on(tagged);
    tagged.expect("the engine has the image");
}

/// An authority, and a certificate of the host with its key.
fn certificates() -> (String, String, String) {
    let made = (|| {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let host = CertificateParams::new(vec![HOST.to_owned()])?;
        let certificate = host.signed_by(&key, &authority)?;
        Ok::<_, rcgen::Error>((authority.pem(), certificate.pem(), key.serialize_pem()))
    })();
    made.expect("certificates can be made")
}
