"""Endpoints, EndpointSlices and Nodes."""

from __future__ import annotations

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.strategy.endpoints import EndpointsStrategy
from lbctl.sandbox.api.strategy.endpointslice import EndpointSliceStrategy
from lbctl.sandbox.api.strategy.node import NodeStrategy
from tests.unit.sandbox.api.strategy.room import Room, complaints

LOOPBACK = "may not be in the loopback range (127.0.0.0/8, ::1/128)"


def slice_of(endpoints: list[Json] | None = None, **fields: object) -> Json:
    return {
        "metadata": {"name": "web-1", "namespace": "default"},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.0.1"]}] if endpoints is None else endpoints,
        **fields,
    }


def slices() -> Room:
    return Room(EndpointSliceStrategy(), "EndpointSlice", "discovery.k8s.io")


@pytest.mark.parametrize(
    ("slice_", "expected"),
    [
        pytest.param(slice_of(addressType=""), ["addressType: Required value"], id="no-type"),
        pytest.param(
            slice_of(addressType="DNS"),
            ['addressType: Unsupported value: "DNS": supported values: "FQDN", "IPv4", "IPv6"'],
            id="unknown-type",
        ),
        pytest.param(
            slice_of([{"addresses": []}]),
            ["endpoints[0].addresses: Required value: must contain at least 1 address"],
            id="no-address",
        ),
        pytest.param(
            slice_of([{"addresses": ["fd00::1"]}]),
            ['endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address'],
            id="other-family",
        ),
        pytest.param(
            slice_of([{"addresses": ["127.0.0.1"]}]),
            [f'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": {LOOPBACK}'],
            id="loopback",
        ),
        pytest.param(
            slice_of([{"addresses": ["FD00::1"]}], addressType="IPv6"),
            ['endpoints[0].addresses[0]: Invalid value: "FD00::1": must be in canonical form ("fd00::1")'],
            id="not-canonical",
        ),
        pytest.param(
            slice_of([{"addresses": ["host"]}], addressType="FQDN"),
            [
                'endpoints[0].addresses[0]: Invalid value: "host": '
                "should be a domain with at least two segments separated by dots"
            ],
            id="short-domain",
        ),
        pytest.param(
            slice_of(ports=[{"name": "a", "port": 1}, {"name": "a", "port": 2}]),
            ['ports[1].name: Duplicate value: "a"'],
            id="port-name-twice",
        ),
        pytest.param(
            slice_of(ports=[{"port": 1, "protocol": "HTTP"}]),
            ['ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"'],
            id="protocol",
        ),
        pytest.param(
            slice_of([{"addresses": ["10.0.0.1"], "hints": {"forZones": [{"name": "a"}, {"name": "a"}]}}]),
            ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
            id="zone-twice",
        ),
    ],
)
def test_a_wrong_slice_is_refused(slice_: Json, expected: list[str]) -> None:
    with pytest.raises(ApiError) as refusal:
        slices().create(slice_)
    assert complaints(refusal.value) == expected


@pytest.mark.parametrize(
    ("slice_", "path", "limit"),
    [
        pytest.param(slice_of([{"addresses": ["10.0.0.1"]}] * 1001), "endpoints", 1000, id="endpoints"),
        pytest.param(slice_of([{"addresses": ["10.0.0.1"] * 101}]), "endpoints[0].addresses", 100, id="addresses"),
        pytest.param(slice_of(ports=[{"port": 1}] * 20001), "ports", 20000, id="ports"),
    ],
)
def test_a_slice_has_limits(slice_: Json, path: str, limit: int) -> None:
    with pytest.raises(ApiError) as refusal:
        slices().create(slice_)
    cause = refusal.value.details["causes"][0]
    assert (cause["field"], cause["reason"]) == (path, "FieldValueTooMany")
    assert cause["message"].endswith(f"must have at most {limit} items")


def test_a_slice_counts_generations_and_never_changes_its_type() -> None:
    room = slices()
    created = room.create(slice_of(ports=[{"port": 80}]))
    assert created["metadata"]["generation"] == 1
    assert created["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]
    assert room.update(created)["metadata"]["generation"] == 1
    labelled = room.stored["web-1"] | {"metadata": {**room.stored["web-1"]["metadata"], "labels": {"a": "b"}}}
    assert room.update(labelled)["metadata"]["generation"] == 2
    with pytest.raises(ApiError) as refusal:
        room.update(room.stored["web-1"] | {"addressType": "IPv6", "endpoints": []})
    assert complaints(refusal.value) == ['addressType: Invalid value: "IPv6": field is immutable']


def endpoints_of(subset: Json) -> Json:
    return {"metadata": {"name": "web", "namespace": "default"}, "subsets": [subset]}


@pytest.mark.parametrize(
    ("subset", "expected"),
    [
        pytest.param(
            {"ports": [{"port": 80}]},
            ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
            id="no-address",
        ),
        pytest.param(
            {"addresses": [{"ip": "::1"}]},
            [f'subsets[0].addresses[0].ip: Invalid value: "::1": {LOOPBACK}'],
            id="loopback",
        ),
        pytest.param(
            {"notReadyAddresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}, {"name": "b", "port": 0}]},
            [
                "subsets[0].ports[0].name: Required value",
                "subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            ],
            id="ports",
        ),
    ],
)
def test_wrong_endpoints_are_refused(subset: Json, expected: list[str]) -> None:
    with pytest.raises(ApiError) as refusal:
        Room(EndpointsStrategy(), "Endpoints").create(endpoints_of(subset))
    assert complaints(refusal.value) == expected


def test_endpoints_ports_default_to_tcp_and_a_put_may_create_them() -> None:
    room = Room(EndpointsStrategy(), "Endpoints")
    stored = room.create(endpoints_of({"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}))
    assert stored["subsets"][0]["ports"] == [{"port": 80, "protocol": "TCP"}]
    assert room.strategy.allow_create_on_update


def node(**spec: object) -> Json:
    return {"metadata": {"name": "n1"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"podCIDRs": ["10.0.0.0/24", "10.1.0.0/24"]},
            [
                'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: '
                "may specify no more than one CIDR for each IP family"
            ],
            id="two-of-a-family",
        ),
        pytest.param(
            {"taints": [{"key": "a", "effect": "Foo"}]},
            [
                'metadata.taints[0].effect: Unsupported value: "Foo": supported values: '
                '"NoSchedule", "PreferNoSchedule", "NoExecute"'
            ],
            id="effect",
        ),
        pytest.param(
            {"taints": [{"key": "a", "effect": "NoSchedule"}] * 2},
            [
                'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: '
                "taints must be unique by key and effect pair"
            ],
            id="taint-twice",
        ),
    ],
)
def test_a_wrong_node_is_refused(spec: Json, expected: list[str]) -> None:
    with pytest.raises(ApiError) as refusal:
        Room(NodeStrategy(), "Node").create(node(**spec))
    assert complaints(refusal.value) == expected


def test_a_nodes_cidr_is_given_once_and_its_status_only_by_the_subresource() -> None:
    room = Room(NodeStrategy(), "Node")
    created = room.create(node() | {"status": {"capacity": {"cpu": "2"}}})
    assert created["status"]["allocatable"] == {"cpu": "2"}
    given = room.update(created | {"spec": {"podCIDR": "10.0.0.0/24"}, "status": {}})
    assert given["spec"]["podCIDRs"] == ["10.0.0.0/24"]
    assert given["status"]["capacity"] == {"cpu": "2"}
    with pytest.raises(ApiError) as refusal:
        room.update(given | {"spec": {"podCIDR": "10.0.1.0/24", "podCIDRs": ["10.0.1.0/24"]}})
    assert complaints(refusal.value) == [
        'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'
    ]
    address = {"type": "InternalIP", "address": "192.0.2.1"}
    with pytest.raises(ApiError, match=r"status.addresses\[1\]: Duplicate value"):
        room.update_status(given | {"status": {"addresses": [address, address]}})
