"""The atoms of a CustomResourceDefinition's structural schema.

Source: k8s.io/kube-openapi/pkg/schemaconv/{openapi,smd}.go;
k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder (what is added to objects and embedded resources).
"""

from __future__ import annotations

from typing import Final

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.types import ANY, DEDUCED, Atom, Field, ListType, MapType, Scalar, TypeRef

OBJECT_META: Final = TypeRef("ObjectMeta")
_STRING: Final = TypeRef(inline=Atom(scalar=Scalar.STRING))
_OBJECT_FIELDS: Final = {"apiVersion": Field(_STRING), "kind": Field(_STRING), "metadata": Field(OBJECT_META)}


def structural_type(schema: Json, *, preserve: bool = False) -> TypeRef:
    """The type of a whole custom resource under its `openAPIV3Schema`."""
    return _convert({**schema, "x-kubernetes-embedded-resource": True}, preserve)


def _convert(schema: Json, preserve: bool) -> TypeRef:
    preserve = preserve or schema.get("x-kubernetes-preserve-unknown-fields") is True
    match schema.get("type") or "":
        case "object":
            return TypeRef(inline=Atom(map=_map(schema, preserve)))
        case "array":
            return TypeRef(inline=Atom(list=_list(schema, preserve)))
        case "integer" | "number":
            return TypeRef(inline=Atom(scalar=Scalar.NUMBER))
        case "boolean":
            return TypeRef(inline=Atom(scalar=Scalar.BOOLEAN))
        case "string":
            plain = (schema.get("format") or "") in ("", "byte")
            return TypeRef(inline=Atom(scalar=Scalar.STRING if plain else Scalar.UNTYPED))
        case _:
            return TypeRef(inline=Atom(Scalar.UNTYPED, _list(schema, preserve), _map(schema, preserve)))


def _map(schema: Json, preserve: bool) -> MapType:
    properties: Json = schema.get("properties") or {}
    fields = {name: _field(one, preserve) for name, one in properties.items()}
    if schema.get("x-kubernetes-embedded-resource") is True:
        fields = {**fields, **_OBJECT_FIELDS}
    return MapType(fields, _element(schema, fields, preserve), schema.get("x-kubernetes-map-type") == "atomic")


def _field(schema: Json, preserve: bool) -> Field:
    return Field(_convert(schema, preserve), default=schema.get("default"))


def _element(schema: Json, fields: dict[str, Field], preserve: bool) -> TypeRef | None:
    match schema.get("additionalProperties"):
        case dict() as element:
            return _convert(element, preserve)
        case True:
            return DEDUCED
        case False:
            return None
        case _:
            return DEDUCED if preserve or not fields else None


def _list(schema: Json, preserve: bool) -> ListType:
    items = schema.get("items")
    element = _convert(items, preserve) if isinstance(items, dict) else ANY
    match schema.get("x-kubernetes-list-type"):
        case "set":
            return ListType(element, atomic=False)
        case "map":
            return ListType(element, atomic=False, keys=tuple(schema.get("x-kubernetes-list-map-keys") or ()))
        case _:
            return ListType(element)
