"""Hints of trafficDistribution: which endpoint is for which zone and node."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lbctl.sandbox.endpoints.objects import EndpointSlice, Hints, Named
from lbctl.sandbox.endpoints.slices import plan_slices
from tests.unit.sandbox.endpoints.builders import applied, endpoints_in, kinds, node, pod, service

NODES = {"node-a": node(zone="eu-1"), "node-b": node("node-b", zone="eu-2"), "bare": node("bare")}
EU_1 = Hints(for_zones=(Named("eu-1"),))


def slices_of(distribution: str | None, *pods: object) -> list[EndpointSlice]:
    of = service(distribution=distribution)
    slices = applied(plan_slices(of, pods, NODES, [], None))  # type: ignore[arg-type]
    assert plan_slices(of, pods, NODES, slices, None).writes == ()  # type: ignore[arg-type]
    return slices


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        pytest.param(None, None, id="no distribution, no hints"),
        pytest.param("PreferClose", EU_1, id="PreferClose: its zone"),
        pytest.param("PreferSameZone", EU_1, id="PreferSameZone: its zone"),
        pytest.param("PreferSameNode", Hints(EU_1.for_zones, (Named("node-a"),)), id="PreferSameNode: zone and node"),
        pytest.param("Unheard", None, id="a value of the future, no hints"),
    ],
)
def test_hints_of_a_ready_endpoint(distribution: str | None, expected: Hints | None) -> None:
    assert endpoints_in(slices_of(distribution, pod(1)))["pod-0001"].hints == expected


def test_an_endpoint_that_is_not_ready_gets_no_hints() -> None:
    assert endpoints_in(slices_of("PreferClose", pod(1, ready=False)))["pod-0001"].hints is None


def test_an_endpoint_without_zone_gets_no_zone_hint() -> None:
    found = endpoints_in(slices_of("PreferSameNode", pod(1, node="bare"), pod(2)))
    assert found["pod-0001"].hints == Hints(None, (Named("bare"),))


@pytest.mark.parametrize(
    ("before", "after"), [(None, "PreferClose"), ("PreferClose", None), ("PreferClose", "PreferSameNode")]
)
def test_a_changed_distribution_rewrites_the_slices_once(before: str | None, after: str | None) -> None:
    pods = [pod(number) for number in range(150)]
    existing = slices_of(before, *pods)
    changed = plan_slices(service(distribution=after), pods, NODES, existing, None)
    assert kinds(changed) == ["Update", "Update"]
    assert plan_slices(service(distribution=after), pods, NODES, applied(changed, existing), None).writes == ()


def test_a_pod_that_turns_ready_rewrites_its_slice_only() -> None:
    pods = [pod(number, ready=number != 7) for number in range(150)]
    existing = slices_of("PreferClose", *pods)
    pods[7] = pod(7)
    changed = plan_slices(service(distribution="PreferClose"), pods, NODES, existing, None)
    assert kinds(changed) == ["Update"]
    assert endpoints_in(applied(changed, existing))["pod-0007"].hints == EU_1


def test_wrong_hints_are_put_right() -> None:
    (one,) = slices_of("PreferClose", pod(1))
    wrong = replace(one, endpoints=tuple(replace(each, hints=Hints((Named("mars"),))) for each in one.endpoints or ()))
    changed = plan_slices(service(distribution="PreferClose"), [pod(1)], NODES, [wrong], None)
    assert endpoints_in(applied(changed, [wrong]))["pod-0001"].hints == EU_1
