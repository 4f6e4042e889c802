"""Schemas of built-in kinds and of custom resources, seen through what they do."""

from __future__ import annotations

from typing import Any

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.patch import Schema, apply, as_decoded, schema_for, unknown_fields
from lbctl.sandbox.api.patch.types import TypeRef

NOW = "2026-01-01T00:00:00Z"
KINDS = {
    "": ["Service", "Endpoints", "Node", "Pod", "Event", "ConfigMap", "Secret", "ServiceAccount", "Namespace"],
    "apps": ["Deployment"],
    "discovery.k8s.io": ["EndpointSlice"],
    "events.k8s.io": ["Event"],
    "coordination.k8s.io": ["Lease"],
    "apiextensions.k8s.io": ["CustomResourceDefinition"],
}
CRD: Json = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "rules": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name", "proto"],
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string"},
                            "proto": {"type": "string", "default": "TCP"},
                            "weight": {"type": "integer"},
                        },
                    },
                },
                "hosts": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "steps": {"type": "array", "items": {"type": "object"}},
                "tls": {
                    "type": "object",
                    "x-kubernetes-map-type": "atomic",
                    "properties": {"mode": {"type": "string"}, "secret": {"type": "string"}},
                },
                "extra": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
                "limit": {"x-kubernetes-int-or-string": True},
            },
        }
    },
}


def _every_reference(schema: Schema, ref: TypeRef, seen: set[str]) -> None:
    if ref.name:
        assert ref.name in schema.types
        if ref.name in seen:
            return
        seen.add(ref.name)
    atom = schema.resolve(ref)
    assert atom.map or atom.list or atom.scalar
    children = [atom.list.element] if atom.list else []
    if atom.map:
        children += [one.type for one in atom.map.fields.values()]
        children += [atom.map.element] if atom.map.element else []
    for child in children:
        _every_reference(schema, child, seen)


@pytest.mark.parametrize(("group", "kind"), [(group, kind) for group, kinds in KINDS.items() for kind in kinds])
def test_a_built_in_kind_has_a_complete_table(group: str, kind: str) -> None:
    schema = schema_for(group, kind)
    assert schema.structured
    seen: set[str] = set()
    _every_reference(schema, schema.root, seen)
    assert "ObjectMeta" in seen


def _applied(live: Json | None, spec: Json, manager: str, schema: Schema) -> Json:
    body: Json = {"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": spec}
    return apply(
        live, body, manager=manager, force=False, schema=schema, api_version="x.io/v1", subresource="", now=NOW
    )


def _fields(obj: Json, manager: str) -> Json:
    found: Json = next(one["fieldsV1"] for one in obj["metadata"]["managedFields"] if one["manager"] == manager)
    spec: Json = found["f:spec"]
    return spec


OWNED: dict[str, tuple[Json, Json]] = {
    "a list map": (
        {"rules": [{"name": "a", "weight": 1}]},
        {"f:rules": {'k:{"name":"a","proto":"TCP"}': {".": {}, "f:name": {}, "f:weight": {}}}},
    ),
    "a set": ({"hosts": ["a", "b"]}, {"f:hosts": {'v:"a"': {}, 'v:"b"': {}}}),
    "a list without a type": ({"steps": [{"x": 1}]}, {"f:steps": {}}),
    "an atomic map": ({"tls": {"mode": "strict"}}, {"f:tls": {}}),
    "free form": ({"extra": {"a": {"b": [1]}}}, {"f:extra": {"f:a": {".": {}, "f:b": {}}}}),
    "additional properties": ({"annotations": {"k": "v"}}, {"f:annotations": {"f:k": {}}}),
    "int or string": ({"limit": "80%"}, {"f:limit": {}}),
}


@pytest.mark.parametrize(("spec", "want"), OWNED.values(), ids=OWNED)
def test_a_crd_says_how_its_fields_are_owned(spec: Json, want: Json) -> None:
    assert _fields(_applied(None, spec, "m", schema_for("x.io", "Thing", CRD)), "m") == want


def test_two_appliers_keep_their_own_items_of_a_set_and_a_list_map() -> None:
    schema = schema_for("x.io", "Thing", CRD)
    first = _applied(None, {"hosts": ["a"], "rules": [{"name": "a"}]}, "one", schema)
    both = _applied(first, {"hosts": ["b"], "rules": [{"name": "b", "proto": "UDP"}]}, "two", schema)
    assert both["spec"] == {"hosts": ["a", "b"], "rules": [{"name": "a"}, {"name": "b", "proto": "UDP"}]}
    assert _applied(both, {"hosts": [], "rules": []}, "one", schema)["spec"] == {
        "hosts": ["b"],
        "rules": [{"name": "b", "proto": "UDP"}],
    }


def test_fields_a_crd_does_not_declare_are_refused() -> None:
    with pytest.raises(ApiError, match=r"\.spec\.nope: field not declared in schema$"):
        _applied(None, {"nope": 1}, "m", schema_for("x.io", "Thing", CRD))


def test_without_a_schema_maps_are_granular_and_lists_atomic() -> None:
    made = _applied(None, {"m": {"a": 1}, "l": [{"b": 1}]}, "m", schema_for("x.io", "Thing"))
    spec = _fields(made, "m")
    assert spec["f:l"] == {}
    assert spec["f:m"] == {".": {}, "f:a": {}}


def test_a_list_that_became_atomic_is_owned_as_a_whole() -> None:
    granular = schema_for("x.io", "Thing", CRD)
    live = _applied(None, {"hosts": ["a"], "tls": {"mode": "x"}}, "one", granular)
    hosts: Json = {**CRD["properties"]["spec"]["properties"]["hosts"], "x-kubernetes-list-type": "atomic"}
    changed: Json = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"hosts": hosts}}}}
    spec: Json = {**CRD["properties"]["spec"]["properties"], **changed["properties"]["spec"]["properties"]}
    atomic = schema_for(
        "x.io", "Thing", {"type": "object", "properties": {"spec": {"type": "object", "properties": spec}}}
    )
    after = _applied(live, {"limit": 1}, "two", atomic)
    assert _fields(after, "one") == {"f:hosts": {}, "f:tls": {}}


def test_objects_are_decoded_as_go_would() -> None:
    sent: Json = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a", "creationTimestamp": None, "labels": {}, "nonsense": 1},
        "spec": {"externalName": "", "allocateLoadBalancerNodePorts": False, "ports": [{"port": 80, "nodePort": 0}]},
    }
    assert as_decoded(schema_for("", "Service"), sent) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"allocateLoadBalancerNodePorts": False, "ports": [{"port": 80}]},
        "status": {"loadBalancer": {}},
    }


UNKNOWN: dict[str, tuple[Any, list[str]]] = {
    "nothing": ({"ports": [{"port": 1}]}, []),
    "in a struct": ({"prots": []}, ["spec.prots"]),
    "in a list": ({"ports": [{"port": 1}, {"prot": "TCP"}]}, ["spec.ports[1].prot"]),
    "not in a map": ({"selector": {"anything": "goes"}}, []),
}


@pytest.mark.parametrize(("spec", "want"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_fields_are_named_by_path(spec: Json, want: list[str]) -> None:
    assert unknown_fields(schema_for("", "Service"), {"spec": spec}) == want
