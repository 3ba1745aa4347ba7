//! Containers: settings that contradict each other, and values of their keys.

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

#[test]
fn a_limit_below_what_is_kept() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      memory: 1g
      mem_reservation: 2g
      memswap_limit: 512m
      ulimits: { nofile: { soft: 4096, hard: 1024 } }
      deploy: { resources: { limits: { cpus: 1 }, reservations: { cpus: 2 } } }
",
        &expect![""],
    );
}

#[test]
fn two_keys_for_one_limit() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      cpus: 2
      pids_limit: 100
      deploy: { resources: { limits: { cpus: 1, pids: 100 } } }
",
        &expect![""],
    );
}

#[test]
fn a_port_on_the_network_of_another() {
    check(
        "\
environments:
  builder: { outer: dind }
  helper:
    outer: { mode: dind, network_mode: \"service:builder\", ports: [\"8080:80\"], dns: 10.0.0.2 }
  bare:
    outer: { mode: dind, network_mode: host, ports: [80] }
",
        &expect![""],
    );
}

#[test]
fn networks_and_a_network_mode() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, network_mode: none, networks: [default] }
",
        &expect![""],
    );
}

#[test]
fn the_network_of_an_unknown_container() {
    check(
        "\
environments:
  builder: { outer: dind }
  helper:
    outer: { mode: dind, network_mode: \"service:bilder\", pid: \"service:helper\", ipc: \"container:builder\" }
",
        &expect![""],
    );
}

#[test]
fn networks_secrets_and_configs_that_nobody_declares() {
    check(
        "\
networks: { backend: {} }
environments:
  builder:
    outer:
      mode: dind
      networks: [default, backnd]
      secrets: [token]
      configs: [{ source: settings, target: /etc/settings, mode: \"0888\" }]
",
        &expect![""],
    );
}

#[test]
fn a_fixed_address_on_a_network_without_a_subnet() {
    check(
        "\
networks:
  backend: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } }
  other: {}
environments:
  builder:
    outer:
      mode: dind
      networks:
        backend: { ipv4_address: 172.31.0.9, mac_address: \"01:00\" }
        other: { ipv4_address: 172.31.0.9 }
        default: { ipv6_address: 172.31.0.9 }
",
        &expect![""],
    );
}

#[test]
fn replicas_with_one_name() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, container_name: builder }
    replicas: 2
",
        &expect![""],
    );
}

#[test]
fn a_file_of_variables_that_is_not_there() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, env_file: [missing.env, { path: other.env, required: false, format: yaml }] }
",
        &expect![""],
    );
}

#[test]
fn keys_of_services_in_an_outer_container() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, scale: 2, deploy: { replicas: 2 }, extends: base }
",
        &expect![""],
    );
}

#[test]
fn a_check_that_is_turned_off_and_on() {
    check(
        "\
environments:
  one: { outer: { mode: dind, healthcheck: { test: true, disable: true } } }
  two: { outer: { mode: dind, healthcheck: { test: [CDM, \"true\"], retries: -1 } } }
  three: { outer: { mode: dind, healthcheck: { test: [CMD], interval: 1us } } }
",
        &expect![""],
    );
}

#[test]
fn every_grammar_refuses_what_engines_refuse() {
    let wrong = [
        ("user: 'a b'", "nest::invalid_value"),
        ("working_dir: work", "nest::invalid_value"),
        ("cap_add: [SYS_PTRAC]", "nest::unknown_word"),
        ("cap_drop: [EVERYTHING]", "nest::unknown_word"),
        ("security_opt: ['secomp=unconfined']", "nest::unknown_word"),
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
        ("ulimits: { nofiles: 1 }", "nest::unknown_word"),
        ("ulimits: { nofile: { soft: 1 } }", "nest::missing_key"),
        ("ulimits: { nofile: many }", "nest::invalid_value"),
        ("sysctls: { vm.swappiness: 1 }", "nest::invalid_value"),
        ("shm_size: big", "nest::invalid_size"),
        ("cpuset: 3-1", "nest::invalid_value"),
        ("cpu_shares: 1", "nest::invalid_value"),
        ("mem_reservation: -5", "nest::invalid_size"),
        ("memswap_limit: 1g", "nest::missing_key"),
        ("pids_limit: -2", "nest::invalid_value"),
        ("expose: ['80:80']", "nest::invalid_value"),
        ("container_name: -a", "nest::invalid_name"),
        ("network_mode: hots", "nest::unknown_word"),
        ("ipc: sharable", "nest::unknown_word"),
        ("pid: private", "nest::unknown_word"),
        ("cgroup: shared", "nest::unknown_word"),
        ("userns_mode: keep-id", "nest::unknown_word"),
        ("stop_signal: SIGITN", "nest::unknown_word"),
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
