"""The annotations of a Service that are part of its API."""

from __future__ import annotations

import pytest

from lbctl.sandbox.api.errors import ApiError
from tests.unit.sandbox.api.strategy.room import complaints, service, services


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        pytest.param("10.0.0.0/8, 192.0.2.0/24", "LoadBalancer", [], id="good"),
        pytest.param("", "LoadBalancer", [], id="empty"),
        pytest.param(
            "x", "LoadBalancer", ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"], id="bad"
        ),
        pytest.param("10.0.0.0/8", "ClusterIP", ["may only be used when `type` is 'LoadBalancer'"], id="other-type"),
    ],
)
def test_the_source_ranges_annotation_is_checked(value: str, kind: str, expected: list[str]) -> None:
    key = "service.beta.kubernetes.io/load-balancer-source-ranges"
    manifest = service(type=kind, annotations={key: value})
    if not expected:
        services().create(manifest)
        return
    with pytest.raises(ApiError) as refusal:
        services().create(manifest)
    assert refusal.value.details["causes"][0]["field"] == f"metadata.annotations[{key}]"
    assert complaints(refusal.value)[0].endswith(expected[0])


def test_an_annotation_that_was_always_wrong_does_not_block_updates() -> None:
    key = "service.beta.kubernetes.io/load-balancer-source-ranges"
    room = services()
    created = room.create(service(type="LoadBalancer"))
    room.stored["web"]["metadata"]["annotations"] = created["metadata"]["annotations"] = {key: "x"}
    created["metadata"]["labels"] = {"a": "b"}
    assert room.update(created)["metadata"]["labels"] == {"a": "b"}


def test_the_two_topology_annotations_must_agree() -> None:
    annotations = {
        "service.kubernetes.io/topology-mode": "Auto",
        "service.kubernetes.io/topology-aware-hints": "Disabled",
    }
    with pytest.raises(ApiError) as refusal:
        services().create(service(annotations=annotations))
    assert complaints(refusal.value) == [
        'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match '
        "annotations[service.kubernetes.io/topology-aware-hints] when both are specified"
    ]


def test_the_old_topology_annotation_is_warned_about() -> None:
    room = services()
    stored = room.create(service(annotations={"service.kubernetes.io/topology-aware-hints": "Auto"}))
    assert room.strategy.warnings(stored, None) == [
        "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use "
        "service.kubernetes.io/topology-mode instead"
    ]
