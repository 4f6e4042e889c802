"""Zone hints of `service.kubernetes.io/topology-mode: Auto`."""

from __future__ import annotations

from collections import Counter

import pytest

from lbctl.sandbox.endpoints.objects import EndpointSlice, Node, Pod
from lbctl.sandbox.endpoints.quantity import milli
from lbctl.sandbox.endpoints.slices import plan_slices
from lbctl.sandbox.endpoints.topology import wants_hints, zone_shares
from lbctl.sandbox.endpoints.writes import Plan
from tests.unit.sandbox.endpoints.builders import applied, kinds, node, pod, service

AUTO = service(annotations={"service.kubernetes.io/topology-mode": "Auto"})
NODES = {"a": node("a", zone="eu-1"), "b": node("b", zone="eu-2")}
EVEN = {"eu-1": 0.5, "eu-2": 0.5}


def plan(pods: list[Pod], shares: dict[str, float] = EVEN, existing: list[EndpointSlice] | None = None) -> Plan:
    return plan_slices(AUTO, pods, NODES, existing or [], None, shares)


def spread(pods: list[Pod], shares: dict[str, float] = EVEN) -> list[EndpointSlice]:
    slices = applied(plan(pods, shares))
    assert plan(pods, shares, slices).writes == ()
    return slices


def pods_on(**counts: int) -> list[Pod]:
    names = [name for name, count in counts.items() for _ in range(count)]
    return [pod(number, node=name) for number, name in enumerate(names)]


def hinted(slices: list[EndpointSlice]) -> Counter[str | None]:
    """How many endpoints are for each zone; None counts those without hints."""
    return Counter(
        zone
        for one in slices
        for endpoint in one.endpoints or ()
        for zone in ([each.name for each in endpoint.hints.for_zones or ()] if endpoint.hints else [None])
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2", 2000, id="whole"),
        pytest.param("1500m", 1500, id="milli"),
        pytest.param("0.5", 500, id="decimal"),
        pytest.param(4, 4000, id="a number in YAML"),
        pytest.param("1k", 1_000_000, id="kilo"),
        pytest.param("1Ki", 1_024_000, id="kibi"),
        pytest.param("1e3", 1_000_000, id="exponent"),
        pytest.param("1500u", 2, id="rounded up"),
        pytest.param("many", 0, id="not a quantity"),
        pytest.param("5mm", 0, id="no such suffix"),
        pytest.param("", 0, id="empty"),
        pytest.param(None, 0, id="missing"),
    ],
)
def test_quantities_in_thousandths(text: str | int | None, expected: int) -> None:
    assert milli(text) == expected


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        pytest.param({"service.kubernetes.io/topology-mode": "Auto"}, True, id="Auto"),
        pytest.param({"service.kubernetes.io/topology-mode": "auto"}, True, id="auto"),
        pytest.param({"service.kubernetes.io/topology-mode": "Disabled"}, False, id="anything else"),
        pytest.param({"service.kubernetes.io/topology-aware-hints": "auto"}, True, id="the old name"),
        pytest.param(
            {"service.kubernetes.io/topology-aware-hints": "no", "service.kubernetes.io/topology-mode": "Auto"},
            False,
            id="the old name goes first",
        ),
        pytest.param(None, False, id="no annotation"),
    ],
)
def test_who_asks_for_hints(annotations: dict[str, str] | None, expected: bool) -> None:
    assert wants_hints(service(annotations=annotations)) is expected


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param([node(zone="x", cpu="3"), node(zone="y", cpu="1")], {"x": 0.75, "y": 0.25}, id="by CPU"),
        pytest.param([node(zone="x")], {}, id="one zone only"),
        pytest.param([node(zone="x"), node(zone="y"), node()], {}, id="a node without zone"),
        pytest.param([node(zone="x"), node(zone="y", cpu="0")], {}, id="a node without CPU"),
        pytest.param(
            [node(zone="x"), node(zone="y"), node(ready=False)], {"x": 0.5, "y": 0.5}, id="unready ones do not count"
        ),
        pytest.param(
            [node(zone="x"), node(zone="y"), node(role="control-plane")], {"x": 0.5, "y": 0.5}, id="nor do masters"
        ),
        pytest.param([], {}, id="no nodes"),
    ],
)
def test_shares_of_the_zones(nodes: list[Node], expected: dict[str, float]) -> None:
    assert zone_shares(nodes) == expected


@pytest.mark.parametrize(
    ("pods", "shares", "expected"),
    [
        pytest.param(pods_on(a=3, b=3), EVEN, {"eu-1": 3, "eu-2": 3}, id="even stays even"),
        pytest.param(pods_on(a=6, b=0), EVEN, {"eu-1": 3, "eu-2": 3}, id="a zone without pods is given half"),
        pytest.param(pods_on(a=2, b=2), {"eu-1": 0.75, "eu-2": 0.25}, {"eu-1": 3, "eu-2": 1}, id="as the CPU says"),
        pytest.param(pods_on(a=100, b=50), EVEN, {"eu-1": 75, "eu-2": 75}, id="over several slices"),
    ],
)
def test_endpoints_are_shared_out(pods: list[Pod], shares: dict[str, float], expected: dict[str, int]) -> None:
    assert hinted(spread(pods, shares)) == expected


def test_a_pod_that_is_not_ready_gets_no_hint() -> None:
    assert hinted(spread([*pods_on(a=2, b=2), pod(9, node="a", ready=False)])) == {"eu-1": 2, "eu-2": 2, None: 1}


@pytest.mark.parametrize(
    ("pods", "shares", "why"),
    [
        pytest.param(
            pods_on(a=2),
            {},
            "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes",
            id="nodes say too little",
        ),
        pytest.param(
            pods_on(a=1), EVEN, "Insufficient number of endpoints (1 endpoints, 2 zones)", id="too few endpoints"
        ),
        pytest.param(
            pods_on(a=1, b=1),
            {"eu-1": 0.9, "eu-2": 0.1},
            "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold "
            "(2 endpoints, 2 zones)",
            id="a zone would be overloaded",
        ),
    ],
)
def test_where_the_rules_cannot_be_kept_there_are_no_hints(pods: list[Pod], shares: dict[str, float], why: str) -> None:
    after = plan(pods, shares)
    assert [(one.type, one.reason, one.message) for one in after.notices] == [
        ("Warning", "TopologyAwareHintsDisabled", f"{why}, addressType: IPv4")
    ]
    assert set(hinted(spread(pods, shares))) == {None}


def test_hints_go_when_the_nodes_no_longer_say_enough() -> None:
    existing = spread(pods_on(a=2, b=2))
    after = plan(pods_on(a=2, b=2), {}, existing)
    assert kinds(after) == ["Update"]
    assert hinted(applied(after, existing)) == {None: 4}


def test_an_endpoint_without_zone_takes_all_hints_away_without_rewriting_for_ever() -> None:
    nodes = {**NODES, "bare": node("bare")}
    pods = [*pods_on(a=3, b=2), pod(9, node="bare")]
    first = plan_slices(AUTO, pods, nodes, [], None, EVEN)
    assert [one.message for one in first.notices] == [
        "One or more endpoints do not have a zone specified, addressType: IPv4"
    ]
    assert hinted(applied(first)) == {None: 6}
    assert plan_slices(AUTO, pods, nodes, applied(first), None, EVEN).writes == ()


def test_hints_that_are_enabled_are_told_once() -> None:
    first = plan(pods_on(a=2, b=2))
    assert [one.reason for one in first.notices] == ["TopologyAwareHintsEnabled"]
    assert plan(pods_on(a=2, b=2), EVEN, applied(first)).notices == ()


def test_hints_follow_the_zones_shares() -> None:
    pods = pods_on(a=3, b=3)
    existing = spread(pods)
    after = plan(pods, {"eu-1": 0.75, "eu-2": 0.25}, existing)
    assert hinted(applied(after, existing)) == {"eu-1": 4, "eu-2": 2}


def test_hints_that_still_fit_are_left_alone() -> None:
    pods = pods_on(a=100, b=100)
    existing = spread(pods)
    assert kinds(plan([*pods, pod(900, node="a")], EVEN, existing)) == ["Create"]


def test_a_share_that_cannot_be_met_is_not_tried_for_ever() -> None:
    """By rounding, 0.4 of six endpoints asks for three and is given two: known, and written once."""
    assert hinted(spread(pods_on(a=6), {"eu-1": 0.6, "eu-2": 0.4})) == {"eu-1": 4, "eu-2": 2}
