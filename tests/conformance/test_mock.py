"""The mock provider keeps the contract, in each of its guises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address

from lbctl.model.address import Family, IPAddress
from lbctl.model.loadbalancer import Owner, Wiring
from lbctl.model.resource import Resource, Resources, Value
from lbctl.model.service import Protocol
from lbctl.plan.capabilities import Membership
from lbctl.provider.conformance import CLUSTER, Fault, ProviderConformance, World
from lbctl.provider.conformance.driver import Driver, owner_of
from lbctl.provider.conformance.wishes import web
from lbctl.runtime.clock import FakeClock
from lbctl_mock.cloud import MockCloud
from lbctl_mock.errors import Crash
from lbctl_mock.faults import Fault as MockFault
from lbctl_mock.faults import FaultAt
from lbctl_mock.provider import MockProvider
from lbctl_mock.records import ADDRESS, BALANCER, FIREWALL, LISTENER, NODE_GROUP, POOL, Record, Tags
from lbctl_mock.settings import MockSettings, Quotas, Throttle

_BY_HAND: Mapping[str, Mapping[str, Value]] = {
    ADDRESS: {},
    BALANCER: {"addresses": ()},
    FIREWALL: {"sources": frozenset({"0.0.0.0/0"})},
    POOL: {"node_port": 1},
    LISTENER: {"pool": "elsewhere"},
    NODE_GROUP: {"targets": frozenset({"a-stranger"})},
}


BENCHMARK_IPV4 = IPv4Network("198.18.0.0/15")
"""Source: RFC 2544, appendix C.2.2."""


class MockWorld(World):
    """A mock cloud on a fake clock, with addresses for thousands of Services."""

    crash = Crash

    def __init__(self, settings: MockSettings) -> None:
        self.clock = FakeClock()
        self.settings = settings = settings.model_copy(update={"ipv4_range": BENCHMARK_IPV4})
        self.asynchronous = settings.provisioning_s > 0
        self.cloud = MockCloud(settings, self.clock, pause=self.clock.advance)
        self._ranges: dict[Family, IPv4Network | IPv6Network] = {
            Family.IPV4: settings.ipv4_range,
            Family.IPV6: settings.ipv6_range,
        }
        self._fault = FaultAt(MockFault.THROTTLED, at=10**9)

    def provider(self, cluster: str = CLUSTER) -> MockProvider:
        return MockProvider(self.cloud, self.settings, cluster)

    def now_s(self) -> float:
        return self.clock.monotonic_s()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def calls(self) -> int:
        return self.cloud.calls

    def snapshot_calls(self, seen: Resources) -> int:
        return max(1, -(-len(seen) // self.settings.page_size))

    def inventory(self) -> Mapping[str, str]:
        return {str(one.ref): f"{one.tags} {one.ip} {_text(one.fields)}" for one in self.cloud.everything()}

    def inject(self, fault: Fault, at: int, times: int = 1) -> None:
        self._fault = FaultAt(MockFault[fault.name], at, times)
        self.cloud.faults = self._fault

    def injected(self) -> bool:
        return self._fault.fired

    def remove(self, seen: Resource) -> None:
        self.cloud.vanish(seen.ref)

    def tamper(self, seen: Resource) -> bool:
        changed = _BY_HAND[seen.ref.kind]
        if changed:
            self.cloud.tamper(seen.ref, changed)
        return bool(changed)

    def plant(self, resource: Resource, cluster: str, owner: Owner | None) -> None:
        tags = Tags(cluster, owner.uid, str(owner.key)) if owner else Tags(cluster)
        family = resource.spec.get("family")
        ip = self._ranges[Family(family)][77] if family else None
        self.cloud.plant(Record(resource.ref, tags, resource.spec, ip=ip))

    def requestable(self, family: Family) -> IPAddress | None:
        return self._ranges[family][50]

    def unavailable(self, family: Family) -> IPAddress:
        return ip_address("192.0.2.1" if family is Family.IPV4 else "2001:db9::1")


def _text(fields: Mapping[str, Value]) -> str:
    return json.dumps(
        {name: sorted(value) if isinstance(value, frozenset) else value for name, value in sorted(fields.items())}
    )


class TestPlain(ProviderConformance):
    def make_world(self) -> World:
        return MockWorld(MockSettings())


class TestSlowAndEventuallyConsistent(ProviderConformance):
    def make_world(self) -> World:
        return MockWorld(MockSettings(provisioning_s=30, consistency_s=5, latency_s=0.01, page_size=100))


class TestSharedMembershipDeliveringToTheVip(ProviderConformance):
    def make_world(self) -> World:
        return MockWorld(MockSettings(membership=Membership.SHARED, wiring=Wiring.VIP))


class TestSharedSlowAndEventuallyConsistent(ProviderConformance):
    def make_world(self) -> World:
        return MockWorld(MockSettings(membership=Membership.SHARED, provisioning_s=12, consistency_s=3))


class TestLimited(ProviderConformance):
    """Five ports, TCP only, one family, nothing extra."""

    def make_world(self) -> World:
        return MockWorld(
            MockSettings(
                max_ports=5,
                protocols=frozenset({Protocol.TCP}),
                families=frozenset({Family.IPV4}),
                dual_stack=False,
                mixed_protocols=False,
                source_ranges=False,
                client_ip_affinity=False,
                requested_addresses=False,
                quotas=Quotas(listeners_per_balancer=6),
            )
        )


def test_a_cloud_that_hardly_lets_anybody_in_is_served_in_the_end() -> None:
    world = MockWorld(MockSettings(throttle=Throttle(rate=0.5, burst=4), page_size=2))
    driver = Driver(world)
    service = web(driver.provider.capabilities)
    assert driver.settle(service)
    world.wait(60)
    assert driver.provider.observe(owner_of(service)) == driver.wanted(service)
    driver.settle_gone(service)
    assert world.inventory() == {}
    assert world.cloud.counts["search", "", "Throttled"] > 0
