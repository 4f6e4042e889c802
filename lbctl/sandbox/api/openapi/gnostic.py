"""OpenAPI v2 documents in protobuf, the form in which kubectl reads schemas from `/openapi/v2`.

Each function writes one message; the numbers are those of its fields. Values of extensions travel as YAML text, and
JSON is YAML.
Source: github.com/google/gnostic-models/openapiv2/OpenAPIv2.proto.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from lbctl.sandbox.api.errors import Json

CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "options": 6, "head": 7, "patch": 8}
_VARINT, _DELIMITED = 0, 2


def encode(document: Json) -> bytes:
    """The Document message of a v2 document: its info, paths and definitions."""
    info = _text(1, document["info"]["title"]) + _text(2, document["info"]["version"])
    paths = b"".join(_bytes(2, _named(path, _path_item(item))) for path, item in document["paths"].items())
    schemas = b"".join(_bytes(1, _named(name, _schema(one))) for name, one in document["definitions"].items())
    return _text(1, document["swagger"]) + _bytes(2, info) + _bytes(8, paths) + _bytes(9, schemas)


def _path_item(item: Json) -> bytes:
    operations = (_bytes(_METHODS[key], _operation(one)) for key, one in item.items() if key in _METHODS)
    return b"".join(operations) + _parameters(9, item.get("parameters", ()))


def _operation(operation: Json) -> bytes:
    responses = b"".join(
        _bytes(1, _named(code, _bytes(1, _response(one)))) for code, one in operation["responses"].items()
    )
    return b"".join(
        (
            _texts(1, operation["tags"]),
            _text(3, operation["description"]),
            _text(5, operation["operationId"]),
            _texts(6, operation["produces"]),
            _texts(7, operation["consumes"]),
            _parameters(8, operation["parameters"]),
            _bytes(9, responses),
            _texts(10, operation["schemes"]),
            _extensions(13, operation),
        )
    )


def _response(response: Json) -> bytes:
    schema = _bytes(2, _bytes(1, _schema(response["schema"]))) if "schema" in response else b""
    return _text(1, response["description"]) + schema


def _parameters(number: int, parameters: Iterable[Json]) -> bytes:
    return b"".join(_bytes(number, _bytes(1, _parameter(one))) for one in parameters)


def _parameter(parameter: Json) -> bytes:
    """A Parameter: of the body (1), else of the query (2, 3) or the path (2, 4)."""
    required = bool(parameter.get("required"))
    if parameter["in"] == "body":
        named = _text(2, parameter["name"]) + _text(3, "body") + _flag(4, required)
        return _bytes(1, named + _bytes(5, _schema(parameter["schema"])))
    content = _flag(1, required) + _text(2, parameter["in"]) + _text(3, parameter["description"])
    content += _text(4, parameter["name"])
    if parameter["in"] == "query":
        return _bytes(2, _bytes(3, content + _text(6, parameter["type"]) + _flag(20, True)))
    return _bytes(2, _bytes(4, content + _text(5, parameter["type"]) + _flag(18, True)))


def _schema(schema: Json) -> bytes:
    content = [
        _text(1, schema.get("$ref", "")) if isinstance(schema.get("$ref"), str) else b"",
        _text(2, schema.get("format", "")),
        _text(4, schema.get("description", "")),
        _texts(19, schema.get("required", ())),
        b"".join(_bytes(20, _any(value)) for value in schema.get("enum", ())),
    ]
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict):
        content.append(_bytes(21, _bytes(1, _schema(additional))))
    elif isinstance(additional, bool):
        content.append(_bytes(21, _tag(2, _VARINT) + _varint(int(additional))))
    if "type" in schema:
        content.append(_bytes(22, _text(1, schema["type"])))
    if isinstance(schema.get("items"), dict):
        content.append(_bytes(23, _bytes(1, _schema(schema["items"]))))
    if "properties" in schema:
        inner = (_bytes(1, _named(name, _schema(one))) for name, one in schema["properties"].items())
        content.append(_bytes(25, b"".join(inner)))
    return b"".join((*content, _extensions(31, schema)))


def _extensions(number: int, holder: Json) -> bytes:
    return b"".join(
        _bytes(number, _named(key, _any(value))) for key, value in holder.items() if key.startswith("x-kubernetes-")
    )


def _any(value: Any) -> bytes:
    return _text(2, json.dumps(value))


def _named(name: str, value: bytes) -> bytes:
    return _text(1, name) + _bytes(2, value)


def _text(number: int, text: str) -> bytes:
    return _bytes(number, text.encode()) if text else b""


def _texts(number: int, texts: Iterable[str]) -> bytes:
    return b"".join(_bytes(number, text.encode()) for text in texts)


def _flag(number: int, value: bool) -> bytes:
    return _tag(number, _VARINT) + b"\x01" if value else b""


def _bytes(number: int, content: bytes) -> bytes:
    return _tag(number, _DELIMITED) + _varint(len(content)) + content


def _tag(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
