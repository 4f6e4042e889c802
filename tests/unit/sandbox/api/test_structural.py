"""Structural schemas: pruning, defaulting, validation."""

from __future__ import annotations

from typing import Any

import pytest

from lbctl.sandbox.api.custom.structural import fill_defaults, prune
from lbctl.sandbox.api.custom.validation import SchemaValidator


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("spec", "value", "kept", "removed"),
    [
        pytest.param(schema(a={"type": "integer"}), {"a": 1, "b": 2}, {"a": 1}, ["b"], id="unknown field"),
        pytest.param(
            schema(l={"type": "array", "items": schema(a={"type": "integer"})}),
            {"l": [{"a": 1, "b": 2}]},
            {"l": [{"a": 1}]},
            ["l[0].b"],
            id="in a list",
        ),
        pytest.param(
            schema(m={"type": "object", "additionalProperties": schema(a={"type": "integer"})}),
            {"m": {"x": {"a": 1, "b": 2}}},
            {"m": {"x": {"a": 1}}},
            ["m.x.b"],
            id="in a map",
        ),
        pytest.param(
            schema(p={"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
            {"p": {"anything": {"goes": 1}}},
            {"p": {"anything": {"goes": 1}}},
            [],
            id="preserved",
        ),
        pytest.param(
            schema(e={"type": "object", "x-kubernetes-embedded-resource": True}),
            {"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {}}},
            {"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}},
            ["e.spec"],
            id="embedded resource",
        ),
        pytest.param(
            schema(m={"type": "object", "additionalProperties": {"type": "string"}}),
            {"m": {"x": "y"}},
            {"m": {"x": "y"}},
            [],
            id="map of scalars",
        ),
    ],
)
def test_pruning_removes_what_is_not_specified(spec: Any, value: Any, kept: Any, removed: list[str]) -> None:
    assert prune(value, spec) == removed
    assert value == kept


def test_pruning_keeps_what_every_object_has() -> None:
    obj = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}}
    assert prune(obj, schema()) == []


@pytest.mark.parametrize(
    ("spec", "value", "filled"),
    [
        pytest.param(schema(a={"type": "integer", "default": 1}), {}, {"a": 1}, id="missing"),
        pytest.param(schema(a={"type": "integer", "default": 1}), {"a": 2}, {"a": 2}, id="there"),
        pytest.param(schema(a={"type": "integer", "default": 1}), {"a": None}, {"a": 1}, id="null"),
        pytest.param(
            schema(a={"type": "integer", "default": 1, "nullable": True}), {"a": None}, {"a": None}, id="nullable"
        ),
        pytest.param(schema(o=schema(a={"default": 1})), {}, {}, id="not through what is missing"),
        pytest.param(
            schema(o={**schema(a={"default": 1}), "default": {}}), {}, {"o": {"a": 1}}, id="through a default"
        ),
        pytest.param(
            schema(l={"type": "array", "items": schema(a={"default": 1})}),
            {"l": [{}]},
            {"l": [{"a": 1}]},
            id="in a list",
        ),
    ],
)
def test_defaults_are_filled_in(spec: Any, value: Any, filled: Any) -> None:
    fill_defaults(value, spec)
    assert value == filled


def test_a_default_is_not_shared_between_objects() -> None:
    spec = schema(l={"type": "array", "default": []})
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    fill_defaults(first, spec)
    first["l"].append(1)
    fill_defaults(second, spec)
    assert second == {"l": []}


@pytest.mark.parametrize(
    ("spec", "value", "error"),
    [
        (
            schema(a={"type": "integer"}),
            {"a": "x"},
            'a: Invalid value: "string": a in body must be of type integer: "string"',
        ),
        (
            schema(a={"type": "string"}),
            {"a": None},
            'a: Invalid value: "null": a in body must be of type string: "null"',
        ),
        (schema(a={"type": "string", "nullable": True}), {"a": None}, ""),
        ({**schema(), "required": ["a"]}, {}, "a: Required value"),
        (
            schema(a={"type": "number", "minimum": 1, "exclusiveMinimum": True}),
            {"a": 1},
            "a: Invalid value: 1: a in body should be greater than 1",
        ),
        (
            schema(a={"type": "string", "minLength": 2}),
            {"a": "x"},
            'a: Invalid value: "x": a in body should be at least 2 chars long',
        ),
        (
            schema(a={"type": "array", "minItems": 1}),
            {"a": []},
            "a: Invalid value: []: a in body should have at least 1 items",
        ),
        (
            schema(a={"type": "string", "format": "ipv4"}),
            {"a": "x"},
            'a: Invalid value: "x": a in body must be of type ipv4: "x"',
        ),
        (schema(a={"x-kubernetes-int-or-string": True}), {"a": "http"}, ""),
        (schema(a={"type": "integer", "format": "int32"}), {"a": 3}, ""),
        (
            schema(a={"anyOf": [{"required": ["x"]}, {"required": ["y"]}], "type": "object"}),
            {"a": {}},
            'a: Invalid value: {}: "a" must validate at least one schema (anyOf)',
        ),
    ],
)
def test_violations_are_worded_as_the_real_server_does(spec: Any, value: Any, error: str) -> None:
    assert "; ".join(str(one) for one in SchemaValidator(spec).errors(value)) == error
