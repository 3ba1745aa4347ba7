//! Policies themselves: what they make of warnings, where they come from, where they hold.

use expect_test::expect;

use crate::front_end::{read, read_under, read_with_profiles, rendered};
use crate::problems::check;

#[test]
fn what_policies_make_of_warnings() {
    check(
        "\
policy: { warnings: { 'nest::socket_is_root': deny, limit_does_not_bind: allow } }
environments:
  tools: { outer: { mode: socket, memory: 1g } }
",
        &expect![[r#"
            nest::policy_warning

              × mode `socket` hands the outer engine's socket to the container, and a policy denies
              │ `nest::socket_is_root`
               ╭─[/home/ann/ci/nest.yaml:3:27]
             1 │ policy: { warnings: { 'nest::socket_is_root': deny, limit_does_not_bind: allow } }
               ·                                               ──┬─
               ·                                                 ╰── denied here
             2 │ environments:
             3 │   tools: { outer: { mode: socket, memory: 1g } }
               ·                           ───┬──
               ·                              ╰── the policy takes this for an error
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own
        "#]],
    );
}

#[test]
fn codes_that_no_warning_has() {
    check(
        "\
policy: { warnings: { socket_is_rot: deny, unknown_key: allow, nonsense: allow } }
",
        &expect![[r#"
            nest::unknown_warning

              × no warning has the code `socket_is_rot`
               ╭─[/home/ann/ci/nest.yaml:1:23]
             1 │ policy: { warnings: { socket_is_rot: deny, unknown_key: allow, nonsense: allow } }
               ·                       ──────┬──────
               ·                             ╰── not known here
               ╰────
              help: did you mean `socket_is_root`?

            nest::unknown_warning

              × no warning has the code `unknown_key`
               ╭─[/home/ann/ci/nest.yaml:1:44]
             1 │ policy: { warnings: { socket_is_rot: deny, unknown_key: allow, nonsense: allow } }
               ·                                            ─────┬─────
               ·                                                 ╰── not known here
               ╰────
              help: this is an error, which no policy allows: remove it here

            nest::unknown_warning

              × no warning has the code `nonsense`
               ╭─[/home/ann/ci/nest.yaml:1:64]
             1 │ policy: { warnings: { socket_is_rot: deny, unknown_key: allow, nonsense: allow } }
               ·                                                                ────┬───
               ·                                                                    ╰── not known here
               ╰────
              help: `nest validate` prints the code of every warning that it finds
        "#]],
    );
}

#[test]
fn what_is_not_acted_on_cannot_be_allowed() {
    let read = read(
        "{ policy: { warnings: { not_supported_yet: allow } }, \
         environments: { box: { outer: { mode: dind, pull_policy: daily } } } }",
    )
    .expect("it is valid");
    assert!(read.acted_on_whole().is_err());
}

#[test]
fn a_policy_that_cannot_be_read() {
    expect![[r#"
        nest::policy_unreadable

          × cannot read the policy `/ci/policy.yaml`: entity not found
          help: check the path after `--policy` and in `NEST_POLICY`, and the file's permissions
    "#]]
    .assert_eq(&rendered(&read_under(None, None, "volumes: {}\n")));
}

#[test]
fn the_strictest_policy_holds() {
    let input = "\
policy: { socket: allow, warnings: { socket_is_root: allow } }
environments:
  tools: { outer: socket }
";
    let given = "socket: deny\nhost_paths: [./]\n";
    let host = "warnings: { socket_is_root: deny }\n";
    expect![[r#"
        nest::policy_warning

          × mode `socket` hands the outer engine's socket to the container, and a policy denies
          │ `nest::socket_is_root`
           ╭─[/home/ann/ci/nest.yaml:3:19]
         2 │ environments:
         3 │   tools: { outer: socket }
           ·                   ───┬──
           ·                      ╰── the policy takes this for an error
           ╰────
           ╭─[/etc/nest/policy.yaml:1:29]
         1 │ warnings: { socket_is_root: deny }
           ·                             ──┬─
           ·                               ╰── denied here
           ╰────
          help: whoever runs in it is root on the host; mode `dind` has an engine of its own

        nest::policy_socket

          × a policy denies engine sockets: mode `socket` mounts the outer engine's own
           ╭─[/home/ann/ci/nest.yaml:3:19]
         2 │ environments:
         3 │   tools: { outer: socket }
           ·                   ───┬──
           ·                      ╰── leads to the socket
           ╰────
           ╭─[/ci/policy.yaml:1:9]
         1 │ socket: deny
           ·         ──┬─
           ·           ╰── denied here
         2 │ host_paths: [./]
           ╰────
          help: give the container an engine of its own, or `docker_host` to a service
    "#]]
    .assert_eq(&rendered(&read_under(Some(given), Some(host), input)));
    assert_eq!(rendered(&read_under(Some("{}"), None, input)), "");
}

#[test]
fn policies_hold_at_every_depth_and_not_for_what_is_left_out() {
    let input = "\
policy: { modes: [dind] }
environments:
  builder:
    outer: dind
    inner: { environments: { deeper: { outer: socket } } }
  extra: { outer: socket, profiles: [debug] }
";
    let breaches = |profiles: &[&str]| {
        let shown = rendered(&read_with_profiles(profiles, input));
        shown.matches("nest::policy_mode").count()
    };
    assert_eq!(breaches(&[]), 1);
    assert_eq!(breaches(&["debug"]), 2);
    assert_eq!(breaches(&["*"]), 2);
}

#[test]
fn a_policy_is_checked_itself() {
    check(
        "\
policy: { modes: [dnd], privilegd: deny, socket: denied, images: [] }
",
        &expect![[r#"
            nest::unknown_word

              × an item of `modes` does not take `dnd`
               ╭─[/home/ann/ci/nest.yaml:1:19]
             1 │ policy: { modes: [dnd], privilegd: deny, socket: denied, images: [] }
               ·                   ─┬─
               ·                    ╰── not known here
               ╰────
              help: did you mean `dind`?

            nest::unknown_key

              × unknown key `privilegd`
               ╭─[/home/ann/ci/nest.yaml:1:25]
             1 │ policy: { modes: [dnd], privilegd: deny, socket: denied, images: [] }
               ·                         ────┬────
               ·                             ╰── not known here
               ╰────
              help: did you mean `privileged`?

            nest::unknown_word

              × `socket` does not take `denied`
               ╭─[/home/ann/ci/nest.yaml:1:50]
             1 │ policy: { modes: [dnd], privilegd: deny, socket: denied, images: [] }
               ·                                                  ───┬──
               ·                                                     ╰── not known here
               ╰────
              help: it takes one of `allow`, `deny`

            nest::wrong_type

              × `images` takes a mapping, not a list
               ╭─[/home/ann/ci/nest.yaml:1:66]
             1 │ policy: { modes: [dnd], privilegd: deny, socket: denied, images: [] }
               ·                                                                  ─┬
               ·                                                                   ╰── a list
               ╰────
              help: write keys with values below it, indented
        "#]],
    );
}
