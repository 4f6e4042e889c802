"""The schemas of the built-in kinds, as `generate.py` wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha512
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import msgspec

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi.well_known import V3_TYPES

REFERENCE = "#/definitions/"
V3_REFERENCE = "#/components/schemas/"


@cache
def definitions() -> Mapping[str, Json]:
    """Every schema by name, in the form of OpenAPI v2. Callers do not change them."""
    return MappingProxyType(msgspec.json.decode(_content()))


@cache
def digest() -> str:
    """A hash of all schemas, for the addresses under which documents may be cached."""
    return sha512(_content()).hexdigest().upper()


@cache
def kind_schemas() -> Mapping[tuple[str, str, str], str]:
    """The name of the schema of each (group, version, kind)."""
    return MappingProxyType(
        {
            (one["group"], one["version"], one["kind"]): name
            for name, schema in definitions().items()
            for one in schema.get("x-kubernetes-group-version-kind", ())
        }
    )


def description_of(schema: str, field: str) -> str:
    """What the API says of one field; empty where it says nothing."""
    found = definitions().get(schema, {}).get("properties", {}).get(field, {})
    return str(found.get("description", ""))


def closure(names: Iterable[str], schemas: Mapping[str, Json]) -> list[str]:
    """The schemas of `names` and all that they refer to, sorted."""
    seen: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in seen and name in schemas:
            seen.add(name)
            pending.extend(references(schemas[name]))
    return sorted(seen)


def references(schema: Json) -> Iterator[str]:
    """The names of the schemas that one schema refers to."""
    target = schema.get("$ref")
    if isinstance(target, str):
        yield target.removeprefix(REFERENCE)
    for inner in _inner(schema):
        yield from references(inner)


def to_v3(name: str, schema: Json) -> Json:
    """A schema in the form of OpenAPI v3."""
    converted = _v3(schema)
    if name in V3_TYPES:
        converted.pop("type", None)
        converted |= V3_TYPES[name]
    return converted


def _v3(schema: Json) -> Json:
    """With references that carry a description wrapped in `allOf`, because v3 ignores what stands beside `$ref`."""
    converted: Json = {key: _v3_value(key, value) for key, value in schema.items()}
    target = schema.get("$ref")
    if isinstance(target, str):
        converted["$ref"] = target.replace(REFERENCE, V3_REFERENCE)
        if len(converted) > 1:
            reference = {"$ref": converted.pop("$ref")}
            converted |= {"default": {}, "allOf": [reference]}
    return converted


def _v3_value(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _v3(one) for name, one in value.items()}
    if key in ("items", "additionalProperties") and isinstance(value, dict):
        return _v3(value)
    return value


def _inner(schema: Json) -> Iterator[Json]:
    yield from schema.get("properties", {}).values()
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield schema[key]


def _content() -> bytes:
    return files(__package__).joinpath("definitions.json").read_bytes()
