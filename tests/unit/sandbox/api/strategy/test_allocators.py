"""ClusterIP and node port allocation: nothing is given twice, what is freed comes back, bands are kept."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lbctl.sandbox.api.strategy.service.allocators import AllocationRefused, ClusterIPs, NodePorts, RangeFull
from lbctl.sandbox.api.strategy.service.pool import BandedRange, RandomPool, static_band


class PoolAgainstSet(RuleBasedStateMachine):
    """A RandomPool behaves as a set of taken numbers."""

    @initialize(size=st.integers(0, 12), seed=st.integers(0, 1000))
    def build(self, size: int, seed: int) -> None:
        self.size = size
        self.pool = RandomPool(size, Random(seed))
        self.taken: set[int] = set()

    @rule(number=st.integers(-1, 13))
    def take(self, number: int) -> None:
        if 0 <= number < self.size:
            assert self.pool.take(number) == (number not in self.taken)
            self.taken.add(number)

    @rule()
    def draw(self) -> None:
        number = self.pool.draw()
        if len(self.taken) == self.size:
            assert number is None
        else:
            assert number is not None
            assert number not in self.taken
            self.taken.add(number)

    @rule(number=st.integers(-1, 13))
    def give_back(self, number: int) -> None:
        self.pool.give_back(number)
        self.taken.discard(number)

    @invariant()
    def same_members(self) -> None:
        if hasattr(self, "pool"):
            assert {number for number in range(-1, self.size + 1) if number in self.pool} == self.taken
            assert self.pool.free == self.size - len(self.taken)


TestPoolAgainstSet = PoolAgainstSet.TestCase
TestPoolAgainstSet.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(size=st.integers(1, 60), static=st.integers(0, 60), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_draws_exhaust_the_upper_band_before_they_touch_the_lower(size: int, static: int, seed: int) -> None:
    band = BandedRange(size, min(static, size), Random(seed))
    drawn = [band.draw() for _ in range(size)]
    assert band.draw() is None
    assert sorted(number for number in drawn if number is not None) == list(range(size))
    upper = drawn[: size - band.static]
    assert all(number is not None and number >= band.static for number in upper)


@pytest.mark.parametrize(
    ("network", "first_dynamic"),
    [
        pytest.param("10.96.0.0/16", "10.96.1.1", id="a-16-keeps-the-most-256"),
        pytest.param("10.96.0.0/24", "10.96.0.17", id="a-24-keeps-a-sixteenth"),
        pytest.param("10.96.0.0/27", "10.96.0.17", id="a-27-keeps-the-least-16"),
        pytest.param("10.96.0.0/28", "10.96.0.1", id="a-28-keeps-none"),
        pytest.param("fd00:10:96::/112", "fd00:10:96::101", id="v6-112"),
        pytest.param("fd00:10:96::/64", "fd00:10:96::101", id="v6-64"),
    ],
)
def test_static_band_of_cluster_ips_follows_kep_3070(network: str, first_dynamic: str) -> None:
    assert ClusterIPs(ip_network(network), Random(0)).first_dynamic == ip_address(first_dynamic)


@pytest.mark.parametrize(
    ("ports", "first_dynamic"),
    [
        pytest.param(range(30000, 32768), 30086, id="default"),
        pytest.param(range(30000, 30016), 30000, id="sixteen-ports-keep-none"),
        pytest.param(range(30000, 30100), 30016, id="hundred-ports-keep-the-least-16"),
        pytest.param(range(20000, 40000), 20128, id="many-ports-keep-the-most-128"),
    ],
)
def test_static_band_of_node_ports_follows_kep_3668(ports: range, first_dynamic: int) -> None:
    assert NodePorts(ports, Random(0)).first_dynamic == first_dynamic


def test_a_static_band_never_covers_a_range_of_the_least_size() -> None:
    assert [static_band(size, least=16, most=256, share=16) for size in (4, 16, 17, 65536)] == [0, 0, 16, 256]


def test_every_usable_ipv4_address_is_drawn_once_and_neither_network_nor_broadcast() -> None:
    ips = ClusterIPs(IPv4Network("10.0.0.0/27"), Random(3))
    drawn = [ips.draw() for _ in range(30)]
    assert sorted(drawn) == list(IPv4Network("10.0.0.0/27").hosts())
    with pytest.raises(RangeFull, match=r"^range is full$"):
        ips.draw()


def test_the_last_address_of_an_ipv6_range_is_usable() -> None:
    ips = ClusterIPs(IPv6Network("fd00::/124"), Random(3))
    ips.take(ip_address("fd00::f"))
    assert ips.free == 14


def test_drawing_from_an_ipv6_range_of_2_to_the_64_is_immediate_and_within_it() -> None:
    ips = ClusterIPs(IPv6Network("fd00:10:96::/64"), Random(3))
    drawn = {ips.draw() for _ in range(500)}
    assert len(drawn) == 500
    assert all(one in ips.network for one in drawn)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("10.0.0.0", id="network-address"),
        pytest.param("10.0.0.255", id="broadcast-address"),
        pytest.param("10.0.1.1", id="beyond"),
        pytest.param("fd00::1", id="other-family"),
    ],
)
def test_an_address_outside_the_range_is_refused_with_the_range(address: str) -> None:
    ips = ClusterIPs(IPv4Network("10.0.0.0/24"), Random(0))
    with pytest.raises(AllocationRefused) as refusal:
        ips.take(ip_address(address))
    expected = f"the provided IP ({address}) is not in the valid range. The range of valid IPs is 10.0.0.0/24"
    assert str(refusal.value) == expected


def test_a_taken_address_is_refused_until_it_is_given_back() -> None:
    ips = ClusterIPs(IPv4Network("10.0.0.0/24"), Random(0))
    wanted = ip_address("10.0.0.10")
    ips.take(wanted)
    with pytest.raises(AllocationRefused, match=r"^provided IP is already allocated$"):
        ips.take(wanted)
    ips.give_back(wanted)
    ips.take(wanted)
    assert wanted in ips


def test_restoring_twice_is_restoring_once_and_foreign_values_are_ignored() -> None:
    ips, ports = ClusterIPs(IPv4Network("10.0.0.0/24"), Random(0)), NodePorts(range(30000, 30100), Random(0))
    for _ in range(2):
        ips.restore(ip_address("10.0.0.10"))
        ips.restore(ip_address("192.0.2.1"))
        ports.restore(30050)
        ports.restore(80)
    assert (ips.free, ports.free) == (253, 99)


@pytest.mark.parametrize("port", [0, 80, 29999, 32768])
def test_a_port_outside_the_range_is_refused_with_the_range(port: int) -> None:
    with pytest.raises(AllocationRefused) as refusal:
        NodePorts(range(30000, 32768), Random(0)).take(port)
    expected = "provided port is not in the valid range. The range of valid ports is 30000-32767"
    assert str(refusal.value) == expected


def test_a_taken_port_is_refused_and_a_full_range_says_so() -> None:
    ports = NodePorts(range(30000, 30004), Random(0))
    ports.take(30001)
    with pytest.raises(AllocationRefused, match=r"^provided port is already allocated$"):
        ports.take(30001)
    assert {ports.draw() for _ in range(3)} == {30000, 30002, 30003}
    with pytest.raises(RangeFull):
        ports.draw()
