"""What a Service's status says: `lbctl.plan.status`."""

from __future__ import annotations

from ipaddress import ip_address

from lbctl.model.service import Condition, Ingress, IngressPort, IpMode, Protocol
from lbctl.plan.status import READY, RELEASED, failed, provisioned, waiting
from tests.unit.plan.services import WEB

IP = ip_address("203.0.113.7")
PORTS = (IngressPort(80, Protocol.TCP), IngressPort(443, Protocol.TCP))


def test_a_standing_load_balancer_is_ready_and_shows_addresses_with_ports() -> None:
    status = provisioned(WEB, (Ingress(ip=IP, ip_mode=IpMode.VIP),), "mock", has_nodes=True)
    assert status.ingress == (Ingress(ip=IP, ip_mode=IpMode.VIP, ports=PORTS),)
    assert status.condition == Condition(READY, "True", "Provisioned", "the mock load balancer is provisioned", 4)


def test_the_provider_s_own_ports_are_kept() -> None:
    own = (IngressPort(80, Protocol.TCP, "example.com/NoRoom"),)
    assert provisioned(WEB, (Ingress(ip=IP, ports=own),), "mock", has_nodes=True).ingress == (
        Ingress(ip=IP, ports=own),
    )


def test_without_nodes_the_address_is_published_and_the_condition_says_why_nothing_answers() -> None:
    status = provisioned(WEB, (Ingress(ip=IP),), "mock", has_nodes=False)
    assert status.ingress
    assert status.condition is not None
    assert (status.condition.status, status.condition.reason) == ("False", "NoNodes")


def test_waiting_and_failure_leave_what_is_published() -> None:
    for status in (waiting(WEB, "Provisioning", "soon"), failed(WEB, "QuotaExceeded", "no")):
        assert status.ingress is None
        assert status.condition is not None
        assert (status.condition.type, status.condition.status, status.condition.observed_generation) == (
            READY,
            "False",
            4,
        )


def test_a_released_service_shows_nothing_of_ours() -> None:
    assert RELEASED.ingress == ()
    assert RELEASED.condition is None
