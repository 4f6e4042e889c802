"""What a Service asks for, and what is refused: `lbctl.plan.translate`."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from lbctl.model.address import Family
from lbctl.model.loadbalancer import Backend, HealthCheck, Listener, LoadBalancer, Owner, Wiring
from lbctl.model.node import AUTOSCALER_TAINT, EXCLUDE_LABEL, ZONE_LABEL, Node
from lbctl.model.service import Ingress, Protocol, Service, ServicePort, TrafficPolicy
from lbctl.plan.capabilities import Capabilities
from lbctl.plan.translate import (
    ADDRESSES_ANNOTATION,
    SOURCE_RANGES_ANNOTATION,
    Rejected,
    backends_of,
    translate,
)
from tests.unit.plan.services import ALL, WEB

DUAL = replace(WEB, ip_families=(Family.IPV6, Family.IPV4), ip_family_policy="PreferDualStack")
UDP = replace(WEB, ports=(ServicePort(53, Protocol.UDP, "dns", node_port=30053),))
MIXED = replace(WEB, ports=(*WEB.ports, ServicePort(53, Protocol.UDP, "dns", node_port=30053)))
LOCAL = replace(WEB, external_traffic_policy=TrafficPolicy.LOCAL, health_check_node_port=31999)
TCP_ONLY = replace(ALL, protocols=frozenset({Protocol.TCP}))
IPV4_ONLY = replace(ALL, families=frozenset({Family.IPV4}))
SINGLE = replace(ALL, dual_stack=False)


def wanted(service: Service, can: Capabilities = ALL, backends: tuple[Backend, ...] = ()) -> LoadBalancer:
    answer = translate(service, backends, can)
    assert isinstance(answer, LoadBalancer), answer
    return answer


def test_a_plain_service_becomes_a_load_balancer_field_by_field() -> None:
    nodes = (Backend("node-1"),)
    assert wanted(WEB, backends=nodes) == LoadBalancer(
        owner=Owner(WEB.key, WEB.uid),
        families=(Family.IPV4,),
        listeners=(
            Listener(80, Protocol.TCP, 30080, "http"),
            Listener(443, Protocol.TCP, 30443, "https"),
        ),
        backends=nodes,
        health_check=HealthCheck(port=10256),
    )


@pytest.mark.parametrize(
    ("service", "can", "reason", "words"),
    [
        pytest.param(
            replace(WEB, ports=WEB.ports * 3),
            replace(ALL, max_ports=5, max_ports_remedy="use two Services"),
            "TooManyPorts",
            ["6 ports", "allows 5", "use two Services"],
            id="six ports where five are allowed",
        ),
        pytest.param(UDP, TCP_ONLY, "UnsupportedProtocol", ["TCP", "UDP"], id="UDP where only TCP is offered"),
        pytest.param(
            MIXED, replace(ALL, mixed_protocols=False), "MixedProtocols", ["mix"], id="TCP and UDP where one is allowed"
        ),
        pytest.param(
            replace(WEB, ip_families=(Family.IPV6,)),
            IPV4_ONLY,
            "UnsupportedFamily",
            ["IPv4", "IPv6"],
            id="IPv6 where only IPv4 is offered",
        ),
        pytest.param(
            replace(DUAL, ip_family_policy="RequireDualStack"),
            SINGLE,
            "DualStackNotSupported",
            ["PreferDualStack"],
            id="both families required of a single-stack provider",
        ),
        pytest.param(
            replace(DUAL, ip_family_policy="RequireDualStack"),
            IPV4_ONLY,
            "DualStackNotSupported",
            ["single-stack"],
            id="both families required where one is offered",
        ),
        pytest.param(
            replace(WEB, ports=(ServicePort(80),)),
            ALL,
            "MissingNodePort",
            ["port 80", "allocateLoadBalancerNodePorts"],
            id="no nodePort where packets go to nodePorts",
        ),
        pytest.param(
            replace(LOCAL, health_check_node_port=0),
            ALL,
            "MissingHealthCheckNodePort",
            ["healthCheckNodePort"],
            id="traffic policy Local without its health check port",
        ),
        pytest.param(
            replace(WEB, client_ip_affinity_s=60),
            replace(ALL, client_ip_affinity=False),
            "AffinityNotSupported",
            ["sessionAffinity"],
            id="affinity where there is none",
        ),
        pytest.param(
            replace(WEB, source_ranges=("198.51.100.0/24",)),
            replace(ALL, source_ranges=False),
            "SourceRangesNotSupported",
            ["loadBalancerSourceRanges"],
            id="source ranges where there is no filter",
        ),
        pytest.param(
            replace(WEB, annotations={SOURCE_RANGES_ANNOTATION: "198.51.100.0/24"}),
            replace(ALL, source_ranges=False),
            "SourceRangesNotSupported",
            ["loadBalancerSourceRanges"],
            id="source ranges of the annotation where there is no filter",
        ),
        pytest.param(
            replace(WEB, source_ranges=("198.51.100.0/24", "everyone")),
            ALL,
            "InvalidSourceRange",
            ["'everyone'"],
            id="a source range that is none",
        ),
        pytest.param(
            replace(WEB, load_balancer_ip="203.0.113.9"),
            replace(ALL, requested_addresses=False),
            "AddressNotSupported",
            ["remove the request"],
            id="an address asked of a provider that cannot be asked",
        ),
        pytest.param(
            replace(WEB, load_balancer_ip="203.0.113"),
            ALL,
            "InvalidAddress",
            ["'203.0.113'"],
            id="an address that is none",
        ),
        pytest.param(
            replace(WEB, load_balancer_ip="2001:db8::9"),
            ALL,
            "InvalidAddress",
            ["2001:db8::9", "(IPv4)"],
            id="an address of a family the Service does not have",
        ),
        pytest.param(
            replace(DUAL, load_balancer_ip="2001:db8::9"),
            IPV4_ONLY,
            "InvalidAddress",
            ["2001:db8::9", "(IPv4)"],
            id="an address of a family the provider does not offer",
        ),
        pytest.param(
            replace(DUAL, load_balancer_ip="203.0.113.9"),
            SINGLE,
            "InvalidAddress",
            ["203.0.113.9", "(IPv6)"],
            id="an address of the family that a single-stack provider leaves out",
        ),
        pytest.param(
            replace(WEB, annotations={ADDRESSES_ANNOTATION: "203.0.113.9, 203.0.113.10"}),
            ALL,
            "InvalidAddress",
            ["at most one"],
            id="two addresses of one family",
        ),
        pytest.param(
            replace(WEB, load_balancer_ip="203.0.113.9", annotations={ADDRESSES_ANNOTATION: "203.0.113.9"}),
            ALL,
            "AmbiguousAddress",
            ["not both"],
            id="an address in the field and in the annotation",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_name_cause_and_remedy(
    service: Service, can: Capabilities, reason: str, words: list[str]
) -> None:
    answer = translate(service, (), can)
    assert isinstance(answer, Rejected)
    assert answer.reason == reason
    for word in ["shop/web", *words]:
        assert word in answer.message


@pytest.mark.parametrize(
    ("can", "families"),
    [
        pytest.param(ALL, (Family.IPV6, Family.IPV4), id="both, the Service's first one first"),
        pytest.param(IPV4_ONLY, (Family.IPV4,), id="the one that is offered"),
        pytest.param(SINGLE, (Family.IPV6,), id="the first one of a single-stack provider"),
    ],
)
def test_prefer_dual_stack_takes_what_there_is(can: Capabilities, families: tuple[Family, ...]) -> None:
    assert wanted(DUAL, can).families == families


def test_delivery_to_the_vip_needs_no_node_ports() -> None:
    bare = replace(WEB, ports=(ServicePort(80), ServicePort(443)))
    lb = wanted(bare, replace(ALL, wiring=Wiring.VIP))
    assert [one.node_port for one in lb.listeners] == [0, 0]
    assert lb.wiring is Wiring.VIP


def test_traffic_policy_local_brings_its_own_health_check_and_keeps_the_client_s_address() -> None:
    lb = wanted(LOCAL)
    assert lb.health_check == HealthCheck(port=31999, per_service=True)
    assert lb.preserve_client_ip


@pytest.mark.parametrize(
    ("ranges", "filter_"),
    [
        pytest.param((), (), id="none"),
        pytest.param(("0.0.0.0/0",), (), id="everyone"),
        pytest.param(("10.0.0.0/8", "0.0.0.0/0"), (), id="everyone beside a part"),
        pytest.param(("::/0", "0.0.0.0/0"), (), id="everyone of both families"),
        pytest.param((" 10.0.0.0/8 ",), ("10.0.0.0/8",), id="blanks around, as kube-proxy allows"),
        pytest.param(("10.1.2.3/8",), ("10.0.0.0/8",), id="host bits"),
        pytest.param(("192.0.2.0/24", "10.0.0.0/8", "192.0.2.0/24"), ("10.0.0.0/8", "192.0.2.0/24"), id="doubles"),
        pytest.param(("0.0.0.0/0", "2001:db8::/32"), ("0.0.0.0/0", "2001:db8::/32"), id="one family open, one not"),
    ],
)
def test_source_ranges_are_sorted_and_dropped_when_they_let_everyone_in(
    ranges: tuple[str, ...], filter_: tuple[str, ...]
) -> None:
    assert wanted(replace(WEB, source_ranges=ranges)).source_ranges == tuple(map(ip_network, filter_))


def test_the_field_for_source_ranges_wins_over_the_annotation() -> None:
    annotated = replace(WEB, annotations={SOURCE_RANGES_ANNOTATION: "192.0.2.0/24, 10.0.0.0/8"})
    assert wanted(annotated).source_ranges == (ip_network("10.0.0.0/8"), ip_network("192.0.2.0/24"))
    both = replace(annotated, source_ranges=("198.51.100.0/24",))
    assert wanted(both).source_ranges == (ip_network("198.51.100.0/24"),)


@pytest.mark.parametrize(
    "service",
    [
        pytest.param(replace(WEB, load_balancer_ip="203.0.113.9"), id="spec.loadBalancerIP"),
        pytest.param(replace(WEB, annotations={ADDRESSES_ANNOTATION: "203.0.113.9"}), id="the annotation"),
    ],
)
def test_a_requested_address_is_passed_on(service: Service) -> None:
    assert wanted(service).requested_addresses == (ip_address("203.0.113.9"),)


def test_one_address_of_each_family_can_be_asked_for() -> None:
    asked = replace(DUAL, annotations={ADDRESSES_ANNOTATION: "203.0.113.9,2001:db8::9"})
    assert wanted(asked).requested_addresses == (ip_address("203.0.113.9"), ip_address("2001:db8::9"))


def test_published_addresses_are_the_hint_for_choosing_anew() -> None:
    shown = replace(WEB, ingress=(Ingress(ip=ip_address("203.0.113.7")), Ingress(hostname="lb.example")))
    assert wanted(shown).assigned_addresses == (ip_address("203.0.113.7"),)


def test_backends_are_the_eligible_nodes_by_name_with_one_address_per_family() -> None:
    addresses = tuple(map(ip_address, ("10.0.0.2", "10.9.0.2", "fd00::2")))
    nodes = [
        Node("node-2", "fake://2", addresses, labels={ZONE_LABEL: "b"}, ready=True),
        Node("node-1", ready=False, unschedulable=True),
        Node("leaving", deleting=True),
        Node("scaled-away", taints=frozenset({AUTOSCALER_TAINT})),
        Node("excluded", labels={EXCLUDE_LABEL: ""}),
    ]
    assert backends_of(nodes) == (
        Backend("node-1"),
        Backend("node-2", "fake://2", "b", (addresses[0], addresses[2])),
    )
