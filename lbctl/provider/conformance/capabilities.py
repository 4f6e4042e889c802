"""Chapter 7: what a provider claims it keeps; what it does not claim is refused, never dropped in silence."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from lbctl.model.address import Family, family_of
from lbctl.model.errors import PermanentError
from lbctl.model.service import Ingress, Protocol, Service, TrafficPolicy
from lbctl.plan.translate import Rejected, translate
from lbctl.provider.conformance.base import Conformance, assert_done, require
from lbctl.provider.conformance.driver import Driver
from lbctl.provider.conformance.wishes import BOTH, HOME, OFFICE, dual_stack, port

each_family = pytest.mark.parametrize("family", list(Family), ids=lambda one: one.value)


class CapabilityConformance(Conformance):
    """Claims and refusals."""

    @pytest.mark.parametrize("protocol", list(Protocol), ids=lambda one: one.value)
    def test_a_protocol(self, protocol: Protocol) -> None:
        service = replace(self.web(), ports=(port(5060, protocol),))
        if protocol not in self.can.protocols:
            self._assert_refused(service, "UnsupportedProtocol")
            return
        self._assert_served(service)

    def test_mixed_protocols_on_one_port(self) -> None:
        if not {Protocol.TCP, Protocol.UDP} <= self.can.protocols:
            pytest.skip("the provider claims: not both of TCP and UDP")
        service = replace(self.web(), ports=(port(53), port(53, Protocol.UDP)))
        if not self.can.mixed_protocols:
            self._assert_refused(service, "MixedProtocols")
            return
        self._assert_served(service)
        self._assert_told_apart(service, *(replace(service, ports=(one,)) for one in service.ports))

    def test_no_port_is_dropped(self) -> None:
        service = self.web()
        if len(service.ports) < 2:
            pytest.skip("the provider claims: one port only")
        self._assert_told_apart(service, *(replace(service, ports=(one,)) for one in service.ports))

    def test_the_health_check_of_traffic_policy_local_is_the_service_s_own(self) -> None:
        local = replace(self.web(), external_traffic_policy=TrafficPolicy.LOCAL, health_check_node_port=31998)
        self._assert_told_apart(self.web(), local, replace(local, health_check_node_port=31999))

    @each_family
    def test_a_family(self, family: Family) -> None:
        service = replace(self.web(), ip_families=(family,))
        if family not in self.can.families:
            self._assert_refused(service, "UnsupportedFamily")
            return
        for one in self._assert_served(service):
            assert one.ip is None or family_of(one.ip) is family

    @pytest.mark.parametrize("families", [BOTH, BOTH[::-1]], ids=["ipv4-first", "ipv6-first"])
    def test_dual_stack(self, families: tuple[Family, ...]) -> None:
        service = replace(self.web(), ip_families=families, ip_family_policy="RequireDualStack")
        if dual_stack(self.can):
            self._assert_refused(service, "DualStackNotSupported", "UnsupportedFamily")
            return
        found = tuple(family_of(one.ip) for one in self._assert_served(service) if one.ip is not None)
        assert found in ((), families), "the Service's first family comes first"

    def test_source_ranges(self) -> None:
        service = replace(self.web(), source_ranges=(OFFICE, HOME))
        if not self.can.source_ranges:
            self._assert_refused(service, "SourceRangesNotSupported")
            return
        self._assert_served(service)
        text = str(sorted(map(str, Driver(self.world).wanted(service).values())))
        assert OFFICE in text
        assert HOME in text

    def test_client_ip_affinity(self) -> None:
        service = replace(self.web(), client_ip_affinity_s=10800)
        if not self.can.client_ip_affinity:
            self._assert_refused(service, "AffinityNotSupported")
            return
        self._assert_served(service)
        self._assert_told_apart(service, self.web(), replace(service, client_ip_affinity_s=60))

    def test_the_port_limit(self) -> None:
        require("" if self.can.max_ports else "no port limit")
        most = self.can.max_ports or 0
        protocol = self.web().ports[0].protocol
        full = replace(self.web(), ports=tuple(port(8000 + one, protocol) for one in range(most)))
        self._assert_served(full)
        over = replace(full, ports=(*full.ports, port(9999, protocol)))
        refused = self._assert_refused(over, "TooManyPorts")
        assert f"{most + 1} ports" in refused.message
        assert str(most) in refused.message

    def test_a_port_of_a_full_service_can_be_replaced(self) -> None:
        """Creates come before deletes, so for a moment there is one more; the cloud's own limit must allow it."""
        require("" if self.can.max_ports else "no port limit")
        protocol = self.web().ports[0].protocol
        ports = tuple(port(8000 + one, protocol) for one in range(self.can.max_ports or 0))
        self._assert_served(replace(self.web(), ports=ports))
        self._assert_served(replace(self.web(), ports=(*ports[1:], port(9999, protocol))))

    @each_family
    def test_a_requested_address(self, family: Family) -> None:
        require("" if family in self.can.families else f"no {family.value}")
        address = self.world.requestable(family)
        asked = replace(self.web(), ip_families=(family,), load_balancer_ip=str(address or "192.0.2.9"))
        if not self.can.requested_addresses and family is Family.IPV4:
            self._assert_refused(asked, "AddressNotSupported")
            return
        if address is None:
            pytest.skip("the world names no address to ask for")
        assert [one.ip for one in self._assert_served(asked)] == [address]

    @each_family
    def test_an_address_that_cannot_be_given_is_refused_by_name(self, family: Family) -> None:
        require("" if self.can.requested_addresses and family in self.can.families else "no requested addresses")
        address = self.world.unavailable(family)
        asked = replace(self.web(), ip_families=(family,), load_balancer_ip=str(address))
        driver = Driver(self.world)
        with pytest.raises(PermanentError) as caught:
            driver.settle(asked)
        assert str(address) in caught.value.message
        assert caught.value.reason.isidentifier()
        driver.settle_gone(asked)
        driver.release_shared()
        assert self.world.inventory() == {}, "a refused Service leaves something behind"

    def test_an_address_that_another_service_has_is_refused_and_that_one_keeps_it(self) -> None:
        family = self.web().ip_families[0]
        address = self.world.requestable(family)
        if address is None or not self.can.requested_addresses:
            pytest.skip("the provider claims: no requested addresses")
        first = replace(self.web(1), load_balancer_ip=str(address))
        second = replace(self.web(2), load_balancer_ip=str(address))
        driver = Driver(self.world)
        driver.settle(first)
        with pytest.raises(PermanentError) as caught:
            driver.settle(second)
        assert str(address) in caught.value.message
        assert_done(driver, first)
        driver.settle_gone(second)
        driver.settle_gone(first)
        assert [one.ip for one in driver.settle(second)] == [address], "free again, it can be had"

    def test_an_address_can_be_asked_for_later(self) -> None:
        """Also the one that the Service has already."""
        family = self.web().ip_families[0]
        address = self.world.requestable(family)
        if address is None or not self.can.requested_addresses:
            pytest.skip("the provider claims: no requested addresses")
        driver, service = Driver(self.world), self.web()
        had = driver.settle(service)[0].ip
        assert [one.ip for one in driver.settle(replace(service, load_balancer_ip=str(had)))] == [had]
        assert [one.ip for one in driver.settle(replace(service, load_balancer_ip=str(address)))] == [address]
        assert_done(driver, replace(service, load_balancer_ip=str(address)))

    def _assert_served(self, service: Service) -> tuple[Ingress, ...]:
        driver = Driver(self.world)
        ingress = driver.settle(service)
        assert_done(driver, service)
        assert ingress
        return ingress

    def _assert_told_apart(self, *services: Service) -> None:
        """No two of them are rendered alike: what makes the difference is not lost on the way."""
        driver = Driver(self.world)
        for one, other in combinations(services, 2):
            assert driver.wanted(one) != driver.wanted(other), f"rendered alike: {one} and {other}"

    def _assert_refused(self, service: Service, *reasons: str) -> Rejected:
        answer = translate(service, (), self.can)
        assert isinstance(answer, Rejected)
        assert answer.reason in reasons
        assert str(service.key) in answer.message
        return answer
