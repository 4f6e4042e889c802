"""Operations as the path items of OpenAPI v3 and v2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi.definitions import REFERENCE, V3_REFERENCE
from lbctl.sandbox.api.openapi.operations import Operation, Parameter, Resource, path_parameters
from lbctl.sandbox.api.openapi.well_known import PATCH

Names = Mapping[tuple[str, str, str], str]
"""The name of the schema of each (group, version, kind)."""

_PRODUCES = ("application/json", "application/yaml")
_JSON_PATCHES = ("application/json-patch+json", "application/merge-patch+json")
_APPLY_PATCH = "application/apply-patch+yaml"
_STRATEGIC_PATCH = "application/strategic-merge-patch+json"


def v3_path(path: str, operations: Iterable[Operation], resource: Resource, names: Names) -> Json:
    """One path item of OpenAPI v3."""
    item: Json = {one.method: _v3_operation(one, resource, names) for one in operations}
    item["parameters"] = [_v3_parameter(one) for one in path_parameters(path)]
    return item


def v2_path(path: str, operations: Iterable[Operation], resource: Resource, names: Names) -> Json:
    """One path item of OpenAPI v2."""
    item: Json = {one.method: _v2_operation(one, resource, names) for one in operations}
    item["parameters"] = [_v2_parameter(one) for one in path_parameters(path)]
    return item


def _common(operation: Operation, resource: Resource) -> Json:
    group, version, kind = operation.kind
    tag = f"{resource.group.removesuffix('.k8s.io').replace('.', '') or 'core'}_{resource.version}"
    return {
        "tags": [tag],
        "description": operation.description,
        "operationId": operation.id,
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind},
    }


def _v3_operation(operation: Operation, resource: Resource, names: Names) -> Json:
    result = _common(operation, resource)
    if operation.parameters:
        result["parameters"] = [_v3_parameter(one) for one in operation.parameters]
    if operation.body is not None:
        schema = _schema(operation.body, names, V3_REFERENCE)
        content = {media: {"schema": schema} for media in _consumes(operation, resource, names)}
        result["requestBody"] = {"content": content, "required": operation.action != "delete"}
    answered = _schema(operation.response, names, V3_REFERENCE)
    ok = {"description": "OK", "content": {media: {"schema": answered} for media in _PRODUCES}}
    result["responses"] = {"200": ok, "401": {"description": "Unauthorized"}}
    return result


def _v2_operation(operation: Operation, resource: Resource, names: Names) -> Json:
    result = _common(operation, resource)
    parameters = [_v2_parameter(one) for one in operation.parameters]
    if operation.body is not None:
        required = not operation.action.startswith("delete")
        schema = _schema(operation.body, names, REFERENCE)
        parameters.insert(0, {"name": "body", "in": "body", "required": required, "schema": schema})
    result |= {"consumes": _consumes(operation, resource, names), "produces": list(_PRODUCES), "schemes": ["https"]}
    result["parameters"] = parameters
    ok = {"description": "OK", "schema": _schema(operation.response, names, REFERENCE)}
    result["responses"] = {"200": ok, "401": {"description": "Unauthorized"}}
    return result


def _consumes(operation: Operation, resource: Resource, names: Names) -> list[str]:
    if operation.body != PATCH:
        return ["*/*"]
    built_in = names.get((resource.group, resource.version, resource.kind), "").startswith("io.k8s.")
    return [*_JSON_PATCHES, *([_STRATEGIC_PATCH] if built_in else []), _APPLY_PATCH]


def _schema(subject: str | tuple[str, str, str], names: Names, prefix: str) -> Json:
    """A reference to a schema, by its name or its kind; any object for a kind without one."""
    name = names.get(subject) if isinstance(subject, tuple) else subject
    return {"$ref": f"{prefix}{name}"} if name else {"type": "object"}


def _v3_parameter(parameter: Parameter) -> Json:
    result: Json = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "schema": {"type": parameter.type, "uniqueItems": True},
    }
    return result | ({"required": True} if parameter.where == "path" else {})


def _v2_parameter(parameter: Parameter) -> Json:
    result: Json = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "type": parameter.type,
        "uniqueItems": True,
    }
    return result | ({"required": True} if parameter.where == "path" else {})
