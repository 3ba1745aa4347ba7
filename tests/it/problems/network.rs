//! Networks and their addresses.

mod overlap;

use expect_test::expect;

use crate::problems::check;

#[test]
fn what_is_no_subnet_or_no_address() {
    check(
        "\
networks:
  one: { ipam: { config: [{ subnet: 172.30.1.0/16, gateway: 172.30.0.1/16 }] } }
  two: { ipam: { config: [{ subnet: 172.31.0.0 }] } }
  three: { ipam: { config: [{ subnet: all, ip_range: 10.0.0.0/40 }] } }
  four: { ipam: { config: [{ gateway: 10.0.0.1 }] } }
",
        &expect![[r#"
            nest::invalid_subnet

              × `172.30.1.0/16` is no subnet: its first address is another: `172.30.0.0/16`
               ╭─[/home/ann/ci/nest.yaml:2:37]
             1 │ networks:
             2 │   one: { ipam: { config: [{ subnet: 172.30.1.0/16, gateway: 172.30.0.1/16 }] } }
               ·                                     ──────┬──────
               ·                                           ╰── the value of `subnet`
             3 │   two: { ipam: { config: [{ subnet: 172.31.0.0 }] } }
               ╰────
              help: a subnet is written `172.30.0.0/16` or `fd00:1::/64`

            nest::invalid_address

              × `172.30.0.1/16` is no address
               ╭─[/home/ann/ci/nest.yaml:2:61]
             1 │ networks:
             2 │   one: { ipam: { config: [{ subnet: 172.30.1.0/16, gateway: 172.30.0.1/16 }] } }
               ·                                                             ──────┬──────
               ·                                                                   ╰── the value of `gateway`
             3 │   two: { ipam: { config: [{ subnet: 172.31.0.0 }] } }
               ╰────
              help: an address is written `172.30.0.1` or `fd00:1::1`, without a `/` and a length

            nest::invalid_subnet

              × `172.31.0.0` is no subnet: how many bits its addresses share is missing
               ╭─[/home/ann/ci/nest.yaml:3:37]
             2 │   one: { ipam: { config: [{ subnet: 172.30.1.0/16, gateway: 172.30.0.1/16 }] } }
             3 │   two: { ipam: { config: [{ subnet: 172.31.0.0 }] } }
               ·                                     ─────┬────
               ·                                          ╰── the value of `subnet`
             4 │   three: { ipam: { config: [{ subnet: all, ip_range: 10.0.0.0/40 }] } }
               ╰────
              help: a subnet is written `172.30.0.0/16` or `fd00:1::/64`

            nest::invalid_subnet

              × `all` is no subnet: it is no address with a length
               ╭─[/home/ann/ci/nest.yaml:4:39]
             3 │   two: { ipam: { config: [{ subnet: 172.31.0.0 }] } }
             4 │   three: { ipam: { config: [{ subnet: all, ip_range: 10.0.0.0/40 }] } }
               ·                                       ─┬─
               ·                                        ╰── the value of `subnet`
             5 │   four: { ipam: { config: [{ gateway: 10.0.0.1 }] } }
               ╰────
              help: a subnet is written `172.30.0.0/16` or `fd00:1::/64`

            nest::invalid_subnet

              × `10.0.0.0/40` is no subnet: it is no address with a length
               ╭─[/home/ann/ci/nest.yaml:4:54]
             3 │   two: { ipam: { config: [{ subnet: 172.31.0.0 }] } }
             4 │   three: { ipam: { config: [{ subnet: all, ip_range: 10.0.0.0/40 }] } }
               ·                                                      ─────┬─────
               ·                                                           ╰── the value of `ip_range`
             5 │   four: { ipam: { config: [{ gateway: 10.0.0.1 }] } }
               ╰────
              help: a subnet is written `172.30.0.0/16` or `fd00:1::/64`

            nest::missing_key

              × a pool of addresses has no `subnet`
               ╭─[/home/ann/ci/nest.yaml:5:28]
             4 │   three: { ipam: { config: [{ subnet: all, ip_range: 10.0.0.0/40 }] } }
             5 │   four: { ipam: { config: [{ gateway: 10.0.0.1 }] } }
               ·                            ──────────┬──────────
               ·                                      ╰── `subnet` is missing here
               ╰────
              help: say which addresses it has: `subnet: 172.30.0.0/16`
        "#]],
    );
}

#[test]
fn an_address_outside_its_subnet() {
    check(
        "\
networks:
  one:
    ipam:
      config:
        - subnet: 172.30.0.0/16
          gateway: 172.31.0.1
          ip_range: 172.30.4.0/22
          aux_addresses: { router: fd00::1 }
        - subnet: fd00:1::/64
          gateway: fd00:1::1
          ip_range: fd00::/16
",
        &expect![[r#"
            nest::outside_subnet

              × `172.31.0.1` is not in the subnet `172.30.0.0/16`
               ╭─[/home/ann/ci/nest.yaml:6:20]
             4 │       config:
             5 │         - subnet: 172.30.0.0/16
               ·                   ──────┬──────
               ·                         ╰── the subnet
             6 │           gateway: 172.31.0.1
               ·                    ─────┬────
               ·                         ╰── the value of `gateway`
             7 │           ip_range: 172.30.4.0/22
               ╰────
              help: choose one of the subnet's addresses, or another subnet

            nest::outside_subnet

              × `fd00::1` is not in the subnet `172.30.0.0/16`
               ╭─[/home/ann/ci/nest.yaml:8:36]
             4 │       config:
             5 │         - subnet: 172.30.0.0/16
               ·                   ──────┬──────
               ·                         ╰── the subnet
             6 │           gateway: 172.31.0.1
             7 │           ip_range: 172.30.4.0/22
             8 │           aux_addresses: { router: fd00::1 }
               ·                                    ───┬───
               ·                                       ╰── the value of `aux_addresses`
             9 │         - subnet: fd00:1::/64
               ╰────
              help: choose one of the subnet's addresses, or another subnet

            nest::outside_subnet

              × `fd00::/16` is not in the subnet `fd00:1::/64`
                ╭─[/home/ann/ci/nest.yaml:11:21]
              8 │           aux_addresses: { router: fd00::1 }
              9 │         - subnet: fd00:1::/64
                ·                   ─────┬─────
                ·                        ╰── the subnet
             10 │           gateway: fd00:1::1
             11 │           ip_range: fd00::/16
                ·                     ────┬────
                ·                         ╰── the value of `ip_range`
                ╰────
              help: choose one of the subnet's addresses, or another subnet
        "#]],
    );
}

#[test]
fn settings_of_an_external_network() {
    check(
        "\
networks:
  team: { external: true, driver: bridge, mtu: 1400, ipam: {} }
",
        &expect![[r#"
            nest::external_network_settings

              × `driver` says how to make the network `team`, but `external` says that it exists
               ╭─[/home/ann/ci/nest.yaml:2:27]
             1 │ networks:
             2 │   team: { external: true, driver: bridge, mtu: 1400, ipam: {} }
               ·           ────┬───        ───┬──
               ·               │              ╰── nest would not use this
               ·               ╰── because of this
               ╰────
              help: remove `external` to let nest make the network, or remove `driver`

            nest::external_network_settings

              × `mtu` says how to make the network `team`, but `external` says that it exists
               ╭─[/home/ann/ci/nest.yaml:2:43]
             1 │ networks:
             2 │   team: { external: true, driver: bridge, mtu: 1400, ipam: {} }
               ·           ────┬───                        ─┬─
               ·               │                            ╰── nest would not use this
               ·               ╰── because of this
               ╰────
              help: remove `external` to let nest make the network, or remove `mtu`

            nest::external_network_settings

              × `ipam` says how to make the network `team`, but `external` says that it exists
               ╭─[/home/ann/ci/nest.yaml:2:54]
             1 │ networks:
             2 │   team: { external: true, driver: bridge, mtu: 1400, ipam: {} }
               ·           ────┬───                                   ──┬─
               ·               │                                        ╰── nest would not use this
               ·               ╰── because of this
               ╰────
              help: remove `external` to let nest make the network, or remove `ipam`
        "#]],
    );
}

#[test]
fn packets_of_no_size() {
    check(
        "\
networks:
  one: { mtu: 60 }
  two: { mtu: 1400, driver_opts: { com.docker.network.driver.mtu: 1400 } }
",
        &expect![[r#"
            nest::out_of_range

              × `mtu` takes a whole number from 68 to 65535, not `60`
               ╭─[/home/ann/ci/nest.yaml:2:15]
             1 │ networks:
             2 │   one: { mtu: 60 }
               ·               ─┬
               ·                ╰── out of range
             3 │   two: { mtu: 1400, driver_opts: { com.docker.network.driver.mtu: 1400 } }
               ╰────
              help: choose a number in that range

            nest::conflicting_keys

              × a network takes only one of `mtu` and the option `com.docker.network.driver.mtu`
               ╭─[/home/ann/ci/nest.yaml:3:10]
             2 │   one: { mtu: 60 }
             3 │   two: { mtu: 1400, driver_opts: { com.docker.network.driver.mtu: 1400 } }
               ·          ─┬─        ─────┬─────
               ·           │              ╰── or this
               ·           ╰── either this
               ╰────
              help: keep the one that you mean
        "#]],
    );
}
