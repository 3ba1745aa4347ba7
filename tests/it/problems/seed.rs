//! Seeds that are asked for where there is none.

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_seed_where_no_data_root_starts_from_one() {
    check(
        "\
environments:
  memory: { outer: { mode: dind, data: { tmpfs: true, seed: copy } } }
  folder: { outer: { mode: dind, data: { path: /srv/folder, seed: link } } }
  podman: { outer: { mode: podman, data: { seed: copy } } }
  silent: { outer: { mode: podman, data: { keep: false } } }
  none: { outer: { mode: dind, data: { tmpfs: true, seed: none } } }
",
        &expect![""],
    );
}
