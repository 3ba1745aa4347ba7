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
        &expect![[r#"
            nest::seed_not_used

              ⚠ `seed: copy` does nothing: data in memory is new at every start
               ╭─[/home/ann/ci/nest.yaml:2:61]
             1 │ environments:
             2 │   memory: { outer: { mode: dind, data: { tmpfs: true, seed: copy } } }
               ·                                                             ──┬─
               ·                                                               ╰── not used
             3 │   folder: { outer: { mode: dind, data: { path: /srv/folder, seed: link } } }
               ╰────
              help: remove `seed`; images are brought to the engine one by one

            nest::seed_not_used

              ⚠ `seed: link` does nothing: what a folder of the host holds is not known before
               ╭─[/home/ann/ci/nest.yaml:3:67]
             2 │   memory: { outer: { mode: dind, data: { tmpfs: true, seed: copy } } }
             3 │   folder: { outer: { mode: dind, data: { path: /srv/folder, seed: link } } }
               ·                                                                   ──┬─
               ·                                                                     ╰── not used
             4 │   podman: { outer: { mode: podman, data: { seed: copy } } }
               ╰────
              help: remove `seed`; images are brought to the engine one by one

            nest::seed_not_used

              ⚠ `seed: copy` does nothing: engines of mode `podman` have no seeds
               ╭─[/home/ann/ci/nest.yaml:4:50]
             3 │   folder: { outer: { mode: dind, data: { path: /srv/folder, seed: link } } }
             4 │   podman: { outer: { mode: podman, data: { seed: copy } } }
               ·                                                  ──┬─
               ·                                                    ╰── not used
             5 │   silent: { outer: { mode: podman, data: { keep: false } } }
               ╰────
              help: remove `seed`; images are brought to the engine one by one
        "#]],
    );
}
