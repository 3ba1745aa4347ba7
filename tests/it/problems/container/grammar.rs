//! What values of containers look like.

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn a_check_that_is_turned_off_and_on() {
    check(
        "\
environments:
  one: { outer: { mode: dind, healthcheck: { test: true, disable: true } } }
  two: { outer: { mode: dind, healthcheck: { test: [CDM, \"true\"], retries: -1 } } }
  three: { outer: { mode: dind, healthcheck: { test: [CMD], interval: 1us } } }
",
        &expect![[r#"
            nest::conflicting_keys

              × a container takes only one of `test` and `disable: true`
               ╭─[/home/ann/ci/nest.yaml:2:46]
             1 │ environments:
             2 │   one: { outer: { mode: dind, healthcheck: { test: true, disable: true } } }
               ·                                              ──┬─        ───┬───
               ·                                                │            ╰── or this
               ·                                                ╰── either this
             3 │   two: { outer: { mode: dind, healthcheck: { test: [CDM, "true"], retries: -1 } } }
               ╰────
              help: keep the one that you mean

            nest::wrong_type

              × `test` takes text, not `true`
               ╭─[/home/ann/ci/nest.yaml:2:52]
             1 │ environments:
             2 │   one: { outer: { mode: dind, healthcheck: { test: true, disable: true } } }
               ·                                                    ──┬─
               ·                                                      ╰── `true`
             3 │   two: { outer: { mode: dind, healthcheck: { test: [CDM, "true"], retries: -1 } } }
               ╰────
              help: put quotes around it: `"true"`

            nest::invalid_value

              × `test` does not take `CDM`: it is not how a check begins
               ╭─[/home/ann/ci/nest.yaml:3:53]
             2 │   one: { outer: { mode: dind, healthcheck: { test: true, disable: true } } }
             3 │   two: { outer: { mode: dind, healthcheck: { test: [CDM, "true"], retries: -1 } } }
               ·                                                     ─┬─
               ·                                                      ╰── here
             4 │   three: { outer: { mode: dind, healthcheck: { test: [CMD], interval: 1us } } }
               ╰────
              help: did you mean `CMD`?

            nest::invalid_value

              × `retries` does not take `-1`: it is no whole number from 0 to 2147483647
               ╭─[/home/ann/ci/nest.yaml:3:76]
             2 │   one: { outer: { mode: dind, healthcheck: { test: true, disable: true } } }
             3 │   two: { outer: { mode: dind, healthcheck: { test: [CDM, "true"], retries: -1 } } }
               ·                                                                            ─┬
               ·                                                                             ╰── here
             4 │   three: { outer: { mode: dind, healthcheck: { test: [CMD], interval: 1us } } }
               ╰────
              help: write a whole number

            nest::invalid_value

              × `test` does not take `CMD`: no command follows
               ╭─[/home/ann/ci/nest.yaml:4:55]
             3 │   two: { outer: { mode: dind, healthcheck: { test: [CDM, "true"], retries: -1 } } }
             4 │   three: { outer: { mode: dind, healthcheck: { test: [CMD], interval: 1us } } }
               ·                                                       ─┬─
               ·                                                        ╰── here
               ╰────
              help: write `[CMD, curl, -f, "http://localhost"]`, or one line for a shell

            nest::invalid_duration

              × `1us` is no duration: it is less than 1ms
               ╭─[/home/ann/ci/nest.yaml:4:71]
             3 │   two: { outer: { mode: dind, healthcheck: { test: [CDM, "true"], retries: -1 } } }
             4 │   three: { outer: { mode: dind, healthcheck: { test: [CMD], interval: 1us } } }
               ·                                                                       ─┬─
               ·                                                                        ╰── here
               ╰────
              help: a duration is written with units, `90s` or `1m30s`; units are `us`, `ms`, `s`, `m`, `h`
        "#]],
    );
}

#[test]
fn every_grammar_refuses_what_engines_refuse() {
    let wrong = [
        ("user: 'a b'", "nest::invalid_value"),
        ("working_dir: work", "nest::invalid_value"),
        ("cap_add: [SYS_PTRAC]", "nest::invalid_value"),
        ("cap_drop: [EVERYTHING]", "nest::invalid_value"),
        ("security_opt: ['secomp=unconfined']", "nest::invalid_value"),
        ("security_opt: [apparmor]", "nest::invalid_value"),
        ("devices: [fuse]", "nest::invalid_value"),
        ("devices: ['/dev/fuse:/dev/fuse:rx']", "nest::invalid_value"),
        ("devices: [{ target: /dev/fuse }]", "nest::missing_key"),
        ("device_cgroup_rules: ['c 1 r']", "nest::invalid_value"),
        ("gpus: some", "nest::unknown_word"),
        (
            "gpus: [{ count: 1, device_ids: [a] }]",
            "nest::conflicting_keys",
        ),
        ("gpus: [{ count: few }]", "nest::invalid_value"),
        ("extra_hosts: [a]", "nest::invalid_value"),
        ("extra_hosts: { a: gateway }", "nest::invalid_value"),
        ("dns: [dns.example]", "nest::invalid_address"),
        ("dns_search: 'a b'", "nest::invalid_value"),
        ("tmpfs: run", "nest::invalid_value"),
        ("tmpfs: '/run:sizes=1m'", "nest::invalid_value"),
        ("ulimits: { nofiles: 1 }", "nest::invalid_value"),
        ("ulimits: { nofile: { soft: 1 } }", "nest::missing_key"),
        ("ulimits: { nofile: many }", "nest::invalid_value"),
        ("sysctls: { vm.swappiness: 1 }", "nest::invalid_value"),
        ("shm_size: big", "nest::invalid_size"),
        ("cpuset: 3-1", "nest::invalid_value"),
        ("cpu_shares: 1", "nest::invalid_value"),
        ("mem_reservation: -5", "nest::invalid_size"),
        ("memswap_limit: 1g", "nest::invalid_value"),
        ("pids_limit: -2", "nest::invalid_value"),
        ("expose: ['80:80']", "nest::invalid_value"),
        ("container_name: -a", "nest::invalid_name"),
        ("network_mode: hots", "nest::unknown_word"),
        ("ipc: sharable", "nest::unknown_word"),
        ("pid: private", "nest::unknown_word"),
        ("cgroup: shared", "nest::unknown_word"),
        ("userns_mode: keep-id", "nest::unknown_word"),
        ("stop_signal: SIGITN", "nest::invalid_value"),
        ("stop_grace_period: soon", "nest::invalid_duration"),
        ("pull_policy: sometimes", "nest::unknown_word"),
        ("platform: linux/amd46", "nest::invalid_platform"),
        ("runtime: ''", "nest::invalid_value"),
        ("logging: { driver: '' }", "nest::invalid_value"),
        ("group_add: ['']", "nest::invalid_value"),
    ];
    for (text, code) in wrong {
        let file = format!("environments: {{ builder: {{ outer: {{ mode: dind, {text} }} }} }}\n");
        let shown = rendered(&read(file));
        let codes = shown.lines().filter(|line| line.starts_with("nest::"));
        let codes: Vec<&str> = codes
            .filter(|line| *line != "nest::not_supported_yet")
            .collect();
        assert_eq!(codes, [code], "{text}\n{shown}");
    }
}
