"""Built-in objects as the real server holds them: decoded into Go structs and encoded again.

Undeclared fields disappear, zero values with `omitempty` too, and what Go always encodes is there. Ownership depends on
it: a create compares the new object with the kind's zero object, so that `spec` itself is nobody's, but `labels` is.
Custom resources are not decoded into structs and pass unchanged.
Source: the json tags of k8s.io/api types; sigs.k8s.io/structured-merge-diff/value/reflectcache.go (CanOmit).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.types import Field, MapType, Presence, Scalar, Schema, TypeRef, child_type

_ZERO: Final[Mapping[Scalar, object]] = {Scalar.STRING: "", Scalar.NUMBER: 0, Scalar.BOOLEAN: False, Scalar.UNTYPED: 0}


def as_decoded(schema: Schema, obj: Json) -> Json:
    """A copy of the object as Go would encode it; the object itself for kinds that are not structs."""
    if not schema.structured:
        return obj
    decoded = decode(schema, schema.root, obj)
    return decoded if isinstance(decoded, dict) else {}


def zero_object(schema: Schema, api_version: str) -> Json:
    """What a new object is compared with on create; `compare` adds what Go always encodes."""
    return {"apiVersion": api_version, "kind": schema.kind}


def unknown_fields(schema: Schema, obj: Json) -> list[str]:
    """The paths that a strict decoder complains about, e.g. `spec.ports[0].prot`; empty for free-form kinds."""
    return _unknown(schema, schema.root, obj, "")


def decode(schema: Schema, ref: TypeRef, value: object) -> object:
    """One value of a built-in kind, all the way down."""
    atom = schema.resolve(ref)
    if isinstance(value, dict) and atom.map:
        level = decode_level(schema, atom.map, value)
        return {name: decode(schema, child_type(atom.map, name), one) for name, one in level.items()}
    if isinstance(value, list) and atom.list:
        element = atom.list.element
        return [decode(schema, element, one) for one in value]
    return value


def decode_level(schema: Schema, map_type: MapType, value: Mapping[str, object]) -> dict[str, object]:
    """The entries that a struct or map has once decoded; what they hold is as it came."""
    if not map_type.fields:
        return _decode_entries(schema, map_type, value)
    decoded: dict[str, object] = {}
    for name, declared in map_type.fields.items():
        inner = value.get(name)
        if inner is not None and _is_encoded(schema, declared, inner):
            decoded[name] = inner
        elif declared.presence is Presence.NULL:
            decoded[name] = None
        elif declared.presence is Presence.ALWAYS:
            decoded[name] = _zero(schema, declared.type)
    return decoded


def _decode_entries(schema: Schema, map_type: MapType, value: Mapping[str, object]) -> dict[str, object]:
    """The entries of a map; null decodes to the zero value of its type."""
    scalar = schema.resolve(map_type.element).scalar if map_type.element else None
    if scalar in (None, Scalar.UNTYPED) or None not in value.values():
        return dict(value)
    return {name: _ZERO[scalar] if one is None else one for name, one in value.items()}


def _is_encoded(schema: Schema, declared: Field, value: object) -> bool:
    """Whether Go encodes the field with this value, which is not null."""
    if value or declared.presence is not Presence.OMITTED:
        return True
    if not isinstance(value, dict):
        return False
    atom = schema.resolve(declared.type)
    return atom.map is not None and bool(atom.map.fields)


def _zero(schema: Schema, ref: TypeRef) -> object:
    atom = schema.resolve(ref)
    if atom.map and atom.map.fields:
        return {}
    return _ZERO[atom.scalar] if atom.scalar and not atom.map else None


def _unknown(schema: Schema, ref: TypeRef, value: object, path: str) -> list[str]:
    atom = schema.resolve(ref)
    found: list[str] = []
    if isinstance(value, dict) and atom.map:
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            declared = atom.map.fields.get(name)
            if declared is None and atom.map.element is None:
                found.append(here)
            elif inner_type := (declared.type if declared else atom.map.element):
                found += _unknown(schema, inner_type, inner, here)
    elif isinstance(value, list) and atom.list:
        for index, item in enumerate(value):
            found += _unknown(schema, atom.list.element, item, f"{path}[{index}]")
    return found
