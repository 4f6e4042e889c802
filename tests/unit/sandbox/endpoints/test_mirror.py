"""Slices that mirror Endpoints objects people write."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lbctl.sandbox.endpoints.mirror import plan_mirror
from lbctl.sandbox.endpoints.objects import (
    EndpointAddress,
    Endpoints,
    EndpointSlice,
    EndpointSubset,
    Service,
    SubsetPort,
)
from lbctl.sandbox.endpoints.writes import Create, Plan, Update
from tests.unit.sandbox.endpoints.builders import addresses_in, applied, endpoints, kinds, service

HTTP, DNS = SubsetPort("http", 80, "TCP"), SubsetPort("dns", 53, "UDP")
BARE = service(selector=None)


def at(*ips: str) -> tuple[EndpointAddress, ...]:
    return tuple(EndpointAddress(ip) for ip in ips)


ONE = endpoints([EndpointSubset(at("192.0.2.1", "192.0.2.2"), None, (HTTP,))])


def settled(of: Endpoints) -> list[EndpointSlice]:
    slices = applied(plan_mirror(BARE, of, []))
    assert plan_mirror(BARE, of, slices).writes == ()
    return slices


def test_a_mirror_says_whose_it_is() -> None:
    written = endpoints(
        ONE.subsets or (),
        labels={"team": "shop"},
        annotations={
            "note": "1",
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
            "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z",
        },
    )
    (write,) = plan_mirror(BARE, written, []).writes
    assert isinstance(write, Create)
    meta = write.obj.metadata
    assert meta.generate_name == "web-"
    assert meta.labels == {
        "team": "shop",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }
    assert meta.annotations == {"note": "1"}
    (owner,) = meta.owner_references or ()
    assert (owner.kind, owner.uid, owner.controller) == ("Endpoints", "uid-endpoints", True)


def test_readiness_hostname_and_node_are_mirrored() -> None:
    ready = EndpointAddress("192.0.2.1", hostname="a", node_name="node-a")
    (one,) = settled(endpoints([EndpointSubset((ready,), at("192.0.2.2"), (HTTP,))]))
    first, second = one.endpoints or ()
    assert (first.addresses, first.hostname, first.node_name) == (("192.0.2.1",), "a", "node-a")
    assert (first.conditions.ready, first.conditions.serving, first.conditions.terminating) == (True, None, None)
    assert second.conditions.ready is False


def test_families_are_mirrored_apart() -> None:
    slices = settled(endpoints([EndpointSubset(at("192.0.2.1", "2001:db8::1"), None, (HTTP,))]))
    assert {one.address_type: addresses_in([one]) for one in slices} == {"IPv4": ["192.0.2.1"], "IPv6": ["2001:db8::1"]}


def test_every_set_of_ports_has_its_slice() -> None:
    slices = settled(
        endpoints([EndpointSubset(at("192.0.2.1"), None, (HTTP,)), EndpointSubset(at("192.0.2.2"), None, (DNS,))])
    )
    assert sorted((one.ports or ())[0].name or "" for one in slices) == ["dns", "http"]


def test_a_changed_address_is_one_update() -> None:
    existing = settled(ONE)
    changed = endpoints([EndpointSubset(at("192.0.2.1", "192.0.2.3"), None, (HTTP,))])
    after = plan_mirror(BARE, changed, existing)
    assert kinds(after) == ["Update"]
    assert addresses_in(applied(after, existing)) == ["192.0.2.1", "192.0.2.3"]


def test_changed_ports_rewrite_the_slice_in_place() -> None:
    existing = settled(ONE)
    after = plan_mirror(BARE, endpoints([EndpointSubset(at("192.0.2.1"), None, (DNS,))]), existing)
    assert kinds(after) == ["Update"]
    assert after.writes[0].obj.metadata.name == existing[0].metadata.name


def test_changed_labels_are_one_update() -> None:
    existing = settled(ONE)
    assert kinds(plan_mirror(BARE, endpoints(ONE.subsets or (), labels={"a": "b"}), existing)) == ["Update"]


def test_a_recreated_object_takes_its_mirror_over() -> None:
    existing = settled(ONE)
    (write,) = plan_mirror(BARE, endpoints(ONE.subsets or (), uid="another"), existing).writes
    assert isinstance(write, Update)
    assert [owner.uid for owner in write.obj.metadata.owner_references or ()] == ["another"]


def test_of_two_mirrors_with_the_same_ports_one_goes() -> None:
    (one,) = settled(ONE)
    twin = replace(one, metadata=replace(one.metadata, name="web-twin", uid="twin"))
    assert kinds(plan_mirror(BARE, ONE, [one, twin])) == ["Delete"]


@pytest.mark.parametrize(
    ("of", "written"),
    [
        pytest.param(service(), ONE, id="the Service has a selector"),
        pytest.param(None, ONE, id="there is no Service"),
        pytest.param(BARE, None, id="there is no Endpoints object"),
        pytest.param(BARE, endpoints([]), id="there are no addresses"),
        pytest.param(
            BARE,
            endpoints(ONE.subsets or (), labels={"endpointslice.kubernetes.io/skip-mirror": "true"}),
            id="the object asks not to be mirrored",
        ),
        pytest.param(
            BARE,
            endpoints(ONE.subsets or (), annotations={"control-plane.alpha.kubernetes.io/leader": "{}"}),
            id="it is a leader election record",
        ),
    ],
)
def test_without_cause_there_is_no_mirror(of: Service | None, written: Endpoints | None) -> None:
    assert plan_mirror(of, written, []) == Plan()
    assert kinds(plan_mirror(of, written, settled(ONE))) == ["Delete"]


def test_only_the_word_true_skips_mirroring() -> None:
    asked = endpoints(ONE.subsets or (), labels={"endpointslice.kubernetes.io/skip-mirror": "yes"})
    assert kinds(plan_mirror(BARE, asked, [])) == ["Create"]


def test_what_is_no_address_is_left_out_and_told() -> None:
    plan = plan_mirror(BARE, endpoints([EndpointSubset(at("192.0.2.1", "example.com"), None, (HTTP,))]), [])
    assert addresses_in(applied(plan)) == ["192.0.2.1"]
    assert [(one.reason, one.message) for one in plan.notices] == [
        ("InvalidIPAddress", "Skipped 1 invalid IP addresses when mirroring to EndpointSlices")
    ]


def test_at_most_a_thousand_addresses_are_mirrored_per_subset() -> None:
    many = at(*(f"192.0.{n // 250}.{n % 250}" for n in range(1003)))
    plan = plan_mirror(BARE, endpoints([EndpointSubset(many, None, (HTTP,))]), [])
    assert len(addresses_in(applied(plan))) == 1000
    assert [(one.reason, one.message) for one in plan.notices] == [
        (
            "TooManyAddressesToMirror",
            "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 3 addresses were skipped",
        )
    ]
