"""The mock provider's own promises beyond the contract: exact call budgets, addresses, error texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv4Network, ip_address

import pytest

from lbctl.model.address import Family
from lbctl.model.errors import PermanentError, TemporaryError
from lbctl.model.loadbalancer import Backend, LoadBalancer
from lbctl.model.resource import NOTHING, Ref
from lbctl.model.service import Ingress, IpMode, ObjectKey, Service, ServicePort, ServiceType, Uid
from lbctl.plan.capabilities import Membership
from lbctl.plan.diff import diff
from lbctl.plan.steps import Create
from lbctl.plan.translate import translate
from lbctl_mock.cloud import MockCloud
from lbctl_mock.errors import CloudError
from lbctl_mock.faults import Fault, FaultAt
from lbctl_mock.provider import MockProvider
from lbctl_mock.records import Record, Tags
from lbctl_mock.settings import MockSettings, Quotas

NODES = tuple(Backend(f"node-{number}", f"mock://node-{number}") for number in (1, 2, 3))
PLAIN = MockSettings()


def provider(settings: MockSettings = PLAIN) -> MockProvider:
    return MockProvider(MockCloud(settings), settings, "c1")


def service(number: int = 1) -> Service:
    return Service(
        key=ObjectKey("shop", f"web-{number}"),
        uid=Uid(f"uid-{number}"),
        type=ServiceType.LOAD_BALANCER,
        ports=(ServicePort(80, name="http", node_port=30080), ServicePort(443, name="https", node_port=30443)),
    )


def wanted(mock: MockProvider, what: Service, nodes: tuple[Backend, ...] = NODES) -> LoadBalancer:
    lb = translate(what, nodes, mock.capabilities)
    assert isinstance(lb, LoadBalancer)
    return lb


def reconcile(mock: MockProvider, what: Service, nodes: tuple[Backend, ...] = NODES) -> Counter[tuple[str, str, str]]:
    """One pass; the calls it cost."""
    before = mock.cloud.counts
    lb = wanted(mock, what, nodes)
    for step in diff(mock.render(lb), mock.observe(lb.owner)).steps:
        mock.apply(step)
    return mock.cloud.counts - before


def delete(mock: MockProvider, what: Service) -> Counter[tuple[str, str, str]]:
    before = mock.cloud.counts
    owner = wanted(mock, what).owner
    for step in diff(NOTHING, mock.observe(owner)).steps:
        mock.apply(step)
    assert mock.observe(owner) == NOTHING
    return mock.cloud.counts - before


def test_create_of_a_two_port_service_costs_seven_calls() -> None:
    assert reconcile(provider(), service()) == {
        ("search", "", "ok"): 1,
        ("create", "address", "ok"): 1,
        ("create", "balancer", "ok"): 1,
        ("create", "pool", "ok"): 2,
        ("create", "listener", "ok"): 2,
    }


def test_a_second_pass_costs_one_read() -> None:
    mock = provider()
    reconcile(mock, service())
    assert reconcile(mock, service()) == {("search", "", "ok"): 1}


def test_delete_of_a_two_port_service_costs_six_writes_and_two_reads() -> None:
    mock = provider()
    reconcile(mock, service())
    assert delete(mock, service()) == {
        ("search", "", "ok"): 2,
        ("delete", "listener", "ok"): 2,
        ("delete", "pool", "ok"): 2,
        ("delete", "balancer", "ok"): 1,
        ("delete", "address", "ok"): 1,
    }


def test_a_resync_of_a_thousand_services_costs_twelve_calls_and_a_joining_node_two_thousand_writes() -> None:
    mock = provider(MockSettings(ipv4_range=IPv4Network("198.18.0.0/15")))
    services = [service(number) for number in range(1000)]
    for one in services:
        reconcile(mock, one)
    before = mock.cloud.counts
    seen = mock.snapshot().by_owner()
    assert not [one for one in services if diff(mock.render(wanted(mock, one)), seen[one.uid])]
    assert mock.cloud.counts - before == {("search", "", "ok"): 12}, "6000 resources, 500 a page"
    more = (*NODES, Backend("node-4"))
    for one in services:
        for step in diff(mock.render(wanted(mock, one, more)), seen[one.uid]).steps:
            mock.apply(step)
    assert mock.cloud.counts - before == {("search", "", "ok"): 12, ("update", "pool", "ok"): 2000}


def test_with_shared_membership_a_joining_node_costs_one_write_whatever_the_number_of_services() -> None:
    mock = provider(MockSettings(membership=Membership.SHARED))
    for step in diff(mock.render_shared(NODES), mock.observe(None)).steps:
        mock.apply(step)
    services = [service(number) for number in range(20)]
    for one in services:
        reconcile(mock, one)
    more = (*NODES, Backend("node-4"))
    before = mock.cloud.counts
    seen = mock.snapshot().by_owner()
    plans = [diff(mock.render_shared(more), seen[None])]
    plans.extend(diff(mock.render(wanted(mock, one, more)), seen[one.uid]) for one in services)
    for plan in plans:
        for step in plan.steps:
            mock.apply(step)
    assert mock.cloud.counts - before == {("search", "", "ok"): 1, ("update", "node-group", "ok"): 1}


def test_source_ranges_stand_before_a_listener_opens() -> None:
    mock = provider()
    reconcile(mock, replace(service(), source_ranges=("198.51.100.0/24",)))
    made = [one.kind for one in mock.cloud.log() if one.verb == "create"]
    assert made.index("firewall") < made.index("listener")
    delete(mock, service())
    gone = [one.kind for one in mock.cloud.log() if one.verb == "delete"]
    assert gone.index("firewall") > gone.index("listener")


def test_addresses_come_from_the_documentation_ranges_in_the_order_of_the_families() -> None:
    mock = provider(MockSettings(ip_mode=IpMode.PROXY))
    dual = replace(service(), ip_families=(Family.IPV6, Family.IPV4))
    reconcile(mock, dual)
    assert mock.ingress(mock.observe(wanted(mock, dual).owner)) == (
        Ingress(ip=ip_address("2001:db8::1"), ip_mode=IpMode.PROXY),
        Ingress(ip=ip_address("203.0.113.1"), ip_mode=IpMode.PROXY),
    )


def test_a_lost_address_is_chosen_again_if_the_status_still_shows_it() -> None:
    mock = provider()
    for number in (1, 2, 3):
        reconcile(mock, service(number))
    mock.cloud.vanish(Ref("address", "c1-uid-1-ipv4"))
    mock.cloud.vanish(Ref("address", "c1-uid-2-ipv4"))
    shown = replace(service(2), ingress=(Ingress(ip=ip_address("203.0.113.2")),))
    reconcile(mock, shown)
    assert mock.ingress(mock.observe(wanted(mock, shown).owner)) == (
        Ingress(ip=ip_address("203.0.113.2"), ip_mode=IpMode.VIP),
    )


@pytest.mark.parametrize(
    ("fault", "reason", "retry_after_s"),
    [
        (Fault.THROTTLED, "Throttled", 1.0),
        (Fault.SERVER_ERROR, "ServerError", None),
        (Fault.LOST_RESPONSE, "Timeout", None),
    ],
)
def test_what_time_heals_is_a_temporary_error(fault: Fault, reason: str, retry_after_s: float | None) -> None:
    mock = provider()
    mock.cloud.faults = FaultAt(fault, at=1)
    first = diff(mock.render(wanted(mock, service())), NOTHING).steps[0]
    with pytest.raises(TemporaryError, match="create address/c1-uid-1-ipv4: ") as caught:
        mock.apply(first)
    assert (caught.value.reason, caught.value.retry_after_s) == (reason, retry_after_s)
    assert isinstance(caught.value.__cause__, CloudError)


def test_a_quota_is_a_permanent_error_with_a_remedy() -> None:
    mock = provider(MockSettings(quotas=Quotas(balancers=0)))
    with pytest.raises(PermanentError, match=r"balancer/c1-uid-1: .* allows 0 balancers; raise the quota") as caught:
        reconcile(mock, service())
    assert caught.value.reason == "QuotaExceeded"


def test_an_address_out_of_range_is_refused_by_render_and_names_the_service() -> None:
    mock = provider()
    asked = replace(service(), load_balancer_ip="192.0.2.1")
    with pytest.raises(PermanentError, match=r"Service shop/web-1: .* 192\.0\.2\.1 .* 203\.0\.113\.0/24; request"):
        mock.render(wanted(mock, asked))


def test_a_name_taken_by_a_stranger_is_a_permanent_error_that_says_whose_it_is() -> None:
    mock = provider()
    (first, *_) = mock.render(wanted(mock, service())).of_kind("address")
    mock.cloud.plant(Record(first.ref, Tags("c2", "uid-9", "bank/vault"), first.spec))
    with pytest.raises(PermanentError, match="bank/vault in cluster c2") as caught:
        mock.apply(Create(first))
    assert caught.value.reason == "NotYours"
