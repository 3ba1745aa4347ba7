//! Containers on networks, and on those of others.

use expect_test::expect;

use crate::problems::check;

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
        &expect![[r#"
            nest::network_of_another

              × `ports` needs a network of the container's own
               ╭─[/home/ann/ci/nest.yaml:4:59]
             3 │   helper:
             4 │     outer: { mode: dind, network_mode: "service:builder", ports: ["8080:80"], dns: 10.0.0.2 }
               ·                                        ────────┬────────  ──┬──
               ·                                                │            ╰── belongs to the network
               ·                                                ╰── it uses this one
             5 │   bare:
               ╰────
              help: move `ports` to `builder`, whose network this is

            nest::network_of_another

              × `dns` needs a network of the container's own
               ╭─[/home/ann/ci/nest.yaml:4:79]
             3 │   helper:
             4 │     outer: { mode: dind, network_mode: "service:builder", ports: ["8080:80"], dns: 10.0.0.2 }
               ·                                        ────────┬────────                      ─┬─
               ·                                                │                               ╰── belongs to the network
               ·                                                ╰── it uses this one
             5 │   bare:
               ╰────
              help: move `dns` to `builder`, whose network this is

            nest::network_of_another

              × `ports` needs a network of the container's own
               ╭─[/home/ann/ci/nest.yaml:6:46]
             5 │   bare:
             6 │     outer: { mode: dind, network_mode: host, ports: [80] }
               ·                                        ──┬─  ──┬──
               ·                                          │     ╰── belongs to the network
               ·                                          ╰── it uses this one
               ╰────
              help: remove `ports`, which adds nothing: the network is the host's, where all its ports are
                    open
        "#]],
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
        &expect![[r#"
            nest::conflicting_keys

              × a container takes only one of `networks` and `network_mode`
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, network_mode: none, networks: [default] }
               ·                          ──────┬─────        ────┬───
               ·                                │                 ╰── either this
               ·                                ╰── or this
               ╰────
              help: keep the one that you mean
        "#]],
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
        &expect![[r#"
            nest::undeclared_container

              × no environment or service `bilder` is declared
               ╭─[/home/ann/ci/nest.yaml:4:49]
             3 │   helper:
             4 │     outer: { mode: dind, network_mode: "service:bilder", pid: "service:helper", ipc: "container:builder" }
               ·                                                 ───┬──
               ·                                                    ╰── used here
               ╰────
              help: did you mean `builder`?

            nest::invalid_value

              × `pid` does not take `service:helper`: a container cannot share its own
               ╭─[/home/ann/ci/nest.yaml:4:72]
             3 │   helper:
             4 │     outer: { mode: dind, network_mode: "service:bilder", pid: "service:helper", ipc: "container:builder" }
               ·                                                                        ───┬──
               ·                                                                           ╰── here
               ╰────
              help: name another container of the scope, or remove it

            nest::unknown_word

              × `ipc` does not take `container:builder`
               ╭─[/home/ann/ci/nest.yaml:4:86]
             3 │   helper:
             4 │     outer: { mode: dind, network_mode: "service:bilder", pid: "service:helper", ipc: "container:builder" }
               ·                                                                                      ─────────┬─────────
               ·                                                                                               ╰── not known here
               ╰────
              help: it takes `none`, `private`, `shareable`, `host`, or `service:NAME` for that of another
                    container
        "#]],
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
        &expect![[r#"
            nest::outside_subnet

              × `172.31.0.9` is not in the subnet `172.30.0.0/16`
               ╭─[/home/ann/ci/nest.yaml:2:41]
             1 │ networks:
             2 │   backend: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } }
               ·                                         ──────┬──────
               ·                                               ╰── the subnet
             3 │   other: {}
               ╰────
                ╭─[/home/ann/ci/nest.yaml:9:34]
              8 │       networks:
              9 │         backend: { ipv4_address: 172.31.0.9, mac_address: "01:00" }
                ·                                  ─────┬────
                ·                                       ╰── the value of `ipv4_address`
             10 │         other: { ipv4_address: 172.31.0.9 }
                ╰────
              help: choose one of the subnet's addresses, or another subnet

            nest::invalid_value

              × `mac_address` does not take `01:00`: it is not six pairs of hexadecimal digits
                ╭─[/home/ann/ci/nest.yaml:9:59]
              8 │       networks:
              9 │         backend: { ipv4_address: 172.31.0.9, mac_address: "01:00" }
                ·                                                           ───┬───
                ·                                                              ╰── here
             10 │         other: { ipv4_address: 172.31.0.9 }
                ╰────
              help: write six pairs of hexadecimal digits: `02:42:ac:11:65:43`

            nest::address_without_subnet

              × a fixed address needs a subnet, and the network `other` has none
                ╭─[/home/ann/ci/nest.yaml:10:32]
              9 │         backend: { ipv4_address: 172.31.0.9, mac_address: "01:00" }
             10 │         other: { ipv4_address: 172.31.0.9 }
                ·                                ─────┬────
                ·                                     ╰── a fixed address
             11 │         default: { ipv6_address: 172.31.0.9 }
                ╰────
              help: declare it: `networks: { other: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } } }`, or
                    remove the address

            nest::invalid_address

              × `172.31.0.9` is no address
                ╭─[/home/ann/ci/nest.yaml:11:34]
             10 │         other: { ipv4_address: 172.31.0.9 }
             11 │         default: { ipv6_address: 172.31.0.9 }
                ·                                  ─────┬────
                ·                                       ╰── the value of `ipv6_address`
                ╰────
              help: an address is written `172.30.0.1` or `fd00:1::1`, without a `/` and a length
        "#]],
    );
}

#[test]
fn ports_on_networks_that_lead_nowhere() {
    check(
        "\
networks: { one: { internal: true }, two: { internal: true } }
environments:
  builder: { outer: { mode: dind, networks: [one, two], ports: [80] } }
  other: { outer: { mode: dind, networks: [one, default], ports: [80] } }
",
        &expect![[r#"
            nest::ports_on_internal_networks

              × no network of the container leads outside, so its ports cannot be published
               ╭─[/home/ann/ci/nest.yaml:3:57]
             1 │ networks: { one: { internal: true }, two: { internal: true } }
               ·                    ────┬───                 ────┬───
               ·                        │                        ╰── leads nowhere outside
               ·                        ╰── leads nowhere outside
             2 │ environments:
             3 │   builder: { outer: { mode: dind, networks: [one, two], ports: [80] } }
               ·                                                         ──┬──
               ·                                                           ╰── published nowhere
             4 │   other: { outer: { mode: dind, networks: [one, default], ports: [80] } }
               ╰────
              help: attach it to another network too, such as `default`, or remove `internal` or `ports`
        "#]],
    );
}

#[test]
fn replicas_with_one_address() {
    check(
        "\
networks: { backend: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } } }
environments:
  builder:
    outer: { mode: dind, networks: { backend: { ipv4_address: 172.30.0.9 } } }
    replicas: 2
",
        &expect![[r#"
            nest::fixed_with_replicas

              × 2 replicas cannot share one `ipv4_address`
               ╭─[/home/ann/ci/nest.yaml:4:49]
             3 │   builder:
             4 │     outer: { mode: dind, networks: { backend: { ipv4_address: 172.30.0.9 } } }
               ·                                                 ──────┬─────
               ·                                                       ╰── only one container can have it
             5 │     replicas: 2
               ·               ┬
               ·               ╰── several containers
               ╰────
              help: remove `ipv4_address`, so that each replica gets its own, or keep one replica
        "#]],
    );
}
