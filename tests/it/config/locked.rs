//! Images by their digests: what goes over a file, and what that means.

use expect_test::expect;
use nest::model::locked::{Digests, floating_images, locked_images};

use crate::front_end::{read_several, rendered};
use crate::project::project;

const FILE: &str = "\
name: ci
registries: { hub: { mirror: docker.io } }
images: [docker.io/library/alpine:3.20]
environments:
  builder:
    outer: dind
    inner:
      images:
        - { image: busybox:1.36, source: outer }
        - { image: app:dev, source: { archive: app.tar } }
        - mine:1
  pinned: { outer: { mode: dind, image: 'docker:28-dind@sha256:2a232a42256f70d78e3cc5d2b5d6b3276710a0de0596c145f627ecfae90282ac' } }
";

fn digests() -> Digests {
    let digest = |character: &str| format!("sha256:{}", character.repeat(64));
    [
        ("registry:2", digest("1")),
        ("alpine:3.20", digest("2")),
        ("docker:dind", digest("3")),
        ("busybox:1.36", digest("4")),
    ]
    .map(|(reference, digest)| (reference.to_owned(), digest))
    .into()
}

#[test]
fn what_has_a_digest_already_or_comes_from_a_file_is_not_looked_up() {
    let floating: Vec<String> = floating_images(&project(FILE)).into_iter().collect();
    assert_eq!(
        floating,
        [
            "alpine:3.20",
            "busybox:1.36",
            "docker:dind",
            "mine:1",
            "registry:2"
        ]
    );
}

#[test]
fn every_image_with_a_digest_is_pinned_and_keeps_its_tag_inside() {
    let locked = locked_images(&project(FILE), &digests());
    let text = serde_yaml::to_string(&locked).expect("it is YAML");
    expect![[r#"
        registries:
          hub:
            image: registry:2@sha256:1111111111111111111111111111111111111111111111111111111111111111
        images:
        - image: alpine:3.20@sha256:2222222222222222222222222222222222222222222222222222222222222222
          source: auto
          as:
          - alpine:3.20
        environments:
          builder:
            outer:
              image: docker:dind@sha256:3333333333333333333333333333333333333333333333333333333333333333
            inner:
              images:
              - image: busybox:1.36@sha256:4444444444444444444444444444444444444444444444444444444444444444
                source: outer
                as:
                - busybox:1.36
    "#]].assert_eq(&text);
    let table = [
        ("/home/ann/ci/nest.yaml", FILE),
        ("/home/ann/ci/lock.yaml", text.as_str()),
    ];
    let files = ["/home/ann/ci/nest.yaml", "/home/ann/ci/lock.yaml"];
    let both = read_several(&table, &files, &[]);
    let shown = rendered(&both);
    let project = both.unwrap_or_else(|_| panic!("{shown}")).project;
    let left: Vec<String> = floating_images(&project).into_iter().collect();
    assert_eq!(left, ["mine:1"]);
    assert_eq!(project.scope.images.len(), 1);
}
