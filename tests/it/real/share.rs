//! An image that several engines need leaves the outer engine once.

use crate::real::proxy::Proxy;
use crate::real::sandbox::Sandbox;

const PROJECT: &str = "
environments:
  one: { outer: dind, inner: { images: [alpine:3.20, busybox:1.36] } }
  two: { outer: dind, inner: { images: [busybox:1.36, alpine:3.20] } }
  three: { outer: dind, inner: { images: [alpine:3.20, busybox:1.36] } }
  other: { outer: dind, inner: { images: [alpine:3.20] } }
";

#[test]
fn images_that_several_engines_need_are_exported_once() {
    let sandbox = Sandbox::new(PROJECT);
    let proxy = Proxy::start(sandbox.folder.path().join("proxy.sock"));
    let up = sandbox
        .command_to(&proxy.endpoint(), &["up", "--tunnel", "exec"])
        .output()
        .expect("nest starts");
    let said = String::from_utf8_lossy(&up.stderr);
    assert!(up.status.success(), "{said}");
    let requests = proxy.take();
    let exports: Vec<_> = requests
        .iter()
        .filter(|request| request.contains("/images/get"))
        .collect();
    // One for those that need both, one for the other.
    assert_eq!(exports.len(), 2, "{requests:#?}");
    let images = |name| {
        sandbox
            .inside(name, &["docker", "images", "--quiet"])
            .lines()
            .count()
    };
    assert_eq!(["one", "two", "three", "other"].map(images), [2, 2, 2, 1]);
}
