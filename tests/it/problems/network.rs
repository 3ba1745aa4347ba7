//! Networks and their addresses.

use expect_test::expect;

use crate::front_end::{read, rendered};
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

#[test]
fn networks_of_one_engine_that_overlap() {
    check(
        "\
networks:
  one: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } }
  two: { ipam: { config: [{ subnet: 172.30.4.0/24 }, { subnet: 172.31.0.0/16 }] } }
environments:
  tools:
    outer: socket
    inner: { networks: { three: { ipam: { config: [{ subnet: 172.16.0.0/12 }] } } } }
",
        &expect![[r#"
            nest::overlapping_subnets

              × the subnets `172.30.0.0/16` and `172.30.4.0/24` overlap
               ╭─[/home/ann/ci/nest.yaml:3:37]
             1 │ networks:
             2 │   one: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } }
               ·                                     ──────┬──────
               ·                                           ╰── 172.30.0.0/16
             3 │   two: { ipam: { config: [{ subnet: 172.30.4.0/24 }, { subnet: 172.31.0.0/16 }] } }
               ·                                     ──────┬──────
               ·                                           ╰── shares addresses with the other
             4 │ environments:
               ╰────
              help: give one of them another subnet, or leave it out for a free one

            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:6:12]
             5 │   tools:
             6 │     outer: socket
               ·            ───┬──
               ·               ╰── chosen here
             7 │     inner: { networks: { three: { ipam: { config: [{ subnet: 172.16.0.0/12 }] } } } }
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::overlapping_subnets

              × the subnets `172.30.0.0/16` and `172.16.0.0/12` overlap
               ╭─[/home/ann/ci/nest.yaml:2:37]
             1 │ networks:
             2 │   one: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } }
               ·                                     ──────┬──────
               ·                                           ╰── 172.30.0.0/16
             3 │   two: { ipam: { config: [{ subnet: 172.30.4.0/24 }, { subnet: 172.31.0.0/16 }] } }
               ╰────
               ╭─[/home/ann/ci/nest.yaml:7:62]
             6 │     outer: socket
             7 │     inner: { networks: { three: { ipam: { config: [{ subnet: 172.16.0.0/12 }] } } } }
               ·                                                              ──────┬──────
               ·                                                                    ╰── shares addresses with the other
               ╰────
              help: give one of them another subnet, or leave it out for a free one
        "#]],
    );
}

#[test]
fn an_engine_inside_with_addresses_of_the_network_outside() {
    check(
        "\
networks: { default: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } } }
environments:
  builder:
    outer:
      mode: dind
      daemon: { bip: 172.30.9.1/24, default-address-pools: [{ base: 172.16.0.0/12, size: 24 }] }
",
        &expect![[r#"
            nest::overlaps_outside

              × `172.30.9.0/24` inside overlaps `172.30.0.0/16` outside
               ╭─[/home/ann/ci/nest.yaml:1:51]
             1 │ networks: { default: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } } }
               ·                                                   ──────┬──────
               ·                                                         ╰── outside
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:6:22]
             5 │       mode: dind
             6 │       daemon: { bip: 172.30.9.1/24, default-address-pools: [{ base: 172.16.0.0/12, size: 24 }] }
               ·                      ──────┬──────
               ·                            ╰── inside
               ╰────
              help: give one of them other addresses: from inside, those outside could not be reached

            nest::overlaps_outside

              × `172.16.0.0/12` inside overlaps `172.30.0.0/16` outside
               ╭─[/home/ann/ci/nest.yaml:1:51]
             1 │ networks: { default: { ipam: { config: [{ subnet: 172.30.0.0/16 }] } } }
               ·                                                   ──────┬──────
               ·                                                         ╰── outside
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:6:69]
             5 │       mode: dind
             6 │       daemon: { bip: 172.30.9.1/24, default-address-pools: [{ base: 172.16.0.0/12, size: 24 }] }
               ·                                                                     ──────┬──────
               ·                                                                           ╰── inside
               ╰────
              help: give one of them other addresses: from inside, those outside could not be reached
        "#]],
    );
}

#[test]
fn networks_inside_that_overlap_those_outside() {
    let inside = |subnet: &str| {
        let daemon = "daemon: { default-address-pools: [{ base: 10.40.0.0/16, size: 24 }] }";
        let network = |subnet: &str| {
            format!("networks: {{ back: {{ ipam: {{ config: [{{ subnet: {subnet} }}] }} }} }}")
        };
        let deeper = format!(
            "deeper: {{ outer: dind, inner: {{ {} }} }}",
            network(subnet)
        );
        let builder = format!(
            "builder: {{ outer: {{ mode: dind, {daemon} }}, inner: {{ {}, environments: {{ {deeper} }} }} }}",
            network("10.40.1.0/24"),
        );
        let other = format!(
            "other: {{ outer: dind, inner: {{ {} }} }}",
            network("10.40.1.0/24")
        );
        rendered(&read(format!("environments: {{ {builder}, {other} }}")))
    };
    let overlaps = |subnet: &str| inside(subnet).matches("nest::overlaps_outside").count();
    assert_eq!(overlaps("10.40.2.0/24"), 1, "a pool outside");
    assert_eq!(overlaps("10.0.0.0/8"), 1, "all of it");
    assert_eq!(overlaps("10.50.0.0/16"), 0, "{}", inside("10.50.0.0/16"));
}

#[test]
fn packets_fit_to_the_networks_that_an_environment_is_on() {
    let inside = |networks: &str| {
        let shown = rendered(&read(format!(
            "{{ networks: {{ default: {{ mtu: 1500 }}, back: {{ mtu: 1400 }} }}, \
             environments: {{ builder: {{ outer: {{ mode: dind, daemon: {{ mtu: 1450 }}{networks} }} }} }} }}"
        )));
        shown.matches("nest::mtu_above_outer").count()
    };
    assert_eq!(inside(""), 0);
    assert_eq!(inside(", networks: [back]"), 1);
    assert_eq!(inside(", networks: [default, back]"), 1);
    assert_eq!(inside(", networks: [default]"), 0);
}

#[test]
fn packets_inside_that_do_not_fit_outside() {
    check(
        "\
networks: { default: { mtu: 1400 }, back: { mtu: 9000 } }
environments:
  builder:
    outer: { mode: dind, daemon: { mtu: 1450 } }
    inner:
      networks: { back: { mtu: 1400 } }
      environments:
        deeper: { outer: dind, inner: { networks: { back: { mtu: 1500 } } } }
",
        &expect![[r#"
            nest::mtu_above_outer

              × packets of 1450 bytes inside do not fit the 1400 bytes outside
               ╭─[/home/ann/ci/nest.yaml:4:41]
             1 │ networks: { default: { mtu: 1400 }, back: { mtu: 9000 } }
               ·                             ──┬─
               ·                               ╰── the network outside
             2 │ environments:
             3 │   builder:
             4 │     outer: { mode: dind, daemon: { mtu: 1450 } }
               ·                                         ──┬─
               ·                                           ╰── larger packets inside
             5 │     inner:
               ╰────
              help: set the inner one to 1400 or less, or leave it out

            nest::mtu_above_outer

              × packets of 1500 bytes inside do not fit the 1400 bytes outside
               ╭─[/home/ann/ci/nest.yaml:1:29]
             1 │ networks: { default: { mtu: 1400 }, back: { mtu: 9000 } }
               ·                             ──┬─
               ·                               ╰── the network outside
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:8:66]
             7 │       environments:
             8 │         deeper: { outer: dind, inner: { networks: { back: { mtu: 1500 } } } }
               ·                                                                  ──┬─
               ·                                                                    ╰── larger packets inside
               ╰────
              help: set the inner one to 1400 or less, or leave it out
        "#]],
    );
}
