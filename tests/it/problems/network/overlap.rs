//! Networks of one engine, and of engines inside each other, beside each other.

use expect_test::expect;

use crate::front_end::{read, rendered};
use crate::problems::check;

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
