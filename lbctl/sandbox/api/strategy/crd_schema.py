"""Rules of a CustomResourceDefinition's schemas: they must be structural, that is, typed at every level.

Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/validation.go (`ValidateStructural`).
"""

from __future__ import annotations

from collections.abc import Sequence

from lbctl.sandbox.api.errors import FieldError, Json, invalid, not_supported, required

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_ROOT = "root"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"


def validate_schemas(versions: Sequence[Json]) -> list[FieldError]:
    """Errors of all versions' schemas; when they are all the same they are reported once, as the real server does."""
    schemas = [(version.get("schema") or {}).get("openAPIV3Schema") for version in versions]
    if schemas and all(one == schemas[0] for one in schemas):
        return _validate(schemas[0], "spec.validation.openAPIV3Schema", _ROOT)
    return [
        error
        for index, one in enumerate(schemas)
        for error in _validate(one, f"spec.versions[{index}].schema.openAPIV3Schema", _ROOT)
    ]


def _validate(schema: object, path: str, place: str) -> list[FieldError]:
    if not isinstance(schema, dict):
        return []
    errors = _validate_type(schema, path, place)
    properties = schema.get("properties")
    for name, inner in sorted(properties.items()) if isinstance(properties, dict) else []:
        errors += _validate(inner, f"{path}.properties[{name}]", "object fields")
    errors += _validate(schema.get("items"), f"{path}.items", "array items")
    return errors + _validate(schema.get("additionalProperties"), f"{path}.additionalProperties", "object fields")


def _validate_type(schema: Json, path: str, place: str) -> list[FieldError]:
    kind = schema.get("type", "")
    if not kind:
        if schema.get(_INT_OR_STRING) or schema.get(_PRESERVE):
            return []
        where = "at the root" if place == _ROOT else f"for specified {place}"
        return [required(f"{path}.type", f"must not be empty {where}")]
    errors = [] if kind in _TYPES else [not_supported(f"{path}.type", kind, _TYPES)]
    if place == _ROOT and kind != "object":
        errors.append(invalid(f"{path}.type", kind, "must be object at the root"))
    return errors
