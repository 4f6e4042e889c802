"""Writes `definitions.json`: `python -m lbctl.sandbox.api.openapi.generate`, at development time only.

Shapes, formats, list types and merge keys come from the table of fields that also decodes protobuf; descriptions and
`required` from the models of the `kubernetes` package. Importing those models costs over a second and 60 MiB, too much
for the first `kubectl apply` of a session: that is why the result is kept in the package. One definition per line keeps
its differences readable. A test compares the file with a fresh run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import kubernetes.client as models

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi.definitions import references
from lbctl.sandbox.api.openapi.well_known import PATCH, WIRE_SCHEMA_NAMES, WIRE_SCHEMAS
from lbctl.sandbox.api.protobuf.table import Field, Message, Shape, messages

TARGET = Path(__file__).with_name("definitions.json")
_PREFIXES = {
    "meta.v1": "io.k8s.apimachinery.pkg.apis.meta.v1",
    "apiextensions.v1": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
}
_SCALARS: dict[str, Json] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "float64": {"type": "number", "format": "double"},
    "bytes": {"type": "string", "format": "byte"},
}
_UNDOCUMENTED: Json = {"description": "", "required": [], "fields": {}}
_IN_EVERY_GROUP = ("DeleteOptions",)


def schema_name(message: str) -> str:
    """`core.v1.Service` as OpenAPI names it: `io.k8s.api.core.v1.Service`."""
    if message.startswith("wire."):
        return WIRE_SCHEMA_NAMES[message.removeprefix("wire.")]
    package, _, name = message.rpartition(".")
    return f"{_PREFIXES.get(package, f'io.k8s.api.{package}')}.{name}"


def definitions() -> dict[str, Json]:
    """Every definition by name, references written as `#/definitions/NAME`."""
    result = dict(WIRE_SCHEMAS)
    for message in messages().values():
        if message.name.startswith("wire."):
            continue
        result[schema_name(message.name)] = _definition(message, _documentation(message.name) or _UNDOCUMENTED)
        listed = _documentation(f"{message.name}List") if message.kind else {}
        if listed:
            result[f"{schema_name(message.name)}List"] = _list_definition(message, listed)
    used = {name for schema in result.values() for name in references(schema)}
    kinds = {name for name, schema in result.items() if "x-kubernetes-group-version-kind" in schema}
    return {name: result[name] for name in sorted(used | kinds | {PATCH})}


def text() -> str:
    """The content of the file."""
    lines = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in definitions().items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _definition(message: Message, documented: Json) -> Json:
    properties = {field.name: _property(field, documented) for field in _flat(message)}
    if message.kind:
        properties |= _type_meta(documented)
    result: Json = {"description": documented["description"], "type": "object"}
    result["required"] = [name for name in documented["required"] if name in properties]
    if properties:
        result["properties"] = dict(sorted(properties.items()))
    if message.kind:
        result["x-kubernetes-group-version-kind"] = _kinds(message, message.short_name)
    if message.atomic:
        result["x-kubernetes-map-type"] = "atomic"
    return {key: value for key, value in result.items() if value}


def _list_definition(message: Message, documented: Json) -> Json:
    items = {"type": "array", "items": {"$ref": f"#/definitions/{schema_name(message.name)}"}}
    metadata = {"$ref": f"#/definitions/{schema_name('meta.v1.ListMeta')}"}
    return {
        "description": documented["description"],
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": _type_meta(documented)["apiVersion"],
            "items": _documented(items, documented, "items"),
            "kind": _type_meta(documented)["kind"],
            "metadata": _documented(metadata, documented, "metadata"),
        },
        "x-kubernetes-group-version-kind": _kinds(message, f"{message.short_name}List"),
    }


def _flat(message: Message) -> Iterator[Field]:
    for field in message.fields:
        if field.inline:
            yield from _flat(messages()[field.type])
        else:
            yield field


def _property(field: Field, documented: Json) -> Json:
    element = dict(_SCALARS[field.type]) if not field.is_message else _reference(field.type)
    if field.shape is Shape.LIST:
        element = {"type": "array", "items": element}
    elif field.shape is Shape.MAP:
        element = {"type": "object", "additionalProperties": element}
    result = _documented(element, documented, field.name) | _extensions(field)
    if "description" not in result and field.is_message:
        # The package documents no field that must be given and holds an object: what it says of the object will do.
        result |= {"description": (_documentation(field.type) or _UNDOCUMENTED)["description"]}
    return {key: value for key, value in result.items() if value != ""}


def _reference(message: str) -> Json:
    if message == "wire.ExtraValue":
        return {"type": "array", "items": {"type": "string"}}
    return {"$ref": f"#/definitions/{schema_name(message)}"}


def _extensions(field: Field) -> Json:
    result: Json = {}
    for hint in field.hints:
        word, _, value = hint.partition("=")
        if word == "patch":
            strategy, _, key = value.partition(":")
            result |= {"x-kubernetes-patch-merge-key": key} if key else {}
            result["x-kubernetes-patch-strategy"] = strategy.replace("+", ",")
        elif word == "map":
            result |= {"x-kubernetes-list-map-keys": value.split(","), "x-kubernetes-list-type": "map"}
        elif field.shape is Shape.LIST:
            result["x-kubernetes-list-type"] = word
        else:
            result["x-kubernetes-map-type"] = word
    return dict(sorted(result.items()))


def _kinds(message: Message, kind: str) -> list[Json]:
    versions = [message.api_version]
    if kind in _IN_EVERY_GROUP:
        versions = sorted({one.api_version for one in messages().values() if one.kind})
    split = [version.rpartition("/") for version in versions]
    return [{"group": group, "kind": kind, "version": version} for group, _, version in split]


def _type_meta(documented: Json) -> Json:
    return {name: _documented({"type": "string"}, documented, name) for name in ("apiVersion", "kind")}


def _documented(schema: Json, documented: Json, name: str) -> Json:
    described = documented["fields"].get(name, "")
    return {"description": described, **schema} if described else schema


def _documentation(message: str) -> Json:
    """What the package's model of a message says: `description`, `required`, `fields` by JSON name; {} without one."""
    if message.startswith("wire."):
        return {}
    group, _, name = message.split(".")
    for candidate in (f"{group.capitalize()}V1{name}", f"V1{name}"):
        model = getattr(models, candidate, None)
        if model is not None:
            fields = {str(one.serialization_alias or key): one for key, one in model.model_fields.items()}
            return {
                "description": str(model.__doc__ or "").partition("Attributes:")[0].strip(),
                "required": sorted(key for key, one in fields.items() if one.is_required()),
                "fields": {key: str(one.description or "").strip() for key, one in fields.items()},
            }
    return {}


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
