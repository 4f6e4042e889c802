"""Validation of custom resources against their structural schema, in the words of the real server.

Rules of `x-kubernetes-validations` (CEL) are not evaluated.
Source: k8s.io/apiextensions-apiserver/pkg/apiserver/validation/validation.go and
k8s.io/kube-openapi/pkg/validation/errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError

from lbctl.sandbox.api.errors import FieldError, FieldErrorType, Json, duplicate, invalid, not_supported, required

_UNCHECKED_FORMATS = ("byte", "int32", "int64", "float", "double", "password", "binary", "bsonobjectid")


class SchemaValidator:
    """The compiled schema of one version. Compile once, validate every write."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        self._validator = Draft4Validator(_translated(schema), format_checker=Draft4Validator.FORMAT_CHECKER)

    def errors(self, obj: Json) -> list[FieldError]:
        """Everything in which the object does not follow the schema, in the order of its fields."""
        content = {name: value for name, value in obj.items() if name not in ("apiVersion", "kind", "metadata")}
        found = sorted(self._validator.iter_errors(content), key=lambda error: [str(step) for step in error.path])
        errors = [one for error in found for one in _field_errors(error)]
        return errors + list(_list_errors(content, self._schema, ""))


def _translated(schema: Any) -> Any:
    """The schema as plain JSON Schema: Kubernetes' and OpenAPI's own words put into its terms."""
    if isinstance(schema, list):
        return [_translated(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain: Json = {}
    for name, value in schema.items():
        if name in ("properties", "patternProperties", "definitions"):
            plain[name] = {key: _translated(inner) for key, inner in value.items()}
        elif name in ("items", "additionalProperties", "not", "allOf", "anyOf", "oneOf"):
            plain[name] = _translated(value)
        elif name == "format":
            if value not in _UNCHECKED_FORMATS:
                plain[name] = value
        elif name not in ("default", "example", "description", "nullable") and not name.startswith("x-kubernetes-"):
            plain[name] = value
    if schema.get("x-kubernetes-int-or-string"):
        plain["type"] = ["integer", "string"]
        plain.pop("anyOf", None)
    if schema.get("nullable"):
        return {"anyOf": [{"type": "null"}, plain]} if "enum" in plain else _nullable(plain)
    return plain


def _nullable(plain: Json) -> Json:
    kinds = plain.get("type")
    if kinds is None:
        return plain
    return {**plain, "type": [*(kinds if isinstance(kinds, list) else [kinds]), "null"]}


def _field_errors(error: ValidationError) -> Iterator[FieldError]:
    path = _path(error.absolute_path)
    value: Any = error.instance
    limit: Any = error.validator_value
    body = f"{path} in body" if path else "in body"
    match error.validator:
        case "required":
            missing = next((name for name in limit if f"'{name}'" in error.message.split(" is a ")[0]), "")
            yield required(f"{path}.{missing}" if path else missing)
        case "type":
            kind, wanted = _json_type(value), limit if isinstance(limit, str) else limit[0]
            text = f'{body} must be of type {wanted}: "{kind}"'
            yield FieldError(FieldErrorType.TYPE_INVALID, path, kind, text)
        case "enum":
            yield not_supported(path, value, [str(one) for one in limit])
        case "maxLength":
            yield FieldError(FieldErrorType.TOO_LONG, path, value, f"may not be more than {limit} bytes")
        case "maxItems":
            yield FieldError(
                FieldErrorType.TOO_MANY, path, len(value), f"{len(value)}: must have at most {limit} items"
            )
        case "anyOf":
            yield invalid(path, value, f'"{path}" must validate at least one schema (anyOf)')
        case "oneOf":
            yield invalid(path, value, f'"{path}" must validate one and only one schema (oneOf). Found none valid')
        case "not":
            yield invalid(path, value, f'"{path}" must not validate the schema (not)')
        case _:
            yield invalid(path, value, f"{body} {_bound(error)}")


def _bound(error: ValidationError) -> str:
    limit = error.validator_value
    strict = isinstance(error.schema, dict) and error.schema
    match error.validator:
        case "minimum":
            return (
                f"should be greater than {'' if strict and strict.get('exclusiveMinimum') else 'or equal to '}{limit}"
            )
        case "maximum":
            return f"should be less than {'' if strict and strict.get('exclusiveMaximum') else 'or equal to '}{limit}"
        case "pattern":
            return f"should match '{limit}'"
        case "minLength":
            return f"should be at least {limit} chars long"
        case "minItems":
            return f"should have at least {limit} items"
        case "multipleOf":
            return f"should be a multiple of {limit}"
        case "minProperties":
            return f"should have at least {limit} properties"
        case "maxProperties":
            return f"should have at most {limit} properties"
        case "format":
            return f'must be of type {limit}: "{error.instance}"'
        case _:
            return error.message


def _list_errors(value: Any, schema: Json, path: str) -> Iterator[FieldError]:
    """Duplicates in lists that are sets or maps."""
    if isinstance(value, dict):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, one in value.items():
            inner = properties.get(name) or (extra if isinstance(extra, dict) else None)
            if inner:
                yield from _list_errors(one, inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        keys = schema.get("x-kubernetes-list-map-keys") or ()
        kind = schema.get("x-kubernetes-list-type")
        seen: list[Any] = []
        for index, one in enumerate(value):
            where = f"{path}[{index}]"
            identity = (
                {name: one[name] for name in keys if name in one} if kind == "map" and isinstance(one, dict) else one
            )
            if kind in ("set", "map") and identity in seen:
                yield duplicate(where, identity)
            seen.append(identity)
            if isinstance(schema.get("items"), dict):
                yield from _list_errors(one, schema["items"], where)


def _path(steps: Iterable[str | int]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _json_type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case Sequence():
            return "array"
        case _:
            return "object"
