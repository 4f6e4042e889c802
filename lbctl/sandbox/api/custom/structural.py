"""Structural schemas at work on an object: pruning of what they do not specify, and defaulting.

Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting}.
"""

from __future__ import annotations

from typing import Any

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import Json

_ALWAYS_KNOWN = ("apiVersion", "kind", "metadata")


def prune(obj: Json, schema: Json) -> list[str]:
    """Remove every field the schema does not specify, in place; returns their paths."""
    removed: list[str] = []
    _prune(obj, schema, "", removed, root=True)
    return removed


def _prune(value: Any, schema: Json, path: str, removed: list[str], *, root: bool = False) -> None:
    if isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for index, one in enumerate(value):
                _prune(one, items, f"{path}[{index}]", removed)
        return
    if not isinstance(value, dict):
        return
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    embedded = root or schema.get("x-kubernetes-embedded-resource")
    for name in list(value):
        where = f"{path}.{name}" if path else name
        if embedded and name in _ALWAYS_KNOWN:
            continue
        if name in properties:
            _prune(value[name], properties[name], where, removed)
        elif isinstance(extra, dict):
            _prune(value[name], extra, where, removed)
        elif not (extra is True or schema.get("x-kubernetes-preserve-unknown-fields")):
            del value[name]
            removed.append(where)


def fill_defaults(value: Any, schema: Json) -> None:
    """Write the schema's defaults into every object that lacks them, in place; nulls that may not be go first."""
    if isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for one in value:
                fill_defaults(one, items)
        return
    if not isinstance(value, dict):
        return
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    for name, inner in properties.items():
        if value.get(name, "") is None and "default" in inner and not inner.get("nullable"):
            del value[name]
        if name not in value and "default" in inner:
            value[name] = copied(inner["default"])
    for name, one in value.items():
        inner = properties.get(name) or (extra if isinstance(extra, dict) else None)
        if inner is not None:
            fill_defaults(one, inner)
